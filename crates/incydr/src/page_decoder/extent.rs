//! Finds where a value outside the elements ends, byte by byte and without memory.
//!
//! Not for: elements that begin with a bracket, which are nearly all bytes of a page; those are `screen`'s.

/// A value whose end has not been seen yet.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    role: Role,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// What the value is, which says what ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// A key ends before its colon.
    Key,
    /// A value ends before a comma or the bracket that closes what it stands in.
    Value,
}

impl Extent {
    pub(super) fn new(role: Role) -> Self {
        Self { role, depth: 0, in_string: false, escaped: false }
    }

    /// How many of these bytes, the next ones of the text, still belong to the value, the white space after it
    /// included; `None` when it goes on.
    pub(super) fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|&byte| self.ends_before(byte))
    }

    fn ends_before(&mut self, byte: u8) -> bool {
        if self.in_string {
            self.in_string = byte != b'"' || self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            b'}' | b']' => return true,
            b',' => return self.depth == 0,
            b':' => return self.depth == 0 && self.role == Role::Key,
            _ => {}
        }
        false
    }
}
