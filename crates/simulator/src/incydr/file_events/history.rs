//! All file events of the simulated tenants, in as little memory as they need.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::data::drawn::Drawn;
use crate::data::given::GivenEvent;
use crate::data::template::TemplateSet;
use crate::incydr::file_events::query::{Query, SortKey, Start};
use crate::incydr::page::Document;
use crate::moment::Moment;

/// One event, before its document is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) inserted: Moment,
    pub(crate) visible: Moment,
    content: Content,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    Drawn { seed: u64 },
    Given { index: u32 },
}

/// Events that match a query.
#[derive(Debug)]
pub(crate) struct Selection {
    /// All that match.
    pub(crate) total: u64,
    /// Those of the page.
    pub(crate) records: Vec<Record>,
    /// Whether more follow.
    pub(crate) more: bool,
}

/// The page token names no event that the query matches.
#[derive(Debug)]
pub(crate) struct UnknownToken;

/// All file events. An event's ordinal, its place in order of arrival, never changes.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) templates: Arc<TemplateSet>,
    records: Vec<Record>,
    given: Vec<GivenEvent>,
    ids: HashMap<u64, u32>,
    ids_known: usize,
    orders: HashMap<SortKey, Vec<u32>>,
}

impl History {
    pub(crate) fn new(templates: Arc<TemplateSet>) -> Self {
        Self {
            templates,
            records: Vec::new(),
            given: Vec::new(),
            ids: HashMap::new(),
            ids_known: 0,
            orders: HashMap::new(),
        }
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        self.records.reserve(more);
    }

    pub(crate) fn push_drawn(&mut self, seed: u64, inserted: Moment, visible: Moment) {
        let inserted = Drawn::new(&self.templates, seed).inserted(inserted);
        self.records.push(Record { inserted, visible, content: Content::Drawn { seed } });
    }

    pub(crate) fn push_given(&mut self, event: GivenEvent, visible: Moment) {
        let index = u32::try_from(self.given.len()).unwrap_or(u32::MAX);
        self.records.push(Record { inserted: event.inserted, visible, content: Content::Given { index } });
        self.given.push(event);
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    pub(crate) fn drawn(&self, record: &Record) -> Option<Drawn<'_>> {
        match record.content {
            Content::Drawn { seed } => Some(Drawn::new(&self.templates, seed)),
            Content::Given { .. } => None,
        }
    }

    fn given(&self, record: &Record) -> Option<&GivenEvent> {
        match record.content {
            Content::Drawn { .. } => None,
            Content::Given { index } => self.given.get(usize::try_from(index).ok()?),
        }
    }

    pub(crate) fn id(&self, record: &Record) -> String {
        self.drawn(record)
            .map(|drawn| drawn.id())
            .or_else(|| self.given(record).map(|event| event.id.clone()))
            .unwrap_or_default()
    }

    pub(crate) fn timestamp(&self, record: &Record) -> Moment {
        self.drawn(record)
            .map(|drawn| drawn.timestamp(record.inserted))
            .or_else(|| self.given(record).map(|event| event.timestamp))
            .unwrap_or(record.inserted)
    }

    pub(crate) fn score(&self, record: &Record) -> Option<i64> {
        if let Some(drawn) = self.drawn(record) {
            return Some(drawn.score());
        }
        let document: serde_json::Value = serde_json::from_slice(&self.given(record)?.bytes).ok()?;
        document.pointer("/risk/score")?.as_i64()
    }

    /// What a page holds of this event.
    pub(crate) fn document(&self, record: &Record) -> Document {
        match record.content {
            Content::Drawn { seed } => Document::Drawn { seed, inserted: record.inserted },
            Content::Given { .. } => {
                Document::Given(self.given(record).map(|event| event.bytes.clone()).unwrap_or_default())
            }
        }
    }

    /// Answers a query as of `now`. The page begins `overlap` events before its proper place.
    pub(crate) fn select(
        &mut self,
        query: &Query,
        now: Moment,
        overlap: usize,
    ) -> Result<Selection, UnknownToken> {
        self.refresh_order(query.sort_key);
        let (token, skip) = match &query.start {
            Start::Page { skip } => (None, *skip),
            Start::After(token) if token.is_empty() => (None, 0),
            Start::After(token) => (Some(self.find(token).ok_or(UnknownToken)?), 0),
        };
        let matches = |record: &Record| record.visible <= now && query.filter.matches(self, record);
        if token.is_some_and(|token| !matches(&self.record(token))) {
            return Err(UnknownToken);
        }
        let order = self.orders.get(&query.sort_key).map(Vec::as_slice).unwrap_or_default();
        let inside = &order[self.bounds(query, order)];
        let (before, after) = self.split(query, inside, token);
        let total = inside.iter().filter(|&&ordinal| matches(&self.record(ordinal))).count();
        let mut records: Vec<Record> =
            self.walk(before, !query.descending).filter(&matches).take(overlap).collect();
        records.reverse();
        let room = query.page_size.saturating_sub(records.len());
        let mut following = self.walk(after, query.descending).filter(&matches).skip(skip);
        records.extend(following.by_ref().take(room));
        let more = following.next().is_some();
        records.truncate(query.page_size);
        Ok(Selection { total: u64::try_from(total).unwrap_or(u64::MAX), records, more })
    }

    fn record(&self, ordinal: u32) -> Record {
        self.records[ordinal as usize]
    }

    /// The stretch of `order` outside of which no event can match.
    fn bounds(&self, query: &Query, order: &[u32]) -> Range<usize> {
        if query.sort_key != SortKey::Inserted {
            return 0..order.len();
        }
        let range = &query.filter.inserted;
        let from = order.partition_point(|&ordinal| self.record(ordinal).inserted < range.from);
        let to = order.partition_point(|&ordinal| self.record(ordinal).inserted <= range.to);
        from..to.max(from)
    }

