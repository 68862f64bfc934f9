//! Troubles, events and states, as the listener hears of them.

use super::*;
use crate::system_clock::SystemClock;

type Heard = Arc<Mutex<Vec<String>>>;

fn trouble(error_type: ErrorType, tracker: &'static str) -> Trouble {
    Trouble {
        error_type,
        tracker,
        error_code: None,
        error_info: String::new(),
        message: "searching: too many requests".to_owned(),
    }
}

fn health() -> SourceHealth {
    SourceHealth::new("Code42", Arc::new(SystemClock))
}

/// A health whose listener writes down, in short, what it hears.
fn listened(open_events: Vec<HealthEvent>) -> (SourceHealth, Heard) {
    let heard = Heard::default();
    let listener = {
        let heard = heard.clone();
        move |change| {
            let words = match change {
                HealthChange::State(Condition { state, error: None, .. }) => state.as_str().to_owned(),
                HealthChange::State(Condition { state, error: Some(error), .. }) => {
                    format!("{} {}", state.as_str(), error.tracker)
                }
                HealthChange::Opened(event) => format!("+{}", event.tracker),
                HealthChange::Closed(event) => format!("-{}", event.tracker),
            };
            heard.lock().expect("no panic under the lock").push(words);
        }
    };
    let clock = Arc::new(SystemClock);
    (SourceHealth::hosted("Code42", "source 7".to_owned(), open_events, clock, Box::new(listener)), heard)
}

fn take(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut *heard.lock().expect("no panic under the lock"))
}

const FILE_EVENTS: Part = Part::Stream(Stream::FileEvents);
const ALERTS: Part = Part::Stream(Stream::Alerts);

#[test]
fn a_source_is_in_error_until_every_trouble_is_over() {
    let health = health();
    health.reach(SourceState::Collecting);
    health.open(FILE_EVENTS, trouble(ErrorType::ThirdPartyGeneric, "Upstream"));
    health.open(FILE_EVENTS, trouble(ErrorType::FirstPartyGeneric, "SinkThrottled"));
    health.close(FILE_EVENTS, ErrorType::ThirdPartyGeneric);
    assert_eq!(health.state(), SourceState::Error);
    health.close(FILE_EVENTS, ErrorType::FirstPartyGeneric);
    assert_eq!(health.state(), SourceState::Collecting);
}

#[test]
fn one_trouble_is_open_per_part_and_error_type() {
    let health = health();
    for tracker in ["Upstream", "Timeout", "Upstream"] {
        health.open(ALERTS, trouble(ErrorType::ThirdPartyGeneric, tracker));
    }
    assert_eq!(health.troubles().len(), 1);
}

#[test]
fn one_event_is_open_for_each_error_type_however_many_parts_fail() {
    let (health, heard) = listened(Vec::new());
    health.reach(SourceState::Collecting);
    health.open(FILE_EVENTS, trouble(ErrorType::ThirdPartyGeneric, "Upstream"));
    health.open(ALERTS, trouble(ErrorType::ThirdPartyGeneric, "Timeout"));
    health.close(FILE_EVENTS, ErrorType::ThirdPartyGeneric);
    assert_eq!(health.open_events().len(), 1);
    health.close(ALERTS, ErrorType::ThirdPartyGeneric);
    assert!(health.open_events().is_empty());
    assert_eq!(
        take(&heard),
        ["Pending", "Collecting", "+Upstream", "Error Upstream", "Error Timeout", "-Upstream", "Collecting"]
    );
}

#[test]
fn the_state_shows_the_trouble_that_somebody_must_mend() {
    let (health, heard) = listened(Vec::new());
    health.open(FILE_EVENTS, trouble(ErrorType::ThirdPartyGeneric, "Upstream"));
    health.open(ALERTS, trouble(ErrorType::ThirdPartyConfig, "Scope"));
    assert_eq!(take(&heard)[1..], ["+Upstream", "Error Upstream", "+Scope", "Error Scope"]);
}

#[test]
fn a_trouble_that_goes_on_in_the_next_life_keeps_its_event() {
    let (first, _) = listened(Vec::new());
    first.open(FILE_EVENTS, trouble(ErrorType::ThirdPartyGeneric, "Upstream"));
    let left_open = first.open_events();
    let (second, heard) = listened(left_open.clone());
    second.begin(&[FILE_EVENTS, ALERTS]);
    second.open(FILE_EVENTS, trouble(ErrorType::ThirdPartyGeneric, "Timeout"));
    assert_eq!(second.open_events(), left_open);
    second.close(FILE_EVENTS, ErrorType::ThirdPartyGeneric);
    assert_eq!(take(&heard), ["Pending", "Error Timeout", "-Upstream", "Pending"]);
}

#[test]
fn a_trouble_that_is_over_in_the_next_life_is_closed_when_every_part_has_succeeded() {
    let (health, heard) = listened(Vec::new());
    health.open(ALERTS, trouble(ErrorType::ThirdPartyConfig, "Scope"));
    health.begin(&[FILE_EVENTS, ALERTS]);
    take(&heard);
    health.succeed(FILE_EVENTS);
    assert_eq!(take(&heard), ["Collecting"], "the other stream may still be refused");
    health.succeed(ALERTS);
    assert_eq!(take(&heard), ["-Scope"]);
}

#[test]
fn nothing_but_a_new_life_follows_on_the_end() {
    let (health, heard) = listened(Vec::new());
    health.open(ALERTS, trouble(ErrorType::ThirdPartyConfig, "Scope"));
    health.reach(SourceState::Stopping);
    health.succeed(FILE_EVENTS);
    assert_eq!(health.state(), SourceState::Stopping);
    health.close_all();
    assert_eq!(take(&heard)[1..], ["+Scope", "Error Scope", "Stopping", "-Scope"]);
}
