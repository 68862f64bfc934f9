//! A goal, what was measured of it, and whether it was met.

use crate::spread::Spread;

/// On which side of its limit a measure should lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Limit {
    AtMost,
    AtLeast,
}

/// A goal and its measure.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Goal {
    /// As in the list of goals.
    pub(crate) id: &'static str,
    pub(crate) measure: String,
    pub(crate) limit: Limit,
    pub(crate) bound: f64,
    pub(crate) unit: &'static str,
    pub(crate) measured: Spread,
}

impl Goal {
    /// A goal that is met by a small value.
    pub(crate) fn at_most(
        id: &'static str,
        measure: impl Into<String>,
        bound: f64,
        unit: &'static str,
        measured: Spread,
    ) -> Self {
        Self { id, measure: measure.into(), limit: Limit::AtMost, bound, unit, measured }
    }

    /// A goal that is met by a large value.
    pub(crate) fn at_least(
        id: &'static str,
        measure: impl Into<String>,
        bound: f64,
        unit: &'static str,
        measured: Spread,
    ) -> Self {
        Self { limit: Limit::AtLeast, ..Self::at_most(id, measure, bound, unit, measured) }
    }

    /// Met only when the whole spread lies on the right side.
    pub(crate) fn verdict(&self) -> &'static str {
        let holds = |value: f64| match self.limit {
            Limit::AtMost => value <= self.bound,
            Limit::AtLeast => value >= self.bound,
        };
        match (holds(self.measured.lowest) && holds(self.measured.highest), holds(self.measured.median)) {
            (true, _) => "met",
            (false, true) => "met by the median",
            (false, false) => "missed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(lowest: f64, median: f64, highest: f64) -> Goal {
        Goal::at_most("P1", "CPU", 1.5, "x", Spread { lowest, median, highest })
    }

    #[test]
    fn a_goal_is_met_when_no_run_misses_it() {
        assert_eq!(goal(1.0, 1.2, 1.5).verdict(), "met");
        assert_eq!(goal(1.0, 1.2, 1.6).verdict(), "met by the median");
        assert_eq!(goal(1.0, 1.6, 1.7).verdict(), "missed");
        assert_eq!(goal(f64::NAN, f64::NAN, f64::NAN).verdict(), "missed");
    }

    #[test]
    fn a_goal_can_ask_for_large_values() {
        let spread = Spread { lowest: 0.96, median: 0.98, highest: 1.0 };
        assert_eq!(Goal::at_least("P7", "throughput", 0.97, "x", spread).verdict(), "met by the median");
    }
}
