//! Standard error, shared by log lines and progress bars so that neither tears the other.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

/// Standard error. Clones are the same screen.
#[derive(Clone, Debug)]
pub struct Screen {
    bars: MultiProgress,
    shows_bars: bool,
}

impl Screen {
    /// The screen of this process; bars are shown if they are `wanted` and standard error is a terminal.
    pub fn of_process(wanted: bool) -> Self {
        if wanted && io::stderr().is_terminal() {
            let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            Self { bars, shows_bars: true }
        } else {
            Self::without_bars()
        }
    }

    /// A screen that shows lines only.
    pub fn without_bars() -> Self {
        Self { bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()), shows_bars: false }
    }

    /// Whether bars are seen at all.
    pub fn shows_bars(&self) -> bool {
        self.shows_bars
    }

    /// Adds a bar below the others.
    pub fn add(&self, bar: ProgressBar) -> ProgressBar {
        self.bars.add(bar)
    }

    /// Writes `text` above the bars. Standard error that is gone is no reason to stop collecting.
    pub fn write(&self, text: &str) {
        self.bars.suspend(|| io::stderr().lock().write_all(text.as_bytes())).unwrap_or_default();
    }
}
