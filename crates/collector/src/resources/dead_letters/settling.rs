//! Which dead letters are being settled right now: none is delivered or discarded twice at once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::web::problem::Problem;

/// The dead letters that are being settled. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Settling(Arc<Mutex<HashSet<u64>>>);

/// A dead letter that is being settled, until this is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    settling: Settling,
    number: u64,
}

impl Settling {
    /// Takes the dead letter of this number for oneself, if nobody has it.
    pub(super) fn hold(&self, number: Option<u64>) -> Result<Hold, Problem> {
        let number = number.ok_or_else(super::unknown)?;
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number) {
            true => Ok(Hold { settling: self.clone(), number }),
            false => {
                let message = "The dead letter is being delivered or discarded right now.";
                Err(Problem::invalid("deadletters.letter.busy", message))
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.settling.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_held_by_one_at_a_time() {
        let settling = Settling::default();
        let hold = settling.hold(Some(7)).expect("free");
        assert_eq!(settling.hold(Some(7)).err().map(|problem| problem.code), Some("deadletters.letter.busy"));
        assert!(settling.hold(Some(8)).is_ok());
        drop(hold);
        assert!(settling.hold(Some(7)).is_ok());
    }
}
