//! The keys that elements had so far, and in which order: what key to expect next.
//!
//! The elements of a stream are much alike, so that the next key is nearly always one that stood in the same place
//! before, and one comparison finds it. It also proves that no object has a key twice: a key enters the tree only
//! after it was compared with all keys before it in its object.

/// How many keys are remembered; later ones are unknown.
const MAX_NODES: usize = 2048;

/// How many different keys are remembered for one place.
const MAX_SIBLINGS: usize = 24;

/// How many bytes of a key are compared at once.
const WINDOW: usize = size_of::<u128>();

/// The keys that were met.
pub(super) struct KeyTree {
    nodes: Vec<Node>,
}

/// A place where a key may stand: after a certain key in the same object, or first in the value of that key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(u32);

/// A key in its place.
struct Node {
    /// The first bytes of `text`, the rest zero.
    begin: [u128; 2],
    /// The key, with both quotes and the colon.
    text: Box<[u8]>,
    /// Another key that may stand in the same place; 0 for none.
    sibling: u32,
    /// The first key that may follow this one in its object, and the first one inside its value.
    heads: [u32; 2],
    /// The key before it in the same object; 0 for none.
    before: u32,
}

impl Slot {
    /// In the element itself.
    pub(super) const ELEMENT: Self = Self(1);

    /// After the key `node`.
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

    const fn head(self) -> usize {
        (self.0 & 1) as usize
    }
}

impl KeyTree {
    pub(super) fn new() -> Self {
        let element = Node { begin: [0, 0], text: Box::new([]), sibling: 0, heads: [0, 0], before: 0 };
        Self { nodes: vec![element] }
    }

    /// Finds the key at `text[at..]` if it was met in `slot` before; gives the slot after it and how long it is,
    /// with its quotes and the colon.
    #[inline(always)]
    pub(super) fn find(&self, slot: Slot, text: &[u8], at: usize) -> Option<(Slot, usize)> {
        let window = window_at(text, at);
        let mut node = self.nodes[slot.node()].heads[slot.head()];
        while node != 0 {
            let known = &self.nodes[node as usize];
            let length = known.text.len();
            if (window ^ known.begin[0]) & mask(length) == 0 && known.goes_on(text, at + WINDOW) {
                return Some((Slot::after(node), length));
            }
            node = known.sibling;
        }
        None
    }

    /// Remembers that `key`, given with its quotes and the colon, may stand in `slot`.
    ///
    /// `false` when the key stands in the same object already, or when there is no room.
    pub(super) fn learn(&mut self, slot: Slot, key: &[u8]) -> bool {
        let before = if slot == slot.inside() { 0 } else { slot.0 >> 1 };
        let Ok(node) = u32::try_from(self.nodes.len()) else { return false };
        if self.nodes.len() == MAX_NODES || self.siblings(slot) == MAX_SIBLINGS || self.is_on_way(before, key) {
            return false;
        }
        let head = &mut self.nodes[slot.node()].heads[slot.head()];
        let sibling = std::mem::replace(head, node);
        let begin = [window_at(key, 0), window_at(key, WINDOW)];
        self.nodes.push(Node { begin, text: key.into(), sibling, heads: [0, 0], before });
        true
    }

    fn siblings(&self, slot: Slot) -> usize {
        let head = self.nodes[slot.node()].heads[slot.head()];
        self.chain(head, |node| node.sibling).count()
    }

    /// Whether `key` is the key `last` or one before it in the same object.
    fn is_on_way(&self, last: u32, key: &[u8]) -> bool {
        self.chain(last, |node| node.before).any(|node| *node.text == *key)
    }

    /// The node `first`, the one that it leads to, and so on.
    fn chain(&self, first: u32, next: impl Fn(&Node) -> u32) -> impl Iterator<Item = &Node> {
        let node = |number: u32| (number != 0).then(|| &self.nodes[number as usize]);
        std::iter::successors(node(first), move |last| node(next(last)))
    }
}

impl Node {
    /// Whether `text` holds at `at` what follows the first window of the key.
    #[inline(always)]
    fn goes_on(&self, text: &[u8], at: usize) -> bool {
        match self.text.len() {
            0..=WINDOW => true,
            length if length <= 2 * WINDOW => {
                (window_at(text, at) ^ self.begin[1]) & mask(length - WINDOW) == 0
            }
            _ => text.get(at..).is_some_and(|text| text.starts_with(&self.text[WINDOW..])),
        }
    }
}

/// The bytes from `at`; those past the end of the text count as zero.
#[inline(always)]
fn window_at(text: &[u8], at: usize) -> u128 {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(window) => u128::from_le_bytes(*window),
        None => last_window(text.get(at..).unwrap_or_default()),
    }
}

#[cold]
fn last_window(text: &[u8]) -> u128 {
    text.iter().rev().fold(0, |window, &byte| window << 8 | u128::from(byte))
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
