//! A page that is decoded while it arrives, and judged when it ends.
//!
//! Place on the path: hop 4, between `transport` and the endpoints. At most one block of events is held (I9).

use incydr_core::event::EventBlock;
use incydr_core::source::{SourceError, SourceFault};

use crate::error::{failed_in_200, presentable};
use crate::page_decoder::{ArrayState, Damage, DecodeError, Envelope, PageDecoder, PageShape};
use crate::refusal;
use crate::transport::Answer;

/// A block is handed on when it has grown to this.
const BLOCK_BYTES: usize = 64 * 1024;

/// A page whose body is still arriving.
pub(crate) struct JsonPage {
    answer: Answer,
    shape: PageShape,
    key_of_empty_page: Option<&'static str>,
    decoder: PageDecoder,
    end: Option<Result<Envelope, SourceError>>,
}

impl JsonPage {
    /// Reads `answer` as a page of `shape`.
    pub(crate) fn new(answer: Answer, shape: PageShape) -> Self {
        let decoder = PageDecoder::new(shape);
        Self { answer, shape, key_of_empty_page: None, decoder, end: None }
    }

    /// A page without its array is empty, and not an error, if it has `key` instead.
    pub(crate) fn empty_with(mut self, key: &'static str) -> Self {
        self.key_of_empty_page = Some(key);
        self
    }

    /// The next events; `None` once the page is complete and says what it must.
    ///
    /// Events that came before a fault are handed on first.
    pub(crate) async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        let mut block = EventBlock::default();
        while self.end.is_none() && block.bytes.len() < BLOCK_BYTES && block.undecodable.is_empty() {
            self.end = self.advance(&mut block).await.transpose();
        }
        if !block.events.is_empty() || !block.undecodable.is_empty() {
            return Ok(Some(block));
        }
        match &self.end {
            Some(Err(error)) => Err(error.clone()),
            Some(Ok(_)) | None => Ok(None),
        }
    }

    /// All events of the page, and what stands around them.
    pub(crate) async fn collect(mut self) -> Result<(Vec<EventBlock>, Envelope), SourceError> {
        let mut blocks = Vec::new();
        while let Some(block) = self.next_block().await? {
            blocks.push(block);
        }
        match self.end.take() {
            Some(end) => end.map(|envelope| (blocks, envelope)),
            None => Err(self.error(SourceFault::BadPayload, "the page was not read to its end")),
        }
    }

    /// What stands around the events; `None` until the page is complete.
    pub(crate) fn envelope(&self) -> Option<&Envelope> {
        self.end.as_ref()?.as_ref().ok()
    }

    /// Reads one chunk; gives the envelope when there is no more.
    async fn advance(&mut self, block: &mut EventBlock) -> Result<Option<Envelope>, SourceError> {
        let Some(chunk) = self.answer.chunk().await? else {
            return self.finish().map(Some);
        };
        // All at once: a block that grew event by event would be copied as often as it doubles.
        block.bytes.reserve(chunk.len());
        self.decoder.push(&chunk, block).map_err(|error| self.damaged(&error))?;
        Ok(None)
    }

    fn finish(&mut self) -> Result<Envelope, SourceError> {
        let decoder = std::mem::replace(&mut self.decoder, PageDecoder::new(self.shape));
        let envelope = decoder.finish().map_err(|error| self.damaged(&error))?;
        self.judge(&envelope)?;
        Ok(envelope)
    }

    /// The same model answers success and failure, so a good status proves nothing.
    fn judge(&self, envelope: &Envelope) -> Result<(), SourceError> {
        if let Some(words) = envelope.problems().and_then(refusal::problems_named_by) {
            return Err(self.error(SourceFault::ErrorIn200, presentable(words.as_bytes(), &[])));
        }
        match envelope.array() {
            ArrayState::Present(_) | ArrayState::Null => Ok(()),
            ArrayState::Absent
                if self.key_of_empty_page.is_some_and(|key| envelope.member(key).is_some()) =>
            {
                Ok(())
            }
            ArrayState::Absent => {
                let info = format!("the answer has no {}", self.shape.array);
                Err(self.error(SourceFault::ErrorIn200, info))
            }
        }
    }

    /// Tells a damaged page from an answer that is something else altogether, as a web page.
    fn damaged(&self, error: &DecodeError) -> SourceError {
        let fault = match error.damage {
            Damage::Empty | Damage::NotAnObject => SourceFault::ErrorIn200,
            Damage::Truncated
            | Damage::TextAfterDocument
            | Damage::Expected(_)
            | Damage::BadMember(_)
            | Damage::RepeatedMember
            | Damage::NotAnArray
            | Damage::BadPageToken
            | Damage::EnvelopeTooLarge
            | Damage::ElementTooLarge => SourceFault::BadPayload,
        };
        self.error(fault, error.to_string())
    }

    fn error(&self, fault: SourceFault, info: impl Into<String>) -> SourceError {
        failed_in_200(&self.answer.attempt, fault, info)
    }
}

/// How many elements the array of a complete page had.
pub(crate) fn elements(envelope: &Envelope) -> u64 {
    match envelope.array() {
        ArrayState::Present(count) => count,
        ArrayState::Null | ArrayState::Absent => 0,
    }
}
