//! Other programs that lock the file, and callers that go away.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use incydr_core::event::EventId;
use incydr_core::ledger::{Commit, Counts, DeadLetter, Ledger, LedgerFault};
use incydr_core::timestamp::Timestamp;
use incydr_store::{Author, CheckpointReset, Inspection, Store};

use crate::state_folder::{StateFolder, at, place, telling_commit};

fn by() -> Author<'static> {
    Author { name: "su1", at: at(9) }
}

/// Polls `future` so many times at most, and then drops it.
async fn abandoned_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_commit_abandoned_at_any_point_and_tried_again_holds_exactly_once() {
    let mut completed = false;
    for polls in 0..40 {
        let folder = StateFolder::new();
        let ledger = folder.open().await.unwrap();
        let lease = ledger.acquire(&place(), "the test").await.unwrap();
        completed = abandoned_after(polls, ledger.commit(&lease, &telling_commit())).await.is_some();
        if !completed {
            ledger.commit(&lease, &telling_commit()).await.unwrap();
        }
        assert_eq!(ledger.totals(&lease).await.unwrap(), telling_commit().counts, "after {polls} polls");
        assert_eq!(ledger.load(&lease).await.unwrap().window, 1, "after {polls} polls");
        let seen = ledger.seen(&lease, Timestamp::EPOCH, Timestamp::from_nanos(i64::MAX)).await.unwrap();
        assert_eq!(seen, telling_commit().acknowledged, "after {polls} polls");
    }
    assert!(completed, "the last round must go to the end");
}

#[tokio::test]
async fn a_commit_abandoned_twice_and_tried_a_third_time_counts_exactly_once() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    let mut expected = Counts::default();
    for (first, second) in (1..10).flat_map(|first| (1..60).step_by(4).map(move |second| (first, second))) {
        let commit = telling_commit();
        let mut answered = abandoned_after(first, ledger.commit(&lease, &commit)).await;
        if answered.is_none() {
            answered = abandoned_after(second, ledger.commit(&lease, &commit)).await;
        }
        if answered.is_none() {
            ledger.commit(&lease, &commit).await.unwrap();
        }
        expected = expected.plus(commit.counts);
        assert_eq!(ledger.totals(&lease).await.unwrap(), expected, "after {first} and {second} polls");
    }
}

#[tokio::test]
async fn a_dead_letter_redelivered_between_an_abandoned_commit_and_its_retry_disturbs_neither() {
    for polls in 0..40 {
        let folder = StateFolder::new();
        let store = Store::over(folder.open().await.unwrap());
        let ledger = store.ledger();
        let lease = ledger.acquire(&place(), "the test").await.unwrap();
        ledger.commit(&lease, &dead_letter_commit()).await.unwrap();
        let number = Inspection::of(&folder.state()).dead_letters(&place(), 0, 1).await.unwrap()[0].number;
        let answered = abandoned_after(polls, ledger.commit(&lease, &telling_commit())).await;
        assert!(store.dead_letter_redelivered(&place(), number, by()).await.unwrap());
        if answered.is_none() {
            ledger.commit(&lease, &telling_commit()).await.unwrap();
        }
        let redelivered = Counts { fetched: 1, acknowledged: 1, ..Counts::default() };
        let expected = telling_commit().counts.plus(redelivered);
        assert_eq!(ledger.totals(&lease).await.unwrap(), expected, "after {polls} polls");
        assert_eq!(ledger.load(&lease).await.unwrap().window, 1, "after {polls} polls");
    }
}

#[tokio::test]
async fn after_a_reset_no_commit_is_taken_for_the_one_that_was_abandoned_before_it() {
    for polls in 0..40 {
        let folder = StateFolder::new();
        let store = Store::over(folder.open().await.unwrap());
        let ledger = store.ledger();
        let lease = ledger.acquire(&place(), "the test").await.unwrap();
        abandoned_after(polls, ledger.commit(&lease, &telling_commit())).await;
        let reset = CheckpointReset { to: at(0), holder: "the API", by: by() };
        let before = store.reset_checkpoint(&place(), &reset).await.unwrap();
        let lease = ledger.acquire(&place(), "the test").await.unwrap();
        let checkpoint = ledger.commit(&lease, &telling_commit()).await.unwrap();
        assert_eq!(checkpoint.window, before.checkpoint.window + 1, "after {polls} polls");
        let expected = before.totals.plus(telling_commit().counts);
        assert_eq!(ledger.totals(&lease).await.unwrap(), expected, "after {polls} polls");
    }
}

fn dead_letter_commit() -> Commit {
    let id = EventId { key: 7, version: 0 };
    let letter = DeadLetter { id, time: at(5), reason: "refused".to_owned(), raw: b"{}".to_vec() };
    let counts = Counts { fetched: 1, dead: 1, ..Counts::default() };
    Commit { dead_letters: vec![letter], counts, ..Commit::default() }
}

#[tokio::test]
async fn the_same_commit_twice_counts_twice_when_both_were_answered() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    ledger.commit(&lease, &telling_commit()).await.unwrap();
    ledger.commit(&lease, &telling_commit()).await.unwrap();
    let counts = telling_commit().counts;
    assert_eq!(ledger.totals(&lease).await.unwrap(), counts.plus(counts));
}

#[tokio::test]
async fn a_file_locked_by_another_program_is_busy_and_usable_afterwards() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    let mut other = folder.foreign_connection().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let error = ledger.commit(&lease, &telling_commit()).await.unwrap_err();
    assert_eq!(error.fault, LedgerFault::Busy, "{error}");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    ledger.commit(&lease, &telling_commit()).await.unwrap();
    assert_eq!(ledger.totals(&lease).await.unwrap(), telling_commit().counts);
}

#[tokio::test]
async fn reading_needs_the_newest_lease_too() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let stale = ledger.acquire(&place(), "first").await.unwrap();
    ledger.acquire(&place(), "second").await.unwrap();
    let always = (Timestamp::EPOCH, Timestamp::from_nanos(i64::MAX));
    assert_eq!(ledger.load(&stale).await.unwrap_err().fault, LedgerFault::Fenced);
    assert_eq!(ledger.totals(&stale).await.unwrap_err().fault, LedgerFault::Fenced);
    assert_eq!(ledger.unpublished(&stale).await.unwrap_err().fault, LedgerFault::Fenced);
    assert_eq!(ledger.seen(&stale, always.0, always.1).await.unwrap_err().fault, LedgerFault::Fenced);
}
