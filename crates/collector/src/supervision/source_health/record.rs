//! What is told of a source's well-being: its condition, and its health events.

use incydr_core::health::{ErrorType, SourceState, StateRecord, Trouble};
use incydr_core::timestamp::Timestamp;

/// The state of a source with the whole of what is wrong; a [`StateRecord`] is what is kept of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// The state as the specification names it.
    pub state: SourceState,
    /// What is wrong; only in `Error`, and always there.
    pub error: Option<Trouble>,
    /// When the source came into this state, or when the error became this one.
    pub since: Timestamp,
}

impl From<&Condition> for StateRecord {
    fn from(condition: &Condition) -> Self {
        match &condition.error {
            Some(trouble) => Self::error(trouble, condition.since),
            None => Self::well(condition.state, condition.since),
        }
    }
}

/// Something that an operator must know. At most one is open for each error type of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthEvent {
    /// Names this event for ever, in the form of a UUID.
    pub id: String,
    /// Who must act.
    pub error_type: ErrorType,
    /// The stable name of the trouble that opened it, as in `RateLimited`.
    pub tracker: String,
    /// The same for people, as in `Rate limited`.
    pub error: String,
    /// The whole sentence.
    pub description: String,
    /// The HTTP status of the answer, where there was one.
    pub error_code: Option<u16>,
    /// The answer's own words, as in `{"error":"invalid_client"}`.
    pub error_info: String,
    /// When it was opened.
    pub opened: Timestamp,
}

/// How the well-being of a source changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HealthChange {
    /// The source came into another state, or its error became another one.
    State(Condition),
    /// The first trouble of its type began.
    Opened(HealthEvent),
    /// The last trouble of its type is over.
    Closed(HealthEvent),
}

impl HealthEvent {
    /// The event that `trouble` opens at `now`. `source` tells apart sources that fail at the same instant.
    pub(super) fn of(source: &str, trouble: &Trouble, now: Timestamp) -> Self {
        Self {
            id: id_of(source, trouble, now),
            error_type: trouble.error_type,
            tracker: trouble.tracker.to_owned(),
            error: words_of(trouble.tracker),
            description: trouble.message.clone(),
            error_code: trouble.error_code,
            error_info: trouble.error_info.clone(),
            opened: now,
        }
    }
}

fn id_of(source: &str, trouble: &Trouble, now: Timestamp) -> String {
    uuid_of(&format!("{source}\n{}\n{}", trouble.error_type.event_name(), now.as_nanos()))
}

/// A UUID of version 8, whose bits we choose: a hash of `name`, which is what makes something unique.
pub(crate) fn uuid_of(name: &str) -> String {
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let hex = hash.as_str();
    format!("{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// `RateLimited` as `Rate limited`.
fn words_of(tracker: &str) -> String {
    let mut words = String::with_capacity(tracker.len() + 4);
    for (index, character) in tracker.char_indices() {
        if index > 0 && character.is_ascii_uppercase() {
            words.push(' ');
            words.push(character.to_ascii_lowercase());
        } else {
            words.push(character);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(error_type: ErrorType) -> Trouble {
        Trouble {
            error_type,
            tracker: "RateLimited",
            error_code: Some(429),
            error_info: String::new(),
            message: "searching: too many requests".to_owned(),
        }
    }

    #[test]
    fn an_event_has_an_id_in_the_form_of_a_uuid_that_nothing_else_shares() {
        let (now, later) =
            (Timestamp::from_millis(1_768_000_000_000), Timestamp::from_millis(1_768_000_000_001));
        let event = HealthEvent::of("source 7", &trouble(ErrorType::ThirdPartyGeneric), now);
        let groups: Vec<_> = event.id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!((&event.id[14..15], &event.id[19..20]), ("8", "a"));
        assert_eq!(event.error, "Rate limited");
        for other in [
            HealthEvent::of("source 8", &trouble(ErrorType::ThirdPartyGeneric), now),
            HealthEvent::of("source 7", &trouble(ErrorType::FirstPartyGeneric), now),
            HealthEvent::of("source 7", &trouble(ErrorType::ThirdPartyGeneric), later),
        ] {
            assert_ne!(event.id, other.id);
        }
    }
}
