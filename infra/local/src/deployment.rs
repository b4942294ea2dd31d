//! Deploys `template.yaml` as it stands, with the built functions laid out beside a copy of it.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::child::{self, Keep};
use crate::console::Step;
use crate::emulator::Emulator;
use crate::place;
use crate::python::Venv;

/// Name of the deployed stack.
pub(crate) const STACK: &str = "dialtone-local";
/// Id of the HTTP API: pinned by a tag, so that its URL is known before it is deployed.
const API_ID: &str = "dialtone";

const DEPLOY_LIMIT: Duration = Duration::from_secs(180);
const ASK_LIMIT: Duration = Duration::from_secs(120);

/// The tools of one stack.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) python: PathBuf,
    pub(crate) venv: Venv,
    pub(crate) emulator: Emulator,
}

impl Tools {
    /// Where the deployed API is reached.
    pub(crate) fn api_url(&self) -> String {
        format!("{}/_aws/execute-api/{API_ID}/$default", self.emulator.url())
    }

    /// Deploys the template with these binaries and parameters.
    pub(crate) async fn deploy(
        &self,
        binaries: &BTreeMap<String, PathBuf>,
        parameters: &BTreeMap<String, String>,
        step: &Step,
    ) -> anyhow::Result<()> {
        let folder = self.emulator.folder.join("deploy");
        lay_out(&folder, binaries)?;
        let mut command = self.emulator.command(&self.python, &self.venv, "sam");
        command.arg("deploy").arg("--template-file").arg(folder.join("template.yaml"));
        command.args(["--stack-name", STACK, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"]);
        command.args(["--no-confirm-changeset", "--no-progressbar"]);
        command.args(["--tags", &format!("ms-custom-id={API_ID}")]);
        command.arg("--parameter-overrides");
        command.args(parameters.iter().map(|(name, value)| parameter(name, value)));
        let what = "sam deploy";
        let output = child::run(command, what, DEPLOY_LIMIT, |line| {
            step.note(line);
            Keep::Yes
        });
        let advice = format!("The emulator says:\n{}\nsam says:", self.emulator.log());
        output.await?.good(what, &advice).map(drop)
    }

    /// Puts a question to `stack.py`.
    pub(crate) async fn ask(&self, command: &str, question: &Value) -> anyhow::Result<Value> {
        let mut child = self.emulator.command(&self.python, &self.venv, "python");
        child.arg(place::script("stack.py")).arg(command).arg(question.to_string());
        let what = format!("stack.py {command}");
        let output = child::run(child, &what, ASK_LIMIT, |_| Keep::Yes).await?;
        let text = output.good(&what, "")?;
        serde_json::from_str(&text).with_context(|| format!("{what} answered {text:?}"))
    }
}

/// `functions/<name>/bootstrap` beside the template, as its `CodeUri`s say.
fn lay_out(folder: &Path, binaries: &BTreeMap<String, PathBuf>) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    fs::copy(place::root().join("template.yaml"), folder.join("template.yaml"))
        .context("template.yaml cannot be copied")?;
    for (name, binary) in binaries {
        let target = folder.join("functions").join(name);
        fs::create_dir_all(&target)?;
        let bootstrap = target.join("bootstrap");
        // A link where the file system can; sam only reads it.
        if fs::hard_link(binary, &bootstrap).is_err() {
            fs::copy(binary, &bootstrap)
                .with_context(|| format!("{} cannot be copied", binary.display()))?;
        }
    }
    Ok(())
}

/// The machine's instruction set, as the template calls it.
pub(crate) fn architecture() -> anyhow::Result<&'static str> {
    match ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!("Lambda knows no {other}: the local stack runs on x86_64 and arm64 only"),
    }
}

/// A parameter as sam reads it; its shorthand ends at a blank unless the value is quoted.
fn parameter(name: &str, value: &str) -> String {
    if value.contains(' ') || value.is_empty() {
        format!("{name}=\"{value}\"")
    } else {
        format!("{name}={value}")
    }
}
