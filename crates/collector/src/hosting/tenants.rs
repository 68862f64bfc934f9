//! Request budgets, one for each tenant, shared by all of its sources.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use incydr_client::rate_limit::RateBudget;

/// The budgets of tenants that have a source. A budget goes with the last of its sources.
#[derive(Default)]
pub(super) struct Tenants(Mutex<HashMap<String, Weak<RateBudget>>>);

impl Tenants {
    /// The budget of `tenant`; made now if none of its sources has it.
    pub(super) fn budget(&self, tenant: String, make: impl FnOnce() -> RateBudget) -> Arc<RateBudget> {
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = budgets.get(&tenant).and_then(Weak::upgrade) {
            return budget;
        }
        if budgets.len() == budgets.capacity() {
            budgets.retain(|_, budget| budget.strong_count() > 0);
        }
        let budget = Arc::new(make());
        budgets.insert(tenant, Arc::downgrade(&budget));
        budget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(tenants: &Tenants, name: &str) -> Arc<RateBudget> {
        tenants.budget(name.to_owned(), || RateBudget::in_memory(100))
    }

    #[test]
    fn sources_of_one_tenant_share_a_budget_until_the_last_of_them_has_gone() {
        let tenants = Tenants::default();
        let (one, other, foreign) = (budget(&tenants, "a"), budget(&tenants, "a"), budget(&tenants, "b"));
        assert!(Arc::ptr_eq(&one, &other) && !Arc::ptr_eq(&one, &foreign));
        drop((one, other));
        for number in 0..1_000 {
            budget(&tenants, &number.to_string());
        }
        assert!(tenants.0.lock().expect("no panic under the lock").len() < 100, "the others are forgotten");
    }
}
