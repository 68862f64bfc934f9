//! Keeps the memory of this process, and the secrets in it, out of files.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// From now on a crash leaves no core dump, and no other process of the same user can read our memory.
pub fn forbid() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_that_a_core_dump_may_have_no_bytes() {
        forbid().expect("lowering a limit is always allowed");
        let limits = std::fs::read_to_string("/proc/self/limits").expect("the system tells our limits");
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("it is listed");
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    }
}
