//! Reads a regular expression from its beginning to its end.

/// The part of a text that was not read yet.
pub(super) struct Scanner<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { whole: text, rest: text }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Which character comes next, counted from 1.
    pub(super) fn position(&self) -> usize {
        self.whole[..self.whole.len() - self.rest.len()].chars().count() + 1
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Reads one character.
    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.skip(next);
        Some(next)
    }

    /// Reads a character that was seen to come next.
    pub(super) fn skip(&mut self, seen: char) {
        self.rest = self.rest.strip_prefix(seen).unwrap_or(self.rest);
    }

    /// Reads `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let after = self.rest.strip_prefix(expected);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Reads what comes before `end`, and `end`; nothing where there is none.
    pub(super) fn until(&mut self, end: &str) -> Option<&'a str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
    }

    /// Reads at most `max` characters that are `wanted`.
    pub(super) fn take_while(&mut self, max: usize, wanted: impl Fn(char) -> bool) -> &'a str {
        let len = self.rest.chars().take(max).take_while(|next| wanted(*next)).map(char::len_utf8).sum();
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }
}
