//! Documents with gaps: everything that repeats from event to event is rendered once.
//!
//! A shape (`shapes/*.json`) names the words that make one template differ from the next, and the slots that
//! make one event differ from the next. A few hundred templates are made at the start; an event is then
//! little more than a copy of its template.

use std::ops::Range;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::data::actors::{Actor, pick};
use crate::data::vocabulary::{DESTINATIONS, FILE_KINDS, FOLDERS, INDICATORS, severity_of};
use crate::digest::as_line;

const TEMPLATES: usize = 500;

/// Shape, whether its events come from an endpoint, and how many of 100 templates have it.
const SHAPES: [(&str, bool, usize); 8] = [
    (include_str!("shapes/browser_upload.json"), true, 20),
    (include_str!("shapes/cloud_share.json"), false, 14),
    (include_str!("shapes/cloud_change.json"), false, 20),
    (include_str!("shapes/removable_media.json"), true, 10),
    (include_str!("shapes/git_push.json"), true, 8),
    (include_str!("shapes/mail_sent.json"), false, 10),
    (include_str!("shapes/chat_paste.json"), true, 5),
    (include_str!("shapes/early_endpoint.json"), true, 13),
];

/// A browser tab, of which a document may have any number.
const TAB: &str = include_str!("shapes/tab.json");

/// Where a file came from, of which a document may have any number.
const ACQUIRED_FROM: &str = include_str!("shapes/acquired_from.json");

/// What differs from event to event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    Id,
    Inserted,
    Ingested,
    Timestamp,
    Hour,
    Created,
    Modified,
    Stem,
    Size,
    Md5,
    Sha256,
    CloudFile,
    Uuid,
    Commit,
    Digits,
    Octet,
    Phrase,
    Token,
    Interface,
}

impl Slot {
    const ALL: [(&'static str, Self); 19] = [
        ("id", Self::Id),
        ("inserted", Self::Inserted),
        ("ingested", Self::Ingested),
        ("timestamp", Self::Timestamp),
        ("hour", Self::Hour),
        ("created", Self::Created),
        ("modified", Self::Modified),
        ("stem", Self::Stem),
        ("size", Self::Size),
        ("md5", Self::Md5),
        ("sha256", Self::Sha256),
        ("cloud_file", Self::CloudFile),
        ("uuid", Self::Uuid),
        ("commit", Self::Commit),
        ("digits", Self::Digits),
        ("octet", Self::Octet),
        ("phrase", Self::Phrase),
        ("token", Self::Token),
        ("interface", Self::Interface),
    ];
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(Range<usize>),
    Slot(Slot),
}

/// A document with gaps.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) text: String,
    pub(crate) parts: Vec<Part>,
    /// `None` for events of a cloud service.
    pub(crate) device_id: Option<String>,
    /// Fraction digits of `event.inserted`.
    pub(crate) inserted_digits: u32,
    pub(crate) score: i64,
}

impl Template {
    /// Parts the text at its `{{slots}}`.
    fn new(text: String, device_id: Option<String>, inserted_digits: u32, score: i64) -> Self {
        let mut parts = Vec::new();
        let mut done = 0;
        while let Some(open) = text[done..].find("{{").map(|at| done + at) {
            let Some(close) = text[open..].find("}}").map(|at| open + at) else { break };
            let slot = Slot::ALL.iter().find(|(name, _)| *name == &text[open + 2..close]);
            parts.push(Part::Text(done..open));
            parts.extend(slot.map(|&(_, slot)| Part::Slot(slot)));
            done = close + 2;
        }
        parts.push(Part::Text(done..text.len()));
        Self { text, parts, device_id, inserted_digits, score }
    }
}

/// All templates of one tenant.
#[derive(Debug)]
pub(crate) struct TemplateSet {
    pub(crate) tenant: String,
    pub(crate) templates: Vec<Template>,
}

impl TemplateSet {
    /// Templates whose documents have about `mean_bytes` bytes in the mean (never less than the shapes need,
    /// which is 2.8 KB).
    pub(crate) fn new(seed: u64, tenant: &str, mean_bytes: usize) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let shapes: Vec<_> = SHAPES.iter().map(|&(text, endpoint, _)| (one_line(text), endpoint)).collect();
        let lots: Vec<usize> = SHAPES
            .iter()
            .enumerate()
            .flat_map(|(at, &(_, _, share))| std::iter::repeat_n(at, share))
            .collect();
        let mut surplus = 0;
        let templates = (0..TEMPLATES)
            .map(|number| {
                let (shape, endpoint) = &shapes[lots[number * 37 % lots.len()]];
                let varied = mean_bytes * random.random_range(70..=130) / 100;
                let wanted = usize::try_from(i64::try_from(varied).unwrap_or(0) - surplus).unwrap_or(0);
                let template = draw_template(&mut random, shape, *endpoint, tenant, wanted);
                surplus += document_len(&template) - i64::try_from(mean_bytes).unwrap_or(0);
                template
            })
            .collect();
        Self { tenant: tenant.to_owned(), templates }
    }
}

