//! The page decoder: a page gives the same events however it was cut, and nothing but what was in it.
//!
//! An input is a page. What follows its last NUL byte, if there is one, says in which lengths the page is cut; so a
//! kept input stays a readable document, and the fuzzer chooses the cuts.

use incydr_client::page_decoder::{
    ArrayState, DecodeError, Envelope, Identity, PageDecoder, PageShape, TimeField,
};
use incydr_core::event::{EventBlock, EventEntry, EventId};
use memchr::{memchr2, memchr3, memmem, memrchr};
use serde_json::Value;
use serde_json::value::RawValue;

/// The pages of all four endpoints.
const SHAPES: [PageShape; 4] = [
    PageShape {
        array: "fileEvents",
        identity: Identity::Immutable(&["event", "id"]),
        time: TimeField::Rfc3339(&["event", "inserted"]),
    },
    PageShape {
        array: "items",
        identity: Identity::Mutable(&["sessionId"]),
        time: TimeField::EpochMillis(&["beginTime"]),
    },
    PageShape {
        array: "alerts",
        identity: Identity::Mutable(&["id"]),
        time: TimeField::Rfc3339(&["createdAt"]),
    },
    PageShape { array: "events", identity: Identity::Row, time: TimeField::Rfc3339(&["timestamp"]) },
];

/// Decodes the input as a page of every endpoint, whole and cut.
pub fn check(input: &[u8]) {
    let (page, lengths) = match memrchr(0, input) {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, [].as_slice()),
    };
    for shape in SHAPES {
        let whole = Decoded::of(shape, [page]);
        assert_eq!(
            whole,
            Decoded::of(shape, cut(page, lengths)),
            "a page decodes the same however it is cut"
        );
        whole.check_events(shape, page);
        whole.check_count();
    }
}

/// Cuts `page` into chunks of these lengths, again and again; byte by byte without any.
fn cut<'a>(page: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let lengths = if lengths.is_empty() { &[0] } else { lengths };
    let mut rest = page;
    let mut chunks = Vec::new();
    for &length in lengths.iter().cycle() {
        let (chunk, after) = rest.split_at(rest.len().min(usize::from(length) + 1));
        if chunk.is_empty() {
            break;
        }
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

#[derive(PartialEq, Debug)]
struct Decoded {
    block: EventBlock,
    end: Result<Envelope, DecodeError>,
}

impl Decoded {
    fn of<'a>(shape: PageShape, chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut decoder = PageDecoder::new(shape);
        let mut block = EventBlock::default();
        let pushed = chunks.into_iter().try_for_each(|chunk| decoder.push(chunk, &mut block));
        Self { block, end: pushed.and_then(|()| decoder.finish()) }
    }

    fn check_events(&self, shape: PageShape, page: &[u8]) {
        let is_one_line = memchr2(b'\n', b'\r', page).is_none();
        let mut rest = page;
        for event in &self.block.events {
            let payload = self.block.payload(event);
            check_payload(payload);
            check_identity(shape, event, payload);
            if is_one_line {
                let at = memmem::find(rest, payload);
                assert!(at.is_some(), "payloads leave in page order as the bytes that came");
                rest = &rest[at.unwrap_or(0) + payload.len()..];
            }
        }
        for element in &self.block.undecodable {
            assert!(memmem::find(page, &element.raw).is_some(), "what cannot be decoded is kept as it came");
            assert!(!element.reason.contains(char::is_control), "a reason is one line for people");
        }
    }

    /// Keeps the count of fetched events honest: no element vanishes inside the decoder.
    fn check_count(&self) {
        let Ok(envelope) = &self.end else { return };
        let handed_on = self.block.events.len() + self.block.undecodable.len();
        let counted = match envelope.array() {
            ArrayState::Present(count) => count,
            ArrayState::Absent | ArrayState::Null => 0,
        };
        assert_eq!(handed_on as u64, counted, "every element is an event or undecodable");
    }
}

fn check_payload(payload: &[u8]) {
    let parsed = std::str::from_utf8(payload).map(serde_json::from_str::<&RawValue>);
    assert!(matches!(parsed, Ok(Ok(_))), "another parser reads the payload as JSON");
    assert_eq!(payload.first(), Some(&b'{'), "a payload is an object");
    assert!(memchr2(b'\n', b'\r', payload).is_none(), "a payload is one line");
}

/// Another parser finds the same id. Escapes are left out, because keys are compared as the vendor writes them.
fn check_identity(shape: PageShape, event: &EventEntry, payload: &[u8]) {
    let (Identity::Immutable(path) | Identity::Mutable(path)) = shape.identity else { return };
    let Ok(document) = serde_json::from_slice::<Value>(payload) else { return };
    if memchr3(b'\\', b'~', b'/', payload).is_some() {
        return;
    }
    let id = document.pointer(&format!("/{}", path.join("/"))).and_then(Value::as_str);
    let key = id.map(|id| EventId::of_immutable(id.as_bytes()).key);
    assert_eq!(key, Some(event.id.key), "an event is known by its own id");
}
