//! Lists in pages, which go on where the page before ended, whatever was added or removed meanwhile.

use std::fmt;

/// Part of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// At most as many as were asked for.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<PageToken>,
}

/// Where a page begins. Its text is for handing back only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageToken(i64);

impl PageToken {
    /// Reads what [`fmt::Display`] wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_ours)?;
        Some(Self(number.cast_signed()))
    }

    /// The id of the row after which the page begins.
    pub(crate) fn row(self) -> i64 {
        self.0
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016X}", self.0)
    }
}

impl<T> Page<T> {
    /// The page of at most `limit` of `items`, of which the query was asked for one more; `row` is an item's row id.
    pub(crate) fn of(mut items: Vec<T>, limit: u32, row: impl Fn(&T) -> u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| PageToken(row(last).cast_signed()));
        Self { items, next }
    }
}

/// How many rows to ask for, so that it shows whether there is another page.
pub(crate) fn one_more_than(limit: u32) -> i64 {
    i64::from(limit) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_token_is_not_read_as_one() {
        for text in ["", "1", "+000000000000001", "00000000000000010", "000000000000000g"] {
            assert_eq!(PageToken::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_token_reads_back_from_its_text(row in any::<i64>()) {
            prop_assert_eq!(PageToken::parse(&PageToken(row).to_string()), Some(PageToken(row)));
        }
    }
}
