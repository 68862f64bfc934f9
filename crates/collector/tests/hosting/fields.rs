//! Which fields leave, and how that changes while events flow.

use incydr_collector::hosting::{CollectorLabels, DroppedField, SourceId};
use incydr_collector::source_config::Fields;

use crate::stage::Stage;

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn last_fields(stage: &Stage) -> String {
    let requests = stage.sumo.requests();
    requests.last().and_then(|request| request.header("x-sumo-fields")).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn fields_that_are_not_enabled_are_kept_back_and_counted_and_enabling_them_restarts_nothing() {
    let stage = Stage::with_file_events(40).await;
    stage.fleet.enable_fields(Some(vec!["Site".to_owned()]));
    let mut source = stage.source(1);
    source.collector = CollectorLabels {
        category: Some("inherited".to_owned()),
        fields: Fields { pairs: vec![pair("site", "Bern"), pair("env", "test")], siem_forward: Some(true) },
    };
    source.config.category = None;
    stage.collect(source).await;
    stage.acknowledge(1, 40).await;
    let siem = "_siemForward=true, _siemParser=/Parsers/System/Code42/Code42 Incydr";
    assert_eq!(last_fields(&stage), format!("site=Bern, {siem}"));
    let requests = stage.sumo.requests();
    assert_eq!(requests.last().and_then(|request| request.header("x-sumo-category")), Some("inherited"));
    assert_eq!(stage.status(1).dropped_fields, ["env"]);

    let position = stage.chronicle.position(1);
    stage.fleet.enable_fields(None);
    assert!(stage.status(1).dropped_fields.is_empty());
    stage.pass_requests(3).await;
    stage.incydr.add_burst(2, stage.incydr.clock().now());
    stage.receive(42).await;
    assert_eq!(last_fields(&stage), format!("site=Bern, env=test, {siem}"));
    assert_eq!(stage.chronicle.position(1), position, "its state never changed");
    stage.fleet.remove(SourceId(1)).await;
    assert_eq!(stage.fleet.fields().dropped(), [DroppedField { name: "env".to_owned(), events: 40 }]);
}
