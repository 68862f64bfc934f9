//! What the log says of the source's health.

use serde_json::Value;

/// Every opening and closing of a health event in order, as in `opened ThirdPartyGenericError/Upstream`.
pub(crate) fn health_events(log: &[String]) -> Vec<String> {
    log.iter().filter_map(|line| health_event(line)).collect()
}

fn health_event(line: &str) -> Option<String> {
    let line = parsed(line)?;
    let what = match line["message"].as_str()? {
        "health event closed" => "closed",
        message if message.starts_with("health event opened") => "opened",
        _ => return None,
    };
    Some(format!("{what} {}/{}", line["event"].as_str()?, line["tracker"].as_str()?))
}

/// A line of the log as JSON; `None` for the closing figures.
pub(crate) fn parsed(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

/// The last state that the source was in.
pub(crate) fn last_state(log: &[String]) -> Option<String> {
    let states = log.iter().rev().filter_map(|line| parsed(line));
    states
        .filter(|line| line["message"] == "state")
        .find_map(|line| line["state"].as_str().map(str::to_owned))
}

/// The vendor's fault named `tracker` was reported once, is over, and the source collects again.
pub(crate) fn assert_healed(log: &[String], tracker: &str) {
    let event = format!("ThirdPartyGenericError/{tracker}");
    let expected = [format!("opened {event}"), format!("closed {event}")];
    assert_eq!(health_events(log), expected, "{}", log.join("\n"));
    assert_eq!(last_state(log).as_deref(), Some("Collecting"));
}

/// Nothing but our own side's `tracker` went wrong, however often, and that is over.
pub(crate) fn assert_only(log: &[String], tracker: &str) {
    let event = format!("FirstPartyGenericError/{tracker}");
    let (opened, closed) = (format!("opened {event}"), format!("closed {event}"));
    let events = health_events(log);
    assert!(events.iter().all(|told| [&opened, &closed].contains(&told)), "{events:?}");
    assert!(events.contains(&opened), "{tracker} was never told");
    assert_eq!(events.last(), Some(&closed), "{tracker} never ended");
}

/// Nothing was reported.
pub(crate) fn assert_never_ill(log: &[String]) {
    assert_eq!(health_events(log), [""; 0], "{}", log.join("\n"));
}
