//! Parentheses: groups that capture, groups that do not, and flags.

use super::error::DialectError;
use super::{Operand, Translation};

/// The flags of RE2: case, lines, the dot, greed.
const FLAGS: &str = "imsU";

impl Translation<'_> {
    /// Translates an opening parenthesis and what belongs to it.
    pub(super) fn open_group(&mut self) -> Result<(), DialectError> {
        let position = self.text.position();
        self.text.skip('(');
        if !self.text.eat("?") {
            self.open_capture(position);
            return Ok(());
        }
        if ["=", "!", "<=", "<!"].iter().any(|sign| self.text.rest().starts_with(sign)) {
            let remedy = "match what stands around it too, and capture the rest";
            return Err(DialectError::at(position, "looks around, which RE2 cannot", remedy));
        }
        if self.text.eat("P<") || self.text.eat("<") {
            self.name(position)?;
            self.open_capture(position);
            return Ok(());
        }
        self.flags(position)
    }

    fn open_capture(&mut self, position: usize) {
        self.out.push('(');
        self.groups += 1;
        self.open.push(position);
        self.operand = Operand::Nothing;
    }

    /// Reads the name of a group up to its end.
    fn name(&mut self, position: usize) -> Result<(), DialectError> {
        let name = self.text.until(">").unwrap_or_default();
        let is_name =
            !name.is_empty() && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_');
        if !is_name {
            let remedy = "name it by letters, digits and underscores, as in `(?P<user>`";
            return Err(DialectError::at(position, "opens a group without a proper name", remedy));
        }
        if !self.names.insert(name) {
            return Err(DialectError::at(position, "opens a group with a name that is taken", "rename it"));
        }
        Ok(())
    }

    /// Flags for the rest of the group around them, or for a group of their own that captures nothing.
    fn flags(&mut self, position: usize) -> Result<(), DialectError> {
        let on = self.text.take_while(usize::MAX, |next| FLAGS.contains(next));
        let negates = self.text.eat("-");
        let off = self.text.take_while(usize::MAX, |next| FLAGS.contains(next));
        let opens = self.text.eat(":");
        let is_complete = opens || self.text.eat(")");
        if !is_complete || negates && off.is_empty() {
            let remedy = "use the flags i, m, s and U, as in `(?i)` or `(?s:.*)`";
            return Err(DialectError::at(position, "opens a group that RE2 has not", remedy));
        }
        let last_wins = |flag: &char| on.contains(*flag) && !off.contains(*flag);
        let on: String = FLAGS.chars().filter(last_wins).collect();
        let off: String = FLAGS.chars().filter(|flag| off.contains(*flag)).collect();
        let minus = if off.is_empty() { "" } else { "-" };
        if opens {
            self.out.push_str(&format!("(?{on}{minus}{off}:"));
            self.open.push(position);
        } else if !(on.is_empty() && off.is_empty()) {
            self.out.push_str(&format!("(?{on}{minus}{off})"));
        }
        self.operand = Operand::Nothing;
        Ok(())
    }
}
