//! Compressors that are used again: setting one up costs as much as a small batch, and room that is asked for anew each
//! time leaves gaps in memory that are larger than what is compressed.
//!
//! The same bytes always become the same frame, whatever was compressed before.

use std::fmt;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use flate2::{Compress, FlushCompress, Status};
use zstd::zstd_safe::{self, CParameter};

/// `zlib`'s own window, the largest.
const GZIP_WINDOW_BITS: u8 = 15;
/// Event JSON shrinks about tenfold; what needs more room gets it in steps.
const GZIP_STEP: usize = 128 * 1024;
/// Room beyond this was for a giant event, and is given back.
const LARGEST_ROOM_KEPT: usize = 8_000_000;

/// What comes out, and how hard it is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// One gzip member, whose header carries no time and no file name.
    Gzip { level: u32 },
    /// One zstd frame, which states the length of its content.
    Zstd { level: i32, checksum: bool },
}

/// The compressors of one destination. There are never more of them than attempts under way at once.
pub(crate) struct Compressors {
    format: Format,
    idle: Mutex<Vec<Compressor>>,
}

struct Compressor {
    engine: Engine,
    /// Where frames are made before they are copied to as much memory as they need.
    room: Vec<u8>,
}

enum Engine {
    Gzip(Compress),
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compressors {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, idle: Mutex::default() }
    }

    /// The frame of `bytes`. Keeps a core busy for milliseconds a megabyte.
    pub(crate) fn compress(&self, bytes: &[u8]) -> io::Result<Bytes> {
        let idle = self.idle().pop();
        let mut compressor = match idle {
            Some(compressor) => compressor,
            None => Compressor { engine: Engine::new(self.format)?, room: Vec::new() },
        };
        compressor.room.clear();
        compressor.engine.compress(bytes, &mut compressor.room)?;
        let frame = Bytes::copy_from_slice(&compressor.room);
        if compressor.room.capacity() > LARGEST_ROOM_KEPT {
            compressor.room = Vec::new();
        }
        self.idle().push(compressor);
        Ok(frame)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Compressor>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    fn new(format: Format) -> io::Result<Self> {
        match format {
            Format::Gzip { level } => {
                Ok(Self::Gzip(Compress::new_gzip(flate2::Compression::new(level), GZIP_WINDOW_BITS)))
            }
            Format::Zstd { level, checksum } => {
                let mut compressor = zstd::bulk::Compressor::new(level)?;
                compressor.set_parameter(CParameter::ChecksumFlag(checksum))?;
                Ok(Self::Zstd(compressor))
            }
        }
    }

    /// Fills `room`, which is empty. After an error the engine must not be used again.
    fn compress(&mut self, bytes: &[u8], room: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Gzip(engine) => {
                engine.reset();
                gzip(engine, bytes, room)
            }
            Self::Zstd(engine) => {
                room.reserve(zstd_safe::compress_bound(bytes.len()));
                engine.compress_to_buffer(bytes, room).map(drop)
            }
        }
    }
}

fn gzip(engine: &mut Compress, bytes: &[u8], room: &mut Vec<u8>) -> io::Result<()> {
    loop {
        room.reserve(GZIP_STEP);
        let taken = usize::try_from(engine.total_in()).map_err(io::Error::other)?;
        match engine.compress_vec(&bytes[taken..], room, FlushCompress::Finish)? {
            Status::StreamEnd => return Ok(()),
            Status::Ok | Status::BufError => {}
        }
    }
}

impl fmt::Debug for Compressors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Compressors").field("format", &self.format).finish_non_exhaustive()
    }
}
