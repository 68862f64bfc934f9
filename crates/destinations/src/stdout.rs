//! Standard output: events as NDJSON for the next program of a pipe.
//!
//! Place on the path: hop 7. Acknowledged once the writer took every byte and was flushed. What the next program does
//! with them is beyond our knowledge, so this is for looking and for piping, not for keeping.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryLimits, Destination};

use crate::storage_error::storage_error;

const NAME: &str = "stdout";

/// Writes events to standard output, or to any writer that stands for it.
#[derive(Debug)]
pub struct Stdout<W = io::Stdout> {
    pipe: Arc<Mutex<Pipe<W>>>,
}

impl Stdout {
    /// The process's own standard output.
    pub fn new() -> Self {
        Self::writing_to(io::stdout())
    }
}

impl Default for Stdout {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Write + Send + 'static> Stdout<W> {
    /// Writes to `writer` instead.
    pub fn writing_to(writer: W) -> Self {
        Self { pipe: Arc::new(Mutex::new(Pipe { writer, torn: false })) }
    }

    /// Whether the writer still takes bytes: flushes it, and writes nothing.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        self.with_pipe(|pipe| pipe.writer.flush()).await
    }

    async fn with_pipe(
        &self,
        write: impl FnOnce(&mut Pipe<W>) -> io::Result<()> + Send + 'static,
    ) -> Result<(), DeliveryError> {
        let pipe = Arc::clone(&self.pipe);
        let written = tokio::task::spawn_blocking(move || {
            write(&mut pipe.lock().unwrap_or_else(PoisonError::into_inner))
        });
        written
            .await
            .unwrap_or_else(|lost| Err(lost.into()))
            .map_err(|error| storage_error(NAME, "writing to standard output", &error))
    }
}

#[async_trait]
impl<W: Write + Send + 'static> Destination for Stdout<W> {
    fn name(&self) -> &str {
        NAME
    }

    /// One attempt at a time, so that events leave in order.
    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: 1_000_000, max_message_bytes: usize::MAX, max_in_flight: 1 }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        let ndjson = part.shared_ndjson();
        let sent_bytes = part.ndjson().len() as u64;
        self.with_pipe(move |pipe| pipe.write(ndjson.as_ref())).await?;
        Ok(Acknowledgement { sent_bytes, receipt: None })
    }
}

/// A writer, and whether its last line may be cut.
#[derive(Debug)]
struct Pipe<W> {
    writer: W,
    torn: bool,
}

impl<W: Write> Pipe<W> {
    /// Writes whole lines. After a failed attempt a line break comes first, so that a cut line spoils only itself.
    fn write(&mut self, ndjson: &[u8]) -> io::Result<()> {
        let was_torn = std::mem::replace(&mut self.torn, true);
        if was_torn {
            self.writer.write_all(b"\n")?;
        }
        self.writer.write_all(ndjson)?;
        self.writer.flush()?;
        self.torn = false;
        Ok(())
    }
}
