//! A backfill as a row of a table.

use incydr_core::timestamp::Timestamp;
use incydr_store::BackfillState;

use crate::figures::grouped;
use crate::pages::Moment;
use crate::printable::printable;
use crate::resources::backfills::BackfillView;
use crate::resources::streams::pages::title_of;

/// A backfill in words.
pub struct Row {
    /// Its number.
    pub id: u64,
    /// The name of its stream for people.
    pub stream: &'static str,
    /// The first instant.
    pub from: Edge,
    /// The last instant.
    pub to: Edge,
    /// How far it is, in a word.
    pub state: &'static str,
    /// The class of its badge.
    pub class: &'static str,
    /// Whether it has not ended.
    pub is_running: bool,
    /// How much of it is walked; `None` before it begins, and of one that ended otherwise than complete.
    pub percent: Option<u16>,
    /// Events that every destination has.
    pub delivered: String,
    /// Why it failed; empty where it did not.
    pub detail: String,
    /// When it was asked for.
    pub created: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
}

/// An end of a range.
pub struct Edge {
    /// To the millisecond.
    pub exact: String,
    /// To the minute, as in `2025-06-01 10:30 UTC`.
    pub brief: String,
}

impl Edge {
    /// The end at this instant.
    pub fn of(at: Timestamp) -> Self {
        let exact = at.to_string();
        let minute = exact.get(..16).unwrap_or_default().replace('T', " ");
        Self { brief: format!("{minute} UTC"), exact }
    }
}

impl Row {
    /// `view` as of `now`.
    pub fn of(view: &BackfillView, now: Timestamp) -> Self {
        let kept = &view.kept;
        let walked = view.progress.as_ref().and_then(|progress| progress.walked_permille);
        let delivered = view.progress.as_ref().map_or(0, |progress| progress.totals.counts.acknowledged);
        let (class, percent) = match kept.state {
            // The window is closed a moment before the backfill has ended.
            BackfillState::Running => ("quiet", walked.map(|permille| permille.min(999) / 10)),
            BackfillState::Completed => ("good", Some(100)),
            BackfillState::Cancelled => ("", None),
            BackfillState::Failed => ("bad", None),
        };
        Self {
            id: kept.id,
            stream: title_of(kept.stream),
            from: Edge::of(kept.from),
            to: Edge::of(kept.to),
            state: word(kept.state),
            class,
            is_running: kept.state == BackfillState::Running,
            percent,
            delivered: grouped(delivered),
            detail: printable(kept.detail.as_deref().unwrap_or_default()).into_owned(),
            created: Moment::new(kept.created, now),
            ended: kept.ended.map(|ended| Moment::new(ended, now)),
        }
    }
}

/// The word for people, in the spelling of the other pages.
const fn word(state: BackfillState) -> &'static str {
    match state {
        BackfillState::Cancelled => "Canceled",
        BackfillState::Running | BackfillState::Completed | BackfillState::Failed => state.as_str(),
    }
}
