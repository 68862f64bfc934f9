//! Events that can be found only some time after their insertion, within the look-back. What comes later still is
//! found by the second pass, which `core` proves in simulated time.

use std::time::Duration;

use incydr_simulator::GivenEvent;

use super::{collect, tenant_of};
use crate::health_log::health_events;

// F42
#[tokio::test]
async fn events_that_become_visible_late_arrive_with_a_later_poll_and_none_arrives_twice() {
    let stage = tenant_of(300).await;
    let mut running = collect(&stage).following().start();
    running.hear("window closed").await;
    let now = stage.incydr.clock().now();
    for (number, (age_seconds, millis)) in [(1, 0), (45, 300), (300, 600), (570, 900)].into_iter().enumerate()
    {
        let inserted = now.minus(Duration::from_secs(age_seconds));
        let late = GivenEvent::plain(&format!("late-{number}"), inserted);
        stage.incydr.add_events([late], now.plus(Duration::from_millis(millis)));
    }
    stage.sumo.wait_for_messages(304).await;
    running.hear("window closed").await;
    running.signal("TERM").await;
    let ended = running.end().await;
    assert!(ended.status.success());
    assert!(health_events(&ended.log).is_empty());
    stage.assert_complete(0);
}
