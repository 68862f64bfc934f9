//! Pictures of what a browser shows.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::locator::Locator;

pub(crate) const THEMES: [&str; 2] = ["light", "dark"];
pub(crate) const WIDTHS: [u32; 2] = [1_280, 400];

impl Browser {
    /// All of the page, however long.
    pub(crate) async fn take_picture(&self, theme: &str, width: u32, to: &Path) {
        self.resize(width).await;
        let preference = json!({ "name": "prefers-color-scheme", "value": theme });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [preference] })).await;
        self.find(&Locator::css("main h1")).await;
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await["cssContentSize"].take();
        self.capture(&size["height"], width, to).await;
    }

    /// What fits a window, in the light theme.
    pub(crate) async fn take_small_picture(&self, to: &Path) {
        self.take_picture(THEMES[0], WIDTHS[0], to).await;
        self.capture(&json!(760), WIDTHS[0], to).await;
    }

    async fn capture(&self, height: &Value, width: u32, to: &Path) {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", wanted).await;
        let bytes = STANDARD.decode(picture["data"].as_str().expect("text")).expect("base64");
        std::fs::write(to, bytes).expect("it can be written");
    }
}
