//! All file events of the simulated tenants, in as little memory as they need.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
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
        let (start, skip) = match &query.start {
            Start::Page { skip } => (None, *skip),
            Start::After(token) if token.is_empty() => (None, 0),
            Start::After(token) => (Some(self.find(token).ok_or(UnknownToken)?), 0),
        };
        let matches = |record: &Record| record.visible <= now && query.filter.matches(self, record);
        if let Some(token) = start.map(|ordinal| self.record(ordinal))
            && !(matches(&token) && query.filter.inserted.contains(token.inserted))
        {
            return Err(UnknownToken);
        }
        let order = self.orders.get(&query.sort_key).map(Vec::as_slice).unwrap_or_default();
        let bounds = self.bounds(query, order);
        let (before, after) = self.split(query, order, bounds, start);
        let mut passed = VecDeque::new();
        let mut total = 0;
        for record in before.directed(query.descending).map(|&ordinal| self.record(ordinal)).filter(&matches)
        {
            total += 1;
            passed.push_back(record);
            if passed.len() > overlap {
                passed.pop_front();
            }
        }
        let mut records: Vec<Record> = passed.into();
        let mut more = false;
        let mut to_skip = skip;
        for record in after.directed(query.descending).map(|&ordinal| self.record(ordinal)).filter(&matches) {
            total += 1;
            if to_skip > 0 {
                to_skip -= 1;
            } else if records.len() < query.page_size {
                records.push(record);
            } else {
                more = true;
            }
        }
        records.truncate(query.page_size);
        Ok(Selection { total, records, more })
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
    fn split<'o>(
        &self,
        query: &Query,
        order: &'o [u32],
        bounds: Range<usize>,
        start: Option<u32>,
    ) -> (Stretch<'o>, Stretch<'o>) {
        let inside = &order[bounds];
        let Some(token) = start else { return (Stretch(&[]), Stretch(inside)) };
        let compare = |&ordinal: &u32| self.compare(query.sort_key, ordinal, token);
        let (low, high) = if query.descending {
            inside.split_at(inside.partition_point(|ordinal| compare(ordinal).is_lt()))
        } else {
            inside.split_at(inside.partition_point(|ordinal| compare(ordinal).is_le()))
        };
        if query.descending { (Stretch(high), Stretch(low)) } else { (Stretch(low), Stretch(high)) }
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

/// A stretch of an ascending order.
struct Stretch<'o>(&'o [u32]);

impl<'o> Stretch<'o> {
    fn directed(&self, descending: bool) -> Box<dyn Iterator<Item = &'o u32> + 'o> {
        if descending { Box::new(self.0.iter().rev()) } else { Box::new(self.0.iter()) }
    }
}

fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
