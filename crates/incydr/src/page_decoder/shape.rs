//! What a page of one endpoint looks like: where its elements stand and how each is named and dated.

/// A chain of keys from the top of an element down to one value. Keys are compared as the vendor writes them.
pub type FieldPath = &'static [&'static str];

/// What a page of one endpoint looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageShape {
    /// The top-level key that holds the elements.
    pub array: &'static str,
    /// How an element gets its identity.
    pub identity: Identity,
    /// Where an element says when it happened.
    pub time: TimeField,
}

/// How an element gets its identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identity {
    /// By the id at this path; the same id is the same event for ever.
    Immutable(FieldPath),
    /// By the id at this path and a hash of the whole element, because the thing it names changes.
    Mutable(FieldPath),
    /// By a hash of the whole element and the number of equal elements before it in the page.
    Row,
}

impl Identity {
    /// Where the id stands; empty for elements without one.
    pub(super) fn path(self) -> FieldPath {
        match self {
            Self::Immutable(path) | Self::Mutable(path) => path,
            Self::Row => &[],
        }
    }
}

/// Where an element says when it happened, and how it writes that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeField {
    /// A string in the form of RFC 3339.
    Rfc3339(FieldPath),
    /// A whole number of milliseconds since the Unix epoch.
    EpochMillis(FieldPath),
}

impl TimeField {
    /// Where the time stands.
    pub(super) fn path(self) -> FieldPath {
        match self {
            Self::Rfc3339(path) | Self::EpochMillis(path) => path,
        }
    }
}
