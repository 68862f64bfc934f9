//! The archive folder, with runs that end at any point.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use incydr_core::batch::Batch;
use incydr_core::destination::{DeliveryFault, Destination, Receipt};
use incydr_core::event::EventId;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_destinations::archive::Archive;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::events::{batch, payload};

const NOTHING: [PathBuf; 0] = [];
const SCOPE: &str = "fileEvents of ../tenant/1";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn deliver(archive: &Archive, batch: &Batch) -> Receipt {
    archive.deliver(batch.whole()).await.unwrap().receipt.unwrap()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn staged(dir: &Path) -> Vec<PathBuf> {
    files_below(&dir.join(".staging"))
}

/// Files that readers see, below `dir`.
fn published(dir: &Path) -> Vec<String> {
    let all = files_below(dir).into_iter();
    let relative = all.map(|path| path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
    relative.filter(|path| path.starts_with("stream=")).collect()
}

fn lines(dir: &Path, file: &str) -> Vec<String> {
    let frame = fs::read(dir.join(file)).unwrap();
    let ndjson = String::from_utf8(zstd::decode_all(&frame[..]).unwrap()).unwrap();
    assert!(ndjson.ends_with('\n'));
    ndjson.lines().map(str::to_owned).collect()
}

/// How often readers see each line.
fn visible(dir: &Path) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for line in published(dir).iter().flat_map(|file| lines(dir, file)) {
        *seen.entry(line).or_default() += 1;
    }
    seen
}

fn once(numbers: impl IntoIterator<Item = u32>) -> BTreeMap<String, usize> {
    numbers.into_iter().map(|number| (payload(number), 1)).collect()
}

#[tokio::test]
async fn events_are_published_by_day_in_their_order() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let receipt = deliver(&archive, &batch(1..5)).await;
    assert_eq!(published(dir.path()), [""; 0]);

    archive.publish(&[receipt]).await.unwrap();
    let files = published(dir.path());
    let name = files[0].strip_prefix("stream=fileEvents/date=2025-01-01/").unwrap();
    assert_eq!(name.len(), 64 + ".ndjson.zst".len());
    assert_eq!(files[1..], [format!("stream=fileEvents/date=2025-01-02/{name}")]);
    assert_eq!(lines(dir.path(), &files[0]), [payload(1), payload(2)]);
    assert_eq!(lines(dir.path(), &files[1]), [payload(3), payload(4)]);
    assert_eq!(staged(dir.path()), NOTHING);
}

#[tokio::test]
async fn every_file_states_its_length_and_carries_a_checksum() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let receipt = deliver(&archive, &batch(0..1)).await;
    archive.publish(&[receipt]).await.unwrap();
    let frame = fs::read(dir.path().join(&published(dir.path())[0])).unwrap();
    let length = payload(0).len() as u64 + 1;
    assert_eq!(zstd::zstd_safe::get_frame_content_size(&frame).unwrap(), Some(length));
    let mut damaged = frame.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(zstd::decode_all(&damaged[..]).is_err());
}

#[tokio::test]
async fn an_uncommitted_delivery_leaves_nothing_behind() {
    let dir = folder();
    drop(deliver(&Archive::new(dir.path(), SCOPE), &batch(0..9)).await);
    let next_run = Archive::new(dir.path(), SCOPE);
    next_run.recover(&[]).await.unwrap();
    assert_eq!(files_below(dir.path()), NOTHING);
}

#[tokio::test]
async fn a_committed_delivery_is_published_by_the_next_run_and_only_once() {
    let dir = folder();
    let first_run = Archive::new(dir.path(), SCOPE);
    let committed = deliver(&first_run, &batch(0..4)).await;
    drop(deliver(&first_run, &batch(4..9)).await);
    for _ in 0..2 {
        let next_run = Archive::new(dir.path(), SCOPE);
        next_run.recover(std::slice::from_ref(&committed)).await.unwrap();
        next_run.publish(std::slice::from_ref(&committed)).await.unwrap();
        assert_eq!(visible(dir.path()), once(0..4));
        assert_eq!(staged(dir.path()), NOTHING);
    }
}

