//! What is inside of a request: encodings, messages, records.

use std::borrow::Cow;
use std::io::{self, Read};

use serde::Deserialize;

use crate::digest::Digest;
use crate::stream::RecordKind;

/// How a body is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    /// A zlib stream, not raw deflate.
    Deflate,
    Zstd,
}

impl Encoding {
    /// Reads `Content-Encoding`.
    pub(crate) fn parse(header: Option<&str>) -> Option<Self> {
        match header.map(str::trim) {
            None | Some("" | "identity") => Some(Self::Identity),
            Some("gzip") => Some(Self::Gzip),
            Some("deflate") => Some(Self::Deflate),
            Some("zstd") => Some(Self::Zstd),
            Some(_) => None,
        }
    }

    /// Decodes as much as can be decoded; the error, if any, says why it is not all.
    pub(crate) fn decode(self, body: &[u8]) -> (Cow<'_, [u8]>, io::Result<()>) {
        let mut decoded = Vec::with_capacity(body.len().saturating_mul(8));
        let outcome = match self {
            Self::Identity => return (Cow::Borrowed(body), Ok(())),
            Self::Gzip => flate2::read::MultiGzDecoder::new(body).read_to_end(&mut decoded),
            Self::Deflate => flate2::read::ZlibDecoder::new(body).read_to_end(&mut decoded),
            Self::Zstd => zstd::stream::read::Decoder::with_buffer(body)
                .and_then(|mut decoder| decoder.read_to_end(&mut decoded)),
        };
        (Cow::Owned(decoded), outcome.map(drop))
    }
}

/// The messages of a decoded body: one for each line that is not empty.
pub(crate) fn messages(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', body).chain(std::iter::once(body.len()));
    ends.map(move |end| {
        let line = &body[start..end];
        start = end + 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    })
    .filter(|line| !line.is_empty())
}

#[derive(Deserialize)]
struct Identity<'a> {
    #[serde(borrow)]
    event: Option<EventIdentity<'a>>,
    #[serde(borrow, rename = "sessionId")]
    session_id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type$")]
    type_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct EventIdentity<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Which record a message is. What is not known by an id is known by its digest.
pub(crate) fn identify(message: &[u8], digest: Digest) -> (RecordKind, String) {
    let Ok(identity) = serde_json::from_slice::<Identity<'_>>(message) else {
        return (RecordKind::Unknown, digest.to_string());
    };
    let type_name = identity.type_name.as_deref().unwrap_or_default();
    if let Some(event) = identity.event {
        (RecordKind::FileEvent, event.id.into_owned())
    } else if let Some(session_id) = identity.session_id {
        (RecordKind::Session, session_id.into_owned())
    } else if type_name.starts_with("audit_log::") {
        (RecordKind::AuditRow, digest.to_string())
    } else if let Some(id) = identity.id.filter(|_| type_name.starts_with("ALERT_")) {
        (RecordKind::Alert, id.into_owned())
    } else {
        (RecordKind::Unknown, digest.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_json_becomes_many_messages_and_an_array_stays_one() {
        assert_eq!(messages(b"{\n  \"a\": 1\n}\r\n\n").count(), 3);
        assert_eq!(messages(b"[{\"a\":1},{\"a\":2}]").count(), 1);
    }

    #[test]
    fn every_kind_of_record_is_recognized() {
        for (message, kind, id) in [
            (
                r#"{"@timestamp":"x","event":{"id":"e\"1","x":[]},"id":"other"}"#,
                RecordKind::FileEvent,
                "e\"1",
            ),
            (r#"{"sessionId":"s_1","type":"STANDARD"}"#, RecordKind::Session, "s_1"),
            (r#"{"type$":"ALERT_DETAILS","id":"a-1"}"#, RecordKind::Alert, "a-1"),
        ] {
            let digest = Digest::of(message.as_bytes());
            assert_eq!(identify(message.as_bytes(), digest), (kind, id.to_owned()));
        }
        let row = br#"{"type$":"audit_log::logged_in/1","actorId":"1"}"#;
        assert_eq!(identify(row, Digest::of(row)), (RecordKind::AuditRow, Digest::of(row).to_string()));
        assert_eq!(identify(b"no json", Digest::of(b"no json")).0, RecordKind::Unknown);
    }

    #[test]
    fn deflate_means_zlib_and_not_raw_deflate() {
        use std::io::Write;
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(b"message\n").unwrap();
        let raw = raw.finish().unwrap();
        assert!(Encoding::Deflate.decode(&raw).1.is_err());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(b"message\n").unwrap();
        let zlib = zlib.finish().unwrap();
        let (decoded, outcome) = Encoding::Deflate.decode(&zlib);
        assert!(outcome.is_ok());
        assert_eq!(decoded.as_ref(), b"message\n");
    }
}
