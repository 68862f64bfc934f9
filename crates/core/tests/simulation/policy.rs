//! What may leave the simulated world: in half of the runs everything, in the others what rules let pass.

use incydr_core::rules::{HashAlgorithm, Rule, RuleKind, Rules};

/// The rules of one run, and by other means what they come to.
pub struct Policy {
    has_rules: bool,
}

impl Policy {
    pub fn of_seed(seed: u64) -> Self {
        Self { has_rules: matches!(seed % 4, 1 | 2) }
    }

    /// A thing is excluded always, or only until it changes; of the others a text is masked by a longer one.
    pub fn rules(&self) -> Rules {
        let rule = |kind, regexp: &str| Rule { name: "simulated".into(), kind, regexp: regexp.into() };
        let rules = vec![
            rule(RuleKind::Include, r#"{"id":".*}"#),
            rule(RuleKind::Exclude, r#".*-\d*1",.*"#),
            rule(RuleKind::Exclude, r#"{"id":"[0-9a-f]+-\d*[37]","state":"first"}"#),
            rule(RuleKind::Mask { mask: "#####".into() }, r#""f(irs)t""#),
        ];
        let rules = if self.has_rules { rules } else { Vec::new() };
        Rules::compile(rules, HashAlgorithm::Md5).expect("good rules")
    }

    /// What must arrive of an event with this content; `None` where nothing may.
    pub fn outgoing(&self, content: &[u8]) -> Option<Vec<u8>> {
        if !self.has_rules {
            return Some(content.to_vec());
        }
        let text = std::str::from_utf8(content).expect("text");
        let id = text.split('"').nth(3).expect("an id");
        let is_excluded = id.ends_with('1') || id.ends_with(['3', '7']) && text.contains("first");
        (!is_excluded).then(|| text.replace("first", "f#####t").into_bytes())
    }
}