#[tokio::test]
async fn a_run_that_ends_between_two_renames_is_completed() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let receipt = deliver(&archive, &batch(0..6)).await;
    let (stream_and_hash, days) = receipt.name.rsplit_once('/').unwrap();
    let first_day = days.split(',').next().unwrap();
    let half = Receipt { name: format!("{stream_and_hash}/{first_day}"), ..receipt.clone() };
    archive.publish(&[half]).await.unwrap();
    assert_eq!(visible(dir.path()), once(0..3));

    Archive::new(dir.path(), SCOPE).recover(&[receipt]).await.unwrap();
    assert_eq!(visible(dir.path()), once(0..6));
}

#[tokio::test]
async fn a_repeated_delivery_replaces_itself() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let first = deliver(&archive, &batch(0..3)).await;
    let again = deliver(&Archive::new(dir.path(), SCOPE), &batch(0..3)).await;
    assert_eq!(first, again);
    assert_eq!(staged(dir.path()).len(), 1);
}

#[tokio::test]
async fn equal_rows_that_are_two_events_stay_two() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let mut receipts = Vec::new();
    for occurrence in 0..2 {
        let mut batch = Batch::new(Stream::AuditLogs);
        batch.push(b"{}", EventId::of_row(b"{}", occurrence), Timestamp::EPOCH);
        receipts.push(deliver(&archive, &batch).await);
    }
    archive.publish(&receipts).await.unwrap();
    assert_eq!(visible(dir.path()), BTreeMap::from([("{}".to_owned(), 2)]));
}

#[tokio::test]
async fn another_scope_is_never_touched() {
    let dir = folder();
    let (own, other) = (Archive::new(dir.path(), "a"), Archive::new(dir.path(), "b"));
    let theirs = deliver(&other, &batch(0..3)).await;
    let ours = deliver(&own, &batch(0..3)).await;
    assert_ne!(ours, theirs);
    own.recover(&[]).await.unwrap();
    other.publish(&[theirs]).await.unwrap();
    assert_eq!(visible(dir.path()), once(0..3));
}

#[tokio::test]
async fn a_file_that_a_reader_has_taken_away_is_not_missed() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let receipt = deliver(&archive, &batch(0..1)).await;
    archive.publish(std::slice::from_ref(&receipt)).await.unwrap();
    fs::remove_dir_all(dir.path().join("stream=fileEvents")).unwrap();
    Archive::new(dir.path(), SCOPE).recover(&[receipt]).await.unwrap();
    assert_eq!(published(dir.path()), [""; 0]);
}

#[tokio::test]
async fn a_receipt_of_another_folder_is_kept_until_that_folder_is_back() {
    let (dir, elsewhere) = (folder(), folder());
    let receipt = deliver(&Archive::new(dir.path(), SCOPE), &batch(0..1)).await;
    let misled = Archive::new(elsewhere.path(), SCOPE);
    misled.probe().await.unwrap();
    let error = misled.recover(std::slice::from_ref(&receipt)).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::StorageIo);
    assert!(error.info.contains("this is not the archive folder"), "{error}");

    Archive::new(dir.path(), SCOPE).recover(&[receipt]).await.unwrap();
    assert_eq!(visible(dir.path()), once(0..1));
}

#[tokio::test]
async fn a_malformed_receipt_stops_everything_and_a_foreign_one_nothing() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let receipt =
        |destination: &str| Receipt { destination: destination.into(), name: "../../etc/passwd".into() };
    let error = archive.publish(&[receipt("archive")]).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::StorageIo);
    assert!(!error.to_string().contains("passwd"));
    archive.publish(&[receipt("elsewhere")]).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_and_a_later_attempt_succeeds() {
    let dir = folder();
    let obstacle = dir.path().join("archive");
    fs::write(&obstacle, "a file").unwrap();
    let archive = Archive::new(&obstacle, SCOPE);
    for error in [archive.probe().await.unwrap_err(), archive.deliver(batch(0..1).whole()).await.unwrap_err()]
    {
        assert_eq!(error.fault, DeliveryFault::StorageIo);
    }
    fs::remove_file(&obstacle).unwrap();
    archive.probe().await.unwrap();
    let receipt = deliver(&archive, &batch(0..1)).await;
    archive.publish(&[receipt]).await.unwrap();
    assert_eq!(visible(&obstacle), once(0..1));
}

