//! One life of a source: from `Pending` until it must begin anew or go.
//!
//! The life cycle is read here from top to bottom: client and labels, credentials, then streams and backfills side by
//! side. Everything of a life runs inside its one future, so that dropping it ends all of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use incydr_client::client::Client;
use incydr_core::health::{SourceState, Trouble};
use incydr_core::stop::{StopSwitch, stop_switch};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use incydr_core::window::Reach;
use tokio::sync::watch;

use crate::assembly::{Shared, holder, reach_of};
use crate::supervision::authenticating::{Authentication, authenticate};
use crate::supervision::source_health::Part;
use crate::supervision::stream_supervisor::{DRAIN, Schedule, StreamEnd, StreamSupervisor};

use super::hosted_source::{Backfill, BackfillOutcome, HostedSource};
use super::task::{LifeEnd, SourceTask};
use super::turnstile::spaced;
use super::wish::{Memory, Wish};

type Wishes = watch::Receiver<Wish>;

/// A life that has come to collecting.
struct Life<'a> {
    task: &'a SourceTask,
    wish: Wish,
    shared: Shared,
    stop: StopSwitch,
    backfills: BTreeMap<u64, StopSwitch>,
    strands: FuturesUnordered<BoxFuture<'static, (Part, StreamEnd)>>,
    /// Whether a part has ended that only an update or a restart brings back.
    failed: bool,
}

/// What a life does after something has happened.
#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    End,
}

impl SourceTask {
    /// Lives one life.
    pub(super) async fn live(&self, wishes: &mut Wishes, memory: &mut Memory) -> LifeEnd {
        let mut wish = self.look_at_wish(wishes, memory);
        if wish.leaving.is_some() {
            self.health.reach(SourceState::Stopping);
            return LifeEnd::Over;
        }
        let parts: Vec<_> = wish.source.config.streams.iter().map(|stream| Part::Stream(*stream)).collect();
        self.health.begin(&parts);
        self.health.reach(SourceState::Started);
        let (stop, shared) = match self.apply_labels().and_then(|()| self.share(&wish, memory)) {
            Ok(shared) => shared,
            Err(trouble) => {
                self.health.open(Part::Source, trouble);
                return self.await_remedy(&wish, wishes, memory).await;
            }
        };
        self.health.reach(SourceState::Initialized);
        let wait = memory.first_poll_after;
        let authentication = tokio::select! {
            biased;
            () = self.outlived(&mut wish, wishes, memory) => return LifeEnd::Again,
            authentication = self.authenticate(&shared, wait) => authentication,
        };
        if authentication != Authentication::Accepted {
            memory.client = None;
            return self.await_remedy(&wish, wishes, memory).await;
        }
        self.health.reach(SourceState::Authenticated);
        let (strands, backfills) = (FuturesUnordered::new(), BTreeMap::new());
        let mut life = Life { task: self, wish, shared, stop, backfills, strands, failed: false };
        let is_refused = life.collect(wishes).await;
        let Life { wish, failed, .. } = life;
        if failed {
            // What the vendor allows may be written in the token.
            memory.client = None;
        }
        if is_refused { self.await_remedy(&wish, wishes, memory).await } else { LifeEnd::Again }
    }

    /// What all streams of this life share, and what ends them.
    fn share(&self, wish: &Wish, memory: &mut Memory) -> Result<(StopSwitch, Shared), Trouble> {
        let (stop, stopped) = stop_switch();
        let shared = Shared {
            client: self.client(wish, memory)?,
            ledger: self.common.ledger.clone(),
            clock: self.common.clock.clone(),
            stop: stopped,
            doors: self.doors.clone(),
            tap: self.tap(),
        };
        Ok((stop, shared))
    }

    /// The client of the life before with its token, if it is still the right one.
    fn client(&self, wish: &Wish, memory: &mut Memory) -> Result<Arc<Client>, Trouble> {
        let config = &wish.source.config;
        if let Some((client, made_for, restarts)) = &memory.client
            && *restarts == wish.restarts
            && made_for.config.base_url == config.base_url
            && made_for.config.client_id == config.client_id
            && made_for.config.secret_key == config.secret_key
        {
            return Ok(client.clone());
        }
        let (client, budget) = self.common.client(config)?;
        self.set_budget(budget);
        let client = Arc::new(client);
        memory.client = Some((client.clone(), wish.source.clone(), wish.restarts));
        Ok(client)
    }

