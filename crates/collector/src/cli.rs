//! The command line: reads the arguments, starts the log, runs one verb, and says how it ended.
//!
//! Data goes to standard output and everything else to standard error. The exit code is 0 for success, 1 for a
//! mistake of the user (also in the arguments themselves), 2 for a failure of ours.

pub mod check;
pub mod client;
pub mod collect;
pub mod demo;
pub mod offline;
pub mod options;
pub mod run;
pub mod simulate;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use crate::configuration::LogSettings;
use crate::core_dumps;
use crate::destination_address::mask_receiver_codes;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::screen::Screen;
use crate::telemetry::{self, LogFormat};

use self::options::{Options, Verb};

/// Compression and files take turns on so many threads; each more would keep a heap of its own.
const MAX_BLOCKING_THREADS: usize = 8;

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => return end_without_verb(&error),
    };
    let screen = Screen::of_process(wants_bars(&options));
    match start(options, &screen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen.write(&failure.report());
            failure.kind.exit_code()
        }
    }
}

fn start(options: Options, screen: &Screen) -> Result<(), Failure> {
    let Options { verb, log } = options;
    let settings = log.over(LogSettings::default());
    match verb {
        Verb::Run(options) => {
            let configuration = options.configuration(log)?;
            in_runtime(configuration.log, screen, run::run(configuration))
        }
        Verb::Config(options) => run::print(&options.configuration(log)?),
        Verb::Status(options) => in_runtime(settings, screen, client::status(options)),
        Verb::Collectors(options) => in_runtime(settings, screen, client::collectors(options)),
        Verb::Sources(options) => in_runtime(settings, screen, client::sources(options)),
        Verb::Health(options) => in_runtime(settings, screen, client::health(options)),
        Verb::Fields(options) => in_runtime(settings, screen, client::fields(options)),
        Verb::Keys(options) => in_runtime(settings, screen, client::keys(options)),
        Verb::Backfills(options) => in_runtime(settings, screen, client::backfills(options)),
        Verb::DeadLetters(options) => in_runtime(settings, screen, client::dead_letters(options)),
        Verb::RotateVaultKey(options) => in_runtime(settings, screen, offline::rotate_vault_key(options)),
        Verb::ResetAccess(options) => in_runtime(settings, screen, offline::reset_access(options)),
        Verb::Collect(options) => on_one_thread(settings, screen, collect::run(options, screen)),
        Verb::Check(options) => in_runtime(settings, screen, check::run(options)),
        Verb::Simulate(options) => in_runtime(settings, screen, simulate::run(options)),
        Verb::Demo(options) => in_runtime(settings, screen, demo::run(options, screen)),
    }
}

/// Starts the log and a runtime on all cores, and does `work` in them.
fn in_runtime(
    log: LogSettings,
    screen: &Screen,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    do_in(tokio::runtime::Builder::new_multi_thread(), log, screen, work)
}

/// The same where one source's work is all there is: one thread reads from the network and decodes faster than the
/// vendor's limit of requests lets pages come, and no chunk of a page has to wake another. What is slow, compressing
/// and the disk, has threads of its own.
fn on_one_thread(
    log: LogSettings,
    screen: &Screen,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    do_in(tokio::runtime::Builder::new_current_thread(), log, screen, work)
}

fn do_in(
    mut runtime: tokio::runtime::Builder,
    log: LogSettings,
    screen: &Screen,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    telemetry::start(log.format, log.level, screen)
        .map_err(|error| Failure::ours(format!("starting the log: {error}")))?;
    if let Err(error) = core_dumps::forbid() {
        tracing::warn!(%error, "a crash of this process may leave its memory in a file");
    }
    let runtime = runtime
        .enable_all()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()
        .map_err(|error| Failure::ours(format!("starting the runtime: {error}")))?;
    runtime.block_on(work)
}

/// Bars would tear JSON lines, and NDJSON that goes to the same terminal.
fn wants_bars(options: &Options) -> bool {
    let prints_events = match &options.verb {
        Verb::Collect(collect) => collect.destinations.names_stdout(),
        _ => false,
    };
    let format = options.log.format.unwrap_or_default();
    format == LogFormat::Text && !(prints_events && std::io::stdout().is_terminal())
}

/// Help and version are answers; everything else that clap says is about a mistake. What was typed is shown back
/// without credentials.
fn end_without_verb(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => FailureKind::Ours.exit_code(),
        };
    }
    let message = mask_receiver_codes(&error.render().to_string());
    let lines = message.lines().map(|line| format!("{}\n", printable(line)));
    Screen::without_bars().write(&lines.collect::<String>());
    FailureKind::UserMistake.exit_code()
}
