//! Looking for health events.

use incydr_store::{HealthOrder, HealthSearch, HealthState, Source, Store};

use crate::health_events::event;
use crate::{at, new_source, new_store, tamper};

/// One of `Beta` that is open, one of `alpha` that was closed, and one of `gamma`, on another collector, that is open.
async fn three(store: &Store) -> [Source; 3] {
    let sources = [
        new_source(store, "one", "Beta").await,
        new_source(store, "one", "alpha").await,
        new_source(store, "two", "gamma").await,
    ];
    let names = ["ThirdPartyConfigError", "FirstPartyGenericError", "ThirdPartyConfigError"];
    for ((source, name), second) in sources.iter().zip(names).zip(1..) {
        let event = event(source, name, &source.name);
        store.open_health_event(&event, at(second)).await.expect("opened");
    }
    store.close_health_events(sources[1].id, at(9)).await.expect("closed");
    sources
}

/// The ids of what is found, in order, and how many there are.
async fn found(store: &Store, search: HealthSearch, limit: u32, offset: u32) -> (String, Option<u64>) {
    let finds = store.find_health_events(&search, limit, offset).await.expect("searched");
    let ids: Vec<_> = finds.events.into_iter().map(|event| event.event.event_id).collect();
    (ids.join(" "), finds.total)
}

fn all() -> HealthSearch {
    HealthSearch { state: HealthState::All, ..HealthSearch::default() }
}

#[tokio::test]
async fn each_condition_leaves_out_what_does_not_fulfill_it() {
    let (store, _folder) = new_store().await;
    let [beta, alpha, gamma] = three(&store).await;
    let text = |text: &str| HealthSearch { text: text.to_owned(), ..all() };
    for (search, expected) in [
        (all(), "Beta alpha gamma"),
        (HealthSearch::default(), "Beta gamma"),
        (HealthSearch { state: HealthState::Resolved, ..all() }, "alpha"),
        (HealthSearch { collector: Some(beta.collector_id), ..all() }, "Beta alpha"),
        (HealthSearch { source: Some(gamma.id), ..all() }, "gamma"),
        (HealthSearch { source: Some(gamma.id), collector: Some(alpha.collector_id), ..all() }, ""),
        (HealthSearch { name: Some("FirstPartyGenericError".to_owned()), ..all() }, "alpha"),
        (text("ALPHA"), "alpha"),
        (text("invalid_client"), "Beta alpha gamma"),
        (text("party_config"), ""),
        (text("%"), ""),
        (text("\\"), ""),
        (text("' OR TRUE --"), ""),
    ] {
        let total = u64::try_from(expected.split_whitespace().count()).ok();
        assert_eq!(found(&store, search.clone(), 9, 0).await, (expected.to_owned(), total), "{search:?}");
    }
}

#[tokio::test]
async fn each_order_has_two_directions_and_the_newest_first_among_equals() {
    let (store, _folder) = new_store().await;
    three(&store).await;
    for (order, descending, expected) in [
        (HealthOrder::Opened, false, "Beta alpha gamma"),
        (HealthOrder::Opened, true, "gamma alpha Beta"),
        (HealthOrder::Resource, false, "alpha Beta gamma"),
        (HealthOrder::Resource, true, "gamma Beta alpha"),
        (HealthOrder::Name, false, "alpha gamma Beta"),
        (HealthOrder::Name, true, "gamma Beta alpha"),
    ] {
        let search = HealthSearch { order, descending, ..all() };
        assert_eq!(found(&store, search.clone(), 9, 0).await, (expected.to_owned(), Some(3)), "{search:?}");
    }
}

#[tokio::test]
async fn a_page_is_a_part_and_the_total_is_of_all_as_far_as_it_is_counted() {
    let (store, _folder) = new_store().await;
    let [beta, ..] = three(&store).await;
    assert_eq!(found(&store, all(), 2, 0).await, ("Beta alpha".to_owned(), Some(3)));
    assert_eq!(found(&store, all(), 2, 2).await, ("gamma".to_owned(), Some(3)));
    assert_eq!(found(&store, all(), 2, 4).await, (String::new(), Some(3)));
    tamper(
        &store,
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9998)
         INSERT INTO health_events (event_id, collector_id, collector_name, source_id, source_name, name, tracker,
                                    title, description, error_code, error_info, opened_nanos, closed_nanos)
         SELECT 'copy ' || n, collector_id, collector_name, source_id, source_name, name, tracker,
                title, description, error_code, error_info, opened_nanos, 9
         FROM health_events JOIN numbers WHERE event_id = 'Beta'",
    )
    .await;
    assert_eq!(found(&store, all(), 1, 10_000).await, ("copy 9998".to_owned(), None));
    let of_beta = HealthSearch { source: Some(beta.id), ..all() };
    assert_eq!(found(&store, of_beta, 1, 0).await, ("Beta".to_owned(), Some(9_999)));
}

#[tokio::test]
async fn one_event_is_found_by_its_id() {
    let (store, _folder) = new_store().await;
    let [beta, ..] = three(&store).await;
    let found = store.health_event("Beta").await.expect("read").expect("it is there");
    assert_eq!((found.opened, found.event.source_id), (at(1), beta.id));
    assert_eq!(store.health_event("beta").await, Ok(None));
}
