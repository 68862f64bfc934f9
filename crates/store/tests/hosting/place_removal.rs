//! The removal of places with everything that is kept of them.

use incydr_core::destination::Receipt;
use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, DeadLetter, Lease, LedgerFault, Step};
use incydr_core::stream::{Place, Stream};
use incydr_store::{Refusal, Source, Store};

use crate::{at, by, new_source, new_store, refused};

/// Batches of acknowledged ids, and dead letters, that [`walked`] leaves behind.
const MANY: u64 = 250;

fn place(source: &Source, stream: Stream) -> Place {
    Place { source: format!("source {} at https://api", source.id), stream }
}

/// A place with many acknowledged batches, dead letters, a proof, an open window and a receipt.
async fn walked(store: &Store, place: &Place) -> Lease {
    let lease = store.ledger().acquire(place, "the stream").await.expect("acquired");
    let id = |number: u64| EventId { key: u128::from(number), version: 0 };
    let batch = |number| AcknowledgedBatch {
        window: 1,
        range: 0,
        page: number,
        ids: vec![(id(number), at(10))],
        receipts: vec![Receipt { destination: "archive".to_owned(), name: "a file".to_owned() }],
    };
    let letter =
        |number| DeadLetter { id: id(number), time: at(10), reason: "no".to_owned(), raw: b"{}".to_vec() };
    let counts = Counts { fetched: 2 * MANY, acknowledged: MANY, dead: MANY, ..Counts::default() };
    let range = || vec![incydr_core::checkpoint::WalkRange::new(0, at(0), at(100), true)];
    let close = Step::CloseWindow { watermark: at(100), forget_before: at(0), second_pass: true };
    for commit in [
        Commit { step: Some(Step::OpenWindow(range())), ..Commit::default() },
        Commit { acknowledged: (0..MANY).map(batch).collect(), counts, ..Commit::default() },
        Commit { dead_letters: (MANY..2 * MANY).map(letter).collect(), ..Commit::default() },
        Commit { step: Some(close), ..Commit::default() },
        Commit { step: Some(Step::OpenWindow(range())), ..Commit::default() },
    ] {
        store.ledger().commit(&lease, &commit).await.expect("committed");
    }
    lease
}

/// How many transactions it takes until the place is gone.
async fn remove(store: &Store, place: &Place) -> u32 {
    let mut parts = 1;
    while !store.remove_part_of_place(place, by(9)).await.expect("removed") {
        parts += 1;
    }
    parts
}

#[tokio::test]
async fn a_place_goes_in_bounded_parts_and_its_figures_stay_in_the_audit_log() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let place = place(&source, Stream::FileEvents);
    walked(&store, &place).await;
    assert_eq!(remove(&store, &place).await, 5, "twice 100 ids, twice 100 letters, and the rest");
    assert_eq!(store.places_of(source.id).await, Ok(vec![]));
    assert_eq!(store.remove_part_of_place(&place, by(9)).await, refused(Refusal::NotFound));
    let entry = store.audit_log(None, 1).await.expect("listed").items.remove(0);
    assert_eq!((entry.action.as_str(), entry.resource), ("PlaceRemoved", place.to_string()));
    let figures = concat!(
        r#"{"watermark":"1970-01-01T00:01:40.000Z","fetched":500,"acknowledged":250,"duplicate":0,"excluded":0,"#,
        r#""dead":250,"unpublished":1}"#,
    );
    assert_eq!(entry.before.as_deref(), Some(figures));
}

#[tokio::test]
async fn a_place_of_that_name_afterwards_is_new_and_the_old_holder_is_fenced_off() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let place = place(&source, Stream::FileEvents);
    let old = walked(&store, &place).await;
    remove(&store, &place).await;
    let fenced = store.ledger().commit(&old, &Commit::default()).await.expect_err("there is no place");
    assert_eq!(fenced.fault, LedgerFault::Fenced);
    let new = store.ledger().acquire(&place, "the stream").await.expect("acquired");
    assert_eq!(store.ledger().load(&new).await.expect("loaded").watermark, None);
    assert_eq!(store.ledger().totals(&new).await, Ok(Counts::default()));
    assert_eq!(store.ledger().seen(&new, at(0), at(99)).await, Ok(vec![]));
    assert_eq!(store.ledger().unpublished(&new).await, Ok(vec![]));
}

#[tokio::test]
async fn other_places_keep_everything() {
    let (store, _folder) = new_store().await;
    let (first, second) =
        (new_source(&store, "incydr", "first").await, new_source(&store, "incydr", "second").await);
    let staying = [place(&first, Stream::Alerts), place(&second, Stream::FileEvents)];
    let mut leases = Vec::new();
    for place in &staying {
        leases.push(walked(&store, place).await);
    }
    let going = place(&first, Stream::FileEvents);
    walked(&store, &going).await;
    assert_eq!(store.place_names_of(first.id).await, Ok(vec![staying[0].clone(), going.clone()]));
    remove(&store, &going).await;
    for lease in &leases {
        let seen = store.ledger().seen(lease, at(0), at(99)).await.expect("read");
        assert_eq!(seen.len() as u64, MANY);
        assert_eq!(store.ledger().unpublished(lease).await.expect("read").len(), 1);
        let commit = Commit { step: None, ..Commit::default() };
        store.ledger().commit(lease, &commit).await.expect("it is still the newest");
    }
    let letters = store.dead_letters_of(second.id, None, None, 1_000).await.expect("listed");
    assert_eq!(letters.items.len() as u64, MANY);
}

#[tokio::test]
async fn a_source_stays_until_its_places_are_gone() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let backfill = Place {
        source: format!("source {} at https://api backfill 1", source.id),
        ..place(&source, Stream::Alerts)
    };
    walked(&store, &backfill).await;
    store.mark_source_stopping(source.id, by(1)).await.expect("it begins");
    assert_eq!(store.remove_source(source.id, at(2)).await, refused(Refusal::InUse("its places".to_owned())));
    assert!(store.source(source.id).await.expect("read").is_some());
    for place in store.place_names_of(source.id).await.expect("listed") {
        remove(&store, &place).await;
    }
    assert_eq!(store.remove_source(source.id, at(3)).await, Ok(()));
}
