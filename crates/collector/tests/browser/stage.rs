//! What several tests set up over the API before a browser looks at it.

use std::time::Duration;

use incydr_simulator::{Fault, FaultRule, GivenEvent, RuleId, Target};
use serde_json::{Value, json};

use crate::daemon::Daemon;

/// What marks an event that Sumo Logic refuses.
pub(crate) const POISON: &str = "poisoned-event";

/// The page of a source or a collector, by its address in the API.
pub(crate) fn page_of(address: &str) -> &str {
    address.strip_prefix("/api/v1").expect("an address of the API")
}

/// Makes a key with this role, and gives its ID and the key.
pub(crate) async fn access_key(daemon: &Daemon, role: &str) -> (String, String) {
    let wanted = json!({ "accessKey": { "label": role, "role": role } });
    let made = daemon.post("/api/v1/incydr/accessKeys", &wanted).await.expect(201)["accessKey"].clone();
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    (text("accessId"), text("key"))
}

/// A source that collects, and its address.
pub(crate) async fn collecting(daemon: &Daemon, name: &str, more: Value) -> String {
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, name, more).await;
    daemon.reach(&source, "Collecting").await;
    source
}

/// Has the tenant hold an event that Sumo Logic refuses.
pub(crate) fn poison(daemon: &Daemon) -> RuleId {
    let at = daemon.incydr.clock().now().minus(Duration::from_secs(3_600));
    daemon.incydr.add_events([GivenEvent::plain(POISON, at)], at);
    let refusal = Fault::RefuseContaining { marker: POISON.to_owned(), status: 400 };
    daemon.sumo.faults().add(FaultRule::always(Target::Sumo, refusal))
}
