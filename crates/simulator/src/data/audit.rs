//! Invented audit rows. They have no id, and now and then two are the same to the last byte.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::data::actors::{Actor, pick};
use crate::moment::Moment;

/// Writes the row that follows from `seed`.
pub(crate) fn audit_row(seed: u64, at: Moment) -> Vec<u8> {
    let mut random = SmallRng::seed_from_u64(seed);
    let digits = draw_digits(&mut random);
    let actor = Actor::draw(&mut random);
    let kind = random.random_range(0..100_u32);
    let octet = random.random_range(1..255_u32);
    let address = if random.random_bool(0.2) {
        format!("203.0.113.{octet}, 198.51.100.4")
    } else {
        format!("203.0.113.{octet}")
    };
    let (name, rest) = match kind {
        0..40 => ("logged_in", String::new()),
        40..60 => (
            "search_issued",
            format!(
                r#","success":true,"type":"query","requestJson":{},"resultCount":{octet}"#,
                Value::from(r#"{"groups":[{"filters":[{"term":"event.inserted","operator":"WITHIN_THE_LAST","value":"PT15M"}]}],"pgNum":1}"#)
            ),
        ),
        60..70 => ("user_deactivated", format!(r#","affectedUserId":"{}","reason":null"#, actor.device_id)),
        70..80 => ("alert_note_edited", format!(r#","alertId":"{octet}-0000-4000","noteLength":{octet}"#)),
        80..90 => ("file_download", format!(r#","fileName":"export-{octet}.csv","restored":false,"details":{{"bytes":{octet}}}"#)),
        90..97 => (
            "federation_metadata_updated",
            r#","federationId":"1034000000000000463","metadataUrl":"https://idp.example.com/metadata.xml","displayName":"Auth Provider Federation""#.to_owned(),
        ),
        _ => ("api_client_created", format!(r#","clientId":"key-{octet:08}","permissions":["read"]"#)),
    };
    let system = name == "federation_metadata_updated";
    let (who, kind) = if system {
        ("SYSTEM".to_owned(), "SYSTEM")
    } else {
        (format!("{}@example.com", actor.name), "USER")
    };
    let (agent, address) = if system {
        (Value::Null, Value::Null)
    } else {
        (Value::from("Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), Value::from(address))
    };
    format!(
        r#"{{"type$":"audit_log::{name}/1","actorId":"{}","actorName":"{who}","actorAgent":{agent},"actorIpAddress":{address},"timestamp":"{}","actorType":"{kind}"{rest}}}"#,
        actor.user_id,
        at.iso(digits),
    )
    .into_bytes()
}

/// The time of the row as its document says it.
pub(crate) fn audit_time(seed: u64, at: Moment) -> Moment {
    at.cut_to(draw_digits(&mut SmallRng::seed_from_u64(seed)))
}

/// Rows differ in how many fraction digits their time has.
fn draw_digits(random: &mut SmallRng) -> u32 {
    pick(random, &[0, 3, 3, 6, 6, 9])
}

/// The row that a search leaves behind.
pub(crate) fn search_issued(client: &str, agent: &str, request: &str, matched: u64, at: Moment) -> Vec<u8> {
    format!(
        r#"{{"type$":"audit_log::search_issued/1","actorId":{client},"actorName":{client},"actorAgent":{agent},"actorIpAddress":"127.0.0.1","timestamp":"{}","actorType":"API_CLIENT","success":true,"type":"query","requestJson":{request},"resultCount":{matched}}}"#,
        at.iso(6),
        client = Value::from(client),
        agent = Value::from(agent),
        request = Value::from(request),
    )
    .into_bytes()
}

/// Every so manyth row has a twin.
pub(crate) fn has_twin(seed: u64) -> bool {
    SmallRng::seed_from_u64(seed ^ 0x7717).random_ratio(1, 97)
}
