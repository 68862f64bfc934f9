//! Custom fields and dropped fields.

use incydr_core::secret::Secret;
use incydr_store::{DataType, DroppedField, NewSource, Refusal, Store};

use crate::{at, by, new_store, refused, vault};

async fn create(store: &Store, name: &str) -> u64 {
    store.create_field(name, DataType::String, 10, by(1)).await.expect("the name is free").id
}

#[tokio::test]
async fn a_field_keeps_its_case_and_its_name_is_taken_in_any() {
    let (store, _folder) = new_store().await;
    let field = store.create_field("Team", DataType::Long, 10, by(1)).await.expect("created");
    assert_eq!((field.name.as_str(), field.data_type, field.enabled), ("Team", DataType::Long, true));
    assert_eq!(store.create_field("tEAM", DataType::Long, 10, by(1)).await, refused(Refusal::NameTaken));
    assert_eq!(store.field(field.id).await, Ok(Some(field.clone())));
    assert_eq!(store.fields().await, Ok(vec![field]));
    assert_eq!(store.field(77).await, Ok(None));
}

#[tokio::test]
async fn the_quota_of_fields_is_kept() {
    let (store, _folder) = new_store().await;
    store.create_field("one", DataType::String, 1, by(1)).await.expect("the first");
    assert_eq!(store.create_field("two", DataType::String, 1, by(1)).await, refused(Refusal::Full(1)));
}

#[tokio::test]
async fn a_field_is_disabled_and_enabled() {
    let (store, _folder) = new_store().await;
    let id = create(&store, "team").await;
    assert!(!store.enable_field(id, false, by(2)).await.expect("disabled").enabled);
    assert!(!store.field(id).await.expect("read").expect("it is there").enabled);
    assert!(store.enable_field(id, true, by(2)).await.expect("enabled").enabled);
    assert_eq!(store.enable_field(77, true, by(2)).await, refused(Refusal::NotFound));
}

#[tokio::test]
async fn a_field_that_a_collector_or_a_source_uses_is_not_deleted_and_they_are_named() {
    let (store, _folder) = new_store().await;
    let [team, env, free] =
        [create(&store, "team").await, create(&store, "env").await, create(&store, "free").await];
    let document = r#"{"fields":{"Team":"ir"}}"#;
    let collector_id = store.create_collector("incydr", document, 9, by(0)).await.expect("created").id;
    let secret = Secret::new("any");
    let document = r#"{"config":{"fields":{"env":"prod","TEAM":"x"}},"fields":{"free":"not of a source"}}"#;
    let source = NewSource { collector_id, name: "code42", document, secret: &secret };
    store.create_source(&vault('1'), &source, 9, by(0)).await.expect("created");
    let by_both = Refusal::InUse(r#"collector "incydr", source "code42""#.to_owned());
    assert_eq!(store.delete_field(team, by(3)).await, refused(by_both));
    assert_eq!(
        store.delete_field(env, by(3)).await,
        refused(Refusal::InUse(r#"source "code42""#.to_owned()))
    );
    assert_eq!(store.delete_field(free, by(3)).await, Ok(()));
    assert_eq!(store.delete_field(free, by(3)).await, refused(Refusal::NotFound));
}

#[tokio::test]
async fn dropped_fields_are_counted_until_the_schema_has_them() {
    let (store, _folder) = new_store().await;
    let id = create(&store, "disabled").await;
    store.enable_field(id, false, by(2)).await.expect("disabled");
    let counts = |names: &[&str]| names.iter().map(|name| (name.to_string(), 2)).collect::<Vec<_>>();
    let all = counts(&["team", "disabled", "elsewhere"]);
    store.count_dropped_fields(&all, at(2)).await.expect("counted");
    store.count_dropped_fields(&counts(&["TEAM"]), at(1)).await.expect("counted");
    let dropped = |name: &str, events| DroppedField { name: name.to_owned(), events, last: at(2) };
    let listed = store.dropped_fields().await.expect("listed");
    assert_eq!(listed, [dropped("disabled", 2), dropped("elsewhere", 2), dropped("team", 4)]);
    store.enable_field(id, true, by(2)).await.expect("enabled");
    create(&store, "Team").await;
    assert_eq!(store.dropped_fields().await, Ok(vec![dropped("elsewhere", 2)]));
    store.forget_dropped_field("elsewhere").await.expect("forgotten");
    assert_eq!(store.dropped_fields().await, Ok(vec![]));
}

#[test]
fn every_data_type_reads_back() {
    for data_type in DataType::ALL {
        assert_eq!(DataType::parse(data_type.as_str()), Some(data_type));
    }
    assert_eq!(DataType::parse("Float"), None);
}
