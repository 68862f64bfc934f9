//! Cuts a page into its elements while the chunks arrive.
//!
//! An element that lies in one chunk is judged where it lies and copied once, into the block; only one that goes on
//! in the next chunk is buffered.

use incydr_core::event::EventBlock;

use super::error::Damage;
use super::extent::{Extent, Role};
use super::judge::Judge;
use super::screen::{Screen, Screened};
use super::shape::PageShape;

/// No element may be larger. The largest that a collector is made for has 10 MB.
const MAX_ELEMENT_BYTES: usize = 64 * 1024 * 1024;

/// How much of a chunk is copied at a time to complete an element that began in an earlier one.
const STRIDE: usize = 4096;

/// A buffer that a large element has made larger than this is given back.
const KEPT_CAPACITY: usize = 1024 * 1024;

/// Reads the elements of one page, one at a time.
pub(super) struct ElementReader {
    boundary: Boundary,
    judge: Judge,
    /// The part of the element that came in earlier chunks.
    begun: Vec<u8>,
}

/// What became of some bytes.
pub(super) struct Progress {
    /// So many belonged to the element.
    pub(super) taken: usize,
    /// Whether the element is complete.
    pub(super) is_complete: bool,
}

impl ElementReader {
    pub(super) fn new(shape: &PageShape) -> Self {
        Self { boundary: Boundary::new(shape), judge: Judge::new(shape), begun: Vec::new() }
    }

    /// Begins an element whose first byte is `first`.
    pub(super) fn begin(&mut self, first: u8) {
        self.boundary.restart(first);
    }

    /// Takes the next bytes of the element; `rest` may go on past its end.
    pub(super) fn read(&mut self, rest: &[u8], block: &mut EventBlock) -> Result<Progress, Damage> {
        if !self.begun.is_empty() {
            return self.read_on(rest, block);
        }
        match self.boundary.scan(rest, 0) {
            Some(screened) => {
                check_size(screened.end)?;
                self.judge.settle(&rest[..screened.end], screened.proven, block);
                Ok(Progress { taken: screened.end, is_complete: true })
            }
            None => {
                check_size(rest.len())?;
                self.begun.extend_from_slice(rest);
                Ok(Progress { taken: rest.len(), is_complete: false })
            }
        }
    }

    /// Takes the next bytes of an element that began in an earlier chunk.
    fn read_on(&mut self, rest: &[u8], block: &mut EventBlock) -> Result<Progress, Damage> {
        let begun_before = self.begun.len();
        for piece in rest.chunks(STRIDE) {
            let known = self.begun.len();
            self.begun.extend_from_slice(piece);
            if let Some(screened) = self.boundary.scan(&self.begun, known) {
                check_size(screened.end)?;
                self.judge.settle(&self.begun[..screened.end], screened.proven, block);
                self.begun.clear();
                self.begun.shrink_to(KEPT_CAPACITY);
                return Ok(Progress { taken: screened.end - begun_before, is_complete: true });
            }
            check_size(self.begun.len())?;
        }
        Ok(Progress { taken: rest.len(), is_complete: false })
    }
}

fn check_size(bytes: usize) -> Result<(), Damage> {
    if bytes > MAX_ELEMENT_BYTES { Err(Damage::ElementTooLarge) } else { Ok(()) }
}

/// Finds where an element ends.
struct Boundary {
    screen: Screen,
    /// For an element that begins with no bracket, in place of the screen.
    bare: Option<Extent>,
}

impl Boundary {
    fn new(shape: &PageShape) -> Self {
        Self { screen: Screen::new(shape), bare: None }
    }

    fn restart(&mut self, first: u8) {
        let is_bracketed = matches!(first, b'{' | b'[');
        self.bare = (!is_bracketed).then(|| Extent::new(Role::Value));
        self.screen.restart();
    }

    /// Where the element at the start of `text` ends, of which the first `known` bytes were given before.
    fn scan(&mut self, text: &[u8], known: usize) -> Option<Screened> {
        match &mut self.bare {
            None => self.screen.scan(text),
            Some(extent) => {
                let length = extent.find_end(&text[known..])?;
                Some(Screened { end: known + length, proven: None })
            }
        }
    }
}
