//! The build with the bugs in it.
//!
//! Cargo gives the packages of this workspace another hash when they are compiled through a
//! wrapper, so that both builds stay side by side in `target`; what they depend on is shared. Only
//! the finished program has the same name, and goes elsewhere.

use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds it, unless it is fresh, and says where it is.
pub(super) fn program() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.ancestors().nth(2).context("the workspace is two folders up")?;
    let target = workspace.join("target");
    let beside = target.join("planted");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--profile", "sim", "--package", "sim"])
        .arg("--target-dir")
        .arg(&beside)
        .env("CARGO_BUILD_BUILD_DIR", &target)
        .env("RUSTC_WORKSPACE_WRAPPER", here.join("planted.sh"))
        .current_dir(workspace)
        .stdout(Stdio::null())
        .status()
        .context("cargo cannot be started")?;
    ensure!(status.success(), "the build with planted bugs failed: {status}");
    Ok(beside.join("sim").join("sim"))
}
