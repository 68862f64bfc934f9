//! The dependency policy, checked offline: what `cargo deny` would check of `deny.toml`, and how many crates the
//! released program is built from.
//!
//! Advisories are the exception. Their database lives on a host that build machines do not reach, so they are
//! checked where `cargo deny` or `cargo audit` is installed, and a line says so where neither is.

mod advisories;
mod policy;
mod release_tree;
mod sources;

use crate::step::{self, Failure};

use self::policy::Policy;
use self::release_tree::ReleaseTree;

/// Everybody who reviews a release has to be able to read this list.
const MAX_CRATES: usize = 300;

/// Prints all violations, not only the first.
pub(crate) fn run() -> Result<(), Failure> {
    step::announce("dependency policy of deny.toml");
    let policy = Policy::read()?;
    let tree = ReleaseTree::resolve()?;
    let mut violations = policy.violations(&tree);
    violations.extend(sources::violations()?);
    if tree.crates.len() > MAX_CRATES {
        let count = tree.crates.len();
        violations.push(format!("the release is built from {count} crates, more than {MAX_CRATES}"));
    }
    violations.iter().for_each(|violation| eprintln!("{violation}"));
    if !violations.is_empty() {
        let count = violations.len();
        return Err(Failure::new(format!("the dependencies break deny.toml in {count} places")));
    }
    eprintln!("{} crates in the release (at most {MAX_CRATES}), all in order", tree.crates.len());
    advisories::run()
}
