//! The search: filters, sorting, both ways of paging, problems.

use std::collections::HashSet;
use std::time::Duration;

use incydr_simulator::{
    Clock, DataOptions, Digest, FilterPrecision, GivenEvent, Growth, IncydrBehavior, IncydrOptions,
    LastToken, Moment, RateOptions, RecordKind, SimulatedIncydr, Visibility,
};
use serde_json::{Value, json};

use crate::client::{ids, post, search, token};

const NOW: i64 = 1_768_000_000_000;

fn options(file_events: u64) -> IncydrOptions {
    let event_visibility = Visibility::immediate();
    IncydrOptions {
        clock: Clock::manual(Moment::from_millis(NOW)),
        data: DataOptions { file_events, event_visibility, ..DataOptions::default() },
        rate: RateOptions { per_minute: None, ..RateOptions::default() },
        ..IncydrOptions::default()
    }
}

struct Searcher {
    incydr: SimulatedIncydr,
    token: String,
}

impl Searcher {
    async fn start(options: IncydrOptions) -> Self {
        let incydr = SimulatedIncydr::start(options).await.expect("it starts");
        let token = token(&incydr).await;
        Self { incydr, token }
    }

    async fn post(&self, body: &Value) -> (u16, Value) {
        let reply = post(&self.incydr, &self.token, "/v2/file-events", body).await;
        assert!(reply.complete);
        (reply.status, reply.json())
    }

    async fn page(&self, body: &Value) -> Value {
        let (status, page) = self.post(body).await;
        assert_eq!(status, 200, "{page}");
        page
    }

    /// Walks by token to the end.
    async fn walk(&self, mut body: Value) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        loop {
            let page = self.page(&body).await;
            pages.push(ids(&page));
            match page["nextPgToken"].as_str() {
                Some(token) if !token.is_empty() => body["pgToken"] = json!(token),
                _ => return pages,
            }
        }
    }

    async fn problem(&self, body: &Value) -> String {
        let (status, answer) = self.post(body).await;
        assert_eq!(
            (status, &answer["fileEvents"], &answer["totalCount"]),
            (400, &Value::Null, &json!(0)),
            "{body}"
        );
        answer["problems"][0]["type"].as_str().expect("a type").to_owned()
    }
}

fn filtered(filters: Value) -> Value {
    let mut body = search(10_000, "");
    body["groups"] = json!([{"filterClause": "AND", "filters": filters}]);
    body
}

#[tokio::test]
async fn a_walk_by_token_gives_every_event_once_in_order_of_insertion() {
    let searcher = Searcher::start(options(2_500)).await;
    let pages = searcher.walk(search(1_000, "")).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 1_000, 500]);
    let walked: Vec<String> = pages.concat();
    let mut entries: Vec<_> = searcher.incydr.truth().entries;
    entries.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    assert_eq!(walked, entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_served_bytes_are_the_bytes_of_the_truth() {
    let searcher = Searcher::start(options(300)).await;
    searcher
        .incydr
        .add_events([GivenEvent::plain("with \"quotes\"", Moment::from_millis(NOW))], Moment::default());
    let reply = post(&searcher.incydr, &searcher.token, "/v2/file-events", &search(10_000, "")).await;
    let page: RawPage<'_> = serde_json::from_slice(&reply.body).unwrap();
    let served: HashSet<Digest> = page.events.iter().map(|raw| Digest::of(raw.get().as_bytes())).collect();
    let truth: HashSet<Digest> = searcher.incydr.truth().entries.iter().map(|entry| entry.digest).collect();
    assert_eq!(served.len(), 301);
    assert_eq!(served, truth);
}

#[derive(serde::Deserialize)]
struct RawPage<'a> {
    #[serde(borrow, rename = "fileEvents")]
    events: Vec<&'a serde_json::value::RawValue>,
}

#[tokio::test]
async fn an_invented_document_says_what_it_is_sorted_and_filtered_by() {
    let searcher = Searcher::start(options(400)).await;
    let page = searcher.page(&search(10_000, "")).await;
    let mut inserted = Vec::new();
    for event in page["fileEvents"].as_array().unwrap() {
        let text = event["event"]["inserted"].as_str().unwrap();
        inserted.push(Moment::parse(text).unwrap());
        assert!(Moment::parse(event["@timestamp"].as_str().unwrap()).is_some());
        assert!(event["risk"]["score"].is_i64());
    }
    assert!(inserted.is_sorted());
    let mut entries: Vec<_> = searcher.incydr.truth().entries.iter().map(|entry| entry.at).collect();
    entries.sort();
    assert_eq!(inserted, entries);
}

