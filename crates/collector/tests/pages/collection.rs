//! The collection at a glance.

use serde_json::json;

use crate::daemon::Daemon;
use crate::visitor::{Visitor, number_of};

#[tokio::test]
async fn collectors_can_be_collapsed_and_looked_at_alone() {
    let daemon = Daemon::start().await;
    let (north, south) = (daemon.collector("North").await, daemon.collector("South").await);
    daemon.source(&north, "Alpha", json!({})).await;
    daemon.source(&south, "Beta", json!({})).await;
    let visitor = Visitor::new(&daemon).await;
    let shows =
        |page: &str| ["North", "Alpha", "South", "Beta"].map(|name| page.contains(&format!(">{name}<")));
    assert_eq!(shows(&visitor.look("/collection").await), [true; 4]);
    assert_eq!(shows(&visitor.look("/collection?expand=none").await), [true, false, true, false]);
    let alone = visitor.look(&format!("/collection?collector={}", number_of(&south))).await;
    assert_eq!(shows(&alone), [false, false, true, true]);
}

#[tokio::test]
async fn sources_are_found_by_name_category_and_state() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Alpha", json!({ "category": "sec/one" })).await;
    let wrong = daemon.source(&collector, "Beta", json!({ "secretKey": "wrong" })).await;
    daemon.reach(&wrong, "Error").await;
    let visitor = Visitor::new(&daemon).await;
    let shows = |page: &str| ["Alpha", "Beta"].map(|name| page.contains(&format!(">{name}<")));
    assert_eq!(shows(&visitor.look("/collection?search=alp").await), [true, false]);
    assert_eq!(shows(&visitor.look("/collection?search=sec/one").await), [true, false]);
    let in_error = visitor.look("/collection?show=error").await;
    assert_eq!(shows(&in_error), [false, true]);
    assert!(in_error.contains("<b>Error Code:</b> <code>401</code>"), "{in_error}");
    assert!(in_error.contains("{&#34;error&#34;:&#34;invalid_client&#34;}"), "{in_error}");
    let nothing = visitor.look("/collection?search=%3Cscript%3E").await;
    assert!(nothing.contains("Nothing fits") && !nothing.contains("<script>"), "{nothing}");
}

#[tokio::test]
async fn a_viewer_sees_everything_and_no_way_to_change_it() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Alpha", json!({})).await;
    let page = Visitor::of_role(&daemon, "view").await.look("/collection").await;
    assert!(page.contains(">Alpha<"), "{page}");
    for control in ["Add Collector", "Add Source", "/edit", "/delete"] {
        assert!(!page.contains(control), "{control}");
    }
}

#[tokio::test]
async fn many_sources_fill_several_pages() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    for number in 0..30 {
        daemon.source(&collector, &format!("Source {number:02}"), json!({})).await;
    }
    let visitor = Visitor::new(&daemon).await;
    let first = visitor.look("/collection").await;
    assert!(first.contains("1 to 20 of 31") && first.contains(">Source 18<"), "{first}");
    assert!(first.contains("offset=20") && !first.contains(">Source 19<"));
    let second = visitor.look("/collection?offset=20").await;
    assert!(second.contains("21 to 31 of 31") && second.contains(">Source 29<"), "{second}");
}
