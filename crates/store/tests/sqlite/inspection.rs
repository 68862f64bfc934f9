//! What people see of a state file while a collector writes it.

use incydr_core::event::EventId;
use incydr_core::ledger::{Commit, DeadLetter, Ledger, LedgerFault, Step};
use incydr_core::stream::Stream;
use incydr_store::Inspection;

use crate::state_folder::{StateFolder, at, close_window, place, range, step, telling_commit};

fn letter(number: u128, reason: &str) -> DeadLetter {
    DeadLetter {
        id: EventId { key: number, version: u64::MAX },
        time: at(5),
        reason: reason.to_owned(),
        raw: vec![0, 255, b'{'],
    }
}

#[tokio::test]
async fn places_show_what_was_committed_last_while_the_ledger_is_open() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "who has it").await.unwrap();
    let other = incydr_core::stream::Place { stream: Stream::Alerts, ..place() };
    ledger.acquire(&other, "who has the other").await.unwrap();
    let checkpoint = ledger.commit(&lease, &telling_commit()).await.unwrap();
    let places = Inspection::of(&folder.state()).places().await.unwrap();
    assert_eq!(places.len(), 2);
    assert_eq!((&places[0].place, &places[1].place), (&place(), &other));
    assert_eq!((places[0].holder.as_str(), places[0].token), ("who has it", lease.token));
    assert_eq!((&places[0].checkpoint, places[0].totals), (&checkpoint, telling_commit().counts));
}

#[tokio::test]
async fn dead_letters_are_kept_whole_and_once_and_are_read_in_portions() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    let dead_letters = vec![letter(1, "first"), letter(2, "second"), letter(1, "again"), letter(3, "third")];
    ledger.commit(&lease, &Commit { dead_letters, ..Commit::default() }).await.unwrap();
    let inspection = Inspection::of(&folder.state());
    let portion = inspection.dead_letters(&place(), 0, 2).await.unwrap();
    let letters: Vec<_> = portion.iter().map(|kept| kept.letter.clone()).collect();
    assert_eq!(letters, [letter(1, "first"), letter(2, "second")]);
    let rest = inspection.dead_letters(&place(), portion[1].number, 2).await.unwrap();
    let letters: Vec<_> = rest.iter().map(|kept| kept.letter.clone()).collect();
    assert_eq!(letters, [letter(3, "third")]);
    assert_eq!(rest[0].recorded_at.len(), "2025-01-28 01:24:24".len());
}

#[tokio::test]
async fn each_closed_range_leaves_a_proof_and_the_newest_thousand_are_kept() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    for window in 1..=3 {
        let ranges = (0..400).map(range).collect();
        ledger.commit(&lease, &step(Step::OpenWindow(ranges))).await.unwrap();
        ledger.commit(&lease, &close_window(window)).await.unwrap();
    }
    let proofs = Inspection::of(&folder.state()).proofs(&place()).await.unwrap();
    let numbers: Vec<_> = proofs.iter().map(|proof| (proof.window, proof.range)).collect();
    let all = (1..=3).rev().flat_map(|window| (0..400).rev().map(move |range| (window, range)));
    assert_eq!(numbers, all.take(1_000).collect::<Vec<_>>());
    let newest = range(399);
    assert_eq!((proofs[0].from, proofs[0].to), (newest.from, newest.to));
    assert_eq!((proofs[0].expected, proofs[0].unique), (newest.expected, newest.unique));
}

#[tokio::test]
async fn inspecting_a_file_that_is_not_there_does_not_make_one() {
    let folder = StateFolder::new();
    let error = Inspection::of(&folder.state()).places().await.unwrap_err();
    assert_eq!(error.fault, LedgerFault::ReadOnly, "{error}");
    assert!(!folder.state().exists());
}

#[tokio::test]
async fn a_closed_file_can_be_inspected() {
    let folder = StateFolder::new();
    let checkpoint = folder.fill().await;
    assert_eq!(Inspection::of(&folder.state()).places().await.unwrap()[0].checkpoint, checkpoint);
}
