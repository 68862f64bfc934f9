//! Dead letters, as those see them who settle them.

use incydr_core::event::EventId;
use incydr_core::ledger::{Commit, Counts, DeadLetter, Lease, Step};
use incydr_core::stream::{Place, Stream};
use incydr_store::{Refusal, Store};

use crate::{at, new_store, refused};

fn place() -> Place {
    Place { source: "source 100000001 at https://api.us.code42.com".to_owned(), stream: Stream::FileEvents }
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
    let page = store.dead_letters(&place(), None, 9).await.expect("listed");
    page.items.into_iter().map(|letter| letter.number).collect()
}

#[tokio::test]
async fn letters_are_listed_in_pages_without_their_bytes_and_read_whole_one_by_one() {
    let (store, _folder) = new_store().await;
    three_letters(&store).await;
    let first = store.dead_letters(&place(), None, 2).await.expect("listed");
    assert_eq!(first.items.len(), 2);
    assert_eq!((first.items[0].bytes, first.items[0].reason.as_str()), (300, "refused"));
    let rest = store.dead_letters(&place(), first.next, 2).await.expect("listed");
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let number = rest.items[0].number;
    let whole = store.dead_letter(&place(), number).await.expect("read").expect("it is there");
    assert_eq!((whole.number, whole.letter), (number, letter(3)));
    let other = Place { stream: Stream::Alerts, ..place() };
    assert_eq!(store.dead_letter(&other, number).await, Ok(None));
    assert_eq!(store.dead_letters(&other, None, 2).await.map(|page| page.items), Ok(vec![]));
}

#[tokio::test]
async fn a_discarded_letter_is_gone_and_stays_counted() {
    let (store, _folder) = new_store().await;
    let lease = three_letters(&store).await;
    let before = store.ledger().totals(&lease).await;
    let number = numbers(&store).await[1];
    assert_eq!(store.discard_dead_letter(&place(), number).await, Ok(true));
    assert_eq!(store.discard_dead_letter(&place(), number).await, Ok(false));
    assert_eq!(numbers(&store).await.len(), 2);
    assert_eq!(store.ledger().totals(&lease).await, before);
}

#[tokio::test]
async fn a_redelivered_letter_counts_as_acknowledged_also_after_the_next_commits_of_the_holder() {
    let (store, _folder) = new_store().await;
    let lease = three_letters(&store).await;
    let number = numbers(&store).await[0];
    assert_eq!(store.dead_letter_redelivered(&place(), number).await, Ok(true));
    assert_eq!(store.dead_letter_redelivered(&place(), number).await, Ok(false), "it counts once");
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
    assert_eq!(store.discard_dead_letter(&other, number).await, refused(Refusal::NotFound));
    store.ledger().acquire(&other, "the test").await.expect("acquired");
    assert_eq!(store.discard_dead_letter(&other, number).await, Ok(false));
    assert_eq!(store.dead_letter_redelivered(&other, number).await, Ok(false));
    assert_eq!(numbers(&store).await.len(), 3);
}
