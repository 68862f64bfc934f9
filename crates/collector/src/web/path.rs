//! The address of a request in its one plain form.
//!
//! Official clients write `/api/v1//collectors/offline`, end a name with a slash, or lose `/api` altogether. All of
//! these mean the plain form.

use percent_encoding::percent_decode_str;

/// `path` without doubled and trailing slashes, and below `/api` where it begins with `/v1`.
pub fn plain(path: &str) -> String {
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let prefix = if segments.first() == Some(&"v1") { "/api/" } else { "/" };
    format!("{prefix}{}", segments.join("/"))
}

/// A segment of a path as text; `None` when its bytes are no text.
pub fn decoded(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned())
}

/// The pairs of a query, decoded. What is no text is replaced by a mark.
pub fn query_pairs(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_that_clients_write_are_the_plain_form() {
        for (written, plain_form) in [
            ("/api/v1/collectors", "/api/v1/collectors"),
            ("/api/v1//collectors/offline", "/api/v1/collectors/offline"),
            ("/v1/collectors/7/sources/", "/api/v1/collectors/7/sources"),
            ("/api/v1/collectors/name/Staging.Area/", "/api/v1/collectors/name/Staging.Area"),
            ("/", "/"),
            ("", "/"),
            ("//healthz", "/healthz"),
        ] {
            assert_eq!(plain(written), plain_form, "{written}");
        }
    }
}
