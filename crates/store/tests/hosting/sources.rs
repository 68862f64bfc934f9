//! Sources and their secrets.

use std::collections::BTreeMap;

use incydr_core::health::{SourceState, StateRecord};
use incydr_core::secret::Secret;
use incydr_core::stream::Stream;
use incydr_store::{NewSource, Refusal, Store, VaultError};

use crate::{at, by, new_source, new_store, refused, tamper, vault};

#[tokio::test]
async fn a_source_begins_as_pending_and_is_found_by_its_number() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    assert!(source.id > 100_000_000, "it has nine digits");
    assert_eq!(source.state, StateRecord::well(SourceState::Pending, at(0)));
    assert!(!source.stopping);
    assert_eq!(store.source(source.id).await, Ok(Some(source.clone())));
    assert_eq!(store.source(source.id + 1).await, Ok(None));
    assert_eq!(store.state_history(source.id).await, Ok(vec![source.state]));
}

#[tokio::test]
async fn a_secret_opens_again_and_stands_nowhere_in_the_files() {
    let (store, folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    assert_eq!(source.open_secret(&vault('1')), Ok(Secret::new("the secret of code42")));
    for file in std::fs::read_dir(folder.path()).expect("listed") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("read");
        assert!(!bytes.windows(16).any(|window| window == b"secret of code42"));
    }
    assert!(!format!("{source:?}").contains("secret of code42"));
}

#[tokio::test]
async fn a_sealed_secret_does_not_open_in_the_row_of_another_source() {
    let (store, _folder) = new_store().await;
    let first = new_source(&store, "incydr", "first").await;
    let second = new_source(&store, "incydr", "second").await;
    tamper(
        &store,
        "UPDATE sources SET sealed_secret = (SELECT sealed_secret FROM sources WHERE name = 'second')
         WHERE name = 'first'",
    )
    .await;
    let first = store.source(first.id).await.expect("read").expect("it is there");
    let altered = VaultError::Altered { of: format!("source {} secretKey", first.id) };
    assert_eq!(first.open_secret(&vault('1')), Err(altered));
    assert!(second.open_secret(&vault('1')).is_ok());
}

#[tokio::test]
async fn a_secret_that_another_key_has_sealed_says_which() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let error = source.open_secret(&vault('2')).expect_err("the key is another one");
    let (needed, has) = (vault('1').fingerprint(), vault('2').fingerprint());
    assert!(error.to_string().contains(&needed) && error.to_string().contains(&has), "{error}");
    assert!(!error.to_string().contains("1111"), "{error}");
}

#[tokio::test]
async fn the_same_secret_is_sealed_differently_each_time() {
    let secret = Secret::new("the same");
    let seal = || vault('1').seal("the same thing", &secret).expect("sealed").bytes;
    assert_ne!(seal(), seal());
}

#[tokio::test]
async fn a_name_is_taken_on_one_collector_only_and_free_while_its_source_is_deleted() {
    let (store, _folder) = new_store().await;
    let first = new_source(&store, "one", "code42").await;
    new_source(&store, "two", "code42").await;
    let secret = Secret::new("any");
    let again =
        NewSource { collector_id: first.collector_id, name: "code42", document: "{}", secret: &secret };
    let taken = || refused(Refusal::NameTaken);
    assert_eq!(store.create_source(&vault('1'), &again, 9, by(1)).await, taken());
    let other = new_source(&store, "one", "other").await;
    assert_eq!(store.update_source(&vault('1'), other.id, "code42", "{}", None, by(5)).await, taken());
    store.mark_source_stopping(first.id, by(1)).await.expect("it begins");
    assert!(store.create_source(&vault('1'), &again, 9, by(2)).await.is_ok());
}

