//! What every ledger must do, as tests that any ledger can run.
//!
//! [`ledger_contract!`](crate::ledger_contract) makes one test of each sentence in here. A sentence gets a way to
//! open one and the same storage again and again, new and empty at first; dropping a ledger and opening the next one
//! is what a crash between two operations looks like. Not for faults of the storage itself: those are tested where the
//! storage is known.

mod budget;
mod checkpoints;
mod examples;
mod history;
mod leases;
mod memory;

pub use budget::*;
pub use checkpoints::*;
pub use history::*;
pub use leases::*;
pub use memory::*;

/// The sentences that hold for every ledger, as tests in the calling module.
///
/// The argument is an expression that makes a way to open one storage: an `AsyncFn() -> Result<impl Ledger, _>`. It is
/// evaluated once for each test.
#[macro_export]
macro_rules! ledger_contract {
    ($storage:expr) => {
        $crate::ledger_contract! { @tests $storage =>
            a_new_place_has_the_empty_checkpoint_and_no_memory
            every_acquisition_gets_a_higher_token_also_after_a_crash
            a_stale_lease_is_fenced_off_and_nothing_of_its_commit_holds
            a_lease_that_was_never_given_out_is_fenced_off
            places_do_not_fence_each_other_off_and_share_nothing
            the_same_source_has_a_place_for_each_stream
            what_a_commit_returns_is_what_is_loaded_after_a_crash
            the_watermark_never_falls
            an_advance_of_an_unknown_range_changes_nothing
            a_commit_without_a_step_leaves_the_checkpoint_where_it_is
            opening_a_window_replaces_one_that_was_open
            the_ends_of_every_number_survive
            acknowledged_batches_come_back_oldest_commit_first
            only_batches_with_an_id_inside_the_span_come_back
            closing_a_window_forgets_the_batches_that_lie_wholly_before
            a_batch_that_reaches_past_the_limit_is_kept_whole
            receipts_wait_until_they_are_published
            the_same_receipt_twice_is_one_receipt
            a_dead_letter_that_comes_again_is_no_error
            totals_add_up_over_commits_and_crashes
            the_budget_allows_so_many_requests_and_then_says_how_long_to_wait
            the_budget_slides_with_time
            the_budget_survives_a_crash
            each_tenant_has_a_budget_of_its_own
            a_clock_that_jumps_back_blocks_for_a_minute_at_most
            a_smaller_budget_counts_what_was_taken_under_the_larger_one
            a_budget_of_nothing_allows_nothing
        }

        #[test]
        fn any_history_is_remembered_exactly() {
            $crate::contract::any_history_is_remembered_exactly(|| $storage).unwrap();
        }
    };
    (@tests $storage:expr => $($sentence:ident)+) => {
        $(
            #[tokio::test]
            async fn $sentence() {
                $crate::contract::$sentence(&$storage).await.unwrap();
            }
        )+
    };
}
