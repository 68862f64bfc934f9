//! The bar of one stream on a terminal: events, events per second, position in the window, lag.

use incydr_core::notice::Notice;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Glance;
use super::tally::StreamTally;
use crate::figures::grouped;
use crate::screen::Screen;
use crate::span::show_span;

const TEMPLATE: &str = "{prefix:<10} {bar:14} {percent:>3}%  {wide_msg}";

/// A line on the screen that is drawn again and again.
pub(super) struct StreamBar {
    bar: ProgressBar,
    trouble: Option<&'static str>,
}

impl StreamBar {
    pub(super) fn new(stream: Stream, screen: &Screen) -> Self {
        let bar = screen.add(ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::hidden()));
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(stream.as_str());
        Self { bar, trouble: None }
    }

    pub(super) fn take(&mut self, notice: &Notice, tally: &StreamTally, glance: &Glance) {
        match notice {
            Notice::Trouble(trouble) => self.trouble = Some(trouble.tracker),
            Notice::Recovered => self.trouble = None,
            Notice::WindowOpened { .. }
            | Notice::PageFetched { .. }
            | Notice::Acknowledged { .. }
            | Notice::Duplicates { .. }
            | Notice::Excluded { .. }
            | Notice::DeadLettered { .. }
            | Notice::Oversize { .. }
            | Notice::RequestFailed
            | Notice::WindowClosed { .. } => {}
        }
        self.bar.set_position(glance.walked_permille);
        self.bar.set_message(message(tally, glance, self.trouble));
    }

    pub(super) fn remove(&self) {
        self.bar.finish_and_clear();
    }
}

/// The most important comes first, because a narrow terminal cuts the end.
fn message(tally: &StreamTally, glance: &Glance, trouble: Option<&str>) -> String {
    let mut parts =
        vec![format!("{} events", grouped(tally.acknowledged)), format!("{}/s", grouped(glance.per_second))];
    parts.extend(trouble.map(|tracker| format!("retrying: {tracker}")));
    parts.extend(glance.lag.map(|lag| format!("lag {}", show_span(lag))));
    if tally.excluded > 0 {
        parts.push(format!("{} excluded", grouped(tally.excluded)));
    }
    if tally.dead_letters > 0 {
        parts.push(format!("{} dead letters", grouped(tally.dead_letters)));
    }
    parts.extend(glance.reached.map(|reached| format!("at {}", minute(reached))));
    parts.join("  ")
}

/// A time to the minute, as in `2025-01-28 10:00`.
fn minute(time: Timestamp) -> String {
    time.to_string().replace('T', " ").chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bar_tells_events_pace_position_lag_and_trouble() {
        let tally =
            StreamTally { acknowledged: 12_345, excluded: 1_000, dead_letters: 2, ..StreamTally::default() };
        let glance = Glance {
            per_second: 1_234,
            reached: Timestamp::parse(b"2025-01-28T10:00:30Z"),
            lag: Some(Duration::from_secs(3_660)),
            walked_permille: 500,
        };
        let expected = "12,345 events  1,234/s  retrying: RateLimited  lag 1h 1m  1,000 excluded  2 dead letters  \
                        at 2025-01-28 10:00";
        assert_eq!(message(&tally, &glance, Some("RateLimited")), expected);
    }

    #[test]
    fn the_bar_s_template_is_valid() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
