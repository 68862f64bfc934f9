//! `demo-shots`: pictures of every page of an installation with varied sources, for whoever changes a page.

use clap::Args;

use crate::step::{self, Failure};
use crate::workspace::{RELEASED_PACKAGE, cargo, root, target_folder};

/// Which pictures to take.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub(crate) struct DemoShotsOptions {
    /// Take those of the README as well.
    #[arg(long)]
    readme: bool,
}

/// The program that takes them is built like a test, because it needs what the tests of the pages need.
pub(crate) fn run(options: &DemoShotsOptions) -> Result<(), Failure> {
    let pictures = target_folder().join("demo-shots");
    let mut camera = cargo(["test", "--quiet", "-p", RELEASED_PACKAGE, "--test", "demo_shots", "--"]);
    camera.arg(&pictures).args(options.readme.then(|| root().join("docs").join("screenshots")));
    step::run(&mut camera)?;
    step::announce(format!("the pictures are in {}", pictures.display()));
    Ok(())
}
