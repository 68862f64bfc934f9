//! Access keys.

use incydr_core::secret::Secret;
use incydr_store::{AccessKey, Refusal, Role};

use crate::{at, by, new_store, refused};

fn key(access_id: &str, second: i64) -> AccessKey {
    AccessKey {
        access_id: access_id.to_owned(),
        hash: Secret::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
        role: Role::View,
        label: "dashboard".to_owned(),
        collector_id: Some(100_000_001),
        created: at(second),
        expires: Some(at(1_000)),
        last_used: None,
    }
}

#[tokio::test]
async fn a_key_is_kept_as_it_was_given_and_listed_oldest_first() {
    let (store, _folder) = new_store().await;
    let unlimited = AccessKey { role: Role::Manage, collector_id: None, expires: None, ..key("su1", 2) };
    for key in [&unlimited, &key("su2", 1)] {
        store.create_access_key(key, by(3)).await.expect("created");
    }
    assert_eq!(store.access_key("su1").await, Ok(Some(unlimited.clone())));
    assert_eq!(store.access_key("SU1").await, Ok(None));
    assert_eq!(store.access_keys().await, Ok(vec![key("su2", 1), unlimited]));
}

#[tokio::test]
async fn an_access_id_is_given_once() {
    let (store, _folder) = new_store().await;
    store.create_access_key(&key("su1", 1), by(3)).await.expect("created");
    let other = AccessKey { role: Role::Manage, ..key("su1", 2) };
    assert_eq!(store.create_access_key(&other, by(3)).await, refused(Refusal::NameTaken));
    assert_eq!(store.access_key("su1").await, Ok(Some(key("su1", 1))));
}

#[tokio::test]
async fn a_revoked_key_is_gone() {
    let (store, _folder) = new_store().await;
    store.create_access_key(&key("su1", 1), by(3)).await.expect("created");
    assert_eq!(store.revoke_access_key("su1", by(4)).await, Ok(()));
    assert_eq!(store.access_key("su1").await, Ok(None));
    assert_eq!(store.revoke_access_key("su1", by(4)).await, refused(Refusal::NotFound));
}

#[tokio::test]
async fn the_last_use_of_a_key_is_recorded() {
    let (store, _folder) = new_store().await;
    store.create_access_key(&key("su1", 1), by(3)).await.expect("created");
    store.touch_access_key("su1", at(5)).await.expect("recorded");
    store.touch_access_key("su2", at(5)).await.expect("a key that was just revoked is no error");
    assert_eq!(store.access_keys().await, Ok(vec![AccessKey { last_used: Some(at(5)), ..key("su1", 1) }]));
}

#[test]
fn the_hash_of_a_key_is_not_shown() {
    assert!(!format!("{:?}", key("su1", 1)).contains("argon2id"));
}