    /// What comes before the page and what comes from its first event on, both in ascending order.
    fn split<'o>(&self, query: &Query, inside: &'o [u32], token: Option<u32>) -> (&'o [u32], &'o [u32]) {
        let Some(token) = token else { return (&[], inside) };
        let compare = |&ordinal: &u32| self.compare(query.sort_key, ordinal, token);
        if query.descending {
            let (after, before) = inside.split_at(inside.partition_point(|ordinal| compare(ordinal).is_lt()));
            (before, after)
        } else {
            inside.split_at(inside.partition_point(|ordinal| compare(ordinal).is_le()))
        }
    }

    /// The events of a stretch of an ascending order, from either end.
    fn walk<'o>(&'o self, stretch: &'o [u32], backwards: bool) -> Box<dyn Iterator<Item = Record> + 'o> {
        let records = stretch.iter().map(|&ordinal| self.record(ordinal));
        if backwards { Box::new(records.rev()) } else { Box::new(records) }
    }

    fn compare(&self, key: SortKey, left: u32, right: u32) -> Ordering {
        let (one, other) = (self.record(left), self.record(right));
        let by_key = match key {
            SortKey::Inserted => one.inserted.cmp(&other.inserted),
            SortKey::Timestamp => self.timestamp(&one).cmp(&self.timestamp(&other)),
            SortKey::Score => self.score(&one).cmp(&self.score(&other)),
            SortKey::Id => Ordering::Equal,
        };
        by_key.then_with(|| self.id(&one).cmp(&self.id(&other)))
    }

    /// Brings the order by `key` up to date. Events mostly arrive in the order of their insertion.
    fn refresh_order(&mut self, key: SortKey) {
        let mut order = self.orders.remove(&key).unwrap_or_default();
        let known = order.len();
        let all = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        order.extend(u32::try_from(known).unwrap_or(u32::MAX)..all);
        if order.len() > known {
            match key {
                SortKey::Inserted => {
                    let suspects = &order[known.saturating_sub(1)..];
                    if !suspects.is_sorted_by(|&one, &other| self.compare(key, one, other).is_le()) {
                        order.sort_by(|&one, &other| self.compare(key, one, other));
                    }
                }
                SortKey::Timestamp => {
                    order.sort_by_cached_key(|&at| {
                        (self.timestamp(&self.record(at)), self.id(&self.record(at)))
                    });
                }
                SortKey::Score => {
                    order.sort_by_cached_key(|&at| (self.score(&self.record(at)), self.id(&self.record(at))));
                }
                SortKey::Id => order.sort_by_cached_key(|&at| self.id(&self.record(at))),
            }
        }
        self.orders.insert(key, order);
    }

    /// The event with this id.
    fn find(&mut self, id: &str) -> Option<u32> {
        for at in self.ids_known..self.records.len() {
            let id = self.id(&self.records[at]);
            self.ids.insert(hash_of(&id), u32::try_from(at).unwrap_or(u32::MAX));
        }
        self.ids_known = self.records.len();
        let ordinal = *self.ids.get(&hash_of(id))?;
        (self.id(&self.record(ordinal)) == id).then_some(ordinal)
    }
}

fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::incydr::options::IncydrBehavior;

    /// A history whose events share a few moments, and become visible after a lag.
    fn history(events: &[(i64, u64)]) -> History {
        let mut history = History::new(Arc::new(TemplateSet::new(1, "tenant", 0)));
        for (number, &(millis, lag)) in events.iter().enumerate() {
            let at = Moment::from_millis(millis);
            let event = GivenEvent::plain(&format!("event-{}", (number * 7_919) % 1_000), at);
            history.push_given(event, at.plus(Duration::from_millis(lag)));
        }
        history
    }

    fn query(token: &str, size: usize, key: &str, direction: &str) -> Query {
        let since =
            json!({"term": "event.inserted", "operator": "ON_OR_AFTER", "value": "1970-01-01T00:00:00.005Z"});
        let body = json!({
            "groups": [{"filters": [since]}], "pgSize": size, "pgToken": token, "srtKey": key, "srtDir": direction,
        });
        Query::parse(body.to_string().as_bytes(), Moment::default(), &IncydrBehavior::default()).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_walk_meets_every_visible_match_once_and_in_order(
            events in prop::collection::vec((0..30_i64, 0..40_u64), 0..60),
            size in 1..9_usize,
            key in prop::sample::select(vec!["event.id", "event.inserted", "@timestamp"]),
            direction in prop::sample::select(vec!["asc", "desc"]),
        ) {
            let now = Moment::from_millis(35);
            let mut history = history(&events);
            let visible = |&&(at, lag): &&(i64, u64)| at >= 5 && at.unsigned_abs() + lag <= 35;
            let expected = events.iter().filter(visible).count();
            let mut token = String::new();
            let mut walked = Vec::new();
            loop {
                let page = history.select(&query(&token, size, key, direction), now, 0).unwrap();
                prop_assert_eq!(page.total, expected as u64);
                walked.extend(page.records.iter().map(|record| (record.inserted, history.id(record))));
                if !page.more {
                    break;
                }
                token = walked.last().unwrap().1.clone();
            }
            prop_assert_eq!(walked.len(), expected);
            prop_assert_eq!(walked.iter().collect::<HashSet<_>>().len(), expected);
            if direction == "desc" {
                walked.reverse();
            }
            if key == "event.id" {
                prop_assert!(walked.is_sorted_by_key(|(_, id)| id.clone()));
            } else {
                prop_assert!(walked.is_sorted());
            }
        }
    }
}