    async fn authenticate(&self, shared: &Shared, wait: Duration) -> Authentication {
        let mut nudge = self.nudge();
        tokio::select! {
            biased;
            () = nudge.asked() => {}
            () = shared.clock.sleep(wait) => {}
        }
        authenticate(&shared.client, &self.health, shared.clock.as_ref(), &shared.stop).await
    }

    /// Something is wrong that only an update or a restart mends: waits for one, and asks nobody anything meanwhile.
    async fn await_remedy(&self, wish: &Wish, wishes: &mut Wishes, memory: &mut Memory) -> LifeEnd {
        loop {
            let newer = self.next_wish(wishes, memory).await;
            if (newer.updates, newer.restarts) != (wish.updates, wish.restarts) || newer.leaving.is_some() {
                return LifeEnd::Again;
            }
        }
    }

    /// Returns once so much else is wanted that a life with `wish` must end; `wish` follows what does not matter so
    /// much.
    async fn outlived(&self, wish: &mut Wish, wishes: &mut Wishes, memory: &mut Memory) {
        loop {
            let newer = self.next_wish(wishes, memory).await;
            if self.must_end(wish, &newer) {
                return;
            }
            *wish = newer;
        }
    }

    /// Whether a life with `wish` must end because `newer` is wanted. What differs only in labels is relabeled.
    fn must_end(&self, wish: &Wish, newer: &Wish) -> bool {
        newer.leaving.is_some()
            || newer.restarts != wish.restarts
            || !newer.source.works_as(&wish.source)
            || (newer.updates != wish.updates && self.apply_labels().is_err())
    }

    /// The next wish. Backfills that are no longer wanted are over, for none is under way.
    async fn next_wish(&self, wishes: &mut Wishes, memory: &mut Memory) -> Wish {
        if wishes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.look_at_wish(wishes, memory)
    }

    fn look_at_wish(&self, wishes: &mut Wishes, memory: &mut Memory) -> Wish {
        let wish = wishes.borrow_and_update().clone();
        self.end_cancelled(&wish, |_| false);
        let origin = wish.source.origin();
        if origin != memory.origin {
            let (source, from) = (wish.source.config.name.as_str(), memory.origin.as_str());
            tracing::warn!(
                source,
                from,
                to = origin.as_str(),
                "another tenant is another place: it begins anew"
            );
            memory.origin = origin;
        }
        wish
    }
}