fn draw_template(
    random: &mut SmallRng,
    shape: &str,
    endpoint: bool,
    tenant: &str,
    wanted: usize,
) -> Template {
    let actor = Actor::draw(random);
    let score = if random.random_bool(0.6) { 0 } else { random.random_range(1..20) };
    let digits = if random.random_bool(0.2) { 9 } else { 6 };
    let words = words_of(random, &actor, tenant, score);
    let device_id = endpoint.then(|| actor.device_id.clone());
    let make = |tabs: usize, acquired: usize| {
        let filled = shape
            .replace("{{tabs}}", &vec![one_line(TAB); tabs].join(","))
            .replace("{{acquired}}", &vec![one_line(ACQUIRED_FROM); acquired].join(","));
        let text = words.iter().fold(filled, |text, (name, word)| text.replace(name, word));
        Template::new(text, device_id.clone(), digits, score)
    };
    let (mut tabs, mut acquired) = (usize::from(endpoint), 0);
    let mut template = make(tabs, acquired);
    loop {
        let grows_tabs = tabs <= 2 * acquired;
        let larger = if grows_tabs { make(tabs + 1, acquired) } else { make(tabs, acquired + 1) };
        if usize::try_from(document_len(&larger)).unwrap_or(0) > wanted {
            return template;
        }
        if grows_tabs {
            tabs += 1
        } else {
            acquired += 1
        }
        template = larger;
    }
}

fn words_of(random: &mut SmallRng, actor: &Actor, tenant: &str, score: i64) -> Vec<(&'static str, String)> {
    let (extension, category, mime) = pick(random, &FILE_KINDS);
    let (destination, destination_category, domain) = pick(random, &DESTINATIONS);
    let folder = pick(random, &FOLDERS);
    let indicators: Vec<String> = (0..random.random_range(0..=4))
        .map(|_| pick(random, &INDICATORS))
        .map(|(name, weight)| format!(r#"{{"name":"{name}","id":"{name}","weight":{weight}}}"#))
        .collect();
    let number = random.random_range(0..100);
    vec![
        ("{{tenant}}", tenant.to_owned()),
        ("{{user}}", actor.name.clone()),
        ("{{account}}", actor.account()),
        ("{{user_id}}", actor.user_id.clone()),
        ("{{device_id}}", actor.device_id.clone()),
        ("{{device}}", actor.device.clone()),
        ("{{device_number}}", format!("{number:08}")),
        ("{{department}}", actor.department.to_owned()),
        ("{{os}}", actor.system.to_owned()),
        ("{{group_number}}", format!("{number:02}")),
        ("{{group}}", folder.to_owned()),
        ("{{folder}}", folder.to_owned()),
        ("{{extension}}", extension.to_owned()),
        ("{{file_category}}", category.to_owned()),
        ("{{mime}}", mime.to_owned()),
        ("{{destination}}", destination.to_owned()),
        ("{{destination_category}}", destination_category.to_owned()),
        ("{{domain}}", domain.to_owned()),
        ("{{score}}", score.to_string()),
        ("{{severity}}", severity_of(score).to_owned()),
        ("{{indicators}}", indicators.join(",")),
    ]
}

/// How long a document of this template usually is.
fn document_len(template: &Template) -> i64 {
    let len: usize = template
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(range) => range.len(),
            Part::Slot(Slot::Id) => 75,
            Part::Slot(Slot::Inserted) => 27,
            Part::Slot(Slot::Ingested | Slot::Timestamp | Slot::Created | Slot::Modified) => 24,
            Part::Slot(Slot::Hour) => 20,
            Part::Slot(Slot::Stem) => 24,
            Part::Slot(Slot::Size) => 6,
            Part::Slot(Slot::Md5) => 32,
            Part::Slot(Slot::Sha256) => 64,
            Part::Slot(Slot::CloudFile) => 31,
            Part::Slot(Slot::Uuid) => 36,
            Part::Slot(Slot::Commit) => 40,
            Part::Slot(Slot::Digits) => 12,
            Part::Slot(Slot::Octet) => 2,
            Part::Slot(Slot::Phrase) => 25,
            Part::Slot(Slot::Token) => 20,
            Part::Slot(Slot::Interface) => 19,
        })
        .sum();
    i64::try_from(len).unwrap_or(0)
}

fn one_line(shape: &str) -> String {
    String::from_utf8_lossy(&as_line(shape.as_bytes())).into_owned()
}
