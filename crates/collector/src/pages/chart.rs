//! Charts as SVG. They consist of numbers and words of ours.

mod columns;

use std::fmt;

use askama::filters::HtmlSafe;

use crate::figures::grouped;

pub use self::columns::{Columns, Unit};

const WIDTH: usize = 120;
const HEIGHT: usize = 28;

/// Events in each of the last minutes, as a line without axes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sparkline {
    values: Vec<u64>,
}

impl HtmlSafe for Sparkline {}

impl Sparkline {
    /// Of these values, the oldest first.
    pub fn new(values: Vec<u64>) -> Self {
        Self { values }
    }

    /// Of the sums of several such rows of values, which all end now.
    pub fn sum_of<'a>(rows: impl Iterator<Item = &'a [u32]> + Clone) -> Self {
        let length = rows.clone().map(<[u32]>::len).max().unwrap_or(0);
        let mut values = vec![0; length];
        for row in rows {
            let aligned = values.iter_mut().skip(length - row.len());
            aligned.zip(row).for_each(|(sum, value)| *sum += u64::from(*value));
        }
        Self { values }
    }

    /// What all of them amount to.
    pub fn total(&self) -> u64 {
        self.values.iter().sum()
    }
}

impl fmt::Display for Sparkline {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.values.iter().copied().max().unwrap_or(0);
        write!(
            out,
            "<svg class=\"sparkline\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-label=\"Events a minute in the last hour: {} in all, at most {} a minute\">",
            grouped(self.total()),
            grouped(most)
        )?;
        let line = line(&self.values, most, WIDTH, HEIGHT);
        write!(out, "<path d=\"M0 {HEIGHT}{line}L{WIDTH} {HEIGHT}\"/></svg>")
    }
}

/// The points of `values`, each after an `L`, in a field whose upper edge is `most`. Points inside of a level part are
/// left out.
fn line(values: &[u64], most: u64, width: usize, height: usize) -> String {
    let steps = values.len().saturating_sub(1).max(1);
    let room = height - 2;
    let level = |index: usize| {
        let value = values.get(index).copied().map(u128::from)?;
        Some(usize::try_from(value * room as u128 / u128::from(most.max(1))).unwrap_or(room))
    };
    let is_inside = |index: usize| {
        let before = index.checked_sub(1).and_then(level);
        before == level(index) && level(index) == level(index + 1)
    };
    let point = |index: usize| {
        let rise = level(index).filter(|_| !is_inside(index))?;
        Some(format!("L{} {}", index * width / steps, height - 1 - rise))
    };
    (0..values.len()).filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reaches_from_the_lower_to_the_upper_edge() {
        assert_eq!(line(&[0, 5, 10], 10, 100, 22), "L0 21L50 11L100 1");
        assert_eq!(line(&[u64::MAX, 0], u64::MAX, 10, 12), "L0 1L10 11");
        assert_eq!(line(&[7], 7, 10, 12), "L0 1");
        assert_eq!(line(&[0, 0, 0, 0, 5], 5, 8, 12), "L0 11L6 11L8 1");
    }

    #[test]
    fn a_sparkline_says_what_it_shows() {
        let shown = Sparkline::new(vec![0, 1_000, 500]).to_string();
        assert!(shown.contains("1,500 in all, at most 1,000 a minute"), "{shown}");
        assert!(Sparkline::new(Vec::new()).to_string().contains("d=\"M0 28L120 28\""));
    }
}
