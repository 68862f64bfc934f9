//! NDJSON on its way out: compressed, and the same bytes for the same input.
//!
//! Place on the path: inside hop 7. A repeated attempt must send what the first one sent, so nothing here depends on
//! time, on the machine or on what was compressed before.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use crate::compressor::{Compressors, Format};

/// The fastest level of both formats: event JSON shrinks about tenfold at once, and higher levels gain little.
const FASTEST: u32 = 1;

/// How a body is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compression {
    /// Understood by every receiver.
    #[default]
    Gzip,
    /// Smaller and several times faster, for receivers that know it.
    Zstd,
    /// Not at all.
    None,
}

impl Compression {
    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::None => "none",
        }
    }

    /// The value of `Content-Encoding`; `None` where that header is left out.
    pub const fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::None => None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A name that is no compression.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("reading a compression: `{0}` is none of gzip, zstd, none")]
pub struct UnknownCompression(String);

impl FromStr for Compression {
    type Err = UnknownCompression;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Gzip, Self::Zstd, Self::None]
            .into_iter()
            .find(|compression| compression.as_str() == name)
            .ok_or_else(|| UnknownCompression(name.to_owned()))
    }
}

/// Compresses bodies away from the tasks that decode and deliver.
#[derive(Clone, Debug)]
pub struct Encoder {
    /// `None` leaves bodies as they are.
    compressors: Option<Arc<Compressors>>,
}

impl Encoder {
    /// An encoder for one destination.
    pub fn new(compression: Compression) -> Self {
        let format = match compression {
            Compression::Gzip => Some(Format::Gzip { level: FASTEST }),
            Compression::Zstd => Some(Format::Zstd { level: FASTEST.cast_signed(), checksum: false }),
            Compression::None => None,
        };
        Self { compressors: format.map(|format| Arc::new(Compressors::new(format))) }
    }

    /// The bytes that stand for `ndjson` on the wire. Fails only when memory or the runtime runs out.
    ///
    /// Compressing 1 MB keeps a core busy for milliseconds, so it runs where blocking is allowed.
    pub async fn encode(&self, ndjson: impl AsRef<[u8]> + Send + 'static) -> io::Result<Bytes> {
        match self.compressors.clone() {
            None => Ok(Bytes::from_owner(ndjson)),
            Some(compressors) => {
                tokio::task::spawn_blocking(move || compressors.compress(ndjson.as_ref())).await?
            }
        }
    }
}
