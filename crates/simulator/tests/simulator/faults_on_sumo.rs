//! Faults of the simulated Sumo Logic, and what was taken in nevertheless.

use incydr_simulator::{
    BreakKind, BreakPoint, DataOptions, Fault, FaultRule, GivenEvent, IncydrOptions, Moment, RecordKind,
    SimulatedIncydr, SimulatedSumo, SumoOptions, Target, Verdict, Visibility,
};

use crate::client::{Reply, post as post_to_incydr, search, send, token};

const EVENTS: &str = "{\"event\":{\"id\":\"e-1\"}}\n{\"event\":{\"id\":\"e-2\"}}\n{\"event\":{\"id\":\"e-3\"}}\n{\"event\":{\"id\":\"e-4\"}}\n";

async fn struck_by(rule: FaultRule) -> (SimulatedSumo, Reply) {
    let sumo = SimulatedSumo::start(SumoOptions::default()).await.unwrap();
    sumo.faults().add(rule);
    let reply = post(&sumo, EVENTS.as_bytes()).await;
    (sumo, reply)
}

async fn post(sumo: &SimulatedSumo, body: &[u8]) -> Reply {
    let url = sumo.url();
    let path = &url[url.find("/receiver").unwrap()..];
    send(sumo.port(), &format!("POST {path}"), &[], body).await
}

#[tokio::test]
async fn what_is_answered_otherwise_was_dropped() {
    for fault in
        [Fault::throttle("1"), Fault::status(429), Fault::status(503), Fault::answer(413, "too large")]
    {
        let (sumo, reply) = struck_by(FaultRule::always(Target::Sumo, fault)).await;
        assert!(reply.status >= 400);
        assert_eq!((sumo.message_count(), sumo.requests().len()), (0, 1));
    }
}

#[tokio::test]
async fn a_slow_request_can_have_been_taken_in_in_part() {
    let rule = FaultRule::always(Target::Sumo, Fault::status(408)).and(Fault::Ingest { share: 0.5 });
    let (sumo, reply) = struck_by(rule).await;
    assert_eq!(reply.status, 408);
    let received = sumo.received();
    assert_eq!((received.messages, received.versions(RecordKind::FileEvent, "e-3").len()), (2, 0));
}

#[tokio::test]
async fn a_warning_can_come_with_success() {
    let rule =
        FaultRule::always(Target::Sumo, Fault::answer(200, "a warning")).and(Fault::Ingest { share: 1.0 });
    let (sumo, reply) = struck_by(rule).await;
    assert_eq!(
        (reply.status, reply.body.as_slice(), sumo.message_count()),
        (200, b"a warning".as_slice(), 4)
    );
}

#[tokio::test]
async fn an_answer_can_be_lost_after_everything_was_taken_in() {
    for how in [BreakKind::Close, BreakKind::Reset, BreakKind::HalfClose] {
        let (sumo, reply) = struck_by(FaultRule::next(Target::Sumo, 1, Fault::no_answer(how))).await;
        assert_eq!((reply.status, sumo.message_count()), (0, 4));
        assert_eq!(post(&sumo, EVENTS.as_bytes()).await.status, 200);
        let received = sumo.received();
        assert_eq!((received.duplicates(), received.batches[0].digest), (4, received.batches[1].digest));
    }
}

#[tokio::test]
async fn a_connection_can_be_lost_before_anything_was_taken_in() {
    let lost = Fault::Break { at: BreakPoint::BeforeHead, how: BreakKind::Close };
    let (sumo, reply) =
        struck_by(FaultRule::always(Target::Sumo, lost).and(Fault::Ingest { share: 0.0 })).await;
    assert_eq!((reply.status, sumo.message_count()), (0, 0));
}

#[tokio::test]
async fn a_poison_event_and_a_size_are_refused_with_their_whole_request() {
    let poison = Fault::RefuseContaining { marker: "\"e-3\"".to_owned(), status: 400 };
    let (sumo, reply) = struck_by(FaultRule::always(Target::Sumo, poison)).await;
    assert_eq!((reply.status, sumo.message_count()), (400, 0));
    assert_eq!(post(&sumo, &EVENTS.as_bytes()[..46]).await.status, 200);
    let size = Fault::RefuseAbove { bytes: 46, status: 413 };
    let (sumo, reply) = struck_by(FaultRule::always(Target::Sumo, size)).await;
    assert_eq!((reply.status, post(&sumo, &EVENTS.as_bytes()[..46]).await.status), (413, 200));
    assert_eq!(sumo.message_count(), 2);
}

#[tokio::test]
async fn the_verdict_finds_what_is_missing_invented_altered_and_doubled() {
    let data = DataOptions { event_visibility: Visibility::immediate(), ..DataOptions::default() };
    let incydr = SimulatedIncydr::start(IncydrOptions { data, ..IncydrOptions::default() }).await.unwrap();
    let events: Vec<_> = ["a", "b", "c"].map(|id| GivenEvent::plain(id, Moment::default())).into();
    incydr.add_events(events.clone(), Moment::default());
    let token = token(&incydr).await;
    assert_eq!(post_to_incydr(&incydr, &token, "/v2/file-events", &search(10, "")).await.status, 200);
    let sumo = SimulatedSumo::start(SumoOptions::default()).await.unwrap();
    let verdict = async |lines: &[&[u8]]| {
        assert_eq!(post(&sumo, &lines.join(b"\n".as_slice())).await.status, 200);
        incydr.truth().compare(&sumo.received(), &[RecordKind::FileEvent])
    };
    let missing = verdict(&[&events[0].bytes]).await;
    assert_eq!(missing, Verdict { missing: vec!["b".to_owned(), "c".to_owned()], ..Verdict::default() });
    let complete = verdict(&[&events[1].bytes, &events[2].bytes]).await;
    assert_eq!(complete, Verdict::default());
    let doubled = verdict(&[&events[0].bytes]).await;
    assert_eq!((doubled.is_complete(), doubled.duplicates), (true, 1));
    let worse = verdict(&[br#"{"event":{"id":"b"}}"#, br#"{"event":{"id":"z"}}"#]).await;
    assert_eq!((worse.altered, worse.invented), (vec!["b".to_owned()], vec!["z".to_owned()]));
}
