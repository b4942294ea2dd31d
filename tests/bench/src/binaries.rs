//! The functions' binaries: built here with the release profile, or left by `sam build`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

/// A function as it would be deployed.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) binary: PathBuf,
}

/// What the template deploys.
const FUNCTIONS: [&str; 6] = ["provision", "admin", "steps", "poller", "sweeper", "webhooks"];

/// Builds the functions as they are deployed, and finds them.
pub(crate) fn build() -> anyhow::Result<Vec<Function>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--message-format", "json-render-diagnostics"]);
    for name in FUNCTIONS {
        command.args(["--package", name]);
    }
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    // What cargo has set for us would make it build again what it has built without us.
    for (name, _value) in std::env::vars_os() {
        if set_by_cargo(&name) {
            command.env_remove(name);
        }
    }
    let output = command.stderr(Stdio::inherit()).output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("the functions were not built");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    FUNCTIONS.into_iter().map(|name| built(name, &messages)).collect()
}

fn set_by_cargo(name: &OsString) -> bool {
    let own = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    own.iter().any(|start| name.to_string_lossy().starts_with(start))
}

fn built(name: &str, messages: &str) -> anyhow::Result<Function> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut of_name = messages.filter(|message| message["target"]["name"] == *name);
    let binary = of_name.find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    let binary = binary.with_context(|| format!("cargo names no executable {name}"))?;
    Ok(Function { name: name.to_owned(), binary })
}

/// Finds what `sam build` has left in a folder.
pub(crate) fn in_folder(folder: &Path) -> anyhow::Result<Vec<Function>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let mut found: Vec<Function> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("bootstrap").is_file())
        .map(|entry| Function {
            name: entry.file_name().to_string_lossy().into_owned(),
            binary: entry.path().join("bootstrap"),
        })
        .collect();
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}
