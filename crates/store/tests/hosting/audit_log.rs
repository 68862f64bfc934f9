//! The audit log and its chain.

use incydr_store::{AuditVerdict, Change, Store};

use crate::{at, by, new_store, tamper};

const UPDATE: Change<'static> = Change {
    action: "SourceUpdated",
    resource: "source 100000001",
    before: Some(r#"{"name":"a"}"#),
    after: Some(r#"{"name":"b"}"#),
};

/// A store whose audit log has five entries.
async fn five_entries() -> (Store, tempfile::TempDir) {
    let (store, folder) = new_store().await;
    for second in 1..=5 {
        store.append_audit(by(second), &UPDATE).await.expect("appended");
    }
    (store, folder)
}

#[tokio::test]
async fn entries_are_listed_newest_first_a_page_at_a_time() {
    let (store, _folder) = five_entries().await;
    let newest = store.audit_log(None, 3).await.expect("listed");
    let times: Vec<_> = newest.items.iter().map(|entry| entry.at).collect();
    assert_eq!(times, [at(5), at(4), at(3)]);
    let entry = &newest.items[0];
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("su1", "SourceUpdated"));
    assert_eq!((entry.before.as_deref(), entry.after.as_deref()), (UPDATE.before, UPDATE.after));
    let oldest = store.audit_log(newest.next, 3).await.expect("listed");
    assert_eq!(oldest.items.iter().map(|entry| entry.at).collect::<Vec<_>>(), [at(2), at(1)]);
    assert_eq!(oldest.next, None);
}

#[tokio::test]
async fn an_untouched_log_is_whole_and_its_last_hash_is_that_of_the_newest_entry() {
    let (store, _folder) = new_store().await;
    let empty = AuditVerdict::Whole { entries: 0, last: vec![0; 32] };
    assert_eq!(store.verify_audit_log().await, Ok(empty));
    for second in 0..1_500 {
        store.append_audit(by(second), &Change { before: None, ..UPDATE }).await.expect("appended");
    }
    let last = store.audit_log(None, 1).await.expect("listed").items[0].hash.clone();
    assert_eq!(store.verify_audit_log().await, Ok(AuditVerdict::Whole { entries: 1_500, last }));
}

#[tokio::test]
async fn whatever_is_altered_the_chain_breaks_at_that_entry() {
    for sql in [
        "UPDATE audit_log SET at_nanos = at_nanos + 1 WHERE id = 3",
        "UPDATE audit_log SET actor = 'somebody else' WHERE id = 3",
        "UPDATE audit_log SET action = 'SourceRead' WHERE id = 3",
        "UPDATE audit_log SET resource = 'source 100000002' WHERE id = 3",
        "UPDATE audit_log SET before = NULL WHERE id = 3",
        "UPDATE audit_log SET after = '' WHERE id = 3",
        "UPDATE audit_log SET actor = 'su1S', action = 'ourceUpdated' WHERE id = 3",
        "UPDATE audit_log SET hash = x'00' WHERE id = 3",
        "UPDATE audit_log SET hash = (SELECT hash FROM audit_log WHERE id = 2) WHERE id = 3",
        "DELETE FROM audit_log WHERE id = 2; UPDATE audit_log SET id = 2 WHERE id = 3;
         UPDATE audit_log SET id = 3 WHERE id = 4",
    ] {
        let (store, _folder) = five_entries().await;
        tamper(&store, sql).await;
        let at = if sql.starts_with("DELETE") { 2 } else { 3 };
        assert_eq!(store.verify_audit_log().await, Ok(AuditVerdict::BrokenAt(at)), "{sql}");
    }
}

#[tokio::test]
async fn removed_entries_break_the_chain_behind_them() {
    for (sql, at) in
        [("DELETE FROM audit_log WHERE id = 1", 2), ("DELETE FROM audit_log WHERE id IN (3, 4)", 5)]
    {
        let (store, _folder) = five_entries().await;
        tamper(&store, sql).await;
        assert_eq!(store.verify_audit_log().await, Ok(AuditVerdict::BrokenAt(at)), "{sql}");
    }
}

#[tokio::test]
async fn a_log_that_was_cut_off_no_longer_ends_with_the_hash_that_was_kept_elsewhere() {
    let (store, _folder) = five_entries().await;
    let Ok(AuditVerdict::Whole { last: kept, .. }) = store.verify_audit_log().await else {
        panic!("the log is whole");
    };
    tamper(&store, "DELETE FROM audit_log WHERE id = 5").await;
    let Ok(AuditVerdict::Whole { entries: 4, last }) = store.verify_audit_log().await else {
        panic!("what is left is whole");
    };
    assert_ne!(last, kept);
}
