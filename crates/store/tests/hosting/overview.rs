//! All collectors with their sources as one list.

use incydr_core::health::{ErrorType, SourceState, StateRecord};
use incydr_store::{
    ConditionCounts, Overview, OverviewFilter, OverviewRow, SourceCondition, SourceRow, Store,
};

use crate::health_events::event;
use crate::{at, by, new_source, new_store, tamper};

/// Collectors `North` and `south`, with sources `beta` and `Alpha` on the first and `gamma` on the second; `empty` has
/// none. `beta` and `gamma` have categories of their own, `North` has one as well.
async fn three_collectors(store: &Store) {
    for (collector, document) in
        [("empty", "{}"), ("south", "{}"), ("North", r#"{"category":"sec/50%_off"}"#)]
    {
        store.create_collector(collector, document, 100, by(0)).await.expect("the name is free");
    }
    for (collector, name) in [("North", "beta"), ("North", "Alpha"), ("south", "gamma")] {
        new_source(store, collector, name).await;
    }
    tamper(
        store,
        r#"UPDATE sources SET document = '{"config":{"category":"Prod/Code42"}}' WHERE name IN ('beta', 'gamma')"#,
    )
    .await;
}

async fn error(store: &Store, name: &str) -> u64 {
    let source = find(store, name).await.id;
    let state = StateRecord {
        state: SourceState::Error,
        error_type: Some(ErrorType::ThirdPartyConfig),
        error_code: Some(401),
        error_info: Some(r#"{"error":"invalid_client"}"#.to_owned()),
        since: at(5),
    };
    store.record_state(source, &state).await.expect("recorded");
    source
}

async fn find(store: &Store, name: &str) -> SourceRow {
    let all = overview(store, OverviewFilter::default()).await;
    let found = all.rows.into_iter().find_map(|row| match row {
        OverviewRow::Source(source) if source.name == name => Some(source),
        OverviewRow::Source(_) | OverviewRow::Collector(_) => None,
    });
    found.expect("it is on the list")
}

async fn overview(store: &Store, filter: OverviewFilter) -> Overview {
    store.overview(&filter, 100, 0).await.expect("read")
}

/// Names in order, those of sources behind a dash.
fn names(overview: &Overview) -> Vec<String> {
    let name = |row: &OverviewRow| match row {
        OverviewRow::Collector(collector) => collector.name.clone(),
        OverviewRow::Source(source) => format!("- {}", source.name),
    };
    overview.rows.iter().map(name).collect()
}

async fn names_with(store: &Store, text: &str, condition: Option<SourceCondition>) -> Vec<String> {
    let filter = OverviewFilter { text: text.to_owned(), condition, ..OverviewFilter::default() };
    names(&overview(store, filter).await)
}

const ALL: [&str; 6] = ["empty", "North", "- Alpha", "- beta", "south", "- gamma"];

#[tokio::test]
async fn each_collector_is_followed_by_its_sources_in_the_order_of_names_whatever_their_case() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    let all = overview(&store, OverviewFilter::default()).await;
    assert_eq!((names(&all), all.total), (ALL.map(str::to_owned).to_vec(), 6));
    let OverviewRow::Collector(north) = &all.rows[1] else { panic!("{:?}", all.rows) };
    assert_eq!((north.category.as_deref(), north.sources, north.in_error), (Some("sec/50%_off"), 2, 0));
    let beta = find(&store, "beta").await;
    assert_eq!((beta.collector_id, beta.collector_name.as_str()), (north.id, "North"));
    assert_eq!((beta.category.as_deref(), beta.state.state), (Some("Prod/Code42"), SourceState::Pending));
    assert_eq!(find(&store, "Alpha").await.category, None);
}

#[tokio::test]
async fn pages_join_to_the_whole_list_and_one_behind_its_end_still_tells_how_long_it_is() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    let mut joined = Vec::new();
    for offset in [0, 2, 4, 6] {
        let page = store.overview(&OverviewFilter::default(), 2, offset).await.expect("read");
        assert_eq!(page.total, 6);
        joined.extend(names(&page));
    }
    assert_eq!(joined, ALL);
}

#[tokio::test]
async fn a_word_is_looked_for_in_names_and_categories_of_sources_and_of_their_collectors() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    for (text, expected) in [
        ("", &ALL[..]),
        ("ALPH", &["North", "- Alpha"]),
        ("code42", &["North", "- beta", "south", "- gamma"]),
        ("prod south", &["south", "- gamma"]),
        ("north", &["North", "- Alpha", "- beta"]),
        ("sec/", &["North", "- Alpha", "- beta"]),
        ("empt", &["empty"]),
        ("prod/c*", &["North", "- beta", "south", "- gamma"]),
        ("be*a", &["North", "- beta"]),
        ("nothing", &[]),
    ] {
        assert_eq!(names_with(&store, text, None).await, expected, "{text}");
    }
}

