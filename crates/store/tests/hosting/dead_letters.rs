//! Dead letters, as those see them who settle them.

use incydr_core::event::EventId;
use incydr_core::ledger::{Commit, Counts, DeadLetter, Lease, Step};
use incydr_core::stream::{Place, Stream};
use incydr_store::{Refusal, Store};

use crate::{at, by, new_store, refused};

const SOURCE: u64 = 100_000_001;

fn place() -> Place {
    Place { source: format!("source {SOURCE} at https://api.us.code42.com"), stream: Stream::FileEvents }
}

fn letter(number: u128) -> DeadLetter {
    let id = EventId { key: number, version: 0 };
    DeadLetter { id, time: at(5), reason: "refused".to_owned(), raw: vec![b'x'; 300] }
}

/// A lease of a place with the dead letters 1 to 3, all counted.
async fn three_letters(store: &Store) -> Lease {
    let lease = store.ledger().acquire(&place(), "the test").await.expect("acquired");
    let counts = Counts { fetched: 5, acknowledged: 2, dead: 3, ..Counts::default() };
    let dead_letters = (1..=3).map(letter).collect();
    let commit = Commit { dead_letters, counts, ..Commit::default() };
    store.ledger().commit(&lease, &commit).await.expect("committed");
    lease
}

async fn numbers(store: &Store) -> Vec<u64> {
    let page = store.dead_letters_of(SOURCE, None, None, 9).await.expect("listed");
    page.items.into_iter().map(|letter| letter.number).collect()
}

#[tokio::test]
async fn letters_are_listed_in_pages_without_their_bytes_and_read_whole_one_by_one() {
    let (store, _folder) = new_store().await;
    three_letters(&store).await;
    let first = store.dead_letters_of(SOURCE, None, None, 2).await.expect("listed");
    assert_eq!(first.items.len(), 2);
    assert_eq!((first.items[0].bytes, first.items[0].reason.as_str()), (300, "refused"));
    let rest = store.dead_letters_of(SOURCE, None, first.next, 2).await.expect("listed");
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let number = rest.items[0].number;
    let (owner, whole) = store.dead_letter_of(SOURCE, number).await.expect("read").expect("it is there");
    assert_eq!((owner, whole.number, whole.letter), (place(), number, letter(3)));
    assert_eq!(store.dead_letter_of(SOURCE + 1, number).await, Ok(None));
    for (source, stream) in [(SOURCE, Some(Stream::Alerts)), (SOURCE + 1, None), (SOURCE / 10, None)] {
        assert_eq!(store.dead_letters_of(source, stream, None, 2).await.map(|page| page.items), Ok(vec![]));
    }
    let named = store.dead_letters_of(SOURCE, Some(Stream::FileEvents), None, 9).await.expect("listed");
    assert_eq!(named.items.len(), 3);
}

#[tokio::test]
async fn letters_of_backfills_and_of_earlier_tenants_are_letters_of_the_source() {
    let (store, _folder) = new_store().await;
    three_letters(&store).await;
    for source in [format!("{} backfill 7", place().source), format!("source {SOURCE} at https://api.eu")] {
        let lease = store.ledger().acquire(&Place { source, ..place() }, "the test").await.expect("acquired");
        let counts = Counts { fetched: 1, dead: 1, ..Counts::default() };
        let commit = Commit { dead_letters: vec![letter(9)], counts, ..Commit::default() };
        store.ledger().commit(&lease, &commit).await.expect("committed");
    }
    assert_eq!(numbers(&store).await.len(), 5);
}

#[tokio::test]
async fn a_discarded_letter_is_gone_and_stays_counted() {
    let (store, _folder) = new_store().await;
    let lease = three_letters(&store).await;
    let before = store.ledger().totals(&lease).await;
    let number = numbers(&store).await[1];
    assert_eq!(store.discard_dead_letter(&place(), number, by(9)).await, Ok(true));
    assert_eq!(store.discard_dead_letter(&place(), number, by(9)).await, Ok(false));
    assert_eq!(numbers(&store).await.len(), 2);
    assert_eq!(store.ledger().totals(&lease).await, before);
}

#[tokio::test]
async fn a_redelivered_letter_counts_as_acknowledged_also_after_the_next_commits_of_the_holder() {
    let (store, _folder) = new_store().await;
    let lease = three_letters(&store).await;
    let number = numbers(&store).await[0];
    assert_eq!(store.dead_letter_redelivered(&place(), number, by(9)).await, Ok(true));
    assert_eq!(store.dead_letter_redelivered(&place(), number, by(9)).await, Ok(false), "it counts once");
    let expected = Counts { fetched: 5, acknowledged: 3, dead: 2, ..Counts::default() };
    assert_eq!(store.ledger().totals(&lease).await, Ok(expected));
    let counts = Counts { fetched: 1, acknowledged: 1, ..Counts::default() };
    let commit = Commit { counts, step: Some(Step::OpenWindow(vec![])), ..Commit::default() };
    store.ledger().commit(&lease, &commit).await.expect("the lease is still the newest");
    let totals = store.ledger().totals(&lease).await.expect("read");
    assert_eq!(totals, expected.plus(counts));
    assert!(totals.balance());
}

#[tokio::test]
async fn a_letter_of_another_place_is_left_alone() {
    let (store, _folder) = new_store().await;
    three_letters(&store).await;
    let number = numbers(&store).await[0];
    let other = Place { stream: Stream::Alerts, ..place() };
    assert_eq!(store.discard_dead_letter(&other, number, by(9)).await, refused(Refusal::NotFound));
    store.ledger().acquire(&other, "the test").await.expect("acquired");
    assert_eq!(store.discard_dead_letter(&other, number, by(9)).await, Ok(false));
    assert_eq!(store.dead_letter_redelivered(&other, number, by(9)).await, Ok(false));
    assert_eq!(numbers(&store).await.len(), 3);
}
