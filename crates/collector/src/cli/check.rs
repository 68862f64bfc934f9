//! `check`: tries a source and its destinations without collecting anything.
//!
//! The table on standard output says what works and, for what does not, the answer and what to do.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::Connections;
use incydr_client::rate_limit::RateBudget;

use super::options::CheckOptions;
use crate::assembly::{Door, client_of, sumo_of};
use crate::collect_plan::{CheckPlan, Compression};
use crate::failure::Failure;
use crate::printable::printable;
use crate::source_check::{Finding, SourceCheck, remedy, try_destination};
use crate::system_clock::SystemClock;

/// A token, a record, and once more each after a token was refused: no more requests follow on each other, each of
/// which has a limit of its own.
const REQUESTS_IN_A_ROW: u32 = 4;

/// Tries what the options name; everything in them is judged before anything is sent.
pub async fn run(options: CheckOptions) -> Result<(), Failure> {
    let plan = options.plan()?;
    let budget = Arc::new(RateBudget::in_memory(plan.pace.per_minute.get()));
    let client = Arc::new(client_of(&plan.source, plan.pace, &Connections::default(), budget)?);
    let patience = plan.pace.request_timeout * REQUESTS_IN_A_ROW;
    let mut findings = SourceCheck::new(&plan.source, client, &SystemClock, patience).run().await;
    findings.extend(destinations(&plan, patience).await?);
    print(&findings);
    match findings.iter().filter(|finding| finding.outcome.is_err()).count() {
        0 => Ok(()),
        1 => Err(Failure::mistake("1 check failed; the table says what to do")),
        failed => Err(Failure::mistake(format!("{failed} checks failed; the table says what to do"))),
    }
}

async fn destinations(plan: &CheckPlan, patience: Duration) -> Result<Vec<Finding>, Failure> {
    let doors = Door::open_all(&plan.destinations, |url| sumo_of(&plan.source, url, Compression::Gzip))?;
    let mut findings = Vec::new();
    for (address, door) in plan.destinations.iter().zip(&doors) {
        findings.push(try_destination(address.shown(), door, &SystemClock, patience).await);
    }
    Ok(findings)
}

#[expect(clippy::print_stdout, reason = "the table is what the verb is for")]
fn print(findings: &[Finding]) {
    let rows: Vec<_> = findings.iter().map(|finding| (finding.tried.to_string(), &finding.outcome)).collect();
    let width = rows.iter().map(|(tried, _)| tried.chars().count()).max().unwrap_or(0);
    for (tried, outcome) in rows {
        let tried = printable(&tried);
        match outcome {
            Ok(found) => println!("ok      {tried:<width$}  {found}"),
            Err(trouble) => {
                println!("FAILED  {tried:<width$}  {}", printable(&trouble.message));
                println!("        {:<width$}  {}", "", remedy(trouble));
            }
        }
    }
}

impl CheckOptions {
    /// Judges the options; reads the source and its secrets, and nothing else.
    pub fn plan(self) -> Result<CheckPlan, Failure> {
        let destinations = self.destinations.addresses()?;
        let source = self.source.read()?;
        Ok(CheckPlan { destinations, pace: self.pace.pace(&source)?, source })
    }
}
