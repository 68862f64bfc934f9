//! Hosted collectors.

use incydr_store::{Refusal, Store, StoreError};

use crate::{by, new_store};

async fn create(store: &Store, name: &str) -> u64 {
    store.create_collector(name, "{}", 10, by(1)).await.expect("the name is free").id
}

#[tokio::test]
async fn a_collector_is_found_by_its_number_and_by_its_name() {
    let (store, _folder) = new_store().await;
    let created = store.create_collector("incydr", r#"{"name":"incydr"}"#, 10, by(1)).await.expect("created");
    assert_eq!(store.collector(created.id).await, Ok(Some(created.clone())));
    assert_eq!(store.collector_named("incydr").await, Ok(Some(created)));
    assert_eq!(store.collector(1).await, Ok(None));
    assert_eq!(store.collector_named("Incydr").await, Ok(None));
}

#[tokio::test]
async fn a_name_is_given_once_and_free_again_after_the_deletion() {
    let (store, _folder) = new_store().await;
    let first = create(&store, "one").await;
    let second = create(&store, "two").await;
    let taken = Err(StoreError::Refused(Refusal::NameTaken));
    assert_eq!(store.create_collector("one", "{}", 10, by(1)).await, taken);
    assert_eq!(store.update_collector(second, "one", "{}", by(2)).await, taken);
    assert!(
        store.update_collector(first, "one", r#"{"a":1}"#, by(2)).await.is_ok(),
        "its own name is free for itself"
    );
    store.mark_collector_stopping(first, by(3)).await.expect("its deletion begins");
    assert_eq!(store.collector(first).await, Ok(None));
    assert_eq!(store.stopping_collectors().await, Ok(vec![first]));
    let third = create(&store, "one").await;
    store.remove_collector(first).await.expect("removed");
    assert_eq!(store.stopping_collectors().await, Ok(vec![]));
    assert!(third > second, "a number is never given out twice");
}

#[tokio::test]
async fn collectors_are_listed_in_pages_by_number() {
    let (store, _folder) = new_store().await;
    for name in ["c", "a", "b"] {
        create(&store, name).await;
    }
    let names = async |limit, offset| -> Vec<String> {
        let page = store.collectors(limit, offset).await.expect("listed");
        page.into_iter().map(|collector| collector.name).collect()
    };
    assert_eq!(names(2, 0).await, ["c", "a"]);
    assert_eq!(names(2, 2).await, ["b"]);
    assert!(names(2, 3).await.is_empty());
}

#[tokio::test]
async fn an_absent_collector_and_one_too_many_are_refused() {
    let (store, _folder) = new_store().await;
    let absent = Err(StoreError::Refused(Refusal::NotFound));
    assert_eq!(store.remove_collector(7).await, absent);
    assert_eq!(store.mark_collector_stopping(7, by(3)).await, absent);
    assert_eq!(store.update_collector(7, "seven", "{}", by(2)).await.map(drop), absent);
    store.create_collector("one", "{}", 1, by(1)).await.expect("the first");
    assert_eq!(
        store.create_collector("two", "{}", 1, by(1)).await,
        Err(StoreError::Refused(Refusal::Full(1)))
    );
}

#[tokio::test]
async fn operations_may_run_on_any_thread() {
    let (store, _folder) = new_store().await;
    let task = tokio::spawn(async move { store.create_collector("one", "{}", 1, by(1)).await });
    assert!(task.await.expect("it ends").is_ok());
}
