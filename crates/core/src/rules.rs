//! Processing rules: which events leave, and what of their text leaves (hop 6).
//!
//! Place on the path: between admission and the cut. Rules see the payload as it came and decide from its bytes alone,
//! so that the same page gives the same batches again after a crash. Include and Exclude match the whole event; Hash
//! and Mask search it, and replace what their capture groups hold. Everything is checked by [`Rules::compile`];
//! [`Rules::apply`] cannot fail.
//!
//! Not for: what the configuration calls these things, and elements that are no events; those become dead letters
//! whatever the rules say.

mod dialect;
mod error;
mod rewrite;
#[cfg(test)]
mod tests;

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};

use self::dialect::Translated;
use self::rewrite::Rewrite;

pub use self::error::{RuleError, RulePart};

/// Rules that one source may have.
pub const MAX_RULES: usize = 100;
/// Characters that the name of a rule may have.
pub const MAX_NAME_CHARACTERS: usize = 32;
/// So many times as long as it came a rewritten event may be.
const MAX_GROWTH: usize = 5;
/// Memory that the compiled program of one rule may take.
const MAX_COMPILED_BYTES: usize = 4 << 20;
/// How deep the groups of one rule may be nested.
const MAX_NESTING: u32 = 200;
/// How much deeper they are once the rules of one kind are joined.
const NESTING_OF_JOINED: u32 = 10;

/// One rule as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What people call it, at most [`MAX_NAME_CHARACTERS`].
    pub name: String,
    /// What it does.
    pub kind: RuleKind,
    /// What it matches, in the syntax of RE2.
    pub regexp: String,
}

/// What a rule does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleKind {
    /// Only events that match an Include rule leave.
    Include,
    /// Events that match do not leave, whatever the Include rules say.
    Exclude,
    /// What the capture groups hold is replaced by a text.
    Mask {
        /// The text: neither blank nor with a colon or a control character.
        mask: String,
    },
    /// What the capture groups hold is replaced by its digest.
    Hash,
}

/// The digest that Hash rules write, in lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HashAlgorithm {
    /// 32 digits.
    #[default]
    Md5,
    /// 64 digits.
    Sha256,
}

/// The rules of one source, ready to be applied. The default has none.
#[derive(Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    hash_algorithm: HashAlgorithm,
    includes: Option<Regex>,
    excludes: Option<Regex>,
    hashes: Vec<Rewrite>,
    masks: Vec<Rewrite>,
}

/// What becomes of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing<'a> {
    /// It leaves as it came.
    Unchanged(&'a [u8]),
    /// It leaves with another text, which is as free of line breaks as the one that came.
    Rewritten(Vec<u8>),
    /// It does not leave.
    Excluded,
}

impl Outgoing<'_> {
    /// The bytes that leave, if any do.
    pub fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Unchanged(payload) => Some(payload),
            Self::Rewritten(payload) => Some(payload),
            Self::Excluded => None,
        }
    }
}

impl Rules {
    /// Checks and compiles `rules`; Hash rules write digests of `hash_algorithm`.
    pub fn compile(rules: Vec<Rule>, hash_algorithm: HashAlgorithm) -> Result<Self, RuleError> {
        if rules.len() > MAX_RULES {
            return Err(RuleError::too_many(rules.len()));
        }
        let mut compiled = Self { hash_algorithm, ..Self::default() };
        let (mut includes, mut excludes) = (Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let added = compiled.add(rule, &mut includes, &mut excludes);
            added.map_err(|error| error.of_rule(index))?;
        }
        compiled.includes = any_of(&includes)?;
        compiled.excludes = any_of(&excludes)?;
        compiled.rules = rules;
        Ok(compiled)
    }

    /// The rules as they were written, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The digest that Hash rules write.
    pub fn hash_algorithm(&self) -> HashAlgorithm {
        self.hash_algorithm
    }

    /// What becomes of an event with this payload.
    pub fn apply<'a>(&self, payload: &'a [u8]) -> Outgoing<'a> {
        if self.rules.is_empty() {
            return Outgoing::Unchanged(payload);
        }
        if !self.lets_pass(payload) {
            return Outgoing::Excluded;
        }
        let max_bytes = payload.len().saturating_mul(MAX_GROWTH);
        let mut rewritten = None;
        for rewrite in self.hashes.iter().chain(&self.masks) {
            let text = rewritten.as_deref().unwrap_or(payload);
            rewritten = rewrite.apply(text, max_bytes).or(rewritten);
        }
        rewritten.map_or(Outgoing::Unchanged(payload), Outgoing::Rewritten)
    }

    fn lets_pass(&self, payload: &[u8]) -> bool {
        self.includes.as_ref().is_none_or(|regex| regex.is_match(payload))
            && !self.excludes.as_ref().is_some_and(|regex| regex.is_match(payload))
    }

    /// Compiles a rule that rewrites; of the others the patterns are checked and collected.
    fn add(
        &mut self,
        rule: &Rule,
        includes: &mut Vec<String>,
        excludes: &mut Vec<String>,
    ) -> Result<(), RuleError> {
        error::check_name(&rule.name)?;
        error::check_regexp_is_there(&rule.regexp)?;
        let Translated { pattern, groups } = dialect::translate(&rule.regexp).map_err(RuleError::from)?;
        let regex = build(&pattern, MAX_COMPILED_BYTES, MAX_NESTING)?;
        match &rule.kind {
            RuleKind::Include => includes.push(pattern),
            RuleKind::Exclude => excludes.push(pattern),
            RuleKind::Hash => {
                error::check_groups(groups)?;
                self.hashes.push(Rewrite::by_digest(regex, self.hash_algorithm));
            }
            RuleKind::Mask { mask } => {
                error::check_groups(groups)?;
                error::check_mask(mask)?;
                self.masks.push(Rewrite::by_text(regex, mask));
            }
        }
        Ok(())
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        (&self.rules, self.hash_algorithm) == (&other.rules, other.hash_algorithm)
    }
}

impl Eq for Rules {}

impl fmt::Debug for Rules {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Rules").field("rules", &self.rules).field("hash", &self.hash_algorithm).finish()
    }
}

/// One program for all of these patterns, so that an event is read once and not once for each. It matches when one of
/// them does, from the first byte to the last.
fn any_of(patterns: &[String]) -> Result<Option<Regex>, RuleError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let alternatives: Vec<_> = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect();
    let whole = format!(r"\A(?:{})\z", alternatives.join("|"));
    let max_bytes = (patterns.len() + 1) * MAX_COMPILED_BYTES;
    build(&whole, max_bytes, MAX_NESTING + NESTING_OF_JOINED).map(Some)
}

fn build(pattern: &str, max_bytes: usize, max_nesting: u32) -> Result<Regex, RuleError> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(max_bytes).nest_limit(max_nesting).build().map_err(RuleError::from)
}
