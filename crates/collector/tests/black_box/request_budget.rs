//! The budget of requests, which no crash resets.

use std::time::Duration;

use tokio::time::timeout;

use crate::stage::Stage;

/// G8: a crash loop asks no more often than one long life would.
#[tokio::test]
async fn restarts_and_crashes_share_one_budget_of_requests() {
    const BUDGET: u32 = 5;
    let spent = u64::from(BUDGET);
    let stage = Stage::with_file_events(100).await;
    let collect = || stage.collect().to_sumo().requests_per_minute(BUDGET).following().start();
    let first = collect();
    stage.incydr.wait_for_answers(spent).await;
    first.kill().await;
    for _ in 0..3 {
        let next = collect();
        let one_more = timeout(Duration::from_secs(1), stage.incydr.wait_for_answers(spent + 1)).await;
        assert!(one_more.is_err(), "a restart found room in a budget that was spent");
        next.kill().await;
    }
    assert_eq!(stage.incydr.requests().len(), usize::try_from(BUDGET).expect("small"));
    assert!(stage.incydr.traffic().busiest_minute <= usize::try_from(BUDGET).expect("small"));
    stage.assert_complete(0);
}
