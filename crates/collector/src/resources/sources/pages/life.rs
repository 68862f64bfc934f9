//! The states of a source as a line of time: those of its present life as steps, and the last ones as a list.

use incydr_core::health::{SourceState, StateRecord};
use incydr_core::timestamp::Timestamp;

use crate::pages::{Moment, lag_text, state_class};
use crate::printable::printable;

/// What a source passes through until it collects.
const WAY: [SourceState; 5] = [
    SourceState::Pending,
    SourceState::Started,
    SourceState::Initialized,
    SourceState::Authenticated,
    SourceState::Collecting,
];

/// A step of the present life.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Step {
    /// The name of the state.
    pub(super) name: &'static str,
    /// `done`, `current`, `ahead`, or `bad` for an error that lasts.
    pub(super) class: &'static str,
    /// When it was reached last.
    pub(super) reached: Option<Moment>,
}

/// A state as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ShownState {
    /// Its name.
    pub(super) name: &'static str,
    /// Its color; what lies between Collecting and Error has none.
    pub(super) class: &'static str,
    /// Since when it lasts or lasted.
    pub(super) since: Moment,
    /// How long it lasted; `None` for the last one.
    pub(super) lasted: Option<String>,
    /// The status of the answer, where one was the reason.
    pub(super) error_code: Option<u16>,
    /// What was wrong; empty when nothing was.
    pub(super) error_info: String,
}

/// The steps of the present life of a source that is in `state`, and came there by `history`, newest first.
pub(super) fn steps(state: &StateRecord, history: &[StateRecord], now: Timestamp) -> Vec<Step> {
    let began = history.iter().position(|past| past.state == SourceState::Pending);
    let life = &history[..began.map_or(history.len(), |at| at + 1)];
    let reached = |wanted: SourceState| {
        let known = [state].into_iter().chain(life).find(|past| past.state == wanted);
        known.map(|past| Moment::new(past.since, now))
    };
    let furthest = WAY.iter().rposition(|passed| reached(*passed).is_some());
    let class = |index: usize, passed: SourceState| match furthest {
        _ if passed == state.state => "current",
        Some(furthest) if index <= furthest => "done",
        Some(_) | None => "ahead",
    };
    let on_the_way = WAY.into_iter().enumerate().map(|(index, passed)| Step {
        name: passed.as_str(),
        class: class(index, passed),
        reached: reached(passed),
    });
    let beside = (!WAY.contains(&state.state)).then(|| Step {
        name: state.state.as_str(),
        class: "bad",
        reached: Some(Moment::new(state.since, now)),
    });
    on_the_way.chain(beside).collect()
}

/// All states of `history`, newest first.
pub(super) fn states(history: &[StateRecord], now: Timestamp) -> Vec<ShownState> {
    let ends = [None].into_iter().chain(history.iter().map(|later| Some(later.since)));
    let shown = |(past, end): (&StateRecord, Option<Timestamp>)| ShownState {
        lasted: end.map(|end| lag_text(end.since(past.since))),
        ..ShownState::of(past, now)
    };
    history.iter().zip(ends).map(shown).collect()
}

impl ShownState {
    /// The state that lasts.
    pub(super) fn of(state: &StateRecord, now: Timestamp) -> Self {
        Self {
            name: state.state.as_str(),
            class: state_class(state.state),
            since: Moment::new(state.since, now),
            lasted: None,
            error_code: state.error_code,
            error_info: printable(state.error_info.as_deref().unwrap_or_default()).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    /// One state a minute, the newest first.
    fn history(states: &[SourceState]) -> Vec<StateRecord> {
        let minutes = (1..=states.len() as i64).rev();
        states.iter().zip(minutes).map(|(state, minute)| StateRecord::well(*state, at(minute * 60))).collect()
    }

    fn classes(states: &[SourceState]) -> Vec<&'static str> {
        let history = history(states);
        steps(&history[0], &history, at(600)).into_iter().map(|step| step.class).collect()
    }

    #[test]
    fn the_steps_are_those_of_the_present_life() {
        use SourceState::{Authenticated, Collecting, Error, Initialized, Pending, Started, Stopping};
        let (done, ahead) = ("done", "ahead");
        assert_eq!(classes(&[Pending, Collecting]), ["current", ahead, ahead, ahead, ahead]);
        assert_eq!(
            classes(&[Collecting, Authenticated, Initialized, Started, Pending]),
            [done, done, done, done, "current"]
        );
        assert_eq!(classes(&[Error, Initialized, Started, Pending]), [done, done, done, ahead, ahead, "bad"]);
        assert_eq!(classes(&[Stopping, Collecting]), [done, done, done, done, done, "bad"]);
    }

    #[test]
    fn a_past_state_lasted_until_the_next_one() {
        let shown = states(&history(&[SourceState::Collecting, SourceState::Error]), at(600));
        assert_eq!([shown[0].lasted.as_deref(), shown[1].lasted.as_deref()], [None, Some("1 min 0 s")]);
    }
}
