//! Gathers the text of one key or value of the envelope from the chunks, within a budget for the whole page.

use super::element::Progress;
use super::error::Damage;
use super::extent::{Extent, Role};
use super::text;

/// All keys and values around the elements together may not be larger.
const MAX_ENVELOPE_BYTES: usize = 256 * 1024;

/// The key or value under way.
pub(super) struct EnvelopeText {
    extent: Extent,
    bytes: Vec<u8>,
    gathered_before: usize,
}

impl EnvelopeText {
    pub(super) fn new() -> Self {
        Self { extent: Extent::new(Role::Key), bytes: Vec::new(), gathered_before: 0 }
    }

    pub(super) fn begin(&mut self, role: Role) {
        self.gathered_before += self.bytes.len();
        self.bytes.clear();
        self.extent = Extent::new(role);
    }

    /// Takes the next bytes of the key or value; `rest` may go on past its end.
    pub(super) fn read(&mut self, rest: &[u8]) -> Result<Progress, Damage> {
        let end = self.extent.find_end(rest);
        let taken = end.unwrap_or(rest.len());
        if self.gathered_before + self.bytes.len() + taken > MAX_ENVELOPE_BYTES {
            return Err(Damage::EnvelopeTooLarge);
        }
        self.bytes.extend_from_slice(&rest[..taken]);
        Ok(Progress { taken, is_complete: end.is_some() })
    }

    /// What was gathered.
    pub(super) fn gathered(&self) -> &[u8] {
        text::trim_end(&self.bytes)
    }
}
