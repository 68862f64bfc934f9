//! Repetitions: `*`, `+`, `?` and counts in braces.

use super::error::DialectError;
use super::{Operand, Translation};

/// RE2 counts no further.
const MAX_COUNT: u32 = 1_000;

impl Translation<'_> {
    pub(super) fn repeat_by_sign(&mut self, sign: char) -> Result<(), DialectError> {
        let position = self.text.position();
        self.text.skip(sign);
        self.repeat(position, &sign.to_string())
    }

    /// A brace that begins no count stands for itself, as those of JSON do.
    pub(super) fn repeat_by_count(&mut self) -> Result<(), DialectError> {
        let position = self.text.position();
        self.text.skip('{');
        let Some((inside, _)) = self.text.rest().split_once('}') else {
            self.literal('{');
            return Ok(());
        };
        let Some((least, most)) = count(inside) else {
            self.literal('{');
            return Ok(());
        };
        self.text.until("}");
        if least > MAX_COUNT || most.is_some_and(|most| most > MAX_COUNT || most < least) {
            let remedy = "write two numbers up to 1000, the smaller one first";
            return Err(DialectError::at(position, "begins a count that RE2 refuses", remedy));
        }
        self.repeat(position, &format!("{{{inside}}}"))
    }

    fn repeat(&mut self, position: usize, repetition: &str) -> Result<(), DialectError> {
        match self.operand {
            Operand::Once => {}
            Operand::Nothing => {
                let remedy = "put a backslash before it if it stands for itself";
                return Err(DialectError::at(position, "repeats nothing", remedy));
            }
            Operand::Repeated => {
                let remedy = "remove it, or put what it repeats in parentheses";
                return Err(DialectError::at(position, "repeats a repetition", remedy));
            }
        }
        self.out.push_str(repetition);
        if self.text.eat("?") {
            self.out.push('?');
        }
        self.operand = Operand::Repeated;
        Ok(())
    }
}

/// The least and the most of a count, as in `3`, `3,` and `3,5`; `None` for a text that is no count.
fn count(inside: &str) -> Option<(u32, Option<u32>)> {
    match inside.split_once(',') {
        None => number(inside).map(|exact| (exact, Some(exact))),
        Some((least, "")) => number(least).map(|least| (least, None)),
        Some((least, most)) => Some((number(least)?, Some(number(most)?))),
    }
}

/// Digits without a zero before them. What is too large to be a number is also too large to be a count.
fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
    (is_number && !has_leading_zero).then(|| digits.parse().unwrap_or(u32::MAX))
}
