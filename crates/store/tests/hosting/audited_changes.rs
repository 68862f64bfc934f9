//! Every change of the configuration stands in the audit log, and none is made without its entry.

use incydr_core::event::EventId;
use incydr_core::ledger::{Commit, Counts, DeadLetter};
use incydr_core::secret::Secret;
use incydr_core::stream::{Place, Stream};
use incydr_store::{
    AccessKey, AuditVerdict, Backfill, Change, CheckpointReset, Collector, DataType, Field, NewSource, Role,
    Source, Store, StoreError,
};
use tempfile::TempDir;

use crate::{at, by, new_source, new_store, tamper, vault};

/// A store with one of everything that can be changed.
struct Furnished {
    store: Store,
    collector: Collector,
    source: Source,
    field: Field,
    backfill: Backfill,
    letters: Vec<u64>,
    _folder: TempDir,
}

/// Every operation that changes the configuration, by the action that its entry names.
const ACTIONS: [&str; 16] = [
    "CollectorCreated",
    "CollectorUpdated",
    "CollectorDeleted",
    "SourceCreated",
    "SourceUpdated",
    "SourceDeleted",
    "FieldCreated",
    "FieldDisabled",
    "FieldDeleted",
    "AccessKeyCreated",
    "AccessKeyRevoked",
    "BackfillCreated",
    "BackfillCancelled",
    "DeadLetterDiscarded",
    "DeadLetterRedelivered",
    "CheckpointReset",
];

fn key(access_id: &str) -> AccessKey {
    AccessKey {
        access_id: access_id.to_owned(),
        hash: Secret::new("$argon2id$"),
        role: Role::View,
        label: "dashboard".to_owned(),
        collector_id: None,
        created: at(1),
        expires: None,
        last_used: None,
    }
}

impl Furnished {
    async fn new() -> Self {
        let (store, folder) = new_store().await;
        let source = new_source(&store, "incydr", "code42").await;
        let collector = store.collector(source.collector_id).await.expect("read").expect("it is there");
        let field = store.create_field("team", DataType::String, 9, by(1)).await.expect("created");
        store.create_access_key(&key("su2"), by(1)).await.expect("created");
        let backfill = store.create_backfill(source.id, Stream::Alerts, at(1), at(2), by(1)).await;
        let mut furnished = Self {
            backfill: backfill.expect("created"),
            letters: Vec::new(),
            store,
            collector,
            source,
            field,
            _folder: folder,
        };
        furnished.letters = furnished.two_letters().await;
        furnished
    }

    fn place(&self) -> Place {
        Place { source: format!("source {} at https://api", self.source.id), stream: Stream::FileEvents }
    }

    async fn two_letters(&self) -> Vec<u64> {
        let lease = self.store.ledger().acquire(&self.place(), "the test").await.expect("acquired");
        let letter = |key| DeadLetter {
            id: EventId { key, version: 0 },
            time: at(5),
            reason: "refused".to_owned(),
            raw: b"{}".to_vec(),
        };
        let counts = Counts { fetched: 2, dead: 2, ..Counts::default() };
        let commit = Commit { dead_letters: vec![letter(1), letter(2)], counts, ..Commit::default() };
        self.store.ledger().commit(&lease, &commit).await.expect("committed");
        let letters = self.store.dead_letters_of(self.source.id, None, None, 9).await.expect("listed");
        letters.items.iter().map(|letter| letter.number).collect()
    }

