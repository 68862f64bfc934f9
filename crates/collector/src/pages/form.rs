//! What a form sends.

use crate::web::call::Call;

/// The values of a form, in its order.
#[derive(Clone, Debug, Default)]
pub struct FormValues {
    pairs: Vec<(String, String)>,
}

impl FormValues {
    /// Reads the body of `call`.
    pub fn of(call: &Call) -> Self {
        Self { pairs: url::form_urlencoded::parse(&call.body).into_owned().collect() }
    }

    /// A value without the space around it; empty where the form has none of that name.
    pub fn text(&self, name: &str) -> &str {
        self.exact(name).trim()
    }

    /// A value as it was typed, such as a secret.
    pub fn exact(&self, name: &str) -> &str {
        self.pairs.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// All values of one name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked or a button was pressed.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(own, _)| own == name)
    }
}
