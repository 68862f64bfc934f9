//! NDJSON on its way out: compressed, and the same bytes for the same input.
//!
//! Place on the path: inside hop 7. A repeated attempt must send what the first one sent, so nothing here depends on
//! time, on the machine or on what was compressed before.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use flate2::write::GzEncoder;
use thiserror::Error;
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

/// The fastest level of both formats: event JSON shrinks about tenfold at once, and higher levels gain little.
const FASTEST: u8 = 1;

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
    compression: Compression,
    zstd: Arc<ZstdContexts>,
}

impl Encoder {
    /// An encoder for one destination.
    pub fn new(compression: Compression) -> Self {
        Self { compression, zstd: Arc::new(ZstdContexts::new(FASTEST.into(), Checksum::Omitted)) }
    }

    /// The bytes that stand for `ndjson` on the wire. Fails only when memory or the runtime runs out.
    ///
    /// Compressing 1 MB keeps a core busy for milliseconds, so it runs where blocking is allowed; the one copy that
    /// this takes costs less than a fortieth of that.
    pub async fn encode(&self, ndjson: &[u8]) -> io::Result<Bytes> {
        let body = Bytes::copy_from_slice(ndjson);
        let zstd = Arc::clone(&self.zstd);
        match self.compression {
            Compression::None => Ok(body),
            Compression::Gzip => tokio::task::spawn_blocking(move || gzip(&body)).await?.map(Bytes::from),
            Compression::Zstd => {
                tokio::task::spawn_blocking(move || zstd.compress(&body)).await?.map(Bytes::from)
            }
        }
    }
}

/// One gzip member whose header carries no time and no file name.
fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let expected_bytes = bytes.len() / 8;
    let mut encoder =
        GzEncoder::new(Vec::with_capacity(expected_bytes), flate2::Compression::new(FASTEST.into()));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Whether a zstd frame ends in a checksum of its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Checksum {
    Included,
    Omitted,
}

/// Compression contexts that are used again, because setting one up costs as much as a small batch.
///
/// There are never more of them than attempts under way at once.
pub(crate) struct ZstdContexts {
    level: i32,
    checksum: Checksum,
    idle: Mutex<Vec<Compressor<'static>>>,
}

impl ZstdContexts {
    pub(crate) fn new(level: i32, checksum: Checksum) -> Self {
        Self { level, checksum, idle: Mutex::default() }
    }

    /// One zstd frame that states the length of its content.
    pub(crate) fn compress(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let idle = self.idle().pop();
        let mut context = match idle {
            Some(context) => context,
            None => self.new_context()?,
        };
        let mut frame = context.compress(bytes)?;
        self.idle().push(context);
        frame.shrink_to_fit();
        Ok(frame)
    }

    fn new_context(&self) -> io::Result<Compressor<'static>> {
        let mut context = Compressor::new(self.level)?;
        context.set_parameter(CParameter::ChecksumFlag(self.checksum == Checksum::Included))?;
        Ok(context)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Compressor<'static>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ZstdContexts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ZstdContexts").field("level", &self.level).finish_non_exhaustive()
    }
}
