//! Alerts of the deprecated API, which belong to the invented sessions.

use serde_json::{Value, json};

use crate::data::sessions::SessionSeed;
use crate::moment::Moment;

/// An alert in its short and its long form.
#[derive(Clone, Debug)]
pub(crate) struct AlertDocuments {
    pub(crate) id: String,
    pub(crate) created: Moment,
    pub(crate) summary: Vec<u8>,
    pub(crate) details: Vec<u8>,
}

impl SessionSeed {
    /// The alert of this session, once it is raised.
    pub(crate) fn alert(&self, now: Moment, tenant: &str) -> Option<AlertDocuments> {
        let created = self.alerted().filter(|&raised| raised <= now)?;
        let session = self.detail(now.max(created.plus(std::time::Duration::from_secs(300))), tenant);
        let triggered = session.triggered_alerts.first()?;
        let id = triggered.alert_id.clone();
        let common = format!(
            r#""tenantId":{tenant},"type":"FED_COMPOSITE","name":{name},"description":"","actor":{actor},"actorId":{actor_id},"target":"N/A","severity":"HIGH","riskSeverity":"CRITICAL","ruleId":{rule},"ruleSource":"Alerting","id":{id},"createdAt":"{created}","state":"OPEN""#,
            tenant = Value::from(tenant),
            name = Value::from(triggered.rule_name),
            actor = Value::from(session.actor_name.clone()),
            actor_id = Value::from(session.actor_id.clone()),
            rule = Value::from(triggered.rule_id.clone()),
            id = Value::from(id.clone()),
            created = created.iso(7),
        );
        let observation = format!(
            r#"{{"type$":"OBSERVATION","id":"{id}-FedEndpointExfiltration","observedAt":"{at}","type":"FedEndpointExfiltration","data":{data}}}"#,
            at = created.iso(7),
            data = Value::from(observed(&id, created)),
        );
        let summary = format!(r#"{{"type$":"ALERT_SUMMARY",{common}}}"#).into_bytes();
        let details =
            format!(r#"{{"type$":"ALERT_DETAILS",{common},"observations":[{observation}]}}"#).into_bytes();
        Some(AlertDocuments { id, created, summary, details })
    }
}

/// JSON that stands inside of a string.
fn observed(id: &str, created: Moment) -> String {
    json!({
        "type$": "OBSERVED_ENDPOINT_ACTIVITY", "id": format!("{id}-FedEndpointExfiltration"),
        "sources": ["Endpoint"], "exposureTypes": ["ApplicationRead"], "firstActivityAt": created.iso(7),
        "lastActivityAt": created.iso(7), "fileCount": 1, "totalFileSize": 50_661, "isRemoteActivity": true,
    })
    .to_string()
}
