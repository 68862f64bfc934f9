//! The part of `deny.toml` that is checked here: licenses, and crates in several versions.

use std::collections::BTreeMap;

use serde::Deserialize;
use spdx::{Expression, ParseMode};

use super::release_tree::{Crate, ReleaseTree};
use crate::step::Failure;
use crate::workspace::root;

/// What we read of `deny.toml`; the rest of the file is for `cargo deny`.
#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

/// A crate that may be there in this version besides a newer one.
#[derive(Debug, Deserialize)]
struct Skip {
    /// As in `base64@0.22.1`.
    #[serde(rename = "crate")]
    package: String,
}

impl Policy {
    pub(super) fn read() -> Result<Self, Failure> {
        let text = std::fs::read_to_string(root().join("deny.toml"))
            .map_err(|error| Failure::new(format!("reading deny.toml: {error}")))?;
        Self::parse(&text)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error| Failure::new(format!("reading deny.toml: {error}")))
    }

    /// What the tree breaks, one sentence each.
    pub(super) fn violations(&self, tree: &ReleaseTree) -> Vec<String> {
        let licenses = tree.crates.iter().filter_map(|entry| self.license_violation(entry));
        licenses.chain(self.version_violations(tree)).collect()
    }

    fn license_violation(&self, entry: &Crate) -> Option<String> {
        let Crate { name, version, license } = entry;
        let Ok(expression) = Expression::parse_mode(license, ParseMode::LAX) else {
            return Some(format!("{name} {version} has no license that can be read: {license:?}"));
        };
        let is_allowed = expression.evaluate(|required| self.licenses.allow.contains(&required.to_string()));
        (!is_allowed).then(|| format!("{name} {version} has the license {license}, which is not allowed"))
    }

    fn version_violations(&self, tree: &ReleaseTree) -> Vec<String> {
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for Crate { name, version, .. } in &tree.crates {
            let is_skipped = self.bans.skip.iter().any(|skip| skip.package == format!("{name}@{version}"));
            if !is_skipped {
                versions.entry(name).or_default().push(version);
            }
        }
        versions
            .into_iter()
            .filter(|(_, versions)| versions.len() > 1)
            .map(|(name, versions)| format!("{name} is there in several versions: {}", versions.join(", ")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(tree: &str) -> Vec<String> {
        let policy = Policy::parse(
            "[licenses]\nallow = [\"MIT\", \"Apache-2.0\", \"Unicode-3.0\", \"Apache-2.0 WITH LLVM-exception\"]\n\
             [bans]\nskip = [{ crate = \"base64@0.22.1\", reason = \"an old user\" }]\n",
        );
        policy.unwrap().violations(&ReleaseTree::parse(tree).unwrap())
    }

    #[test]
    fn every_allowed_combination_of_licenses_passes() {
        for license in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "GPL-3.0-only OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(violations(&format!("some v1.0.0\t{license}")).is_empty(), "{license}");
        }
    }

    #[test]
    fn a_license_that_is_not_listed_is_refused() {
        for license in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "LicenseRef-own", "MIT with regrets"] {
            assert_eq!(violations(&format!("some v1.0.0\t{license}")).len(), 1, "{license}");
        }
    }

    #[test]
    fn a_second_version_needs_a_reason() {
        let one = "base64 v0.23.1\tMIT\nbase64 v0.22.1\tMIT\n";
        assert!(violations(one).is_empty());
        assert_eq!(violations(&format!("{one}base64 v0.21.0\tMIT")).len(), 1);
    }
}
