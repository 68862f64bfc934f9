//! An instant as people read it: how long ago, and the exact time on demand.

use std::fmt;
use std::time::Duration;

use askama::filters::HtmlSafe;
use incydr_core::timestamp::Timestamp;

/// An instant, seen from another. Written into a template it is a `<time>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    at: Timestamp,
    now: Timestamp,
}

/// It consists of digits and words of ours.
impl HtmlSafe for Moment {}

impl Moment {
    /// `at`, seen from `now`.
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { at, now }
    }

    /// How long ago it was or how soon it will be, in its largest unit: a page that is live changes no more often.
    pub fn relative(&self) -> String {
        let is_ahead = self.at > self.now;
        let distance = if is_ahead { self.at.since(self.now) } else { self.now.since(self.at) };
        match (in_largest_unit(distance), is_ahead) {
            (None, false) => "just now".to_owned(),
            (None, true) => "in a moment".to_owned(),
            (Some(text), false) => format!("{text} ago"),
            (Some(text), true) => format!("in {text}"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = Timestamp::from_millis(self.at.as_millis());
        write!(out, "<time datetime=\"{exact}\" title=\"{exact}\" data-relative>{}</time>", self.relative())
    }
}

/// As in `3 min`; nothing below a minute.
fn in_largest_unit(distance: Duration) -> Option<String> {
    const UNITS: [(&str, u64); 3] = [("d", 86_400), ("h", 3_600), ("min", 60)];
    let seconds = distance.as_secs();
    let (unit, size) = UNITS.into_iter().find(|(_, size)| seconds >= *size)?;
    Some(format!("{} {unit}", seconds / size))
}

/// How far something is behind, in its two largest units: `850 ms`, `12 s`, `3 min 5 s`, `2 d 4 h`.
pub fn lag_text(lag: Duration) -> String {
    let seconds = lag.as_secs();
    match seconds {
        0 => format!("{} ms", lag.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_in_its_largest_unit() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let told = |seconds: i64| {
            Moment::new(Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000), now).relative()
        };
        assert_eq!(
            [-100_000, -3_600, -3_599, -59, 0, 59, 61, 7_200].map(told),
            ["1 d ago", "1 h ago", "59 min ago", "just now", "just now", "in a moment", "in 1 min", "in 2 h"]
        );
    }

    #[test]
    fn the_exact_time_stands_beside_it() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        let shown = Moment::new(at, at).to_string();
        assert!(shown.contains("datetime=\"2023-11-14T22:13:20.123Z\""), "{shown}");
    }
}
