//! Finds the id and the time of an element while its keys pass by.

use super::shape::FieldPath;

/// Where the values of an event stand that we must know: the offset of the closing quote of each one's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Fields {
    pub(super) id: Option<usize>,
    pub(super) time: Option<usize>,
}

/// Follows both paths at once.
#[derive(Clone, Debug)]
pub(super) struct FieldWatch {
    id: PathWatch,
    time: PathWatch,
}

impl FieldWatch {
    pub(super) fn new(id: FieldPath, time: FieldPath) -> Self {
        Self { id: PathWatch::new(id), time: PathWatch::new(time) }
    }

    /// A key passes by in an object at `depth` (the element itself is at 1); its closing quote is at `end`.
    pub(super) fn pass(&mut self, depth: usize, key: &[u8], end: usize) {
        self.id.pass(depth, key, end);
        self.time.pass(depth, key, end);
    }

    pub(super) fn fields(&self) -> Fields {
        Fields { id: self.id.found, time: self.time.found }
    }
}

/// Follows one path.
#[derive(Clone, Debug)]
struct PathWatch {
    path: FieldPath,
    /// How many keys of the path lead to where we are.
    matched: usize,
    found: Option<usize>,
}

impl PathWatch {
    fn new(path: FieldPath) -> Self {
        Self { path, matched: 0, found: None }
    }

    fn pass(&mut self, depth: usize, key: &[u8], end: usize) {
        if depth > self.matched + 1 {
            return;
        }
        self.matched = depth - 1;
        if self.path.get(self.matched).is_some_and(|wanted| wanted.as_bytes() == key) {
            if depth == self.path.len() {
                self.found = Some(end);
            } else {
                self.matched = depth;
            }
        }
    }
}
