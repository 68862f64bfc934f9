//! Pictures of every page of an installation with varied sources, in both themes and at two widths. It is no test:
//! `cargo xtask demo-shots` runs it, and whoever changes a page looks at them.
//!
//! Arguments: the folder for the pictures, and optionally the folder for those that the README shows.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "not released, and of no use when anything fails"
)]

#[path = "../browser/browser.rs"]
#[allow(dead_code, reason = "what the tests need more")]
mod browser;
#[path = "../browser/chromedriver.rs"]
#[allow(dead_code, reason = "what the tests need more")]
mod chromedriver;
#[path = "../api/client.rs"]
#[allow(dead_code, reason = "what the tests need more")]
mod client;
#[path = "../browser/complaints.rs"]
#[allow(dead_code, reason = "what the tests need more")]
mod complaints;
#[path = "../api/daemon.rs"]
#[allow(dead_code, reason = "what the tests need more")]
mod daemon;
#[path = "../browser/locator.rs"]
#[allow(dead_code, reason = "what the tests need more")]
mod locator;
mod picture;
mod scene;

use std::path::PathBuf;

use crate::browser::Browser;
use crate::picture::{THEMES, WIDTHS};
use crate::scene::Scene;

/// Which pictures the README shows.
const OF_README: [&str; 3] = ["collection", "source", "add-source"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut folders = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = folders.next().expect("the folder for the pictures");
    let for_readme = folders.next();
    for folder in [Some(&folder), for_readme.as_ref()].into_iter().flatten() {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let scene = Scene::set().await;
    let browser = Browser::signed_in(&scene.daemon).await;
    for (name, page) in scene.pages() {
        browser.go(&page).await;
        for theme in THEMES {
            for width in WIDTHS {
                browser.take_picture(theme, width, &folder.join(format!("{name}-{theme}-{width}.png"))).await;
            }
        }
        if let Some(readme) = for_readme.as_ref().filter(|_| OF_README.contains(&name)) {
            browser.take_small_picture(&readme.join(format!("{name}.png"))).await;
        }
    }
    browser.close_after(&["no-such-page"]).await;
}
