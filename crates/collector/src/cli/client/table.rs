//! A table for people: columns as wide as their cells, numbers to the right.

use std::fmt;

use crate::printable::excerpt;

/// What stands in a cell for nothing.
pub(super) const NOTHING: &str = "-";
/// No cell but the last of a row is wider.
const WIDEST: usize = 60;
const LONGEST: usize = 400;

/// Rows under a head.
pub(super) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// What is said instead of a table without rows.
    nothing: &'static str,
}

impl Table {
    /// A table with these columns, and what is said when it has no rows.
    pub(super) fn new(head: &[&'static str], nothing: &'static str) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), nothing }
    }

    /// Adds a row with a cell for each column. What others wrote is made safe here.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        let last = cells.len().saturating_sub(1);
        let shown =
            |(index, cell): (usize, String)| excerpt(&cell, if index == last { LONGEST } else { WIDEST });
        self.rows.push(cells.into_iter().enumerate().map(shown).collect());
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([self.head[column].len()]).max().unwrap_or(0)
    }

    /// Whether a column holds numbers, and nothing else but marks for nothing.
    fn is_number(&self, column: usize) -> bool {
        let is_figure = |cell: &&String| cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| *cell != NOTHING).peekable();
        cells.peek().is_some() && cells.all(|cell| is_figure(&cell))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return writeln!(out, "{}", self.nothing);
        }
        let columns: Vec<_> =
            (0..self.head.len()).map(|column| (self.width(column), self.is_number(column))).collect();
        let head: Vec<String> = self.head.iter().map(|&title| title.to_owned()).collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let cells = row.iter().zip(&columns).map(|(cell, &(width, is_number))| match is_number {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_numbers_stand_to_the_right() {
        let mut table = Table::new(&["ID", "NAME", "EVENTS"], "none");
        table.row(["7", "Zürich", "1,234"].map(str::to_owned).to_vec());
        table.row(["12", "a\u{1b}b", NOTHING].map(str::to_owned).to_vec());
        assert_eq!(table.to_string(), "ID  NAME      EVENTS\n 7  Zürich     1,234\n12  a\\u{1b}b       -\n");
    }

    #[test]
    fn a_table_without_rows_is_a_sentence() {
        assert_eq!(Table::new(&["ID"], "There are no collectors.").to_string(), "There are no collectors.\n");
    }
}
