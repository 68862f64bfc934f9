//! axe-core, run on a page as it is shown.

use serde_json::{Value, json};

use crate::browser::Browser;

const CHECKER: &str = "../../e2e/node_modules/axe-core/axe.min.js";

/// What it shall not find. Its other findings are advice.
const GRAVE: [&str; 2] = ["serious", "critical"];

impl Browser {
    /// Nothing serious is wrong with the page, be it light or dark.
    pub(crate) async fn is_accessible(&self) {
        let checker = std::fs::read_to_string(CHECKER)
            .expect("the accessibility checker is there; `npm ci` in the folder `e2e` brings it");
        for theme in ["light", "dark"] {
            self.use_theme(theme).await;
            self.script(&checker, json!([])).await;
            let script = "return axe.run({ resultTypes: ['violations'], preload: false })
                .then((results) => results.violations)";
            let violations = self.script(script, json!([])).await;
            let grave: Vec<String> = violations.as_array().expect("a list").iter().filter_map(told).collect();
            assert!(grave.is_empty(), "{} in the {theme} theme:\n{}", self.page().await, grave.join("\n"));
        }
    }

    /// Prefers light or dark pages.
    pub(crate) async fn use_theme(&self, theme: &str) {
        let preference = json!({ "name": "prefers-color-scheme", "value": theme });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [preference] })).await;
    }
}

/// A grave finding with the elements that it is about.
fn told(violation: &Value) -> Option<String> {
    let impact = violation["impact"].as_str().unwrap_or_default();
    let nodes = violation["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told = |node: &Value| format!("  {}\n  {}", node["html"], node["failureSummary"]);
    GRAVE.contains(&impact).then(|| {
        let nodes: Vec<_> = nodes.iter().map(told).collect();
        format!("{impact}: {}\n{}", violation["help"], nodes.join("\n"))
    })
}
