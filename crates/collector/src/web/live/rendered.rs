//! A page that was rendered, and what of it has changed since an earlier rendering.
//!
//! A template puts a region between two comments; its first tag has an `id`. What stands in `<main>` outside of all
//! regions is the skeleton: when that changes, all of `<main>` is sent.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use serde_json::json;

const REGION_BEGINS: &str = "<!--live-->";
const REGION_ENDS: &str = "<!--/live-->";
const MAIN_BEGINS: &str = "<main";
const MAIN_ENDS: &str = "</main>";
/// Where a page has room for its version.
const ROOM_FOR_VERSION: &str = "data-version=\"\"";

/// A page that was rendered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    version: String,
    main: String,
    regions: Vec<(String, Range<usize>)>,
    skeleton: blake3::Hash,
}

impl Rendered {
    /// What of this page is live.
    pub fn of(html: &str) -> Self {
        let begin = html.find(MAIN_BEGINS).unwrap_or(html.len());
        let end = html[begin..].find(MAIN_ENDS).map_or(html.len(), |at| begin + at + MAIN_ENDS.len());
        let main = &html[begin..end];
        let mut skeleton = blake3::Hasher::new();
        let mut regions = Vec::new();
        let mut rest = 0;
        while let Some(at) = main[rest..].find(REGION_BEGINS) {
            let begin = rest + at + REGION_BEGINS.len();
            let Some(length) = main[begin..].find(REGION_ENDS) else { break };
            let region = begin..begin + length;
            let id = id_of(&main[region.clone()]);
            skeleton.update(&main.as_bytes()[rest..begin]).update(id.as_bytes());
            rest = region.end;
            regions.push((id.to_owned(), region));
        }
        skeleton.update(&main.as_bytes()[rest..]);
        let version = blake3::hash(main.as_bytes()).to_hex()[..16].to_owned();
        Self { version, main: main.to_owned(), regions, skeleton: skeleton.finalize() }
    }

    /// Tells renderings apart.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// `html`, of which this was made, with the version in its place.
    pub fn stamp(&self, html: &str) -> String {
        html.replacen(ROOM_FOR_VERSION, &format!("data-version=\"{}\"", self.version), 1)
    }

    /// The event that brings a browser from an earlier rendering to this one; all of it when there is none.
    pub fn event_after(&self, earlier: Option<&Self>) -> Bytes {
        let (name, data) = match earlier {
            Some(earlier) if earlier.skeleton == self.skeleton => {
                let pairs = self.regions.iter().zip(&earlier.regions);
                let changed = pairs.filter_map(|((id, range), (_, before))| {
                    let html = &self.main[range.clone()];
                    (html != &earlier.main[before.clone()]).then_some((id.as_str(), html))
                });
                ("regions", json!(changed.collect::<BTreeMap<_, _>>()))
            }
            Some(_) | None => ("main", json!(self.stamp(&self.main))),
        };
        format!("id: {}\nevent: {name}\ndata: {data}\n\n", self.version).into()
    }
}

/// The `id` of a region's first tag.
fn id_of(region: &str) -> &str {
    let tag = region.split('>').next().unwrap_or_default();
    let value = tag.split_once(" id=\"").map_or("", |(_, value)| value);
    value.split('"').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(first: &str, second: &str, skeleton: &str) -> Rendered {
        Rendered::of(&format!(
            "<body><main data-version=\"\"><p>{skeleton}</p>\
             <!--live--><p class=\"a\" id=\"first\">{first}</p><!--/live-->\
             <!--live--><p id=\"second\">{second}</p><!--/live--></main></body>"
        ))
    }

    fn event(after: &Rendered, before: Option<&Rendered>) -> String {
        String::from_utf8(after.event_after(before).to_vec()).expect("text")
    }

    #[test]
    fn only_the_regions_that_changed_are_sent() {
        let (before, after) = (page("1", "2", "s"), page("1", "3 \"\n", "s"));
        let expected = format!(
            "id: {}\nevent: regions\ndata: {{\"second\":\"<p id=\\\"second\\\">3 \\\"\\n</p>\"}}\n\n",
            after.version()
        );
        assert_eq!(event(&after, Some(&before)), expected);
    }

    #[test]
    fn a_page_that_is_laid_out_anew_is_sent_whole() {
        let (before, after) = (page("1", "2", "s"), page("1", "2", "t"));
        for event in [event(&after, Some(&before)), event(&after, None)] {
            let stamp = format!("data: \"<main data-version=\\\"{}\\\">", after.version());
            assert!(event.contains("event: main\n") && event.contains(&stamp), "{event}");
            assert!(!event.contains("body"), "{event}");
        }
    }

    #[test]
    fn what_stands_outside_of_main_has_no_say_in_the_version() {
        let html = "<body><nav>1</nav><main data-version=\"\">x</main>";
        let rendered = Rendered::of(html);
        assert_eq!(rendered.version(), Rendered::of(&html.replace("<nav>1", "<nav>2")).version());
        assert_ne!(rendered.version(), Rendered::of(&html.replace(">x<", ">y<")).version());
        assert!(rendered.stamp(html).contains(&format!("<main data-version=\"{}\">x", rendered.version())));
    }

    #[test]
    fn no_html_is_too_odd() {
        for html in
            ["", "<main", "<main><!--live-->", "<main><!--live--><!--/live-->", "<!--live--><!--/live-->"]
        {
            drop(Rendered::of(html).event_after(Some(&Rendered::of(""))));
        }
    }
}
