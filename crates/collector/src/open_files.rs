//! Room for connections: each of them is an open file, and usual limits let a process have 1,024 of these.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// From now on this process may open as many files as the system lets it. Otherwise clients that only hold their
/// connections open could leave none for the state file and for Incydr.
pub fn allow_as_many_as_possible() -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_becomes_the_highest_that_is_allowed() {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(1_000), maximum }).expect("lowering is allowed");
        allow_as_many_as_possible().expect("up to the maximum is allowed");
        assert_eq!(getrlimit(Resource::Nofile), Rlimit { current: maximum, maximum });
    }
}
