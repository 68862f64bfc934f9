//! Pages to decode, and one way to decode them.

use incydr_client::page_decoder::{DecodeError, Envelope, Identity, PageDecoder, PageShape, TimeField};
use incydr_core::event::EventBlock;

pub(crate) const FILE_EVENTS: PageShape = PageShape {
    array: "fileEvents",
    identity: Identity::Immutable(&["event", "id"]),
    time: TimeField::Rfc3339(&["event", "inserted"]),
};

pub(crate) const SESSIONS: PageShape = PageShape {
    array: "items",
    identity: Identity::Mutable(&["sessionId"]),
    time: TimeField::EpochMillis(&["beginTime"]),
};

pub(crate) const ALERTS: PageShape = PageShape {
    array: "alerts",
    identity: Identity::Mutable(&["id"]),
    time: TimeField::Rfc3339(&["createdAt"]),
};

pub(crate) const AUDIT_LOG: PageShape =
    PageShape { array: "events", identity: Identity::Row, time: TimeField::Rfc3339(&["timestamp"]) };

pub(crate) const BROWSER_UPLOAD: &str = include_str!("../data/file_event_endpoint_browser_upload.json");
pub(crate) const GOOGLE_DRIVE: &str = include_str!("../data/file_event_google_drive.json");
pub(crate) const SESSION: &str = include_str!("../data/session.json");
pub(crate) const ALERT_SUMMARIES: &str = include_str!("../data/alerts_query_response.json");
pub(crate) const ALERT_DETAILS: &str = include_str!("../data/alerts_details_response.json");
pub(crate) const AUDIT_ROWS: [&str; 3] = [
    include_str!("../data/audit_logged_in.json"),
    include_str!("../data/audit_search_issued.json"),
    include_str!("../data/audit_federation_metadata_updated.json"),
];

/// What came of a page: its events also when it turned out to be damaged.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Decoded {
    pub(crate) block: EventBlock,
    pub(crate) end: Result<Envelope, DecodeError>,
}

impl Decoded {
    pub(crate) fn payloads(&self) -> Vec<&str> {
        let text = |entry| std::str::from_utf8(self.block.payload(entry)).unwrap();
        self.block.events.iter().map(text).collect()
    }

    pub(crate) fn reasons(&self) -> Vec<&str> {
        self.block.undecodable.iter().map(|element| element.reason.as_str()).collect()
    }

    pub(crate) fn envelope(&self) -> &Envelope {
        self.end.as_ref().unwrap()
    }

    pub(crate) fn error(&self) -> String {
        self.end.as_ref().unwrap_err().to_string()
    }
}

pub(crate) fn decode(shape: PageShape, page: impl AsRef<[u8]>) -> Decoded {
    decode_chunks(shape, [page.as_ref()])
}

pub(crate) fn decode_chunks<'a>(shape: PageShape, chunks: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
    let mut decoder = PageDecoder::new(shape);
    let mut block = EventBlock::default();
    let pushed = chunks.into_iter().try_for_each(|chunk| decoder.push(chunk, &mut block));
    Decoded { block, end: pushed.and_then(|()| decoder.finish()) }
}

/// A page of file events around these elements.
pub(crate) fn page_of<T: AsRef<[u8]>>(elements: &[T]) -> Vec<u8> {
    let elements: Vec<&[u8]> = elements.iter().map(AsRef::as_ref).collect();
    [b"{\"fileEvents\":[".as_slice(), &elements.join(&b','), b"],\"totalCount\":3,\"nextPgToken\":null}"]
        .concat()
}

/// A file event with this id.
pub(crate) fn event(id: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-01-10T08:01:12.430Z","event":{{"id":"{id}","inserted":"2026-01-10T08:04:10.118402Z","shareType":[]}},"file":{{"name":"a \"b\".txt","sizeInBytes":12,"hash":{{"md5":null}}}},"risk":{{"score":3.5,"trusted":false}}}}"#
    )
}

/// The same JSON without white space between tokens.
pub(crate) fn compact(text: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let kept = |character: &char| {
        let is_kept = in_string || !character.is_ascii_whitespace();
        in_string ^= *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        is_kept
    };
    text.chars().filter(kept).collect()
}