    /// Makes the change that `action` names.
    async fn change(&self, action: &str) -> Result<(), StoreError> {
        let Self { store, collector, source, field, .. } = self;
        let (vault, secret) = (vault('1'), Secret::new("another secret"));
        let new =
            NewSource { collector_id: collector.id, name: "new", document: r#"{"a":1}"#, secret: &secret };
        match action {
            "CollectorCreated" => store.create_collector("new", r#"{"a":1}"#, 9, by(7)).await.map(drop),
            "CollectorUpdated" => {
                store.update_collector(collector.id, "new", r#"{"a":1}"#, by(7)).await.map(drop)
            }
            "CollectorDeleted" => store.mark_collector_stopping(collector.id, by(7)).await,
            "SourceCreated" => store.create_source(&vault, &new, 9, by(7)).await.map(drop),
            "SourceUpdated" => store
                .update_source(&vault, source.id, new.name, new.document, Some(&secret), by(7))
                .await
                .map(drop),
            "SourceDeleted" => store.mark_source_stopping(source.id, by(7)).await.map(drop),
            "FieldCreated" => store.create_field("new", DataType::Int, 9, by(7)).await.map(drop),
            "FieldDisabled" => store.enable_field(field.id, false, by(7)).await.map(drop),
            "FieldDeleted" => store.delete_field(field.id, by(7)).await,
            "AccessKeyCreated" => store.create_access_key(&key("new"), by(7)).await,
            "AccessKeyRevoked" => store.revoke_access_key("su2", by(7)).await,
            "BackfillCreated" => {
                store.create_backfill(source.id, Stream::Alerts, at(3), at(4), by(7)).await.map(drop)
            }
            "BackfillCancelled" => store.cancel_backfill(self.backfill.id, by(7)).await.map(drop),
            "DeadLetterDiscarded" => {
                store.discard_dead_letter(&self.place(), self.letters[0], by(7)).await.map(drop)
            }
            "DeadLetterRedelivered" => {
                store.dead_letter_redelivered(&self.place(), self.letters[0], by(7)).await.map(drop)
            }
            "CheckpointReset" => {
                let reset = CheckpointReset { to: at(6), holder: "the API", by: by(7) };
                store.reset_checkpoint(&self.place(), &reset).await.map(drop)
            }
            other => panic!("no change is called {other}"),
        }
    }

    /// Everything that a change can change, as text.
    async fn content(&self) -> String {
        let Self { store, source, .. } = self;
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            store.collectors(9, 0).await.expect("listed"),
            store.sources_after(0, 9).await.expect("listed"),
            store.state_history(source.id).await.expect("listed"),
            store.fields().await.expect("listed"),
            store.access_keys().await.expect("listed"),
            store.backfills_of(source.id).await.expect("listed"),
            store.dead_letters_of(source.id, None, None, 9).await.expect("listed"),
            store.places_of(source.id).await.expect("listed"),
        )
    }
}

#[tokio::test]
async fn every_change_has_one_entry_which_names_its_author() {
    for action in ACTIONS {
        let furnished = Furnished::new().await;
        let before = furnished.store.audit_log(None, 99).await.expect("listed").items.len();
        furnished.change(action).await.expect(action);
        let log = furnished.store.audit_log(None, 99).await.expect("listed").items;
        assert_eq!(log.len(), before + 1, "{action}");
        assert_eq!((log[0].actor.as_str(), log[0].action.as_str(), log[0].at), ("su1", action, at(7)));
        let whole = furnished.store.verify_audit_log().await;
        assert!(matches!(whole, Ok(AuditVerdict::Whole { .. })), "{action}: {whole:?}");
    }
}

#[tokio::test]
async fn a_change_whose_entry_cannot_be_written_is_not_made() {
    for action in ACTIONS {
        let furnished = Furnished::new().await;
        let before = furnished.content().await;
        tamper(
            &furnished.store,
            "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END",
        )
        .await;
        assert!(furnished.change(action).await.is_err(), "{action}");
        tamper(&furnished.store, "DROP TRIGGER full").await;
        assert_eq!(furnished.content().await, before, "{action}");
        furnished.change(action).await.expect(action);
        assert_ne!(furnished.content().await, before, "{action}: this test must notice it");
    }
}

#[tokio::test]
async fn entries_say_what_was_there_before_and_what_is_there_now() {
    let furnished = Furnished::new().await;
    let (collector, source) = (furnished.collector.id, furnished.source.id);
    let document = Some(r#"{"a":1}"#);
    for (action, resource, before, after) in [
        ("CollectorUpdated", format!("collector {collector}"), Some("{}"), document),
        ("SourceUpdated", format!("source {source} of collector {collector}"), Some("{}"), document),
        ("FieldDisabled", "field team".to_owned(), None, None),
        ("AccessKeyCreated", "access key new".to_owned(), None, Some(r#"{"role":"view"}"#)),
        (
            "BackfillCreated",
            format!("backfill {} of source {source}", furnished.backfill.id + 1),
            None,
            Some(r#"{"stream":"alerts","from":"1970-01-01T00:00:03.000Z","to":"1970-01-01T00:00:04.000Z"}"#),
        ),
        (
            "DeadLetterDiscarded",
            format!("dead letter {} of fileEvents of source {source} at https://api", furnished.letters[0]),
            None,
            None,
        ),
        ("SourceDeleted", format!("source {source} of collector {collector}"), document, None),
        ("CollectorDeleted", format!("collector {collector}"), document, None),
    ] {
        furnished.change(action).await.expect(action);
        let entry = furnished.store.audit_log(None, 1).await.expect("listed").items.remove(0);
        assert_eq!(entry.resource, resource, "{action}");
        assert_eq!((entry.before.as_deref(), entry.after.as_deref()), (before, after), "{action}");
    }
}

#[tokio::test]
async fn what_changes_nothing_has_no_entry() {
    let furnished = Furnished::new().await;
    for action in ["SourceDeleted", "BackfillCancelled", "DeadLetterDiscarded"] {
        furnished.change(action).await.expect(action);
        let entries = furnished.store.audit_log(None, 99).await.expect("listed").items.len();
        furnished.change(action).await.expect(action);
        assert_eq!(
            furnished.store.audit_log(None, 99).await.expect("listed").items.len(),
            entries,
            "{action}"
        );
    }
}

#[tokio::test]
async fn something_that_is_kept_elsewhere_is_recorded_all_the_same() {
    let (store, _folder) = new_store().await;
    store
        .append_audit(by(3), &Change::of("SourceRestarted", "source 1 of collector 2"))
        .await
        .expect("written");
    let entry = store.audit_log(None, 1).await.expect("listed").items.remove(0);
    assert_eq!(
        (entry.action.as_str(), entry.resource.as_str()),
        ("SourceRestarted", "source 1 of collector 2")
    );
    assert_eq!((entry.before, entry.after), (None, None));
}