#[tokio::test]
async fn a_null_token_means_pages_by_number_that_end_at_ten_thousand() {
    let searcher = Searcher::start(options(12_000)).await;
    let mut body = search(10_000, "");
    body["pgToken"] = Value::Null;
    let page = searcher.page(&body).await;
    assert_eq!(
        (ids(&page).len(), &page["nextPgToken"], &page["totalCount"]),
        (10_000, &Value::Null, &json!(12_000))
    );
    body["pgNum"] = json!(2);
    assert_eq!(searcher.problem(&body).await, "INVALID_PAGE_NUMBER");
    body["pgNum"] = json!(0);
    assert_eq!(searcher.problem(&body).await, "INVALID_PAGE_NUMBER");
    (body["pgNum"], body["pgSize"]) = (json!(100), json!(100));
    let by_number = ids(&searcher.page(&body).await);
    assert_eq!(by_number, searcher.walk(search(10_000, "")).await.concat()[9_900..10_000]);
    body["pgSize"] = json!(10_001);
    assert_eq!(searcher.problem(&body).await, "INVALID_PAGE_SIZE");
}

#[tokio::test]
async fn without_sort_key_and_direction_the_greatest_id_comes_first() {
    let searcher = Searcher::start(options(200)).await;
    let mut body = search(60, "");
    body.as_object_mut().unwrap().remove("srtKey");
    body.as_object_mut().unwrap().remove("srtDir");
    let walked = searcher.walk(body).await.concat();
    let mut sorted: Vec<_> = searcher.incydr.truth().entries.into_iter().map(|entry| entry.id).collect();
    sorted.sort();
    sorted.reverse();
    assert_eq!(walked, sorted);
}

#[tokio::test]
async fn any_id_of_the_result_set_is_a_token_and_any_other_is_not() {
    let searcher = Searcher::start(options(50)).await;
    let all = ids(&searcher.page(&search(100, "")).await);
    assert_eq!(ids(&searcher.page(&search(5, &all[17])).await), all[18..23]);
    assert_eq!(searcher.problem(&search(5, "unknown")).await, "INVALID_PAGE_TOKEN");
    let mut narrowed = filtered(json!([{"term": "event.id", "operator": "IS_NOT", "value": all[17]}]));
    narrowed["pgToken"] = json!(all[17]);
    assert_eq!(searcher.problem(&narrowed).await, "INVALID_PAGE_TOKEN");
}

#[tokio::test]
async fn a_full_last_page_leads_to_an_empty_one_unless_switched_off() {
    for (has_token, sizes) in [(true, vec![10, 10, 0]), (false, vec![10, 10])] {
        let behavior = IncydrBehavior { full_last_page_has_token: has_token, ..IncydrBehavior::default() };
        let searcher = Searcher::start(IncydrOptions { behavior, ..options(20) }).await;
        let pages = searcher.walk(search(10, "")).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    }
}

#[tokio::test]
async fn the_end_of_a_walk_and_an_empty_page_look_as_switched() {
    for (last_token, expected) in
        [(LastToken::Null, Some(Value::Null)), (LastToken::Empty, Some(json!(""))), (LastToken::Absent, None)]
    {
        let behavior = IncydrBehavior {
            last_token,
            empty_events_are_null: true,
            events_come_last: true,
            ..IncydrBehavior::default()
        };
        let searcher = Searcher::start(IncydrOptions { behavior, ..options(0) }).await;
        let page = searcher.page(&search(10, "")).await;
        assert_eq!(page.get("nextPgToken"), expected.as_ref());
        assert_eq!(page["fileEvents"], Value::Null);
    }
}

