//! Processing rules: the first line is a regular expression, the rest a payload. What is refused is explained, and
//! what is accepted keeps the promises of the path whatever the payload.

use incydr_core::rules::{HashAlgorithm, Outgoing, Rule, RuleKind, Rules};

/// So many times as long as it came a rewritten event may be.
const MAX_GROWTH: usize = 5;

/// Applies one rule of each kind.
pub fn check(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let Ok(regexp) = std::str::from_utf8(&input[..end]) else { return };
    let payload = input.get(end + 1..).unwrap_or_default();
    let include = compile(RuleKind::Include, regexp).map(|rules| rules.apply(payload) == Outgoing::Excluded);
    let exclude = compile(RuleKind::Exclude, regexp).map(|rules| rules.apply(payload) == Outgoing::Excluded);
    assert!(
        include.is_none_or(|excluded| exclude == Some(!excluded)),
        "what one lets pass the other does not"
    );
    for kind in [RuleKind::Hash, RuleKind::Mask { mask: "é#".to_owned() }] {
        if let Some(rules) = compile(kind, regexp) {
            check_rewritten(&rules, payload);
        }
    }
}

fn check_rewritten(rules: &Rules, payload: &[u8]) {
    let outgoing = rules.apply(payload);
    assert_eq!(outgoing, rules.apply(payload), "the same event leaves the same way again");
    let Some(rewritten) = outgoing.payload() else { panic!("neither hashes nor masks exclude") };
    assert!(rewritten.len() <= payload.len() * MAX_GROWTH, "an event grows within limits");
    assert_eq!(rewritten.is_empty(), payload.is_empty(), "no event becomes an empty line");
    let breaks = |text: &[u8]| text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    assert!(breaks(rewritten) <= breaks(payload), "one event stays one line");
    let is_text = |text: &[u8]| std::str::from_utf8(text).is_ok();
    assert!(is_text(rewritten) || !is_text(payload), "text stays text");
}

fn compile(kind: RuleKind, regexp: &str) -> Option<Rules> {
    let rule = Rule { name: "a rule".to_owned(), kind, regexp: regexp.to_owned() };
    match Rules::compile(vec![rule], HashAlgorithm::Md5) {
        Ok(rules) => Some(rules),
        Err(error) => {
            let message = error.to_string();
            assert_eq!(error.rule, Some(0), "an error says which rule it is about");
            assert!(!message.contains(char::is_control) && message.len() < 300, "an error is one short line");
            None
        }
    }
}
