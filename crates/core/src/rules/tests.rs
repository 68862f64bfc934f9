use super::*;
use proptest::prelude::*;

fn rule(kind: RuleKind, regexp: &str) -> Rule {
    Rule { name: "a rule".to_owned(), kind, regexp: regexp.to_owned() }
}

fn mask(regexp: &str, mask: &str) -> Rule {
    rule(RuleKind::Mask { mask: mask.to_owned() }, regexp)
}

fn compile(rules: impl Into<Vec<Rule>>) -> Rules {
    Rules::compile(rules.into(), HashAlgorithm::Md5).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(rules: impl Into<Vec<Rule>>) -> String {
    Rules::compile(rules.into(), HashAlgorithm::Md5).expect_err("refused").to_string()
}

/// What leaves, as text; nothing for an excluded event.
fn outgoing(rules: &Rules, text: &str) -> Option<String> {
    let outgoing = rules.apply(text.as_bytes());
    outgoing.payload().map(|payload| String::from_utf8(payload.to_vec()).expect("UTF-8"))
}

fn rewritten(rule: Rule, text: &str) -> String {
    outgoing(&compile([rule]), text).expect("not excluded")
}

/// What is left of `text` once a rule of `regexp` has hashed it.
fn hashed(regexp: &str, text: &str, algorithm: HashAlgorithm) -> String {
    let rules = Rules::compile(vec![rule(RuleKind::Hash, regexp)], algorithm).expect("a rule");
    outgoing(&rules, text).expect("not excluded")
}

#[test]
fn without_rules_every_event_leaves_as_it_came_without_a_copy() {
    let payload = b"{\"a\":1}";
    assert_eq!(Rules::default().apply(payload), Outgoing::Unchanged(payload));
    let rules =
        compile([rule(RuleKind::Exclude, "other"), mask("(other)", "#"), rule(RuleKind::Hash, "(other)")]);
    assert_eq!(rules.apply(payload), Outgoing::Unchanged(payload));
}

#[test]
fn include_and_exclude_match_the_whole_event_where_mask_and_hash_search_it() {
    let event = r#"{"user":"ada"}"#;
    assert_eq!(outgoing(&compile([rule(RuleKind::Exclude, "ada")]), event).as_deref(), Some(event));
    assert_eq!(outgoing(&compile([rule(RuleKind::Exclude, ".*ada.*")]), event), None);
    assert_eq!(outgoing(&compile([rule(RuleKind::Exclude, "(?s).*ada.*(?s)")]), event), None);
    assert_eq!(outgoing(&compile([rule(RuleKind::Exclude, r#"x|{"user":"ada"}"#)]), event), None);
    assert_eq!(outgoing(&compile([rule(RuleKind::Include, "ada")]), event), None);
    assert_eq!(outgoing(&compile([rule(RuleKind::Include, ".*ada.*")]), event).as_deref(), Some(event));
    assert_eq!(rewritten(mask("(ada)", "#"), event), r##"{"user":"#"}"##);
}

#[test]
fn rules_of_one_type_are_alternatives_and_an_exclude_wins() {
    let (ada, bob) = (rule(RuleKind::Include, ".*ada.*"), rule(RuleKind::Include, ".*bob.*"));
    let rules = compile([rule(RuleKind::Exclude, ".*x.*"), ada, bob, rule(RuleKind::Exclude, ".*y.*")]);
    assert_eq!(outgoing(&rules, "ada").as_deref(), Some("ada"));
    assert_eq!(outgoing(&rules, "bob").as_deref(), Some("bob"));
    for excluded in ["eve", "ada x", "bob y"] {
        assert_eq!(outgoing(&rules, excluded), None, "{excluded}");
    }
}

#[test]
fn rules_that_exclude_see_what_came_and_not_what_is_masked() {
    let rules =
        compile([mask("(ada)", "#"), rule(RuleKind::Exclude, ".*#.*"), rule(RuleKind::Include, ".*ada.*")]);
    assert_eq!(outgoing(&rules, "ada").as_deref(), Some("#"));
}

#[test]
fn every_capture_group_is_masked_wherever_the_rule_matches_and_what_is_around_stays() {
    let text = r#"{"from":"a@b","to":["c@d","e@f"]}"#;
    assert_eq!(rewritten(mask(r#""([^"@]+)@([^"]+)""#, "##MAIL##"), text).matches("##MAIL##").count(), 6);
    assert_eq!(rewritten(mask(r#""(\w)@(\w)""#, "-"), text), r#"{"from":"-@-","to":["-@-","-@-"]}"#);
    assert_eq!(rewritten(mask("(.*)", "gone"), text), "gone");
    assert_eq!(rewritten(mask("^(?s)(.*)$", "gone"), text), "gone");
}

#[test]
fn a_group_inside_another_goes_with_it_and_one_that_holds_nothing_stays() {
    assert_eq!(rewritten(mask("x((a)b)", "-"), "xab xab"), "x- x-");
    assert_eq!(rewritten(mask("(?:(a)|(b))+", "-"), "bab"), "b--");
    assert_eq!(rewritten(mask(r#""([^"]*)""#, "-"), r#"{"":"","a":"b"}"#), r#"{"":"","-":"-"}"#);
    assert_eq!(rewritten(mask("(x*)", "-"), "ä"), "ä");
}

#[test]
fn a_hash_is_the_plain_digest_of_each_captured_value() {
    let (md5, sha) = (HashAlgorithm::Md5, HashAlgorithm::Sha256);
    let address = "user@example.com";
    assert_eq!(hashed("(.*)", address, md5), "b58996c504c5638798eb6b511e6f49af");
    let sha_256 = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514";
    assert_eq!(hashed("(.*)", address, sha), sha_256);
    let event = format!(r#"{{"email":"{address}","again":"{address}","action":"login"}}"#);
    let expected = event.replace(address, sha_256);
    assert_eq!(hashed(r#""(?:email|again)":"([^"]+)""#, &event, sha), expected);
    let two = hashed(r"(\w+)-(\w+)", "user@example.com: ada-ada", md5);
    let (first, second) =
        two.strip_prefix("user@example.com: ").and_then(|two| two.split_once('-')).expect("two");
    assert_eq!((first.len(), first), (32, second));
}

#[test]
fn hashes_come_before_masks_and_rules_of_one_type_in_their_order() {
    let hash = || rule(RuleKind::Hash, "=(ada)");
    assert_eq!(
        outgoing(&compile([mask("(ada)", "#"), hash()]), "=ada ada"),
        outgoing(&compile([hash(), mask("(ada)", "#")]), "=ada ada")
    );
    assert_eq!(outgoing(&compile([mask("(ada)", "#"), hash()]), "=ada ada").expect("kept").len(), 1 + 32 + 2);
    let rules = compile([mask("(a)", "b"), mask("(b+)", "c")]);
    assert_eq!(outgoing(&rules, "aaa").as_deref(), Some("c"));
}

#[test]
fn a_rewritten_event_is_at_most_five_times_as_long_as_it_came() {
    assert_eq!(rewritten(mask("(.......)", &"m".repeat(38)), "7 bytes"), "m".repeat(35));
    assert_eq!(rewritten(mask("(.)", &"mm".repeat(38)), "1234567").len(), 35);
    let rules = compile([mask("(a)", "aaaa"), mask("(a)", "aaaa"), mask("(a)", "aaaa")]);
    assert_eq!(outgoing(&rules, "xax").as_deref(), Some("xaaaaaaaaaaaaaa"));
    assert_eq!(rewritten(mask("(.*)", &"é".repeat(30)), "é!!"), "é".repeat(10), "20 bytes");
    assert_eq!(rewritten(mask("(.*)", &"é".repeat(30)), "xyz"), "é".repeat(7), "no half character");
    assert_eq!(hashed("(.)", "ab", HashAlgorithm::Sha256).len(), 10);
}

#[test]
fn rules_see_the_whole_of_an_event_of_more_than_a_megabyte() {
    let long = format!("{}secret{}", "x".repeat((1 << 20) - 3), "y".repeat(1_000));
    assert_eq!(outgoing(&compile([rule(RuleKind::Exclude, ".*secret.*")]), &long), None);
    assert_eq!(rewritten(mask("(secret)", "#"), &long), long.replace("secret", "#"));
}

#[test]
fn bytes_that_are_no_text_are_matched_around_and_kept() {
    let rules = compile([mask("(ada)", "#"), rule(RuleKind::Exclude, ".*")]);
    assert_eq!(rules.apply(b"\xff ada"), Outgoing::Rewritten(b"\xff #".to_vec()));
}

#[test]
fn a_refused_rule_is_named_with_its_part_and_a_remedy() {
    let ok = || rule(RuleKind::Include, ".*");
    let named = |name: &str| Rule { name: name.to_owned(), ..ok() };
    for (wrong, sentence) in [
        (named(" "), "`name` of rule 2 is empty; give the rule a name"),
        (named(&"ä".repeat(33)), "`name` of rule 2 has 33 characters; shorten it to at most 32"),
        (named("a\u{7}"), "`name` of rule 2 holds a control character; remove it"),
        (
            rule(RuleKind::Include, ""),
            "`regexp` of rule 2 is empty; write what the rule matches, as in \".*term.*\"",
        ),
        (
            mask("ada", "#"),
            "`regexp` of rule 2 has no capture group; put parentheses around what is to be replaced",
        ),
        (
            rule(RuleKind::Hash, "(?:ada)"),
            "`regexp` of rule 2 has no capture group; put parentheses around what is to be replaced",
        ),
        (mask("(a)", " "), "`mask` of rule 2 is empty; set it to what replaces the text, as in \"#\""),
        (mask("(a)", "a:b"), "`mask` of rule 2 holds a colon; use another character"),
        (mask("(a)", "a\nb"), "`mask` of rule 2 holds a control character; remove it"),
        (
            rule(RuleKind::Include, "ab++"),
            "`regexp` of rule 2 is no RE2: character 4 repeats a repetition; remove it, or put what it repeats in parentheses",
        ),
        (
            rule(RuleKind::Include, r"(?:(?:\pL{1000}){1000})"),
            "`regexp` of rule 2 is nested too deeply, or needs more memory than one rule may have; write it with fewer repetitions and groups",
        ),
    ] {
        assert_eq!(refusal([ok(), wrong]), sentence);
    }
}

#[test]
fn groups_may_be_nested_deeply_alone_and_beside_other_rules() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    let rules = compile(vec![rule(RuleKind::Exclude, &nested(190)); 3]);
    assert_eq!(outgoing(&rules, "a"), None);
    let error =
        Rules::compile(vec![rule(RuleKind::Exclude, &nested(300))], HashAlgorithm::Md5).expect_err("refused");
    assert_eq!(error.rule, Some(0));
}

#[test]
fn a_rule_that_ends_with_flags_leaves_the_next_one_alone() {
    let rules = compile([
        rule(RuleKind::Exclude, "(?i)a(?i)"),
        rule(RuleKind::Exclude, "b|c"),
        rule(RuleKind::Exclude, "d"),
    ]);
    let excluded: String = ["a", "A", "b", "B", "c", "d", "D", "bd"]
        .into_iter()
        .filter(|text| outgoing(&rules, text).is_none())
        .collect();
    assert_eq!(excluded, "aAbcd");
}

#[test]
fn a_hundred_rules_with_names_of_32_characters_are_accepted_and_one_more_is_refused() {
    let rules = |count| vec![Rule { name: "ä".repeat(32), ..rule(RuleKind::Include, ".*") }; count];
    assert_eq!(compile(rules(100)).rules().len(), 100);
    assert_eq!(refusal(rules(101)), "the list of rules has 101 rules; keep at most 100");
}

/// Signs that have a meaning somewhere, so that few inventions are plain text.
const SIGNS: &str = r#"[\[\](){}|*+?.^$\\:<>=!&~,0-9ab "QECZbdswpPLPxnimsU-]{0,24}"#;

proptest! {
    #[test]
    fn what_the_dialect_accepts_the_library_accepts(pattern in SIGNS) {
        if let Ok(Translated { pattern: own, groups }) = dialect::translate(&pattern) {
            let is_right = match Regex::new(&format!(r"\A(?:{own})\z")) {
                Ok(regex) => regex.captures_len() == groups + 1,
                Err(error) => matches!(error, regex::Error::CompiledTooBig(_)),
            };
            prop_assert!(is_right, "{} as {}", pattern, own);
        }
    }

    #[test]
    fn any_text_that_is_quoted_matches_itself_alone(text in "[^\\\\]{1,20}", other in any::<String>()) {
        let rules = compile([rule(RuleKind::Exclude, &format!(r"\Q{text}\E"))]);
        prop_assert_eq!(outgoing(&rules, &text), None);
        prop_assert_eq!(outgoing(&rules, &other).is_none(), other == text);
    }

    #[test]
    fn a_mask_keeps_what_is_outside_of_groups_and_the_one_line(
        before in "[a-w]{0,20}", values in prop::collection::vec("[0-9]{1,9}", 0..5), text in "[^:\\p{C}]{0,4}#",
    ) {
        let event: String = values.iter().map(|value| format!("{before}{value}")).collect();
        let masked = rewritten(mask(r"(\d+)", &text), &event);
        let mut expected: String = values.iter().map(|_| format!("{before}{text}")).collect();
        if before.is_empty() && !values.is_empty() {
            expected = text;
        }
        let kept = event.len() * 5 >= expected.len();
        prop_assert!(masked.len() <= event.len() * 5 && expected.starts_with(&masked));
        prop_assert!(!kept || masked == expected);
        prop_assert!(!masked.contains(['\n', '\r']));
    }

    #[test]
    fn no_bytes_make_a_rule_panic(payload in prop::collection::vec(any::<u8>(), 0..60), pattern in SIGNS) {
        let rules = Rules::compile(vec![mask(&format!("({pattern})"), "é#"), rule(RuleKind::Hash, &format!("(a|{pattern})"))], HashAlgorithm::Md5);
        if let Ok(rules) = rules {
            let outgoing = rules.apply(&payload);
            let rewritten = outgoing.payload().expect("nothing excludes");
            prop_assert!(rewritten.len() <= payload.len() * 5);
            prop_assert_eq!(rewritten.is_empty(), payload.is_empty());
        }
    }
}
