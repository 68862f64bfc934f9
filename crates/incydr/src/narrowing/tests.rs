//! Narrowing against a shelf of rows that behaves as the vendor documents, and not always kindly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU32;

use incydr_core::event::EventId;
use proptest::prelude::*;

use super::*;

/// A row, and from which request on it is visible.
#[derive(Clone, Debug)]
struct Row {
    nanos: i64,
    kind: u8,
    appears: u32,
}

impl Row {
    fn payload(&self) -> String {
        format!(r#"{{"time":{},"kind":{}}}"#, self.nanos, self.kind)
    }
}

/// Newest rows first. `COUNTED` rows have no id, may be equal, and are not counted by the vendor.
struct Shelf<const COUNTED: bool> {
    rows: Vec<Row>,
    wrong_by: i64,
    requests: AtomicU32,
}

impl<const COUNTED: bool> Shelf<COUNTED> {
    fn new(mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|row| (-row.nanos, row.kind));
        if !COUNTED {
            rows.dedup_by_key(|row| (row.nanos, row.kind));
        }
        Self { rows, wrong_by: 0, requests: AtomicU32::new(0) }
    }

    /// As the audit log does, a shelf of counted rows shows a little more than it was asked for.
    fn shows(span: Span, row: &Row) -> bool {
        let millis = row.nanos.div_euclid(1_000_000);
        let margin = i64::from(COUNTED);
        (span.start_millis() - margin..span.end_millis() + margin).contains(&millis)
    }

    fn identify(row: &Row, occurrence: u32) -> EventId {
        let payload = row.payload();
        if COUNTED {
            EventId::of_row(payload.as_bytes(), occurrence)
        } else {
            EventId::of_mutable(payload.as_bytes(), payload.as_bytes())
        }
    }

    /// The identities of all rows that were visible all along.
    fn expected(&self) -> BTreeSet<EventId> {
        let mut met = BTreeMap::new();
        let lasting = self.rows.iter().filter(|row| row.appears == 0);
        lasting.map(|row| Self::identify(row, count(&mut met, &row.payload()))).collect()
    }
}

fn count(met: &mut BTreeMap<String, u32>, payload: &str) -> u32 {
    let times = met.entry(payload.to_owned()).or_default();
    *times += 1;
    *times - 1
}

#[async_trait]
impl<const COUNTED: bool> NumberedEndpoint for Shelf<COUNTED> {
    const STREAM: Stream = Stream::AuditLogs;
    const IDENTITY: RowIdentity = if COUNTED { RowIdentity::Counted } else { RowIdentity::Named };

    fn page_limit(&self) -> u32 {
        100
    }

    fn attempt(&self) -> Arc<str> {
        "reading the shelf".into()
    }

    async fn read(&self, span: Span, number: u32, size: u32) -> Result<NumberedPage, SourceError> {
        let request = self.requests.fetch_add(1, Ordering::Relaxed);
        let visible = |row: &&Row| row.appears <= request && Self::shows(span, row);
        let rows: Vec<&Row> = self.rows.iter().filter(visible).collect();
        let total = i64::try_from(rows.len()).unwrap() + self.wrong_by;
        let mut block = EventBlock::default();
        let mut met = BTreeMap::new();
        for row in rows.into_iter().skip((number * size) as usize).take(size as usize) {
            let id = Self::identify(row, count(&mut met, &row.payload()));
            block.push(row.payload().as_bytes(), id, Timestamp::from_nanos(row.nanos));
        }
        let elements = block.events.len() as u64;
        let total = (!COUNTED).then_some(u64::try_from(total.max(0)).unwrap());
        Ok(NumberedPage { blocks: vec![block], elements, total })
    }

    async fn count(&self, _span: Span) -> Result<Option<u64>, SourceError> {
        Ok(None)
    }
}

/// Walks a whole range as the engine does, and returns the identities in the order in which they came.
async fn walk<E: NumberedEndpoint>(source: &Narrowed<E>, to: i64, size: u32) -> (Vec<EventId>, Option<u64>) {
    let mut range = WalkRange::new(0, Timestamp::EPOCH, Timestamp::from_millis(to), true);
    let mut ids = Vec::new();
    loop {
        let mut page = source.fetch_page(&range, size).await.expect("a page");
        while let Some(block) = page.next_block().await.expect("a block") {
            ids.extend(block.events.iter().map(|entry| entry.id));
        }
        match page.end() {
            PageEnd { next: None, total_count } => return (ids, total_count),
            PageEnd { next: Some(next), .. } => {
                let Cursor::At(instant) = next else { panic!("a cursor that is no instant: {next:?}") };
                assert!(instant > range.position || range.cursor == Cursor::Start, "the walk stands still");
                range.position = instant;
                range.cursor = next;
            }
        }
    }
}

