//! Health events.

use incydr_store::{HealthEvent, HealthScope, NewHealthEvent, Page, PageToken, Source, Store};

use crate::{at, new_source, new_store};

pub(crate) fn event(source: &Source, name: &str, event_id: &str) -> NewHealthEvent {
    NewHealthEvent {
        event_id: event_id.to_owned(),
        collector_id: source.collector_id,
        collector_name: "incydr".to_owned(),
        source_id: source.id,
        source_name: source.name.clone(),
        name: name.to_owned(),
        tracker: "InvalidClient".to_owned(),
        title: "Invalid client".to_owned(),
        description: "authenticating: the credentials are wrong".to_owned(),
        error_code: Some(401),
        error_info: r#"{"error":"invalid_client"}"#.to_owned(),
    }
}

fn ids(page: &Page<HealthEvent>) -> Vec<&str> {
    page.items.iter().map(|event| event.event.event_id.as_str()).collect()
}

/// Sources `a` and `b` on one collector and `c` on another, each with one open event of its name.
async fn three_open(store: &Store) -> [Source; 3] {
    let sources = [
        new_source(store, "one", "a").await,
        new_source(store, "one", "b").await,
        new_source(store, "two", "c").await,
    ];
    for (source, second) in sources.iter().zip(1..) {
        let event = event(source, "ThirdPartyConfigError", &source.name);
        store.open_health_event(&event, at(second)).await.expect("opened");
    }
    sources
}

#[tokio::test]
async fn an_event_opened_again_stays_the_same_event_and_tells_the_newer_trouble() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "one", "a").await;
    let first = event(&source, "ThirdPartyConfigError", "1");
    let opened = store.open_health_event(&first, at(1)).await.expect("opened");
    assert_eq!((&opened.event, opened.opened, opened.closed), (&first, at(1), None));
    let newer = NewHealthEvent {
        tracker: "Scope".to_owned(),
        error_code: Some(403),
        ..event(&source, "ThirdPartyConfigError", "2")
    };
    let again = store.open_health_event(&newer, at(2)).await.expect("opened again");
    assert_eq!((again.number, again.opened), (opened.number, at(1)));
    assert_eq!(again.event, NewHealthEvent { event_id: "1".to_owned(), ..newer });
}

#[tokio::test]
async fn a_closed_event_leaves_the_open_ones_and_another_of_its_name_may_open() {
    let (store, _folder) = new_store().await;
    let [a, ..] = three_open(&store).await;
    let closed = store.close_health_event(a.id, "ThirdPartyConfigError", at(9)).await.expect("closed");
    assert_eq!(closed.and_then(|event| event.closed), Some(at(9)));
    assert_eq!(store.close_health_event(a.id, "ThirdPartyConfigError", at(10)).await, Ok(None));
    assert_eq!(ids(&store.open_health_events(None, None, 9).await.expect("listed")), ["b", "c"]);
    store.open_health_event(&event(&a, "ThirdPartyConfigError", "d"), at(11)).await.expect("opened");
    assert_eq!(ids(&store.open_health_events(None, None, 9).await.expect("listed")), ["b", "c", "d"]);
    assert_eq!(ids(&store.health_history(None, None, 9).await.expect("listed")), ["d", "c", "b", "a"]);
}

#[tokio::test]
async fn all_events_of_a_source_close_together() {
    let (store, _folder) = new_store().await;
    let [a, ..] = three_open(&store).await;
    store.open_health_event(&event(&a, "FirstPartyGenericError", "other"), at(5)).await.expect("opened");
    let closed = store.close_health_events(a.id, at(6)).await.expect("closed");
    assert_eq!(closed.len(), 2);
    assert_eq!(ids(&store.open_health_events(None, None, 9).await.expect("listed")), ["b", "c"]);
}

#[tokio::test]
async fn a_list_goes_on_where_it_ended_although_events_closed_meanwhile() {
    let (store, _folder) = new_store().await;
    let [a, ..] = three_open(&store).await;
    let first = store.open_health_events(None, None, 1).await.expect("listed");
    assert_eq!(ids(&first), ["a"]);
    store.close_health_events(a.id, at(9)).await.expect("closed");
    let token = PageToken::parse(&first.next.expect("there are more").to_string());
    let second = store.open_health_events(None, token, 1).await.expect("listed");
    assert_eq!(ids(&second), ["b"]);
    let third = store.open_health_events(None, second.next, 1).await.expect("listed");
    assert_eq!((ids(&third), third.next), (vec!["c"], None));
    let newest = store.health_history(None, None, 2).await.expect("listed");
    assert_eq!(ids(&newest), ["c", "b"]);
    let oldest = store.health_history(None, newest.next, 2).await.expect("listed");
    assert_eq!((ids(&oldest), oldest.next), (vec!["a"], None));
}

#[tokio::test]
async fn a_scope_shows_the_events_of_its_sources_and_of_its_collectors() {
    let (store, _folder) = new_store().await;
    let [a, b, c] = three_open(&store).await;
    for (collectors, sources, expected) in [
        (vec![], vec![b.id], vec!["b"]),
        (vec![a.collector_id], vec![], vec!["a", "b"]),
        (vec![c.collector_id], vec![a.id], vec!["a", "c"]),
        (vec![], vec![], vec![]),
    ] {
        let scope = HealthScope { collectors, sources };
        let open = store.open_health_events(Some(&scope), None, 9).await.expect("listed");
        assert_eq!(ids(&open), expected, "{scope:?}");
        let history = store.health_history(Some(&scope), None, 9).await.expect("listed");
        assert_eq!(ids(&history), expected.into_iter().rev().collect::<Vec<_>>(), "{scope:?}");
    }
}

#[tokio::test]
async fn old_events_are_deleted_once_they_are_closed() {
    let (store, _folder) = new_store().await;
    let [a, b, _] = three_open(&store).await;
    store.close_health_events(a.id, at(5)).await.expect("closed");
    store.close_health_events(b.id, at(10)).await.expect("closed");
    assert_eq!(store.prune_health_events(at(10)).await, Ok(1));
    assert_eq!(ids(&store.health_history(None, None, 9).await.expect("listed")), ["c", "b"]);
}
