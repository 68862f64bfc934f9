//! How long answers took.

use std::time::Duration;

/// How long answers took, by kind of question.
#[derive(Default)]
pub(super) struct Patience {
    pub(super) list: Waits,
    pub(super) other: Waits,
}

/// Waits in milliseconds.
#[derive(Clone, Default)]
pub(super) struct Waits(Vec<f64>);

impl Waits {
    pub(super) fn push(&mut self, wait: Duration) {
        self.0.push(wait.as_secs_f64() * 1_000.0);
    }

    /// The wait that a share of `quantile` did not exceed; `None` without any.
    pub(super) fn quantile(self, quantile: f64) -> Option<f64> {
        quantile_of(self.0, quantile)
    }
}

/// The value that a share of `quantile` does not exceed; `None` without any.
pub(super) fn quantile_of(mut values: Vec<f64>, quantile: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * quantile).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(quantile_of(values.clone(), 0.5), Some(100.0));
        assert_eq!(quantile_of(values.clone(), 0.99), Some(198.0));
        assert_eq!(quantile_of(values, 1.0), Some(200.0));
        assert_eq!(quantile_of(Vec::new(), 0.5), None);
    }
}
