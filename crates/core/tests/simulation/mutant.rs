//! Designs that look right and lose events, or repeat too many. The simulation must catch every one of them.

/// A seeded bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutant {
    /// The checkpoint moves before the destination has the events.
    CommitBeforeDelivery,
    /// A failed attempt counts as acknowledged.
    FailureTakenAsAcknowledgement,
    /// Windows begin at the watermark.
    NoLookBack,
    /// The checkpoint holds a position by number in a list that moves.
    PageNumberInCheckpoint,
    /// Only the last acknowledged batch is remembered.
    OnlyLastBatchRemembered,
    /// `>` for `>=` at the beginning of a range.
    AfterInsteadOfOnOrAfter,
    /// An invalid page token ends the walk.
    InvalidTokenTakenAsEnd,
    /// A page that broke off counts as read.
    BrokenPageTakenAsComplete,
    /// Dead letters are counted, but not kept.
    DeadLettersNotKept,
    /// The walk follows the id, which is not the order of arrival.
    WalkByIdInsteadOfTime,
    /// A thing that changed is taken for a duplicate.
    ChangesIgnored,
    /// The checkpoint becomes durable, its acknowledgements do not.
    AcknowledgementsNotCommitted,
    /// A commit is answered before it is durable.
    CommitNotDurable,
    /// A power failure can take back acknowledgements that were answered.
    NoCommitSynced,
    /// The fencing token is not compared.
    StaleLeaseAccepted,
    /// Events leave whatever the rules say.
    RulesNotApplied,
    /// What is excluded is counted, but not remembered.
    ExcludedNotRemembered,
}

impl Mutant {
    pub const ALL: [Self; 17] = [
        Self::CommitBeforeDelivery,
        Self::FailureTakenAsAcknowledgement,
        Self::NoLookBack,
        Self::PageNumberInCheckpoint,
        Self::OnlyLastBatchRemembered,
        Self::AfterInsteadOfOnOrAfter,
        Self::InvalidTokenTakenAsEnd,
        Self::BrokenPageTakenAsComplete,
        Self::DeadLettersNotKept,
        Self::WalkByIdInsteadOfTime,
        Self::ChangesIgnored,
        Self::AcknowledgementsNotCommitted,
        Self::CommitNotDurable,
        Self::NoCommitSynced,
        Self::StaleLeaseAccepted,
        Self::RulesNotApplied,
        Self::ExcludedNotRemembered,
    ];
}
