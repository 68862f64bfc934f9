//! Looking into pages.

/// A text that would run if a page did not escape it.
pub(crate) const HOSTILE: &str = "\"><script>alert(1)</script>";
/// The same as a page shows it.
const INERT: &str = "&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;";

/// Asserts that [`HOSTILE`] is on the page, and only as a text.
#[track_caller]
pub(crate) fn assert_inert(page: &str) {
    assert!(page.contains(INERT), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
}

/// The first tag on the page that has this attribute.
#[track_caller]
pub(crate) fn tag<'a>(page: &'a str, attribute: &str) -> &'a str {
    let at = page.find(attribute).unwrap_or_else(|| panic!("no {attribute} on {page}"));
    let begin = page[..at].rfind('<').expect("a tag");
    let end = page[at..].find('>').expect("a whole tag");
    &page[begin..at + end]
}

/// The value of the first hidden input with this name.
#[track_caller]
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let tag = tag(page, &format!("type=\"hidden\" name=\"{name}\""));
    let (_, value) = tag.split_once("value=\"").expect("a value");
    value.split('"').next().unwrap_or_default().replace("&#34;", "\"")
}

/// Asserts that the page changes nothing: its only form that sends something signs out.
#[track_caller]
pub(crate) fn assert_only_to_look_at(page: &str) {
    assert_eq!(page.matches("method=\"post\"").count(), 1, "{page}");
    assert!(page.contains("action=\"/sign-out\""));
    for path in ["/edit\"", "/delete\"", "/revoke\"", "/new\""] {
        assert!(!page.contains(path), "{path} on {page}");
    }
}

/// Asserts that each of these is on the page.
#[track_caller]
pub(crate) fn assert_shows(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text:?} is not on {page}");
    }
}

/// Asserts that none of these is on the page.
#[track_caller]
pub(crate) fn assert_hides(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(!page.contains(text), "{text:?} is on {page}");
    }
}
