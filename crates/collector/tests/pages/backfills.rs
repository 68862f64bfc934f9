//! Backfills: estimated, begun, followed and canceled.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::json;

use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_shows, hidden};
use crate::visitor::{Visitor, page_of};

/// A source that has collected 50 events, and up to when.
async fn collected(daemon: &Daemon) -> (String, String) {
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    let streams = daemon
        .until(&format!("{source}/streams"), |answer| answer.json()["streams"][0]["watermark"].is_string())
        .await;
    let watermark = streams.json()["streams"][0]["watermark"].as_str().expect("text").to_owned();
    (source, watermark)
}

#[tokio::test]
async fn a_backfill_is_estimated_first_and_then_begun() {
    let daemon = Daemon::with_file_events(50).await;
    let (source, until) = collected(&daemon).await;
    let visitor = Visitor::new(&daemon).await;
    let list = format!("{}/backfills", page_of(&source));
    let typed = [("stream", "fileEvents"), ("from", "2020-01-01T00:00"), ("to", ""), ("exact_to", &until)];
    let considered = visitor.page_after(&list, &typed, 200).await;
    assert_shows(
        &considered,
        &["About 50 events in 1 request or more.", "2020-01-01T00:00:00.000Z", ">Begin</button>"],
    );
    assert_eq!(daemon.get(&format!("{source}/backfills")).await.expect(200)["backfills"], json!([]));

    let names = ["stream", "from", "to", "exact_from", "exact_to"];
    let values = names.map(|name| (name, hidden(&considered, name)));
    let mut values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    values.push(("begin", "yes"));
    let next = visitor.change(&list, &values).await;
    let one = next.strip_suffix("?notice=backfill-begun").expect("the backfill with its notice");
    daemon
        .until(&format!("{source}/backfills"), |answer| answer.json()["backfills"][0]["state"] == "Completed")
        .await;
    assert_shows(
        &visitor.look(one).await,
        &["Completed", "100 %", "<dt>Delivered</dt><dd>50</dd>", "2020-01-01T00:00:00.000Z"],
    );
    for page in [list.as_str(), page_of(&source)] {
        assert_shows(
            &visitor.look(page).await,
            &[&format!("href=\"{one}\""), "Completed", "2020-01-01 00:00 UTC"],
        );
    }
}

#[tokio::test]
async fn a_backfill_that_makes_no_sense_is_told_at_its_input_with_what_was_typed() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let visitor = Visitor::new(&daemon).await;
    let list = format!("{}/backfills", page_of(&source));
    let typed = |from, to| [("stream", "fileEvents"), ("from", from), ("to", to)];
    let wrong = visitor.page_after(&list, &typed("2025-06-02T00:00", "2025-06-01T00:00"), 400).await;
    assert_shows(
        &wrong,
        &["From is not before", "value=\"2025-06-02T00:00\" aria-invalid=\"true\"", "role=\"alert\""],
    );
    let wrong = visitor.page_after(&list, &typed("2025-06-02T00:00", "2200-06-01T00:00"), 400).await;
    assert_shows(&wrong, &["To lies in the future", "value=\"2200-06-01T00:00\" aria-invalid=\"true\""]);
    let hostile =
        [("stream", HOSTILE), ("exact_from", HOSTILE), ("to", "2025-06-01T00:00"), ("begin", "yes")];
    assert_inert(&visitor.page_after(&list, &hostile, 400).await);
    assert_eq!(visitor.get(&format!("{list}/7")).await.status, 404);
    assert_eq!(daemon.get(&format!("{source}/backfills")).await.expect(200)["backfills"], json!([]));
}

#[tokio::test]
async fn a_backfill_is_canceled_after_a_confirmation() {
    let daemon = Daemon::with_file_events(50).await;
    let (source, _) = collected(&daemon).await;
    let visitor = Visitor::new(&daemon).await;
    daemon.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::Delay { millis: 60_000 }));
    let list = format!("{}/backfills", page_of(&source));
    let typed = [
        ("stream", "fileEvents"),
        ("from", "2020-01-01T00:00"),
        ("to", "2023-01-01T00:00"),
        ("begin", "yes"),
    ];
    let next = visitor.change(&list, &typed).await;
    let one = next.split('?').next().expect("an address");
    assert_shows(&visitor.look(one).await, &["Running", &format!("href=\"{one}/cancel\"")]);
    assert_shows(
        &visitor.look(&format!("{one}/cancel")).await,
        &["stays delivered", ">Cancel backfill</button>"],
    );
    assert_eq!(
        visitor.change(&format!("{one}/cancel"), &[]).await,
        format!("{one}?notice=backfill-cancelled")
    );
    let shown = visitor.look(one).await;
    assert_shows(&shown, &["Canceled"]);
    assert_hides(&shown, &["/cancel\""]);
}
