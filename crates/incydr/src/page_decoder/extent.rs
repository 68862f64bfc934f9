//! Finds where a value ends by its quotes and brackets alone, byte by byte, however malformed it is.
//!
//! Not for: the elements that are as they should be; `screen` reads those much faster.

/// A value whose end has not been seen yet.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    role: Role,
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
}

/// What the value is, which says what ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// A key ends before its colon.
    Key,
    /// A value ends before a comma or the bracket that closes what it stands in.
    Value,
    /// A container ends after the bracket that closes it.
    Container,
}

impl Extent {
    /// Of a key or value from its first byte.
    pub(super) fn new(role: Role) -> Self {
        Self { role, depth: 0, is_in_string: false, is_escaped: false }
    }

    /// Of a container that was read up to a place inside `depth` brackets, and in a string or not.
    pub(super) fn of_container(depth: usize, is_in_string: bool) -> Self {
        Self { role: Role::Container, depth, is_in_string, is_escaped: false }
    }

    /// How many of these bytes, the next ones of the text, still belong to the value; `None` when it goes on.
    pub(super) fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let last = bytes.iter().position(|&byte| self.ends_at(byte))?;
        Some(last + usize::from(self.role == Role::Container))
    }

    fn ends_at(&mut self, byte: u8) -> bool {
        if self.is_in_string {
            self.is_in_string = byte != b'"' || self.is_escaped;
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            return false;
        }
        match byte {
            b'"' => self.is_in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth == 0 => return true,
            b'}' | b']' => {
                self.depth -= 1;
                return self.depth == 0 && self.role == Role::Container;
            }
            b',' => return self.depth == 0,
            b':' => return self.depth == 0 && self.role == Role::Key,
            _ => {}
        }
        false
    }
}
