//! `check`: tries a source and its destinations without collecting anything.
//!
//! Authenticates, reads one record of each selected stream, and probes each destination. The table on standard output
//! says what works and, for what does not, the answer and what to do.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::{Client, Connections};
use incydr_client::rate_limit::RateBudget;
use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, Trouble};
use incydr_destinations::archive::Archive;
use incydr_destinations::stdout::Stdout;

use super::options::CheckOptions;
use crate::assembly::{alerts_api_of, client_of, sumo_of};
use crate::collect_plan::{CheckPlan, Compression};
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::figures::grouped;
use crate::printable::printable;
use crate::system_clock::SystemClock;

/// How far back a record of a stream is looked for.
const PROBED: Duration = Duration::from_secs(24 * 60 * 60);

/// One row of the table: what was tried, and how it ended.
struct Finding {
    tried: String,
    outcome: Result<String, Trouble>,
}

/// Tries what the options name; everything in them is judged before anything is sent.
pub async fn run(options: CheckOptions) -> Result<(), Failure> {
    let plan = options.plan()?;
    let budget = Arc::new(RateBudget::in_memory(plan.pace.per_minute.get()));
    let client = Arc::new(client_of(&plan.source, plan.pace, &Connections::default(), budget)?);
    let mut findings = vec![authentication(&client).await];
    if findings.iter().all(|finding| finding.outcome.is_ok()) {
        findings.extend(streams(&plan, &client).await);
    }
    findings.extend(destinations(&plan).await?);
    print(&findings);
    match findings.iter().filter(|finding| finding.outcome.is_err()).count() {
        0 => Ok(()),
        1 => Err(Failure::mistake("1 check failed; the table says what to do")),
        failed => Err(Failure::mistake(format!("{failed} checks failed; the table says what to do"))),
    }
}

async fn authentication(client: &Client) -> Finding {
    let outcome = client.authenticate().await;
    Finding {
        tried: "authentication".to_owned(),
        outcome: outcome.map(|()| "accepted".to_owned()).map_err(|error| Trouble::from(&error)),
    }
}

async fn streams(plan: &CheckPlan, client: &Arc<Client>) -> Vec<Finding> {
    let now = SystemClock.now();
    let mut findings = Vec::new();
    for stream in &plan.source.streams {
        let probe = client.probe(*stream, alerts_api_of(&plan.source), now.minus(PROBED), now).await;
        let visible = |records| match records {
            0 => "readable; nothing in the last 24 hours".to_owned(),
            _ => format!("readable; {} or more in the last 24 hours", grouped(records)),
        };
        let outcome = probe.map(visible).map_err(|error| Trouble::from(&error));
        findings.push(Finding { tried: stream.to_string(), outcome });
    }
    findings
}

async fn destinations(plan: &CheckPlan) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    for address in &plan.destinations {
        let probe = match address {
            DestinationAddress::Sumo { url, .. } => {
                sumo_of(&plan.source, url, Compression::Gzip)?.probe().await
            }
            DestinationAddress::Archive { dir } => Archive::new(dir, "check").probe().await,
            DestinationAddress::Stdout => Stdout::new().probe().await,
        };
        let outcome = probe.map(|()| "reachable".to_owned()).map_err(|error| Trouble::from(&error));
        findings.push(Finding { tried: address.shown(), outcome });
    }
    Ok(findings)
}

#[expect(clippy::print_stdout, reason = "the table is what the verb is for")]
fn print(findings: &[Finding]) {
    let width = findings.iter().map(|finding| finding.tried.chars().count()).max().unwrap_or(0);
    for Finding { tried, outcome } in findings {
        let tried = printable(tried);
        match outcome {
            Ok(found) => println!("ok      {tried:<width$}  {found}"),
            Err(trouble) => {
                println!("FAILED  {tried:<width$}  {}", printable(&trouble.message));
                println!("        {:<width$}  {}", "", remedy(trouble));
            }
        }
    }
}

fn remedy(trouble: &Trouble) -> &'static str {
    match (trouble.error_type, trouble.tracker) {
        (ErrorType::ThirdPartyConfig, "Scope") => {
            "give the API client the permission to read this, or leave it out of `dataCollection`"
        }
        (ErrorType::ThirdPartyConfig, _) => {
            "make sure that `baseURL` matches the domain you sign in to, and that `clientID` and `secretKey` are right"
        }
        (ErrorType::ThirdPartyGeneric, "Dns" | "Connect" | "Tls" | "Proxy") => {
            "make sure that this machine reaches the host, by DNS, firewall, proxy and certificates"
        }
        (ErrorType::ThirdPartyGeneric, _) => "try again later; `collect` retries this for ever",
        (ErrorType::FirstPartyGeneric, "SinkRejected") => {
            "copy the address of the HTTP source again; a regenerated one takes some minutes to work"
        }
        (ErrorType::FirstPartyGeneric, _) => {
            "make sure that this machine reaches the destination and may write there"
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
