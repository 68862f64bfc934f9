//! The keys that elements had so far: what key to expect next, and whether an object has it already.
//!
//! The elements of a stream are much alike, so that the next key is nearly always the one that stood there the last
//! time, and one comparison finds it. Each key of an object is one bit, which proves that no key comes twice.

use super::shape::FieldPath;

/// How many keys are remembered in all; later ones stay unknown.
const MAX_NODES: usize = 4096;

/// How many keys are remembered for one object: one for each bit.
const MAX_CHILDREN: usize = u64::BITS as usize;

/// How many bytes of a key are compared at once.
const WINDOW: usize = size_of::<u128>();
const TWO_WINDOWS: usize = 2 * WINDOW;

/// The keys that were met. Objects in an array share their keys.
pub(super) struct KeyTree {
    /// The element itself, and then each key in the order in which they were met.
    nodes: Vec<Node>,
    /// Paths to be recognized; one may be empty.
    paths: [FieldPath; 2],
}

/// A place where a key may stand: after a certain key of the same object, or first in the value of that key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(u32);

struct Node {
    /// The first bytes of `text`, the rest zero.
    begin: [u128; 2],
    /// The key, with both quotes and the colon.
    text: Box<[u8]>,
    /// The key that stood after this one the last time, and the first one in its value; 0 for none so far.
    expected: [u32; 2],
    /// The key in whose value it stands; 0 for the element itself.
    parent: u32,
    /// The bit that stands for it in its object.
    bit: u64,
    /// The keys in its value.
    children: Vec<u32>,
    /// How many keys of each path, from its first on, are the last ones down to here, itself included.
    matched: [u8; 2],
    /// The path that ends here.
    path: Option<u8>,
}

/// A key that was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The slot after it.
    pub(super) slot: Slot,
    /// How long it is, with its quotes and the colon.
    pub(super) length: usize,
    /// The bit that stands for it in its object.
    pub(super) bit: u64,
    /// The path that ends here, if it began in the element itself and no array was on the way.
    pub(super) path: Option<u8>,
}

impl Slot {
    /// In the element itself.
    pub(super) const ELEMENT: Self = Self(1);

    const fn after(node: u32) -> Self {
        Self(node << 1)
    }

    /// In the value of the key that this slot comes after. In an array this is where the items already are.
    pub(super) const fn inside(self) -> Self {
        Self(self.0 | 1)
    }

    /// The key before this slot, or around it.
    const fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    const fn is_inside(self) -> bool {
        self.0 & 1 == 1
    }
}

impl KeyTree {
    pub(super) fn new(paths: [FieldPath; 2]) -> Self {
        let element = Node {
            begin: [0, 0],
            text: Box::new([]),
            expected: [0, 0],
            parent: 0,
            bit: 0,
            children: Vec::new(),
            matched: [0, 0],
            path: None,
        };
        Self { nodes: vec![element], paths }
    }

    /// How many keys a path has.
    pub(super) fn path_length(&self, path: u8) -> usize {
        self.paths[usize::from(path)].len()
    }

    /// Finds the key at `text[at..]` among those that were met in the object around `slot`.
    #[inline(always)]
    pub(super) fn find(&mut self, slot: Slot, text: &[u8], at: usize) -> Option<Found> {
        let expected = self.nodes[slot.node()].expected[usize::from(slot.is_inside())];
        let node = &self.nodes[expected as usize];
        if node.stands_at(text, at) && expected != 0 {
            return Some(node.found(expected));
        }
        self.find_unexpected(slot, expected, text, at)
    }

