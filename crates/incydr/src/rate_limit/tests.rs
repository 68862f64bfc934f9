//! The budget as its callers see it, in simulated time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use incydr_core::ledger::LedgerFault;
use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

async fn take(budget: &RateBudget) -> Instant {
    budget.permit("testing").await.expect("a permit").granted_at
}

#[tokio::test(start_paused = true)]
async fn the_request_past_the_budget_waits_until_the_first_one_is_a_minute_old() {
    let budget = RateBudget::in_memory(3);
    let first = take(&budget).await;
    for _ in 0..2 {
        assert_eq!(take(&budget).await, first);
    }
    let waited = take(&budget).await - first;
    assert!(waited > 60 * SECOND && waited < 61 * SECOND, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn permits_are_given_in_the_order_in_which_they_were_asked_for() {
    let budget = Arc::new(RateBudget::in_memory(1));
    take(&budget).await;
    let order = Arc::new(StdMutex::new(Vec::new()));
    let waiters: Vec<_> = (0..5)
        .map(|number| {
            let (budget, order) = (Arc::clone(&budget), Arc::clone(&order));
            tokio::spawn(async move {
                take(&budget).await;
                lock(&order).push(number);
            })
        })
        .collect();
    for waiter in waiters {
        waiter.await.expect("a waiter");
    }
    assert_eq!(*lock(&order), [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_vendor_names_holds_every_stream() {
    let budget = RateBudget::in_memory(100);
    let permit = budget.permit("testing").await.expect("a permit");
    let start = Instant::now();
    budget.throttled(&permit, Some(42 * SECOND));
    let (one, other) = tokio::join!(take(&budget), take(&budget));
    assert!(one - start >= 42 * SECOND && other - start >= 42 * SECOND);
    assert!(other - start < 43 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_complaint_without_a_wait_halves_the_requests_of_the_next_minute() {
    let budget = RateBudget::in_memory(40);
    let permit = budget.permit("testing").await.expect("a permit");
    budget.throttled(&permit, None);
    assert_eq!(budget.requests_per_minute(), 20);
    let start = Instant::now();
    for _ in 0..19 {
        assert_eq!(take(&budget).await, start);
    }
    assert!(take(&budget).await - start > 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_reserve_that_fails_keeps_the_request_from_being_sent() {
    let reserve: Reserve = Box::new(|_| {
        Box::pin(async {
            let attempt = "recording a request".to_owned();
            Err(LedgerError { attempt, fault: LedgerFault::Full, info: String::new() })
        })
    });
    let error = RateBudget::new(100, reserve).permit("searching").await.expect_err("no permit");
    assert_eq!(error.fault, SourceFault::BudgetUnavailable { tracker: "StorageFull" });
    assert_eq!(
        error.to_string(),
        "searching: the request budget cannot be recorded: recording a request: no space left"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_in_the_last_minute_is_known() {
    let budget = RateBudget::in_memory(100);
    for _ in 0..3 {
        take(&budget).await;
    }
    assert_eq!(budget.requests_in_last_minute(), 3);
    tokio::time::advance(61 * SECOND).await;
    assert_eq!(budget.requests_in_last_minute(), 0);
}

#[tokio::test(start_paused = true)]
async fn absurd_waits_of_the_reserve_neither_spin_nor_hang() {
    for absurd in [Duration::from_nanos(1), Duration::MAX] {
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let reserve: Reserve = Box::new(move |_| {
            let wait = if counter.fetch_add(1, Ordering::Relaxed) < 5 { absurd } else { Duration::ZERO };
            Box::pin(std::future::ready(Ok(wait)))
        });
        let start = Instant::now();
        let granted = take(&RateBudget::new(100, reserve)).await;
        assert_eq!(asked.load(Ordering::Relaxed), 6);
        assert!(granted - start >= 5 * SHORTEST_WAIT && granted - start <= 5 * LONGEST_WAIT);
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_gives_up_leaves_the_queue() {
    let budget = RateBudget::in_memory(1);
    take(&budget).await;
    let start = Instant::now();
    tokio::time::timeout(SECOND, budget.permit("giving up")).await.expect_err("no permit within a second");
    let waited = take(&budget).await - start;
    assert!(waited < 61 * SECOND, "{waited:?}");
}

proptest! {
    #[test]
    fn no_sixty_seconds_ever_hold_more_requests_than_the_limit(
        per_minute in 1_u32..20,
        gaps in proptest::collection::vec(0_u64..20_000, 1..200),
    ) {
        let start = Instant::now();
        let mut window = SlidingWindow::default();
        let mut now = start;
        let mut taken: Vec<Instant> = Vec::new();
        for gap in gaps {
            now += Duration::from_millis(gap);
            let wait = window.take(now, per_minute);
            if wait.is_zero() {
                taken.push(now);
                let recent = taken.iter().filter(|&&at| now - at <= 60 * SECOND).count();
                prop_assert!(recent <= per_minute as usize);
            } else {
                prop_assert!(wait <= 61 * SECOND);
                let mut later = window.clone();
                prop_assert!(later.take(now + wait, per_minute).is_zero());
            }
        }
    }
}
