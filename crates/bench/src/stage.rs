//! The servers of one run, seen from outside.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;

use crate::bench_error::BenchError;
use crate::load::Load;
use crate::server::{Addresses, Verdict};

/// A running process of servers; it ends when this is dropped.
pub(crate) struct Stage {
    pub(crate) addresses: Addresses,
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Stage {
    /// Starts the servers and waits until they are ready.
    pub(crate) fn set(load: Load) -> Result<Self, BenchError> {
        const ATTEMPT: &str = "starting the servers";
        let program = std::env::current_exe().map_err(BenchError::at(ATTEMPT))?;
        let mut process = Command::new(program)
            .arg("serve")
            .args(load.to_arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(BenchError::at(ATTEMPT))?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(unexpected(ATTEMPT, "a process without pipes"));
        };
        let mut answers = BufReader::new(answers);
        let addresses = read(&mut answers, ATTEMPT)?;
        Ok(Self { addresses, process, questions, answers })
    }

    /// Asks what arrived.
    pub(crate) fn verdict(&mut self) -> Result<Verdict, BenchError> {
        const ATTEMPT: &str = "asking the servers what arrived";
        self.questions.write_all(b"verdict\n").map_err(BenchError::at(ATTEMPT))?;
        read(&mut self.answers, ATTEMPT)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It would end with its standard input as well, but it must be gone before the next run begins.
        if self.process.kill().is_ok() {
            self.process.wait().map(drop).unwrap_or_default();
        }
    }
}

fn read<T: DeserializeOwned>(answers: &mut impl BufRead, attempt: &str) -> Result<T, BenchError> {
    let mut line = String::new();
    answers.read_line(&mut line).map_err(BenchError::at(attempt))?;
    serde_json::from_str(&line).map_err(|_| unexpected(attempt, &line))
}

fn unexpected(attempt: &str, answer: &str) -> BenchError {
    BenchError::Unexpected { attempt: attempt.to_owned(), answer: answer.to_owned() }
}
