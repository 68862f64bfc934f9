//! A measure over several runs.

/// The lowest, the middle and the highest value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Spread {
    pub(crate) lowest: f64,
    pub(crate) median: f64,
    pub(crate) highest: f64,
}

impl Spread {
    /// Of these values; not a number without any.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
        Self {
            lowest: at(0),
            median: f64::midpoint(at(low), at(high)),
            highest: at(values.len().saturating_sub(1)),
        }
    }
}

/// Ratios of runs that took turns: the first of the one to the first of the other, and so on.
pub(crate) fn ratios<R>(one: &[R], other: &[R], measure: impl Fn(&R) -> f64) -> Spread {
    Spread::of(one.iter().zip(other).map(|(one, other)| measure(one) / measure(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle_of_sorted_values() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { lowest: 1.0, median: 2.0, highest: 3.0 });
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert_eq!(Spread::of([7.0]), Spread { lowest: 7.0, median: 7.0, highest: 7.0 });
        assert!(Spread::of([]).median.is_nan());
    }

    #[test]
    fn ratios_pair_the_runs_that_were_neighbors() {
        let ratios = ratios(&[2.0, 9.0], &[1.0, 3.0], |&value| value);
        assert_eq!(ratios, Spread { lowest: 2.0, median: 2.5, highest: 3.0 });
    }
}
