//! Figures over time as columns, with axes.
//!
//! Only the columns are SVG, which is stretched to the room that there is; what stands at the axes is text of the page,
//! so that it is as large as any other.

use std::fmt;
use std::time::Duration;

use askama::filters::HtmlSafe;
use incydr_core::timestamp::Timestamp;

use crate::figures::{bytes, grouped, latency};

/// The field in which the columns stand, each of them ten units wide.
const HEIGHT: u128 = 100;
const STEP: usize = 10;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the values of a chart are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Things that are counted.
    Count,
    /// Bytes.
    Bytes,
    /// Microseconds of a request; of several it is the mean that counts.
    Latency,
}

/// A chart of one column for each span of time, the oldest first. Written into a template it is a `<figure>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    /// What is shown, as in `Events a minute`.
    pub title: String,
    /// What the values are.
    pub unit: Unit,
    /// The values; `None` where there is nothing to tell of a span.
    pub values: Vec<Option<u64>>,
    /// When the first span begins.
    pub begin: Timestamp,
    /// How long each span is.
    pub span: Duration,
    /// What the values should not exceed, shown as a line.
    pub limit: Option<u64>,
}

/// It consists of digits and words of ours.
impl HtmlSafe for Columns {}

impl Unit {
    fn show(self, value: u64) -> String {
        match self {
            Self::Count => grouped(value),
            Self::Bytes => bytes(value),
            Self::Latency => latency(value),
        }
    }

    /// What the upper edge of a chart is at least.
    const fn least(self) -> u64 {
        match self {
            Self::Count | Self::Bytes => 2,
            Self::Latency => 2_000,
        }
    }
}

impl Columns {
    /// All values in a few words, for those who cannot see them and those in a hurry.
    fn summary(&self) -> String {
        let values: Vec<u64> = self.values.iter().copied().flatten().collect();
        let (sum, most) = (values.iter().fold(0_u64, |sum, value| sum.saturating_add(*value)), self.most());
        let limit = self.limit.map(|limit| format!(" of {}", self.unit.show(limit))).unwrap_or_default();
        match (values.len() as u64, self.unit) {
            (0, _) => "nothing to tell".to_owned(),
            (_, _) if self.limit.is_some() => format!("at most {}{limit}", self.unit.show(most)),
            (count, Unit::Latency) => {
                format!("{} on average, at most {}", latency(sum / count), latency(most))
            }
            _ => format!("{} in all, at most {}", self.unit.show(sum), self.unit.show(most)),
        }
    }

    fn most(&self) -> u64 {
        self.values.iter().copied().flatten().max().unwrap_or(0)
    }

