//! How streams did over time.

use incydr_core::stream::Stream;
use incydr_store::StreamCourse;

use crate::{at, new_source, new_store};

fn course(source_id: u64, stream: Stream, course: &[u8]) -> StreamCourse {
    StreamCourse { source_id, stream, course: course.to_vec() }
}

#[tokio::test]
async fn the_newest_course_of_each_stream_is_kept_as_it_came() {
    let (store, _folder) = new_store().await;
    let (a, b) = (new_source(&store, "one", "a").await.id, new_source(&store, "one", "b").await.id);
    let first = [
        course(a, Stream::FileEvents, b"1"),
        course(a, Stream::Alerts, b"2"),
        course(b, Stream::Alerts, b"3"),
    ];
    store.keep_stream_courses(&first).await.expect("kept");
    store.keep_stream_courses(&[course(a, Stream::Alerts, &[0, 255])]).await.expect("kept");
    let mut kept = store.stream_courses(a, a).await.expect("read");
    kept.sort_by_key(|course| course.stream);
    assert_eq!(kept, [course(a, Stream::FileEvents, b"1"), course(a, Stream::Alerts, &[0, 255])]);
    assert_eq!(store.stream_courses(a, b).await.expect("read").len(), 3);
    assert_eq!(store.stream_courses(b + 1, u64::MAX / 2).await, Ok(vec![]));
}

#[tokio::test]
async fn the_course_of_a_source_goes_with_it_and_one_that_comes_later_is_left_out() {
    let (store, _folder) = new_store().await;
    let (a, b) = (new_source(&store, "one", "a").await.id, new_source(&store, "one", "b").await.id);
    let courses = [course(a, Stream::FileEvents, b"1"), course(b, Stream::FileEvents, b"2")];
    store.keep_stream_courses(&courses).await.expect("kept");
    store.remove_source(a, at(1)).await.expect("removed");
    assert_eq!(store.stream_courses(a, b).await, Ok(courses[1..].to_vec()));
    store.keep_stream_courses(&courses).await.expect("kept");
    assert_eq!(store.stream_courses(a, b).await, Ok(courses[1..].to_vec()));
}
