//! What was measured, as two tables of Markdown.

use std::fmt;

use crate::contestant::Contestant;
use crate::goal::{Goal, Limit};
use crate::run::Run;
use crate::spread::Spread;

/// What was measured, as two tables of Markdown.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<String>,
    goals: Vec<Goal>,
}

impl Report {
    /// Adds the runs of a contestant.
    pub(crate) fn add_runs(&mut self, contestant: &Contestant, runs: &[Run]) {
        let median = |measure: fn(&Run) -> f64| Spread::of(runs.iter().map(measure)).median;
        // A bar would end the cell.
        let name = contestant.to_string().replace('|', "\\|");
        self.rows.push(format!(
            "| {name} | {:.2} | {:.2} | {:.2} | {} | {:.1} |",
            median(|run| run.usage.wall_seconds),
            median(|run| run.usage.cpu_seconds),
            median(Run::cpu_seconds_per_gb),
            grouped(median(Run::events_per_cpu_second)),
            median(|run| run.usage.peak_mib),
        ));
    }

    /// Adds a goal with its measure.
    pub(crate) fn add_goal(&mut self, goal: Goal) {
        self.goals.push(goal);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.rows.is_empty() {
            writeln!(out, "| contestant | wall s | CPU s | CPU-s per GB | events per CPU-s | peak MiB |")?;
            writeln!(out, "|---|--:|--:|--:|--:|--:|")?;
            self.rows.iter().try_for_each(|row| writeln!(out, "{row}"))?;
            writeln!(out)?;
        }
        writeln!(out, "| goal | measure | wanted | median (lowest to highest) | |")?;
        writeln!(out, "|---|---|--:|--:|---|")?;
        for goal in &self.goals {
            let Goal { id, measure, bound, unit, measured, .. } = goal;
            let side = match goal.limit {
                Limit::AtMost => "≤",
                Limit::AtLeast => "≥",
            };
            let Spread { lowest, median, highest } = *measured;
            let [bound, lowest, median, highest] = [*bound, lowest, median, highest].map(shown);
            let verdict = goal.verdict();
            writeln!(
                out,
                "| {id} | {measure} | {side} {bound} {unit} | {median} ({lowest} to {highest}) {unit} | {verdict} |"
            )?;
        }
        Ok(())
    }
}

/// Two decimals for small numbers, none for large ones.
fn shown(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { grouped(value) }
}

/// A whole number with commas between groups of three digits.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let first = (digits.len() + 2) % 3 + 1;
    let (head, tail) = digits.split_at(first.min(digits.len()));
    tail.as_bytes().chunks(3).fold(head.to_owned(), |mut text, group| {
        text.push(',');
        text.extend(group.iter().map(|&digit| char::from(digit)));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (value, text) in [(7.0, "7"), (123.0, "123"), (1_234.4, "1,234"), (1_234_567.0, "1,234,567")] {
            assert_eq!(grouped(value), text);
        }
        assert_eq!(shown(1.234), "1.23");
        assert_eq!(shown(55_000.0), "55,000");
    }

    #[test]
    fn a_goal_is_one_row() {
        let mut report = Report::default();
        let spread = Spread { lowest: 0.9, median: 1.0, highest: 1.1 };
        report.add_goal(Goal::at_most("P1", "CPU", 1.5, "x", spread));
        let text = report.to_string();
        assert!(text.contains("| P1 | CPU | ≤ 1.50 x | 1.00 (0.90 to 1.10) x | met |"), "{text}");
    }
}
