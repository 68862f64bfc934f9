//! What the released program is built from: its crates and those that build them, without those of tests.

use std::collections::BTreeSet;

use crate::step::{self, Failure};
use crate::workspace::{RELEASED_PACKAGE, cargo};

/// One crate of the tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// An SPDX expression, or empty.
    pub(super) license: String,
}

/// All crates of the tree, once each.
#[derive(Debug)]
pub(super) struct ReleaseTree {
    pub(super) crates: BTreeSet<Crate>,
}

impl ReleaseTree {
    /// Asks cargo, which knows the features that are really on.
    pub(super) fn resolve() -> Result<Self, Failure> {
        let lines = step::read(
            cargo(["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}\t{l}"])
                .args(["--package", RELEASED_PACKAGE]),
        )?;
        Self::parse(&lines)
    }

    /// Reads lines such as `tokio v1.54.0 (*)`, a tab, and the license.
    pub(super) fn parse(lines: &str) -> Result<Self, Failure> {
        let crates = lines.lines().filter(|line| !line.is_empty()).map(Crate::parse).collect::<Option<_>>();
        crates
            .map(|crates| Self { crates })
            .ok_or_else(|| Failure::new("`cargo tree` printed a line that is no crate"))
    }
}

impl Crate {
    fn parse(line: &str) -> Option<Self> {
        let (package, license) = line.split_once('\t')?;
        let mut words = package.split(' ');
        let name = words.next()?.to_owned();
        let version = words.next()?.strip_prefix('v')?.to_owned();
        let license = license.strip_suffix(" (*)").unwrap_or(license).trim().to_owned();
        Some(Self { name, version, license })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_occurs_twice_is_one_crate() {
        let lines = "incydr-collector v0.1.0 (/src/collector)\tApache-2.0\ntokio v1.54.0\tMIT\n\n\
                     serde_derive v1.0.229 (proc-macro)\tMIT OR Apache-2.0\ntokio v1.54.0\tMIT (*)\n";
        let tree = ReleaseTree::parse(lines).unwrap();
        let names: Vec<_> = tree.crates.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["incydr-collector", "serde_derive", "tokio"]);
        assert_eq!(tree.crates.last().map(|entry| entry.license.as_str()), Some("MIT"));
    }

    #[test]
    fn a_line_that_is_no_crate_is_a_failure() {
        assert!(ReleaseTree::parse("tokio\tMIT").is_err());
    }
}
