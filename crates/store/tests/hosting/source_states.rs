//! The states of sources.

use incydr_core::health::{ErrorType, SourceState, StateRecord};
use incydr_store::Refusal;

use crate::{at, new_source, new_store, refused};

fn error(code: u16, second: i64) -> StateRecord {
    StateRecord {
        state: SourceState::Error,
        error_type: Some(ErrorType::ThirdPartyConfig),
        error_code: Some(code),
        error_info: Some(r#"{"error":"invalid_client"}"#.to_owned()),
        since: at(second),
    }
}

#[tokio::test]
async fn a_state_is_kept_with_its_error_and_in_the_history_newest_first() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    assert_eq!(store.record_state(source.id, &error(401, 1)).await, Ok(true));
    let collecting = StateRecord::well(SourceState::Collecting, at(2));
    assert_eq!(store.record_state(source.id, &collecting).await, Ok(true));
    let kept = store.source(source.id).await.expect("read").expect("it is there");
    assert_eq!(kept.state, collecting);
    let history = [collecting, error(401, 1), source.state];
    assert_eq!(store.state_history(source.id).await, Ok(history.to_vec()));
}

#[tokio::test]
async fn a_state_that_says_nothing_new_changes_nothing_not_even_the_time() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    store.record_state(source.id, &error(401, 1)).await.expect("recorded");
    assert_eq!(store.record_state(source.id, &error(401, 2)).await, Ok(false));
    assert_eq!(store.record_state(source.id, &error(403, 3)).await, Ok(true), "the code is another one");
    let history = [error(403, 3), error(401, 1), source.state];
    assert_eq!(store.state_history(source.id).await, Ok(history.to_vec()));
}

#[tokio::test]
async fn the_newest_hundred_states_of_each_source_are_kept() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    let other = new_source(&store, "incydr", "other").await;
    let states: Vec<_> = (1..=150).map(|number| (source.id, error(number, i64::from(number)))).collect();
    store.record_states(&states).await.expect("recorded");
    let history = store.state_history(source.id).await.expect("read");
    let codes: Vec<_> = history.iter().filter_map(|state| state.error_code).collect();
    assert_eq!(codes, (51..=150).rev().collect::<Vec<_>>());
    assert_eq!(store.state_history(other.id).await, Ok(vec![other.state]));
}

#[tokio::test]
async fn the_state_of_a_source_that_is_gone_is_refused_alone_and_left_out_among_others() {
    let (store, _folder) = new_store().await;
    let source = new_source(&store, "incydr", "code42").await;
    assert_eq!(store.record_state(7, &error(401, 1)).await, refused(Refusal::NotFound));
    store.record_states(&[(7, error(401, 1)), (source.id, error(500, 2))]).await.expect("recorded");
    assert_eq!(store.state_history(7).await, Ok(vec![]));
    assert_eq!(store.state_history(source.id).await, Ok(vec![error(500, 2), source.state]));
}

#[test]
fn every_word_of_the_specification_reads_back() {
    for state in SourceState::ALL {
        assert_eq!(SourceState::parse(state.as_str()), Some(state));
    }
    for error_type in ErrorType::ALL {
        assert_eq!(ErrorType::parse(error_type.as_str()), Some(error_type));
    }
    assert_eq!((SourceState::parse("collecting"), ErrorType::parse("")), (None, None));
}
