//! No source stands still in silence (guarantee G7).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use incydr_collector::supervision::watchdog::LOOK_EVERY;
use incydr_collector::system_clock::SystemClock;
use incydr_core::clock::Clock;
use incydr_core::health::ErrorType;
use incydr_core::timestamp::Timestamp;
use incydr_simulator::{Fault, FaultRule, SimulatedIncydr, Target};
use tokio::sync::Notify;

use crate::stage::{Stage, source_of, tenant_with};

/// The system's clock, put forward by hand; the watchdog looks when it is told to.
#[derive(Default)]
pub(crate) struct AdvancedClock {
    ahead: Mutex<Duration>,
    look: Notify,
}

impl AdvancedClock {
    pub(crate) fn advance(&self, span: Duration) {
        *self.ahead.lock().expect("no panic under the lock") += span;
        self.look.notify_one();
    }
}

#[async_trait]
impl Clock for AdvancedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(*self.ahead.lock().expect("no panic under the lock"))
    }

    async fn sleep(&self, span: Duration) {
        match span {
            LOOK_EVERY => self.look.notified().await,
            span => SystemClock.sleep(span).await,
        }
    }
}

#[tokio::test]
async fn polls_and_deliveries_that_stand_still_for_five_minutes_are_reported_for_their_source() {
    let stage = Stage::with_file_events(10).await;
    let clock = Arc::new(AdvancedClock::default());
    let fleet = stage.fleet_by(clock.clone());
    let quiet = SimulatedIncydr::start(tenant_with(0)).await.expect("a free port");
    let silent = quiet.faults().add(FaultRule::always(Target::FileEvents, Fault::Delay { millis: 600_000 }));
    fleet.start(source_of(&quiet, 1, &["fileEvents"]));
    quiet.faults().wait_until_struck(silent, 1).await;
    let slow = stage.sumo.faults().add(FaultRule::always(Target::Sumo, Fault::Delay { millis: 600_000 }));
    fleet.start(stage.source(2));
    stage.sumo.faults().wait_until_struck(slow, 1).await;
    clock.advance(Duration::from_secs(301));
    for (id, tracker) in [(1, "PollStalled"), (2, "DeliveryStalled")] {
        let event = stage.chronicle.opened(id, 0).await;
        assert_eq!((event.error_type, event.tracker.as_str()), (ErrorType::FirstPartyGeneric, tracker));
    }
}
