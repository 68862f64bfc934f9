use regex::bytes::Regex;

use super::translate;

/// Whether `regexp` matches the whole of `text`.
fn matches(regexp: &str, text: &str) -> bool {
    let translated = translate(regexp).unwrap_or_else(|error| panic!("{regexp}: {}", error.problem));
    let whole = format!(r"\A(?:{})\z", translated.pattern);
    Regex::new(&whole)
        .unwrap_or_else(|error| panic!("{regexp} as {whole}: {error}"))
        .is_match(text.as_bytes())
}

#[track_caller]
fn assert_refused(regexp: &str, part: &str) {
    let problem = translate(regexp).map(|translated| translated.pattern).expect_err(regexp).problem;
    assert!(problem.contains(part), "{regexp}: {problem}");
}

#[test]
fn a_brace_that_begins_no_count_stands_for_itself() {
    assert!(matches(r#"{"a":(\d+)}"#, r#"{"a":12}"#));
    assert!(matches(r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#));
    assert!(matches("a{,3}", "a{,3}"));
    assert!(matches("a{01}b{x}c{", "a{01}b{x}c{"));
    assert!(matches("a{2}b{1,}c{0,2}", "aabbbcc"));
    assert!(matches("{{2}}*", "{{}}"), "a count of braces, and of the brace behind it");
    assert!(matches("a{1000}", &"a".repeat(1_000)));
}

#[test]
fn octal_and_hexadecimal_numbers_name_characters() {
    assert!(matches(r"a\040b\12\0\x41\x{1F600}[\101-\103]", "a b\n\0A\u{1f600}B"));
    assert!(matches(r"\0601", "01"), "no more than three digits");
    for regexp in [r"\x{110000}", r"\x{D800}", r"\x{FFFFFFFFF}"] {
        assert_refused(regexp, "is the number of no character");
    }
    for regexp in [r"\x", r"\x4", r"\xg1", r"\x{", r"\x{41", r"\x{4g}"] {
        assert_refused(regexp, "begins a number that is not complete");
    }
    assert_refused(r"\x{}", "is the number of no character");
}

#[test]
fn what_is_quoted_stands_for_itself() {
    assert!(matches(r"\Qa.b{2}\d\E.", r"a.b{2}\dx"));
    assert!(matches(r"\Qa.(", "a.("));
    assert!(matches(r"\Qab\E+", "abbb"), "the last character is repeated");
    assert!(matches(r"\Q\\E", r"\"));
    assert_refused(r"a\E", r"character 2 is `\E` without");
    assert_refused(r"[\Qa\E]", r"is `\Q` in a class");
}

#[test]
fn digits_spaces_words_and_their_edges_are_ascii() {
    assert!(matches(r"\d\w\s\D\W\S", "1a 1x1".replace("1x1", "ä\u{a0}ä").as_str()));
    for (regexp, text) in
        [(r"\d", "٣"), (r"\s", "\u{a0}"), (r"\s", "\u{b}"), (r"\w", "ä"), (r"[\d]", "٣"), (r"[\w]", "ä")]
    {
        assert!(!matches(regexp, text), "{regexp} {text:?}");
        let other = regexp.to_uppercase();
        assert!(matches(&other, text), "{other} {text:?}");
    }
    assert!(matches(r".\b.", "äa") && !matches(r".\b.", "ba") && matches(r".\B.", "ba"));
    assert!(matches(r"[^\W]", "a") && !matches(r"[^\W]", "ä"));
    assert!(matches(r"\b*a", "a"));
}

#[test]
fn signs_of_set_operations_are_members() {
    for sign in ["a", "&", "b"] {
        assert!(matches("[a&&b]", sign), "{sign}");
    }
    assert!(matches("[a~~b]", "~") && matches("[[a]", "[") && matches("[[a]", "a"));
    assert!(
        matches("[a-c-e]", "-") && matches("[a-]", "-") && matches("[-a]", "-") && matches(r"[\d-z]", "-")
    );
    assert!(matches("[]a]", "]") && matches("[^]a]", "b") && !matches("[^]a]", "]"));
    assert!(matches("[+--]", ",") && matches("[*--b]", "-"));
    assert!(matches(r"[\]\-\\]", "]") && matches(r"[^^]", "a") && matches("[a^]", "^"));
    assert!(
        matches("[[:alpha:][:^digit:]]", "ä") && matches("[[:word:]-]", "_") && matches("[[:alpha]", ":")
    );
    assert_refused("[[:letter:]]", "begins the name of no class");
    assert_refused("[z-a]", "begins a range that is none");
    assert_refused(r"[a-\d]", "begins a range that is none");
    assert_refused("x[]", "character 2 opens a class that is never closed");
    assert_refused("[a", "opens a class that is never closed");
    assert_refused(r"[\b]", "is an escape that RE2 has not");
}

#[test]
fn escaped_punctuation_stands_for_itself_and_escaped_letters_do_not() {
    assert!(matches(r#"\<\>\_\/\:\"\-\#\ \{\}"#, r#"<>_/:"-# {}"#));
    assert!(matches(r"\a\f\n\r\t\v", "\u{7}\u{c}\n\r\t\u{b}"));
    assert_refused(r"a\", "character 2 is a backslash at the end");
    for (regexp, part) in [
        (r"\C", r"`\C`"),
        (r"\Z", r"`\Z`"),
        (r"\h", r"`\h`"),
        (r"\R", r"`\R`"),
        (r"(a)\1", "character 4 is a back-reference"),
        (r"(a)\9", "is a back-reference"),
        (r"(?<a>a)\k<a>", "is a back-reference"),
        (r"\y", "is an escape that RE2 has not"),
        (r"\é", "is an escape that RE2 has not"),
    ] {
        assert_refused(regexp, part);
    }
}

#[test]
fn groups_and_flags_are_those_of_re2() {
    assert!(matches("(?s).*x.*(?s)", "a\nx\nb") && !matches(".*x.*", "a\nx\nb"));
    assert!(matches("(?i)ada(?-i)X", "ADAX") && !matches("(?i)ada(?-i)X", "adax"));
    assert!(matches("(?i:a)b(?)", "Ab") && matches("(?iis-s)Ä", "ä") && matches("(?m)^a$(?m)", "a"));
    assert!(matches("(?P<user>a)(?<host_2>b)(?P<3>c)", "abc"));
    assert_eq!(translate(r"(a)(?:b)(?P<n>c)(?i:d)\(e\)[(]").expect("groups").groups, 2);
    for (regexp, part) in [
        ("(?x)a", "opens a group that RE2 has not"),
        ("(?i-)a", "opens a group that RE2 has not"),
        ("(?P=n)", "opens a group that RE2 has not"),
        ("(?>a)", "opens a group that RE2 has not"),
        ("(?#a)", "opens a group that RE2 has not"),
        ("(?=a)", "looks around"),
        ("(?!a)", "looks around"),
        ("(?<=a)", "looks around"),
        ("(?<!a)", "looks around"),
        ("(?P<>a)", "without a proper name"),
        ("(?P<a-b>a)", "without a proper name"),
        ("(?P<a>a)(?<a>b)", "character 9 opens a group with a name that is taken"),
        ("a(b", "character 2 opens a group that is never closed"),
        ("a)|(b", "character 2 closes a group that was never opened"),
    ] {
        assert_refused(regexp, part);
    }
}

#[test]
fn only_something_may_be_repeated_and_only_once() {
    assert!(matches("a*?b+?c??d{1,2}?", "abd") && matches("(a*)*", "aa") && matches("(?:a{2}){2}", "aaaa"));
    for regexp in ["a++", "a**", "a?+", "a*?*", "a???", "a{2}{3}", "a{2}*", "a+{2}"] {
        assert_refused(regexp, "repeats a repetition");
    }
    for regexp in ["*", "(+a)", "a|?", "{2}", "(?i)*", "|{2,}"] {
        assert_refused(regexp, "repeats nothing");
    }
    for regexp in ["a{1001}", "a{1,1001}", "a{1001,}", "a{3,2}", "a{99999999999}"] {
        assert_refused(regexp, "begins a count that RE2 refuses");
    }
}

#[test]
fn unicode_has_categories_and_scripts() {
    assert!(matches(r"\pL\p{Greek}\p{^Greek}\PL\P{^L}[\p{Lu}\pN]", "äαa1b2"));
    assert!(matches(r"\p{letter}\p{Han}", "a漢"), "in the library's looser spelling too");
    assert!(matches(r"\p{Sc}\p{Any}", "€!") && matches(r"[^\pL]", "1") && matches(r"(?i)Σ", "ς"));
    for regexp in [r"\p", r"\pQ", r"\p{", r"\p{}", r"\p{Klingon}", r"\p{Script=Greek}", r"\p{Lu"] {
        assert_refused(regexp, "names no category and no script");
    }
}
