//! Backfills.

use incydr_core::stream::Stream;
use incydr_store::{BackfillState, Refusal};

use crate::{at, by, new_source, new_store, refused};

#[tokio::test]
async fn a_backfill_runs_until_it_is_ended_once() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let backfill =
        store.create_backfill(source.id, Stream::Alerts, at(1), at(2), by(9)).await.expect("created");
    assert_eq!((backfill.stream, backfill.from, backfill.to), (Stream::Alerts, at(1), at(2)));
    assert_eq!((backfill.state, backfill.created, backfill.ended), (BackfillState::Running, at(9), None));
    assert_eq!(store.backfill(backfill.id).await, Ok(Some(backfill.clone())));
    assert_eq!(store.running_backfills().await, Ok(vec![backfill.clone()]));
    let ended = store
        .end_backfill(backfill.id, BackfillState::Failed, Some("the tenant is gone"), at(10))
        .await
        .expect("ended")
        .expect("it ran");
    assert_eq!((ended.state, ended.ended), (BackfillState::Failed, Some(at(10))));
    assert_eq!(ended.detail.as_deref(), Some("the tenant is gone"));
    assert_eq!(store.running_backfills().await, Ok(vec![]));
    assert_eq!(store.cancel_backfill(backfill.id, by(11)).await, Ok(None));
    assert_eq!(store.backfill(backfill.id).await, Ok(Some(ended)));
}

#[tokio::test]
async fn backfills_are_listed_by_source_newest_first() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let other = new_source(&store, "incydr", "other").await;
    let mut ids = Vec::new();
    for id in [source.id, other.id, source.id] {
        let backfill = store.create_backfill(id, Stream::FileEvents, at(1), at(2), by(3)).await;
        ids.push(backfill.expect("created").id);
    }
    let listed = store.backfills_of(source.id).await.expect("listed");
    assert_eq!(listed.iter().map(|backfill| backfill.id).collect::<Vec<_>>(), [ids[2], ids[0]]);
}

#[tokio::test]
async fn a_source_that_is_gone_or_going_gets_no_backfill() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    store.mark_source_stopping(source.id, by(1)).await.expect("it begins");
    for id in [source.id, 7] {
        let outcome = store.create_backfill(id, Stream::Alerts, at(1), at(2), by(3)).await;
        assert_eq!(outcome, refused(Refusal::NotFound));
    }
}
