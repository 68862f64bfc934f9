//! Invented sessions, which change for an hour and more after they began.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use crate::data::actors::{Actor, pick};
use crate::data::vocabulary::{INDICATORS, severity_number};
use crate::moment::Moment;

/// Scores are added about so often.
const RESCORED_EVERY: Duration = Duration::from_secs(300);

/// A session as the API shows it. The order of its fields is that of recorded samples.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionDetail {
    pub(crate) session_id: String,
    tenant_id: String,
    pub(crate) actor_id: String,
    pub(crate) actor_name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    pub(crate) begin_time: i64,
    pub(crate) end_time: i64,
    first_observed: i64,
    last_updated: i64,
    no_risk_events: i64,
    low_events: i64,
    moderate_events: i64,
    high_events: i64,
    critical_events: i64,
    notes: [(); 0],
    risk_indicators: Vec<SessionIndicator>,
    scores: Vec<SessionScore>,
    pub(crate) triggered_alerts: Vec<TriggeredAlert>,
    states: Vec<SessionState>,
    exfiltration_summary: &'static str,
    context_summary: &'static str,
    risk_indicators_alerted_on: [(); 0],
    content_inspection_results: ContentInspection,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIndicator {
    id: &'static str,
    weight: i64,
    event_count: i64,
    name: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionScore {
    score: i64,
    severity: i64,
    source_timestamp: i64,
}

/// An alert of a session.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggeredAlert {
    pub(crate) alert_id: String,
    pub(crate) rule_id: String,
    lesson_id: Option<String>,
    pub(crate) rule_name: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionState {
    state: &'static str,
    state_v2: &'static str,
    source_timestamp: i64,
    user_id: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ContentInspection {
    detected_on_alerts: Vec<&'static str>,
}

/// One invented session: what it looks like at any time follows from this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionSeed {
    pub(crate) seed: u64,
    pub(crate) begin: Moment,
}

/// The course of a session, before anybody looks at it.
struct Course {
    actor: Actor,
    first_observed: Moment,
    /// When the activity ends.
    last_activity: Moment,
    /// When the score rises from 0, if it ever does.
    turn: Option<Moment>,
    score: i64,
    alert_id: String,
    rule_id: String,
    indicators: Vec<(&'static str, i64)>,
}

impl SessionSeed {
    fn course(&self) -> Course {
        let mut random = SmallRng::seed_from_u64(self.seed);
        let seconds = |random: &mut SmallRng, range| Duration::from_secs(random.random_range(range));
        let actor = Actor::draw(&mut random);
        let first_observed = self.begin.plus(seconds(&mut random, 200..320));
        let last_activity = self.begin.plus(seconds(&mut random, 300..7_200));
        let after = seconds(&mut random, 0..4_800);
        let risky = random.random_bool(0.4);
        let uuid = |random: &mut SmallRng| {
            let bits: u128 = random.random();
            let hex = format!("{bits:032x}");
            format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
        };
        Course {
            first_observed,
            last_activity,
            turn: risky.then(|| first_observed.plus(after)),
            score: random.random_range(3..20),
            alert_id: uuid(&mut random),
            rule_id: uuid(&mut random),
            indicators: vec![pick(&mut random, &INDICATORS), pick(&mut random, &INDICATORS)],
            actor,
        }
    }

    /// When the session can first be seen.
    pub(crate) fn first_observed(&self) -> Moment {
        self.course().first_observed
    }

    /// When its alert is raised, if it ever is.
    pub(crate) fn alerted(&self) -> Option<Moment> {
        self.course().turn
    }

    /// What the session looks like at `now`.
    pub(crate) fn detail(&self, now: Moment, tenant: &str) -> SessionDetail {
        let course = self.course();
        let last_scored = now.min(course.last_activity.max(course.turn.unwrap_or(course.last_activity)));
        let mut scores = Vec::new();
        let mut scored = course.first_observed;
        loop {
            let turned = course.turn.is_some_and(|turn| turn <= scored);
            let score = if turned { course.score } else { 0 };
            scores.push(SessionScore {
                score,
                severity: severity_number(score),
                source_timestamp: scored.as_millis(),
            });
            if scored >= last_scored {
                break;
            }
            scored = scored.plus(RESCORED_EVERY);
            if scored > now {
                break;
            }
        }
        let last_score = scores.last().map_or(0, |score| score.score);
        let last_time = scores.last().map_or(0, |score| score.source_timestamp);
        let turned = last_score > 0;
        let end =
            self.begin.plus(RESCORED_EVERY).max(course.last_activity.min(Moment::from_millis(last_time)));
        let minutes = i64::try_from(end.since(self.begin).as_secs() / 60).unwrap_or(0);
        let counted = |severity: i64| i64::from(turned && severity_number(last_score) == severity);
        let indicators = if turned { course.indicators.as_slice() } else { &[] };
        SessionDetail {
            session_id: format!("{}_{}", course.actor.user_id, self.begin.as_millis()),
            tenant_id: tenant.to_owned(),
            actor_id: course.actor.user_id.clone(),
            actor_name: format!("{}@example.com", course.actor.name),
            kind: "STANDARD",
            begin_time: self.begin.as_millis(),
            end_time: end.as_millis(),
            first_observed: course.first_observed.as_millis(),
            last_updated: last_time - 277_000,
            no_risk_events: 4 * minutes,
            low_events: counted(1),
            moderate_events: counted(2),
            high_events: counted(3),
            critical_events: counted(4),
            notes: [],
            risk_indicators: indicators
                .iter()
                .map(|&(name, weight)| SessionIndicator { id: name, weight, event_count: 1, name })
                .collect(),
            scores,
            triggered_alerts: turned
                .then(|| TriggeredAlert {
                    alert_id: course.alert_id.clone(),
                    rule_id: course.rule_id.clone(),
                    lesson_id: None,
                    rule_name: "Exfiltration to an untrusted destination",
                })
                .into_iter()
                .collect(),
            states: vec![SessionState {
                state: "OPEN",
                state_v2: "OPEN",
                source_timestamp: course.first_observed.as_millis(),
                user_id: None,
            }],
            exfiltration_summary: if turned { "file(s) uploaded to an untrusted destination" } else { "" },
            context_summary: "",
            risk_indicators_alerted_on: [],
            content_inspection_results: ContentInspection { detected_on_alerts: Vec::new() },
        }
    }
}