fn rows(latest: u32) -> impl Strategy<Value = Vec<Row>> {
    let row = (0_i64..60_000_000, 0_u8..3, 0..=latest);
    let row = row.prop_map(|(nanos, kind, appears)| Row { nanos: nanos / 500_000 * 500_000, kind, appears });
    proptest::collection::vec(row, 0..60)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn met_once(ids: &[EventId]) -> BTreeSet<EventId> {
    let different: BTreeSet<EventId> = ids.iter().copied().collect();
    assert_eq!(different.len(), ids.len(), "an identity was given twice");
    different
}

proptest! {
    #[test]
    fn every_row_with_an_id_is_met_exactly_once_however_small_the_pages(rows in rows(0), size in 1_u32..6) {
        let source = Narrowed::new(Shelf::<false>::new(rows));
        let (ids, _) = run(walk(&source, 59, size));
        prop_assert_eq!(met_once(&ids), source.endpoint.expected());
    }

    #[test]
    fn every_row_without_an_id_keeps_its_one_identity_however_small_the_pages(rows in rows(0), size in 1_u32..6) {
        let source = Narrowed::new(Shelf::<true>::new(rows));
        let (ids, _) = run(walk(&source, 59, size));
        prop_assert_eq!(met_once(&ids), source.endpoint.expected());
    }

    #[test]
    fn rows_that_appear_meanwhile_hide_no_other_row(rows in rows(40), size in 1_u32..6) {
        let source = Narrowed::new(Shelf::<false>::new(rows));
        let (ids, _) = run(walk(&source, 59, size));
        prop_assert!(met_once(&ids).is_superset(&source.endpoint.expected()));
    }

    #[test]
    fn a_total_that_is_too_small_never_hides_a_row(rows in rows(0), size in 1_u32..6, too_few in 1_i64..5) {
        let mut shelf = Shelf::<false>::new(rows);
        shelf.wrong_by = -too_few;
        let source = Narrowed::new(shelf);
        let range = WalkRange::new(0, Timestamp::EPOCH, Timestamp::from_millis(59), true);
        if let Ok(mut page) = run(source.fetch_page(&range, size)) {
            let mut ids = Vec::new();
            while let Some(block) = run(page.next_block()).expect("a block") {
                ids.extend(block.events.iter().map(|entry| entry.id));
            }
            if page.end().next.is_none() {
                prop_assert_eq!(met_once(&ids), source.endpoint.expected());
            }
        }
    }
}

#[test]
fn the_total_is_told_only_when_one_page_holds_the_whole_range() {
    let row = |nanos| Row { nanos, kind: 0, appears: 0 };
    let few = Narrowed::new(Shelf::<false>::new((0..5).map(|at| row(at * 1_000_000)).collect()));
    assert_eq!(run(walk(&few, 59, 10)).1, Some(5));
    let many = Narrowed::new(Shelf::<false>::new((0..50).map(|at| row(at * 1_000_000)).collect()));
    assert_eq!(run(walk(&many, 59, 10)).1, None);
}

#[test]
fn a_millisecond_whose_pages_never_add_up_is_an_error_and_not_a_guess() {
    let rows = (0..5).map(|kind| Row { nanos: 0, kind, appears: 0 }).collect();
    let mut shelf = Shelf::<false>::new(rows);
    shelf.wrong_by = 1;
    let source = Narrowed::new(shelf);
    let range = WalkRange::new(0, Timestamp::EPOCH, Timestamp::EPOCH, true);
    let error = run(source.fetch_page(&range, 2)).err().expect("an error");
    assert_eq!(error.fault, SourceFault::BadPayload);
    assert_eq!(error.info, "the pages of the one millisecond at 1970-01-01T00:00:00.000Z do not add up");
}

#[test]
fn an_empty_stretch_is_crossed_in_few_requests_even_after_a_burst() {
    let burst = (0..40).map(|kind| Row { nanos: 0, kind, appears: 0 });
    let source = Narrowed::new(Shelf::<false>::new(burst.collect()));
    let month = 30 * 86_400_000;
    let (ids, _) = run(walk(&source, month, 10));
    assert_eq!(ids.len(), 40);
    let requests = source.endpoint.requests.load(Ordering::Relaxed);
    assert!(requests < 60, "{requests} requests");
}

#[test]
fn a_page_token_is_refused_so_that_the_walk_goes_on_by_time() {
    let source = Narrowed::new(Shelf::<false>::new(Vec::new()));
    let mut range = WalkRange::new(0, Timestamp::EPOCH, Timestamp::from_millis(9), true);
    range.cursor = Cursor::Token("0_event".to_owned());
    let error = run(source.fetch_page(&range, 10)).err().expect("an error");
    assert_eq!(error.fault, SourceFault::InvalidCursor);
}