impl Life<'_> {
    /// Collects until the life must end, and drains. True when the credentials are refused.
    async fn collect(&mut self, wishes: &mut Wishes) -> bool {
        let source = self.wish.source.clone();
        for stream in source.config.streams.iter().copied() {
            let earliest = Some(source.since);
            let reach = Reach { earliest, ..reach_of(&source.config, stream, source.since) };
            self.supervise(Part::Stream(stream), source.place(stream), reach, None, self.shared.clone());
        }
        self.begin_backfills();
        let mut is_refused = false;
        loop {
            let next = tokio::select! {
                biased;
                Some((part, end)) = self.strands.next() => {
                    is_refused = matches!(end, StreamEnd::SourceFailed(_));
                    self.note_end(part, end)
                }
                changed = wishes.changed() => match changed {
                    Ok(()) => self.follow(wishes),
                    Err(_) => Next::End,
                },
            };
            if next == Next::End {
                self.drain().await;
                return is_refused;
            }
        }
    }

    /// Something else is wanted.
    fn follow(&mut self, wishes: &mut Wishes) -> Next {
        let newer = wishes.borrow_and_update().clone();
        let must_end =
            self.task.must_end(&self.wish, &newer) || (self.failed && newer.updates != self.wish.updates);
        self.wish = newer;
        if must_end {
            // It is looked at once more by the life that follows.
            wishes.mark_changed();
            return Next::End;
        }
        self.begin_backfills();
        for (_, stop) in self.backfills.iter().filter(|(number, _)| !self.wish.wants(**number)) {
            stop.request();
        }
        self.task.end_cancelled(&self.wish, |number| self.backfills.contains_key(&number));
        Next::GoOn
    }

    fn begin_backfills(&mut self) {
        for backfill in self.wish.backfills.clone() {
            if !self.backfills.contains_key(&backfill.number) {
                self.begin_backfill(&backfill);
            }
        }
    }

    fn begin_backfill(&mut self, backfill: &Backfill) {
        let source = self.wish.source.clone();
        let (stop, stopped) = stop_switch();
        self.backfills.insert(backfill.number, stop);
        let shared = Shared { stop: stopped, ..self.shared.clone() };
        let part = Part::Backfill(backfill.number, backfill.stream);
        let reach =
            Reach { second_pass: Duration::ZERO, ..reach_of(&source.config, backfill.stream, backfill.from) };
        self.supervise(part, source.backfill_place(backfill), reach, Some(backfill.to), shared);
    }

    fn supervise(
        &mut self,
        part: Part,
        place: Place,
        reach: Reach,
        until: Option<Timestamp>,
        shared: Shared,
    ) {
        let source: &HostedSource = &self.wish.source;
        let observers = self.task.observe(part, place.stream, source.config.retention);
        let notify = observers.notify(&shared.clock, self.task.listen(place.stream));
        let heard = (notify, observers.on_exchange(&shared.clock));
        let mut collection = shared.collection(&source.config, &place, reach, heard);
        if matches!(part, Part::Stream(_)) {
            let common = self.task.common.clone();
            collection.source = spaced(collection.source, common, source.first_poll.spacing);
        }
        let supervisor = StreamSupervisor {
            collection,
            place,
            holder: holder(),
            schedule: Schedule {
                until,
                polling_interval: source.config.polling_interval,
                settle_time: source.config.settle_time,
            },
            nudge: self.task.nudge(),
            observers,
        };
        self.strands.push(Box::pin(async move { (part, supervisor.run().await) }));
    }

    fn note_end(&mut self, part: Part, end: StreamEnd) -> Next {
        if let Part::Backfill(number, _) = part {
            self.note_backfill_end(part, number, &end);
        } else if matches!(end, StreamEnd::StreamFailed(_)) {
            self.failed = true;
        }
        match end {
            StreamEnd::SourceFailed(_) => {
                self.failed = true;
                Next::End
            }
            StreamEnd::Complete | StreamEnd::Stopped | StreamEnd::StreamFailed(_) => Next::GoOn,
        }
    }

    /// A backfill that was stopped with the life goes on in the next one.
    fn note_backfill_end(&mut self, part: Part, number: u64, end: &StreamEnd) {
        self.backfills.remove(&number);
        let is_wanted = self.wish.wants(number);
        let outcome = match end {
            StreamEnd::Complete => BackfillOutcome::Complete,
            StreamEnd::StreamFailed(trouble) => BackfillOutcome::Failed(trouble.clone()),
            StreamEnd::Stopped if !is_wanted => BackfillOutcome::Cancelled,
            StreamEnd::Stopped | StreamEnd::SourceFailed(_) => return,
        };
        self.wish.backfills.retain(|backfill| backfill.number != number);
        self.task.forget(part);
        self.task.end_backfill(number, outcome);
    }

    /// Begins nothing new, and gives what is under way its time. Dropping the rest is like a crash: nothing is lost.
    async fn drain(&mut self) {
        if self.wish.leaving.is_some() {
            self.task.health.reach(SourceState::Stopping);
        }
        self.stop.request();
        self.backfills.values().for_each(StopSwitch::request);
        let clock = self.shared.clock.clone();
        let finish = async {
            while let Some((part, end)) = self.strands.next().await {
                self.note_end(part, end);
            }
        };
        tokio::select! {
            biased;
            () = finish => {}
            () = clock.sleep(DRAIN) => {
                tracing::warn!(source = %self.wish.source.config.name, "deliveries under way did not end in time; they will be made again, and may arrive twice");
                self.strands.clear();
            }
        }
        self.task.rest();
    }
}