#[tokio::test]
async fn an_update_keeps_the_secret_unless_there_is_a_new_one() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let (id, document) = (source.id, r#"{"config":{}}"#);
    let renamed =
        store.update_source(&vault('1'), id, "renamed", document, None, by(5)).await.expect("updated");
    assert_eq!((renamed.name.as_str(), renamed.document.as_str()), ("renamed", document));
    assert_eq!(renamed.open_secret(&vault('1')), Ok(Secret::new("the secret of code42")));
    let newer = Secret::new("newer");
    let updated =
        store.update_source(&vault('1'), id, "renamed", "{}", Some(&newer), by(5)).await.expect("updated");
    assert_eq!(updated.open_secret(&vault('1')), Ok(newer));
    assert_eq!(store.source(id).await, Ok(Some(updated)));
}

#[tokio::test]
async fn a_deletion_begins_once_and_ends_with_everything_but_the_health_events() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let open = crate::health_events::event(&source, "ThirdPartyConfigError", "1");
    store.open_health_event(&open, at(1)).await.expect("opened");
    store.create_backfill(source.id, Stream::Alerts, at(0), at(1), by(1)).await.expect("created");
    let stopping = store.mark_source_stopping(source.id, by(2)).await.expect("it begins");
    assert!(stopping.stopping);
    assert_eq!(stopping.state, StateRecord::well(SourceState::Stopping, at(2)));
    assert_eq!(store.mark_source_stopping(source.id, by(3)).await, Ok(stopping));
    let update = store.update_source(&vault('1'), source.id, "code42", "{}", None, by(5)).await;
    assert_eq!(update, refused(Refusal::NotFound));
    assert!(store.remove_collector(source.collector_id).await.is_err(), "it still has a source");
    store.remove_source(source.id, at(4)).await.expect("removed");
    assert_eq!(store.remove_source(source.id, at(4)).await, refused(Refusal::NotFound));
    assert_eq!(store.state_history(source.id).await, Ok(vec![]));
    assert_eq!(store.backfills_of(source.id).await, Ok(vec![]));
    let history = store.health_history(None, None, 10).await.expect("listed").items;
    assert_eq!(history.iter().map(|event| event.closed).collect::<Vec<_>>(), [Some(at(4))]);
    store.remove_collector(source.collector_id).await.expect("it has no source any more");
}

#[tokio::test]
async fn an_absent_collector_and_one_source_too_many_are_refused() {
    let (store, _folder) = new_store().await;
    let secret = Secret::new("any");
    let mut source = NewSource { collector_id: 7, name: "second", document: "{}", secret: &secret };
    assert_eq!(store.create_source(&vault('1'), &source, 1, by(0)).await, refused(Refusal::NotFound));
    let first = new_source(&store, "incydr", "first").await;
    source.collector_id = first.collector_id;
    assert_eq!(store.create_source(&vault('1'), &source, 1, by(0)).await, refused(Refusal::Full(1)));
    store.mark_source_stopping(first.id, by(1)).await.expect("it begins");
    assert!(store.create_source(&vault('1'), &source, 1, by(2)).await.is_ok(), "it does not count any more");
}

async fn names_after(store: &Store, after: u64) -> Vec<String> {
    let sources = store.sources_after(after, 2).await.expect("listed");
    sources.into_iter().map(|source| source.name).collect()
}

#[tokio::test]
async fn sources_are_listed_by_collector_and_all_together_and_counted() {
    let (store, _folder) = new_store().await;
    let mut made = Vec::new();
    for (collector, name) in [("one", "a"), ("two", "b"), ("one", "c")] {
        made.push(new_source(&store, collector, name).await);
    }
    let (one, two) = (made[0].collector_id, made[1].collector_id);
    assert_eq!(store.sources_of(one, 9, 0).await, Ok(vec![made[0].clone(), made[2].clone()]));
    assert_eq!(store.sources_of(one, 9, 1).await, Ok(vec![made[2].clone()]));
    assert_eq!(store.sources_of(one, 1, 0).await, Ok(vec![made[0].clone()]));
    assert_eq!(names_after(&store, 0).await, ["a", "b"]);
    assert_eq!(names_after(&store, made[1].id).await, ["c"]);
    assert_eq!(store.source_counts().await, Ok(BTreeMap::from([(one, 2), (two, 1)])));
}
