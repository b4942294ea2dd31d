//! Numbers nobody uses: found, claimed and freed, on the twin and on DynamoDB Local.
//!
//! Every case runs on either table, on one of its own: the pool's partitions are named by the
//! class of the numbers, and nothing else would keep cases apart.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as a test"
)]

#[path = "pool/asks.rs"]
mod asks;
#[path = "pool/claim.rs"]
mod claim;
#[path = "pool/earlier.rs"]
mod earlier;
#[path = "pool/fixture.rs"]
mod fixture;
#[path = "pool/free.rs"]
mod free;
#[path = "pool/listed.rs"]
mod listed;
#[path = "pool/meddled.rs"]
mod meddled;
#[path = "pool/search.rs"]
mod search;

/// Runs each case on the twin and on DynamoDB Local.
macro_rules! on_either_table {
    ($($module:ident::$case:ident),* $(,)?) => {
        mod twin {
            $(#[tokio::test]
            async fn $case() {
                crate::$module::$case(std::sync::Arc::new(store::memory::MemoryTable::new())).await;
            })*
        }

        mod dynamodb {
            $(#[tokio::test]
            async fn $case() {
                if let Some(table) = crate::fixture::dynamodb(stringify!($case)).await {
                    crate::$module::$case(std::sync::Arc::new(table)).await;
                }
            })*
        }
    };
}

on_either_table![
    search::an_empty_class_has_nothing,
    search::classes_are_apart,
    search::the_area_comes_first,
    search::a_search_goes_around_from_any_point,
    search::what_left_meanwhile_is_not_found,
    search::an_area_that_emptied_meanwhile_is_left,
    search::a_pool_that_keeps_emptying_is_given_up,
    claim::a_claimed_number_is_in_the_pool_no_more,
    claim::a_number_is_claimed_once,
    claim::a_number_that_changed_is_gone,
    claim::a_number_that_vanished_is_gone,
    claim::a_resting_number_was_never_in_the_pool,
    claim::who_lost_the_lease_claims_nothing,
    claim::a_claim_whose_answer_is_lost_is_sent_again,
    free::a_number_that_rested_enters_every_part_it_belongs_to,
    free::a_number_is_freed_once,
    free::a_number_that_changed_stays,
    free::a_number_a_work_writes_about_stays,
    free::a_freed_number_whose_answer_is_lost_is_known_by_its_mark,
    free::a_freed_number_claimed_before_the_answer_stays_claimed,
    free::a_number_claimed_and_released_is_freed_again,
    earlier::a_row_that_rests_is_freed_and_claimed,
    earlier::a_row_that_answers_is_claimed_for_its_release,
    listed::numbers_in_a_state_come_oldest_first_page_by_page,
    listed::a_number_of_no_row_is_none,
    asks::what_a_release_is_of_reaches_the_holder,
    asks::a_release_asked_meanwhile_stops_the_closing_and_is_heard_once,
    asks::the_last_asked_rest_counts,
    asks::a_message_is_as_early_as_its_sender_said,
];