    /// Looks through all keys of the object, first through those that were met after the expected one.
    #[inline(never)]
    fn find_unexpected(&mut self, slot: Slot, expected: u32, text: &[u8], at: usize) -> Option<Found> {
        let rest = text.get(at..).filter(|rest| rest.starts_with(b"\""))?;
        let children = &self.nodes[self.around(slot) as usize].children;
        let (earlier, later) = children.split_at(children.partition_point(|&child| child < expected));
        let is_here = |child: &&u32| rest.starts_with(&self.nodes[**child as usize].text);
        let child = *later.iter().chain(earlier).find(is_here)?;
        self.nodes[slot.node()].expected[usize::from(slot.is_inside())] = child;
        Some(self.nodes[child as usize].found(child))
    }

    /// Remembers a `key` of the object around `slot`, given with its quotes and the colon; `false` when it is not new
    /// or there is no room.
    pub(super) fn learn(&mut self, slot: Slot, key: &[u8]) -> bool {
        let parent = self.around(slot);
        let siblings = &self.nodes[parent as usize].children;
        let is_known = siblings.iter().any(|&sibling| *self.nodes[sibling as usize].text == *key);
        let bit = 1 << (siblings.len() % MAX_CHILDREN);
        let Ok(number) = u32::try_from(self.nodes.len()) else { return false };
        if is_known || siblings.len() == MAX_CHILDREN || self.nodes.len() == MAX_NODES {
            return false;
        }
        let matched = [0, 1].map(|path| self.matched(path, parent, key));
        self.nodes.push(Node {
            begin: [window_at(key, 0), window_at(key, WINDOW)],
            text: key.into(),
            expected: [0, 0],
            parent,
            bit,
            children: Vec::new(),
            matched,
            path: self.path_end(matched),
        });
        self.nodes[parent as usize].children.push(number);
        true
    }

    /// The key around the object in which `slot` is.
    fn around(&self, slot: Slot) -> u32 {
        if slot.is_inside() { slot.0 >> 1 } else { self.nodes[slot.node()].parent }
    }

    /// How many keys of the path, from its first on, are the last ones down to `key` inside of `parent`.
    fn matched(&self, path: usize, parent: u32, key: &[u8]) -> u8 {
        let matched = self.nodes[parent as usize].matched[path];
        let name = &key[1..key.len() - 2];
        let is_next = self.paths[path].get(usize::from(matched)).is_some_and(|next| next.as_bytes() == name);
        if is_next { matched + 1 } else { 0 }
    }

    /// The path of which all keys led here.
    fn path_end(&self, matched: [u8; 2]) -> Option<u8> {
        (0..2_u8).find(|&path| match matched[usize::from(path)] {
            0 => false,
            matched => usize::from(matched) == self.path_length(path),
        })
    }
}

impl Node {
    /// Whether the key stands at `text[at..]`; a very long one is not recognized.
    #[inline(always)]
    fn stands_at(&self, text: &[u8], at: usize) -> bool {
        let length = self.text.len();
        let begins = (window_at(text, at) ^ self.begin[0]) & mask(length) == 0;
        let goes_on = |rest| (window_at(text, at + WINDOW) ^ self.begin[1]) & mask(rest) == 0;
        begins && (length <= WINDOW || length <= TWO_WINDOWS && goes_on(length - WINDOW))
    }

    #[inline(always)]
    fn found(&self, number: u32) -> Found {
        Found { slot: Slot::after(number), length: self.text.len(), bit: self.bit, path: self.path }
    }
}

/// The bytes from `at`; those past the end of the text count as zero.
#[inline(always)]
fn window_at(text: &[u8], at: usize) -> u128 {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(window) => u128::from_le_bytes(*window),
        None => last_window(text, at),
    }
}

#[cold]
#[inline(never)]
fn last_window(text: &[u8], at: usize) -> u128 {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |window, &byte| window << 8 | u128::from(byte))
}

/// Selects so many bytes of a window.
#[inline(always)]
fn mask(length: usize) -> u128 {
    MASKS[length.min(WINDOW)]
}

static MASKS: [u128; WINDOW + 1] = {
    let mut masks = [u128::MAX; WINDOW + 1];
    let mut length = 0;
    while length < WINDOW {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};
