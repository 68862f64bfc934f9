//! Where crates come from, those of tests and tools too: the public registry and this repository, nothing else.

use serde::Deserialize;

use crate::step::Failure;
use crate::workspace::root;

/// How lock files name the public registry.
const PUBLIC_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    /// Absent for the crates of this repository.
    source: Option<String>,
}

/// Crates from elsewhere, one sentence each.
pub(super) fn violations() -> Result<Vec<String>, Failure> {
    let mut violations = Vec::new();
    for file in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let text = std::fs::read_to_string(root().join(file))
            .map_err(|error| Failure::new(format!("reading {file}: {error}")))?;
        violations
            .extend(violations_of(&text).map_err(|error| Failure::new(format!("reading {file}: {error}")))?);
    }
    Ok(violations)
}

fn violations_of(lock: &str) -> Result<Vec<String>, toml::de::Error> {
    let lock: Lock = toml::from_str(lock)?;
    let is_foreign =
        |package: &Locked| package.source.as_deref().is_some_and(|source| source != PUBLIC_REGISTRY);
    let foreign = lock.package.iter().filter(|package| is_foreign(package));
    Ok(foreign
        .map(|Locked { name, version, .. }| format!("{name} {version} is not from the public registry"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_from_a_repository_or_another_registry_is_found() {
        let lock = "version = 4\n\
            [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\
            [[package]]\nname = \"public\"\nversion = \"1.0.0\"\n\
            source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
            [[package]]\nname = \"forked\"\nversion = \"1.0.0\"\nsource = \"git+https://git.example/forked#1\"\n\
            [[package]]\nname = \"mirrored\"\nversion = \"1.0.0\"\nsource = \"registry+https://mirror.example\"\n";
        let found = violations_of(lock).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("forked") && found[1].starts_with("mirrored"));
    }
}
