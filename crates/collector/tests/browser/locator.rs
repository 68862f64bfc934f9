//! How a person finds something on a page: mostly by what it says.

use serde_json::{Value, json};

/// Finds elements.
#[derive(Clone, Debug)]
pub(crate) struct Locator {
    strategy: &'static str,
    expression: String,
}

impl Locator {
    pub(crate) fn css(selector: impl Into<String>) -> Self {
        Self { strategy: "css selector", expression: selector.into() }
    }

    pub(crate) fn xpath(expression: impl Into<String>) -> Self {
        Self { strategy: "xpath", expression: expression.into() }
    }

    /// The button that says this.
    pub(crate) fn button(text: &str) -> Self {
        let text = quoted(text);
        Self::xpath(format!(
            "//button[(normalize-space(.)={text} or @aria-label={text}) and not(@aria-hidden)]"
        ))
    }

    /// The link that says this.
    pub(crate) fn link(text: &str) -> Self {
        let text = quoted(text);
        Self::xpath(format!("//a[normalize-space(.)={text} or @aria-label={text}]"))
    }

    /// The input with this label.
    pub(crate) fn labeled(label: &str) -> Self {
        let label = quoted(label);
        let of_label = format!("//label[normalize-space(text())={label} or normalize-space(.)={label}]");
        Self::xpath(format!("//*[@id={of_label}/@for] | {of_label}//input | //*[@aria-label={label}]"))
    }

    /// The row of a table whose heading says this.
    pub(crate) fn row(heading: &str) -> Self {
        Self::xpath(format!("//tr[th[normalize-space(.)={}]]", quoted(heading)))
    }

    /// The choice of this name in the list with this label.
    pub(crate) fn choice(label: &str, choice: &str) -> Self {
        let of_label = format!("//label[normalize-space(.)={}]/@for", quoted(label));
        Self::xpath(format!("//select[@id={of_label}]/option[normalize-space(.)={}]", quoted(choice)))
    }

    /// What this finds within what `self` finds; both by `XPath`.
    pub(crate) fn within(&self, inner: &str) -> Self {
        Self::xpath(format!("{}{inner}", self.expression))
    }

    /// The parameters of the protocol's commands that find elements.
    pub(crate) fn parameters(&self) -> Value {
        json!({ "using": self.strategy, "value": self.expression })
    }
}

/// As a literal of `XPath`, which knows no escapes.
fn quoted(text: &str) -> String {
    match text.contains('"') {
        false => format!("\"{text}\""),
        true => format!("'{text}'"),
    }
}
