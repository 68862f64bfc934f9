//! The log: one line per event on standard error, as text for people or as JSON for programs.
//!
//! Two rules hold whatever is logged. Text of others cannot act on the terminal or begin a new line, because every
//! line is escaped as a whole on its way out. And the libraries below us are never logged in detail, at any level,
//! because their details hold headers and addresses (I10).

use std::borrow::Cow;
use std::io;

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, fmt};

use crate::printable::{acts_on_the_reader, printable};
use crate::screen::Screen;

/// The targets of our own crates begin with this.
const OUR_CRATES: &str = "incydr_";

/// What a log line looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum LogFormat {
    /// One line of text.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// The least important events that are logged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum LogLevel {
    /// Only what stops something.
    Error,
    /// Also what somebody should look at.
    Warn,
    /// Also the course of things.
    #[default]
    Info,
    /// Also single requests and decisions.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// Starts logging to `screen` for the whole process; fails when logging was started before.
pub fn start(format: LogFormat, level: LogLevel, screen: &Screen) -> Result<(), SetGlobalDefaultError> {
    let screen = screen.clone();
    let sink = move |line: &str| screen.write(line);
    tracing::subscriber::set_global_default(subscriber(format, level, sink))
}

fn subscriber(
    format: LogFormat,
    level: LogLevel,
    sink: impl Fn(&str) + Clone + Send + Sync + 'static,
) -> impl tracing::Subscriber + Send + Sync {
    let writer = LineWriter { format, sink };
    let lines = match format {
        LogFormat::Text => fmt::layer().with_writer(writer).with_ansi(false).with_target(false).boxed(),
        LogFormat::Json => fmt::layer().with_writer(writer).json().flatten_event(true).boxed(),
    };
    let ours = level.filter();
    let targets = Targets::new().with_default(ours.min(LevelFilter::WARN)).with_target(OUR_CRATES, ours);
    tracing_subscriber::registry().with(lines.with_filter(targets))
}

/// Takes whole log lines, makes them harmless and hands them on.
#[derive(Clone)]
struct LineWriter<S> {
    format: LogFormat,
    sink: S,
}

impl<S: Fn(&str)> io::Write for LineWriter<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let harmless = match self.format {
            LogFormat::Text => printable(line),
            LogFormat::Json => printable_json(line),
        };
        (self.sink)(&format!("{harmless}\n"));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a, S: Fn(&str) + Clone + 'a> MakeWriter<'a> for LineWriter<S> {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// As [`printable`], with the escapes of JSON: what acts on the reader stands only inside strings there.
fn printable_json(line: &str) -> Cow<'_, str> {
    if !line.contains(acts_on_the_reader) {
        return Cow::Borrowed(line);
    }
    let mut units = [0; 2];
    Cow::Owned(line.chars().fold(String::with_capacity(line.len() + 16), |mut shown, character| {
        if acts_on_the_reader(character) {
            let escapes = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
            shown.extend(escapes);
        } else {
            shown.push(character);
        }
        shown
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn logged(format: LogFormat, level: LogLevel, log: impl FnOnce()) -> String {
        let lines = Arc::new(Mutex::new(String::new()));
        let sink = {
            let lines = lines.clone();
            move |line: &str| lines.lock().expect("lines").push_str(line)
        };
        tracing::subscriber::with_default(subscriber(format, level, sink), log);
        lines.lock().expect("lines").clone()
    }

    const HOSTILE: &str = "a\u{1b}[2J\r\nb\u{9b}31m\u{202e}\u{e0041}";

    #[test]
    fn an_event_is_one_line_of_text_whatever_the_vendor_wrote() {
        let text = logged(LogFormat::Text, LogLevel::Info, || {
            tracing::warn!(info = HOSTILE, debug = ?HOSTILE, shown = %HOSTILE, "answer: {HOSTILE}");
        });
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(!text.trim_end().contains(acts_on_the_reader), "{text:?}");
    }

    #[test]
    fn an_event_is_one_json_object_whatever_the_vendor_wrote() {
        let text = logged(LogFormat::Json, LogLevel::Info, || {
            tracing::warn!(info = HOSTILE, events = 3, "answer");
        });
        assert!(!text.trim_end().contains(acts_on_the_reader), "{text:?}");
        let event: serde_json::Value = serde_json::from_str(&text).expect("json");
        assert_eq!(event["info"], HOSTILE);
        assert_eq!((&event["events"], &event["level"]), (&3.into(), &"WARN".into()));
    }

    #[test]
    fn libraries_are_never_logged_in_detail() {
        let text = logged(LogFormat::Text, LogLevel::Trace, || {
            tracing::trace!(target: "hyper::proto", "authorization: Bearer canary");
            tracing::info!(target: "reqwest", "https://h/receiver/v1/http/canary");
            tracing::warn!(target: "sqlx", "slow statement");
            tracing::trace!(target: "incydr_client", "ours");
        });
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains("slow statement") && text.contains("ours"), "{text}");
    }

    #[test]
    fn the_level_is_the_least_important_that_is_logged() {
        let log = || {
            tracing::info!("course");
            tracing::error!("end");
        };
        assert_eq!(logged(LogFormat::Text, LogLevel::Error, log).lines().count(), 1);
        assert_eq!(logged(LogFormat::Text, LogLevel::Info, log).lines().count(), 2);
    }
}
