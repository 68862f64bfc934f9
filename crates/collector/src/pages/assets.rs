//! The files that a browser loads once: their addresses change with their contents.

use std::sync::LazyLock;

use crate::web::answer::Answer;
use crate::web::route::Route;

const STYLE: &str = include_str!("../../assets/style.css");
const SCRIPT: &str = include_str!("../../assets/script.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// The addresses of all of them.
pub struct Assets {
    /// The stylesheet.
    pub style: String,
    /// The script.
    pub script: String,
    /// The icon.
    pub icon: String,
}

/// Where they are.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: address("style.css", STYLE),
    script: address("script.js", SCRIPT),
    icon: address("icon.svg", ICON),
});

/// All of them, for everybody. What comes before the name tells versions apart, and is not looked at.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page("/assets/{version}/style.css", |_| {
            Box::pin(async { Ok(Answer::asset("text/css; charset=utf-8", STYLE)) })
        })
        .public(),
        Route::page("/assets/{version}/script.js", |_| {
            Box::pin(async { Ok(Answer::asset("text/javascript; charset=utf-8", SCRIPT)) })
        })
        .public(),
        Route::page("/assets/{version}/icon.svg", |_| {
            Box::pin(async { Ok(Answer::asset("image/svg+xml", ICON)) })
        })
        .public(),
    ]
}

fn address(name: &str, content: &str) -> String {
    format!("/assets/{}/{name}", &blake3::hash(content.as_bytes()).to_hex()[..12])
}
