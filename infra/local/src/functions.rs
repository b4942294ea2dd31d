//! Builds the functions, in the profile of the tests, so that what one has built the other uses.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use serde_json::Value;

use crate::child::{self, Keep};
use crate::console::Console;
use crate::place;

/// What the template deploys.
pub const FUNCTIONS: [&str; 6] = ["provision", "admin", "steps", "poller", "sweeper", "webhooks"];

const BUILD_LIMIT: Duration = Duration::from_secs(1_200);

/// Builds them, and gives their binaries by name.
///
/// # Errors
///
/// With what the compiler says.
pub async fn build(python: &Path, console: &Console) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = child::guarded(python, cargo);
    command.args(["build", "--message-format", "json-render-diagnostics"]);
    for name in FUNCTIONS {
        command.args(["--package", name]);
    }
    command.current_dir(place::root());
    // Cargo tells its progress only to terminals, unless told to; and what it has set for us would
    // make it build again what it has built without us.
    command.envs([
        ("CARGO_TERM_COLOR", "never"),
        ("CARGO_TERM_PROGRESS_WHEN", "always"),
        ("CARGO_TERM_PROGRESS_WIDTH", "120"),
    ]);
    for (name, _value) in env::vars_os() {
        let own = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        if own.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    let step = console.bar("building the functions", 1);
    let output = child::run(command, "cargo build", BUILD_LIMIT, |line| match progress(line) {
        Some((position, length, what)) => {
            step.at(position, length);
            step.note(what);
            Keep::No
        }
        None => {
            let quiet = line.trim_start().starts_with("Compiling");
            if quiet || line.trim().is_empty() { Keep::No } else { Keep::Yes }
        }
    });
    let messages = output.await?.good("building the functions", "The compiler says:")?;
    let built = binaries(&messages);
    if let Some(missing) = FUNCTIONS.iter().find(|name| !built.contains_key(**name)) {
        bail!("cargo built no binary {missing}: functions/{missing} needs a src/main.rs");
    }
    step.done("functions built");
    Ok(built)
}

/// Takes `Building [====>   ] 12/345: serde, tokio` apart.
fn progress(line: &str) -> Option<(u64, u64, &str)> {
    let (_bar, rest) = line.split_once("Building [")?.1.split_once("] ")?;
    let (counts, what) = rest.split_once(':').unwrap_or((rest, ""));
    let (position, length) = counts.split_once('/')?;
    Some((position.trim().parse().ok()?, length.trim().parse().ok()?, what.trim()))
}

/// The executables among cargo's messages.
fn binaries(messages: &str) -> BTreeMap<String, PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter_map(|message| {
            let name = message.pointer("/target/name")?.as_str()?.to_owned();
            let path = message.get("executable")?.as_str()?;
            Some((name, PathBuf::from(path)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_progress_is_understood() {
        let line = "    Building [=====>        ] 42/317: aws-sdk-dynamodb, tokio";
        assert_eq!(progress(line), Some((42, 317, "aws-sdk-dynamodb, tokio")));
        assert_eq!(progress("   Compiling serde v1.0.0"), None);
        assert_eq!(progress("error: Building [x]"), None);
    }

    #[test]
    fn only_executables_count() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"steps"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"steps"},"executable":"/t/local/steps"}
not json"#;
        let expected = BTreeMap::from([("steps".to_owned(), PathBuf::from("/t/local/steps"))]);
        assert_eq!(binaries(messages), expected);
    }
}