#[tokio::test]
async fn a_folder_that_vanishes_meanwhile_is_created_again() {
    let dir = folder();
    let archive = Archive::new(dir.path(), SCOPE);
    let first = deliver(&archive, &batch(0..1)).await;
    archive.publish(&[first]).await.unwrap();
    fs::remove_dir_all(dir.path().join(".staging")).unwrap();
    drop(archive.deliver(batch(1..2).whole()).await.unwrap_err());
    let second = deliver(&archive, &batch(1..2)).await;
    archive.publish(&[second]).await.unwrap();
    assert_eq!(visible(dir.path()), once(0..2));

    fs::remove_dir_all(dir.path().join("stream=fileEvents")).unwrap();
    let third = deliver(&archive, &batch(2..3)).await;
    archive.publish(std::slice::from_ref(&third)).await.unwrap_err();
    archive.publish(&[third]).await.unwrap();
    assert_eq!(visible(dir.path()), once(2..3));
}

#[tokio::test]
async fn files_and_folders_are_closed_to_strangers() {
    let dir = folder();
    let archive = Archive::new(dir.path().join("new"), SCOPE);
    let receipt = deliver(&archive, &batch(0..1)).await;
    archive.publish(&[receipt]).await.unwrap();
    for path in [PathBuf::from("new"), Path::new("new").join(&published(&dir.path().join("new"))[0])] {
        let mode = fs::metadata(dir.path().join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o027, 0, "{mode:o}");
    }
}

#[tokio::test]
async fn a_probe_leaves_no_file_behind() {
    let dir = folder();
    Archive::new(dir.path(), SCOPE).probe().await.unwrap();
    assert_eq!(files_below(dir.path()), NOTHING);
}

/// What happens next to a collector that archives events 0, 1, 2, … in batches.
#[derive(Clone, Copy, Debug)]
enum Happening {
    /// The next so many events are delivered, and the receipt is not yet committed.
    Delivered(u32),
    /// The latest delivery is committed.
    Committed,
    /// Everything committed is published.
    Published,
    /// The ledger hears of it.
    Noted,
    /// kill -9, and a new run.
    Crashed,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (1..9_u32).prop_map(Happening::Delivered),
        4 => Just(Happening::Committed),
        2 => Just(Happening::Published),
        1 => Just(Happening::Noted),
        2 => Just(Happening::Crashed),
    ]
}

/// Runs the story against the folder; returns how many events were committed.
async fn run(dir: &Path, story: &[Happening]) -> u32 {
    let mut archive = Archive::new(dir, SCOPE);
    let (mut committed, mut latest) = (0, None);
    let (mut unpublished, mut published) = (Vec::new(), Vec::new());
    for happening in story.iter().copied().chain([Happening::Crashed]) {
        match happening {
            Happening::Delivered(count) => {
                let receipt = deliver(&archive, &batch(committed..committed + count)).await;
                latest = Some((count, receipt));
            }
            Happening::Committed => {
                if let Some((count, receipt)) = latest.take() {
                    committed += count;
                    unpublished.push(receipt);
                }
            }
            Happening::Published => {
                archive.publish(&unpublished).await.unwrap();
                published.clone_from(&unpublished);
            }
            Happening::Noted => unpublished.retain(|receipt| !published.contains(receipt)),
            Happening::Crashed => {
                archive = Archive::new(dir, SCOPE);
                latest = None;
                archive.recover(&unpublished).await.unwrap();
            }
        }
    }
    committed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_committed_event_is_visible_exactly_once_wherever_runs_end(
        story in proptest::collection::vec(happening(), 1..24),
    ) {
        let dir = folder();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let committed = runtime.block_on(run(dir.path(), &story));
        prop_assert_eq!(visible(dir.path()), once(0..committed));
        prop_assert_eq!(staged(dir.path()), NOTHING);
    }
}
