//! Optimistic locking: the tag of a configuration, and whether a change was made from the newest one.
//!
//! The tag covers what a client may modify and nothing else. A state that changes between a client's `GET` and its
//! `PUT` must not refuse the `PUT`.

use super::problem::{Problem, ProblemKind};

/// The tag of a configuration that consists of `parts`: 32 hex digits in quotes.
pub fn of(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part);
    }
    format!("\"{}\"", &hasher.finalize().to_hex()[..32])
}

/// Checks `If-Match` against the tag of what is stored: forbidden when it is missing, stale when it is another.
///
/// `*` matches whatever is stored, and the quotes may be missing.
pub fn check(if_match: Option<&str>, current: &str) -> Result<(), Problem> {
    let given = if_match.map(str::trim).filter(|tag| !tag.is_empty());
    let Some(given) = given else {
        return Err(Problem::forbidden(
            "The If-Match header is missing; send the ETag that the last answer about this resource had.",
        ));
    };
    if given == "*" || given.trim_matches('"') == current.trim_matches('"') {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::Stale,
        "precondition.failed",
        "The resource has changed since it was read; read it again and repeat the change.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_32_hex_digits_in_quotes_and_differs_where_the_parts_differ() {
        let tag = of(&[b"ab", b"c"]);
        assert_eq!(tag.len(), 34);
        assert!(
            tag.trim_matches('"').bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
        );
        assert_eq!(tag, of(&[b"ab", b"c"]));
        assert_ne!(tag, of(&[b"a", b"bc"]));
    }

    #[test]
    fn a_missing_tag_is_forbidden_and_another_one_is_stale() {
        let current = of(&[b"x"]);
        let kind = |given| check(given, &current).map_err(|problem| problem.kind);
        assert_eq!(kind(Some(current.as_str())), Ok(()));
        assert_eq!(kind(Some(current.trim_matches('"'))), Ok(()));
        assert_eq!(kind(Some("*")), Ok(()));
        assert_eq!(kind(None), Err(ProblemKind::Forbidden));
        assert_eq!(kind(Some("")), Err(ProblemKind::Forbidden));
        assert_eq!(kind(Some("\"5f6bbe49f8b5a19dd43c806411225a5f\"")), Err(ProblemKind::Stale));
    }
}
