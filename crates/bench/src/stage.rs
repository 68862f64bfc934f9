//! The servers of one run, seen from outside.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;

use crate::bench_error::BenchError;

/// A running process of servers, which say where they are by `A`; it ends when this is dropped.
pub(crate) struct Stage<A> {
    pub(crate) addresses: A,
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl<A: DeserializeOwned> Stage<A> {
    /// Starts our own program with `arguments`, as servers, and waits until they are ready.
    pub(crate) fn set(arguments: &[String]) -> Result<Self, BenchError> {
        const ATTEMPT: &str = "starting the servers";
        let program = std::env::current_exe().map_err(BenchError::at(ATTEMPT))?;
        let mut process = Command::new(program)
            .args(arguments)
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

    /// Asks the servers a question of one line.
    pub(crate) fn ask<V: DeserializeOwned>(&mut self, question: &str) -> Result<V, BenchError> {
        const ATTEMPT: &str = "asking the servers what happened";
        self.questions.write_all(format!("{question}\n").as_bytes()).map_err(BenchError::at(ATTEMPT))?;
        read(&mut self.answers, ATTEMPT)
    }
}

impl<A> Drop for Stage<A> {
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
