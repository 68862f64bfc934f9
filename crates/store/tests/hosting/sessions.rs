//! Sign-ins in browsers.

use incydr_core::secret::Secret;
use incydr_store::{AccessKey, Role, Session, Store};

use crate::{at, by, new_store};

async fn with_key(store: &Store, access_id: &str) {
    let key = AccessKey {
        access_id: access_id.to_owned(),
        hash: Secret::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
        role: Role::View,
        label: String::new(),
        collector_id: None,
        created: at(0),
        expires: None,
        last_used: None,
    };
    store.create_access_key(&key, by(0)).await.expect("created");
}

fn session(digit: u8, access_id: &str, second: i64) -> Session {
    Session {
        digest: [digit; 32],
        access_id: access_id.to_owned(),
        created: at(second),
        last_used: at(second),
    }
}

#[tokio::test]
async fn a_session_is_kept_until_its_key_signs_out() {
    let (store, _folder) = new_store().await;
    with_key(&store, "su1").await;
    with_key(&store, "su2").await;
    for kept in [session(1, "su1", 1), session(2, "su1", 1), session(3, "su2", 1)] {
        store.create_session(&kept, at(0), at(0), by(1)).await.expect("kept");
    }
    store.touch_session(&[1; 32], at(9)).await.expect("recorded");
    let used = Session { last_used: at(9), ..session(1, "su1", 1) };
    assert_eq!(store.session(&[1; 32]).await, Ok(Some(used)));
    store.end_sessions("su1", by(9)).await.expect("ended");
    assert_eq!(store.session(&[1; 32]).await, Ok(None));
    assert_eq!(store.session(&[2; 32]).await, Ok(None));
    assert_eq!(store.session(&[3; 32]).await, Ok(Some(session(3, "su2", 1))));
}

#[tokio::test]
async fn a_revoked_key_takes_its_sessions_with_it() {
    let (store, _folder) = new_store().await;
    with_key(&store, "su1").await;
    store.create_session(&session(1, "su1", 1), at(0), at(0), by(1)).await.expect("kept");
    store.revoke_access_key("su1", by(9)).await.expect("revoked");
    assert_eq!(store.session(&[1; 32]).await, Ok(None));
}

#[tokio::test]
async fn a_new_session_sweeps_out_those_that_are_too_old() {
    let (store, _folder) = new_store().await;
    with_key(&store, "su1").await;
    for kept in [session(1, "su1", 1), session(2, "su1", 5), session(3, "su1", 9)] {
        store.create_session(&kept, at(0), at(0), by(1)).await.expect("kept");
    }
    store.touch_session(&[1; 32], at(20)).await.expect("recorded");
    store.create_session(&session(4, "su1", 21), at(2), at(9), by(21)).await.expect("kept");
    let mut left = Vec::new();
    for digit in 1..=4 {
        left.push(store.session(&[digit; 32]).await.expect("read").is_some());
    }
    assert_eq!(left, [false, false, true, true], "the first began too early, the second rests too long");
}