#[tokio::test]
async fn filter_values_are_cut_to_milliseconds_and_event_times_only_if_switched() {
    for (filter_precision, at_end) in [(FilterPrecision::ValuesOnly, 1), (FilterPrecision::Both, 2)] {
        let behavior = IncydrBehavior { filter_precision, ..IncydrBehavior::default() };
        let searcher = Searcher::start(IncydrOptions { behavior, ..options(0) }).await;
        let start = Moment::parse("2026-01-10T08:00:00.000Z").unwrap();
        let events = [0_i64, 400_000].map(|nanos| {
            GivenEvent::plain(&format!("event-{nanos}"), Moment::from_nanos(start.as_nanos() + nanos))
        });
        searcher.incydr.add_events(events, Moment::default());
        let after = json!([{"term": "event.inserted", "operator": "ON_OR_AFTER", "value": "2026-01-10T08:00:00.000999Z"}]);
        assert_eq!(searcher.page(&filtered(after)).await["totalCount"], 2);
        let before = json!([{"term": "event.inserted", "operator": "ON_OR_BEFORE", "value": "2026-01-10T08:00:00.000Z"}]);
        assert_eq!(searcher.page(&filtered(before)).await["totalCount"], at_end);
    }
}

#[tokio::test]
async fn filters_on_any_part_of_a_document_agree_with_the_documents() {
    let searcher = Searcher::start(options(300)).await;
    let all = searcher.page(&search(10_000, "")).await;
    let documents = all["fileEvents"].as_array().unwrap();
    let count = |holds: &dyn Fn(&Value) -> bool| documents.iter().filter(|document| holds(document)).count();
    let score = |document: &Value| document["risk"]["score"].as_i64().unwrap();
    let observer = |document: &Value| document["event"]["observer"].as_str().unwrap().to_owned();
    for (filter, expected) in [
        (
            json!({"term": "risk.score", "operator": "GREATER_THAN", "value": 1}),
            count(&|event| score(event) > 1),
        ),
        (json!({"term": "risk.score", "operator": "IS", "value": "0"}), count(&|event| score(event) == 0)),
        (
            json!({"term": "event.observer", "value": "google*"}),
            count(&|event| observer(event) == "GoogleDrive"),
        ),
        (
            json!({"term": "event.observer", "operator": "IS_NONE", "value": ["Endpoint", "Gmail"]}),
            count(&|event| !["Endpoint", "Gmail"].contains(&observer(event).as_str())),
        ),
        (
            json!({"term": "risk.indicators.weight", "operator": "GREATER_THAN", "value": 8}),
            count(&|event| {
                let indicators = event["risk"]["indicators"].as_array().unwrap();
                indicators.iter().any(|indicator| indicator["weight"].as_i64().unwrap() > 8)
            }),
        ),
        (
            json!({"term": "user.deviceUid", "operator": "DOES_NOT_EXIST", "value": null}),
            count(&|event| event["user"]["deviceUid"].is_null()),
        ),
    ] {
        let found = searcher.page(&filtered(json!([filter]))).await;
        assert_eq!(found["totalCount"], json!(expected), "{filter}");
        assert!(expected > 0 && expected < 300, "{filter} tells nothing");
    }
}

#[tokio::test]
async fn groups_are_joined_by_their_clauses_and_may_be_nested() {
    let searcher = Searcher::start(options(40)).await;
    let all = ids(&searcher.page(&search(100, "")).await);
    let is = |at: usize| json!({"filters": [{"term": "event.id", "operator": "IS", "value": all[at]}]});
    let mut body = search(100, "");
    body["groupClause"] = json!("OR");
    body["groups"] = json!([is(3), {"subgroupClause": "OR", "subgroups": [is(7), is(9)]}]);
    assert_eq!(ids(&searcher.page(&body).await), [all[3].clone(), all[7].clone(), all[9].clone()]);
    body["groupClause"] = json!("AND");
    assert_eq!(searcher.page(&body).await["totalCount"], 0);
}