    /// When the span with this index begins.
    fn instant(&self, index: usize) -> Timestamp {
        self.begin.plus(self.span.saturating_mul(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// An instant at the axis: the day alone where a whole day is narrow.
    fn mark(&self, index: usize) -> String {
        let text = self.instant(index).to_string();
        let whole = self.span.saturating_mul(u32::try_from(self.values.len()).unwrap_or(u32::MAX));
        let place = if whole > DAY { 5..10 } else { 11..16 };
        text.get(place).unwrap_or_default().to_owned()
    }

    fn columns(&self, top: u64) -> String {
        let column = |(index, value): (usize, &Option<u64>)| {
            let value = value.filter(|value| *value > 0)?;
            let height = (u128::from(value) * HEIGHT / u128::from(top)).max(1);
            Some(format!("M{} {HEIGHT}v-{height}h8v{height}z", index * STEP + 1))
        };
        self.values.iter().enumerate().filter_map(column).collect()
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, unit, .. } = self;
        let (count, summary) = (self.values.len(), self.summary());
        let (first, middle) = (self.mark(0), self.mark(count / 2));
        let top = ceiling(self.most().max(self.limit.unwrap_or(0)).max(unit.least()));
        let width = count * STEP;
        write!(
            out,
            "<figure class=\"chart\"><figcaption><b>{title}</b> <span>{summary}</span></figcaption>\
             <div class=\"scale\" aria-hidden=\"true\"><span>{}</span><span>{}</span><span>0</span></div>\
             <svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-label=\"{title} from {first} UTC until now: {summary}\">\
             <path class=\"grid\" d=\"M0 0H{width}M0 50H{width}M0 {HEIGHT}H{width}\"/>\
             <path class=\"columns\" d=\"{}\"/>",
            unit.show(top),
            unit.show(top / 2),
            self.columns(top)
        )?;
        if let Some(limit) = self.limit {
            let height = HEIGHT - u128::from(limit) * HEIGHT / u128::from(top);
            write!(out, "<path class=\"limit\" d=\"M0 {height}H{width}\"/>")?;
        }
        write!(
            out,
            "</svg><div class=\"times\" aria-hidden=\"true\">\
             <span>{first} UTC</span><span>{middle}</span><span>now</span></div></figure>"
        )
    }
}

/// The least even figure with one digit and zeros, or ten with zeros, that is not below `most`: it has a half as plain.
fn ceiling(most: u64) -> u64 {
    let mut size = 1_u64;
    while size.saturating_mul(10) < most {
        size = size.saturating_mul(10);
    }
    let fits = [2, 4, 6, 8, 10].into_iter().map(|digit: u64| digit.saturating_mul(size));
    fits.into_iter().find(|top| *top >= most).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chart(unit: Unit, values: Vec<Option<u64>>) -> Columns {
        let (begin, span) = (Timestamp::from_millis(1_700_000_000_000), Duration::from_secs(60));
        Columns { title: "Events a minute".to_owned(), unit, values, begin, span, limit: None }
    }

    #[test]
    fn a_chart_says_in_words_what_it_shows() {
        let shown = chart(Unit::Count, vec![Some(1_000), None, Some(0), Some(500)]).to_string();
        for part in [
            "Events a minute from 22:13 UTC until now: 1,500 in all, at most 1,000",
            "<span>1,000</span><span>500</span><span>0</span>",
            "<span>22:13 UTC</span><span>22:15</span><span>now</span>",
            "M1 100v-100h8v100zM31 100v-50h8v50z",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(chart(Unit::Bytes, vec![None; 3]).to_string().contains("nothing to tell"));
        let latencies = chart(Unit::Latency, vec![Some(1_000), None, Some(3_000)]).to_string();
        assert!(latencies.contains("2 ms on average, at most 3 ms"), "{latencies}");
    }

    #[test]
    fn a_limit_is_a_line_that_is_always_in_view() {
        let shown = Columns { limit: Some(120), ..chart(Unit::Count, vec![Some(30)]) }.to_string();
        assert!(
            shown.contains("class=\"limit\" d=\"M0 40H10\"") && shown.contains("at most 30 of 120"),
            "{shown}"
        );
    }

    #[test]
    fn a_week_is_marked_with_days() {
        let week = Columns { span: Duration::from_secs(7_200), ..chart(Unit::Count, vec![Some(1); 84]) };
        assert!(week.to_string().contains("<span>11-14 UTC</span><span>11-18</span>"), "{week}");
    }

    proptest! {
        #[test]
        fn the_ceiling_is_not_below_and_not_far_above(most in 0..u64::MAX / 100) {
            let top = ceiling(most);
            prop_assert!(top >= most.max(2) && top.is_multiple_of(2));
            prop_assert!(most < 2 || top <= most.saturating_mul(2) + 2);
        }

        #[test]
        fn no_figures_are_too_odd(values in proptest::collection::vec(any::<Option<u64>>(), 0..5), limit in any::<Option<u64>>()) {
            let shown = Columns { limit, ..chart(Unit::Count, values) }.to_string();
            prop_assert!(shown.ends_with("</figure>"));
        }
    }
}
