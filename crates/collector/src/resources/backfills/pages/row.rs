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
    pub from: String,
    /// The last instant.
    pub to: String,
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

impl Row {
    /// `view` as of `now`.
    pub fn of(view: &BackfillView, now: Timestamp) -> Self {
        let kept = &view.kept;
        let walked = view.progress.as_ref().and_then(|progress| progress.walked_permille);
        let delivered = view.progress.as_ref().map_or(0, |progress| progress.totals.counts.acknowledged);
        let (class, percent) = match kept.state {
            // The window is closed a moment before the backfill has ended.
            BackfillState::Running => ("warn", walked.map(|permille| permille.min(999) / 10)),
            BackfillState::Completed => ("good", Some(100)),
            BackfillState::Cancelled => ("", None),
            BackfillState::Failed => ("bad", None),
        };
        Self {
            id: kept.id,
            stream: title_of(kept.stream),
            from: end_of_range(kept.from),
            to: end_of_range(kept.to),
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

/// As in `2025-06-01 10:30 UTC`, and exactly where that is not all of it.
pub(super) fn end_of_range(at: Timestamp) -> String {
    let text = at.to_string();
    match text.strip_suffix(":00.000Z") {
        Some(minute) => format!("{} UTC", minute.replace('T', " ")),
        None => text,
    }
}

/// The word for people, in the spelling of the other pages.
const fn word(state: BackfillState) -> &'static str {
    match state {
        BackfillState::Cancelled => "Canceled",
        BackfillState::Running | BackfillState::Completed | BackfillState::Failed => state.as_str(),
    }
}