#[tokio::test]
async fn a_query_that_breaks_a_rule_is_refused_with_the_problem_that_fits() {
    let searcher = Searcher::start(options(1)).await;
    let one = |term: &str, operator: &str, value: Value| {
        filtered(json!([{"term": term, "operator": operator, "value": value}]))
    };
    let mut without_groups = search(10, "");
    without_groups.as_object_mut().unwrap().remove("groups");
    let mut unsortable = search(10, "");
    unsortable["srtKey"] = json!("process.executable");
    let mut upper_case = search(10, "");
    upper_case["srtDir"] = json!("ASC");
    for (body, problem) in [
        (without_groups, "MISSING_GROUPS"),
        (filtered(json!([])), "MISSING_FILTERS"),
        (one("moon.phase", "IS", json!("full")), "ILLEGAL_VALUE"),
        (one("event.inserted", "GREATER_THAN", json!("2026-01-01T00:00:00Z")), "ILLEGAL_OPERATOR"),
        (one("event.inserted", "ON_OR_AFTER", json!("yesterday")), "ILLEGAL_VALUE"),
        (one("event.inserted", "ON_OR_AFTER", json!(1_768_000_000)), "ILLEGAL_VALUE"),
        (one("event.inserted", "ON_OR_AFTER", Value::Null), "MISSING_VALUE"),
        (one("event.inserted", "WITHIN_THE_LAST", json!("PT7M")), "ILLEGAL_VALUE"),
        (one("event.id", "IS_ANY", json!("one")), "ILLEGAL_VALUE"),
        (one("event.id", "IS", json!(["one"])), "ILLEGAL_VALUE"),
        (filtered(json!(vec![json!({"term": "event.id", "value": "x"}); 1_025])), "MAX_FILTERS_EXCEEDED"),
        (unsortable, "ILLEGAL_SORT"),
        (upper_case, "ILLEGAL_SORT"),
    ] {
        assert_eq!(searcher.problem(&body).await, problem, "{body:.300}");
    }
}

#[tokio::test]
async fn an_event_can_be_found_only_once_it_is_visible_and_the_truth_waits_for_it() {
    let clock = Clock::manual(Moment::from_millis(NOW));
    let searcher = Searcher::start(IncydrOptions { clock: clock.clone(), ..options(0) }).await;
    let late = GivenEvent::plain("late", Moment::from_millis(NOW));
    searcher.incydr.add_events([late], clock.now().plus(Duration::from_secs(30)));
    assert_eq!(searcher.page(&search(10, "")).await["totalCount"], 0);
    assert_eq!(searcher.incydr.truth().entries.len(), 0);
    clock.advance(Duration::from_secs(30));
    assert_eq!(ids(&searcher.page(&search(10, "")).await), ["late"]);
    assert_eq!(searcher.incydr.truth().entries.len(), 1);
}

#[tokio::test]
async fn records_grow_with_the_clock() {
    let clock = Clock::manual(Moment::from_millis(NOW));
    let growth =
        Growth { file_events_per_second: 10.0, sessions_per_hour: 60.0, audit_rows_per_minute: 30.0 };
    let mut options = IncydrOptions { clock: clock.clone(), ..options(0) };
    options.data.growth = growth;
    options.data.audit_visibility = Visibility::immediate();
    let searcher = Searcher::start(options).await;
    clock.advance(Duration::from_secs(600));
    assert_eq!(searcher.page(&search(1, "")).await["totalCount"], 6_000);
    let truth = searcher.incydr.truth();
    assert!(truth.of_kind(RecordKind::AuditRow).count() >= 300);
    assert!((1..=10).contains(&truth.of_kind(RecordKind::Session).count()));
}

#[tokio::test]
async fn a_burst_inside_one_microsecond_is_walked_in_order_of_ids() {
    let searcher = Searcher::start(options(10)).await;
    searcher.incydr.add_burst(2_500, Moment::from_millis(NOW - 5_000));
    let pages = searcher.walk(search(1_000, "")).await;
    let walked = pages.concat();
    assert_eq!(walked.len(), 2_510);
    assert_eq!(walked.iter().collect::<HashSet<_>>().len(), 2_510);
}

#[tokio::test]
async fn given_bytes_are_served_as_they_are_however_large_or_wrong() {
    let searcher = Searcher::start(options(0)).await;
    let at = Moment::from_millis(NOW);
    let large = GivenEvent::sized("large", at, 10_000_000);
    assert_eq!(large.bytes.len(), 10_000_000);
    let raw = GivenEvent::raw("raw", at, b"\xff not json".to_vec());
    searcher.incydr.add_events([large.clone(), raw.clone()], Moment::default());
    let reply = post(&searcher.incydr, &searcher.token, "/v2/file-events", &search(10, "")).await;
    let body = [b"{\"fileEvents\":[".as_slice(), &large.bytes, b",", &raw.bytes, b"],"].concat();
    assert!(reply.body.starts_with(&body));
}