#[tokio::test]
async fn what_means_something_to_the_database_stands_for_itself() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    new_source(&store, "south", r#"a"b\c"#).await;
    for (text, expected) in [
        ("50%_", &["North", "- Alpha", "- beta"][..]),
        ("5%_off", &[]),
        ("_lpha", &[]),
        (r#"a"b\C"#, &["south", r#"- a"b\c"#]),
        (r"\", &["south", r#"- a"b\c"#]),
        ("'; DROP TABLE sources", &[]),
    ] {
        assert_eq!(names_with(&store, text, None).await, expected, "{text}");
    }
}

#[tokio::test]
async fn sources_in_one_condition_stand_there_with_their_collectors_alone() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    error(&store, "beta").await;
    let gamma = find(&store, "gamma").await.id;
    store.mark_source_stopping(gamma, by(6)).await.expect("marked");
    for (condition, expected) in [
        (SourceCondition::Running, ["North", "- Alpha"]),
        (SourceCondition::Error, ["North", "- beta"]),
        (SourceCondition::Stopping, ["south", "- gamma"]),
    ] {
        assert_eq!(names_with(&store, "", Some(condition)).await, expected, "{condition:?}");
    }
    assert_eq!(names_with(&store, "code42", Some(SourceCondition::Running)).await, Vec::<String>::new());
    let all = overview(&store, OverviewFilter::default()).await;
    assert_eq!(all.sources, ConditionCounts { running: 1, error: 1, stopping: 1 });
    let OverviewRow::Collector(north) = &all.rows[1] else { panic!("{:?}", all.rows) };
    assert_eq!((north.sources, north.in_error), (2, 1));
}

#[tokio::test]
async fn a_source_shows_its_error_and_its_open_health_events_the_worst_first() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    let id = error(&store, "beta").await;
    let source = store.source(id).await.expect("read").expect("it is there");
    for name in ["FirstPartyGenericError", "ThirdPartyConfigError", "ThirdPartyGenericError"] {
        store.open_health_event(&event(&source, name, name), at(6)).await.expect("opened");
    }
    store.close_health_event(id, "ThirdPartyGenericError", at(7)).await.expect("closed");
    let beta = find(&store, "beta").await;
    assert_eq!(beta.open_events, [ErrorType::ThirdPartyConfig, ErrorType::FirstPartyGeneric]);
    assert_eq!((&beta.state, beta.stopping), (&source.state, false));
    assert_eq!(find(&store, "Alpha").await.open_events, []);
}

#[tokio::test]
async fn who_is_bound_to_a_collector_sees_and_counts_nothing_else() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    let collector = Some(find(&store, "gamma").await.collector_id);
    let own = overview(&store, OverviewFilter { collector, ..OverviewFilter::default() }).await;
    assert_eq!((names(&own), own.total), (vec!["south".to_owned(), "- gamma".to_owned()], 2));
    assert_eq!(own.sources, ConditionCounts { running: 1, ..ConditionCounts::default() });
    let text = "beta".to_owned();
    let foreign = overview(&store, OverviewFilter { collector, text, ..OverviewFilter::default() }).await;
    assert_eq!((names(&foreign), foreign.total), (vec![], 0));
}

#[tokio::test]
async fn a_collector_that_is_being_deleted_is_gone_with_its_sources() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    let south = find(&store, "gamma").await.collector_id;
    store.mark_collector_stopping(south, by(7)).await.expect("marked");
    let all = overview(&store, OverviewFilter::default()).await;
    assert_eq!(names(&all), ["empty", "North", "- Alpha", "- beta"]);
    assert_eq!(all.sources.total(), 2);
}

#[test]
fn every_condition_reads_back_from_its_word() {
    for condition in SourceCondition::ALL {
        assert_eq!(SourceCondition::parse(condition.as_str()), Some(condition));
    }
    assert_eq!(SourceCondition::parse("Running"), None);
}

#[tokio::test]
async fn collapsed_collectors_keep_their_figures_and_hide_their_sources() {
    let (store, _folder) = new_store().await;
    three_collectors(&store).await;
    error(&store, "beta").await;
    let filter = OverviewFilter { collapsed: true, ..OverviewFilter::default() };
    let all = overview(&store, filter.clone()).await;
    assert_eq!((names(&all), all.total), (["empty", "North", "south"].map(str::to_owned).to_vec(), 3));
    assert_eq!(all.sources, ConditionCounts { running: 2, error: 1, stopping: 0 });
    let condition = Some(SourceCondition::Error);
    let in_error = overview(&store, OverviewFilter { condition, ..filter }).await;
    assert_eq!(names(&in_error), ["North"], "those that have some");
}
