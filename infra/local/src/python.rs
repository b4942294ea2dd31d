//! Python 3 of this machine, and the virtual environment the emulator and `sam` live in.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Command;

use crate::child::{self, Keep};
use crate::console::Console;
use crate::place;

/// How long packages may take to arrive.
const INSTALL_LIMIT: Duration = Duration::from_secs(480);
const VENV_LIMIT: Duration = Duration::from_secs(120);
const PROBE_LIMIT: Duration = Duration::from_secs(20);

/// The oldest Python the emulator runs on.
const OLDEST: (u32, u32) = (3, 10);

/// Finds Python 3, which also guards every child process.
///
/// # Errors
///
/// Says what to install when there is none, or an old one.
pub async fn find() -> anyhow::Result<PathBuf> {
    let mut seen = None;
    for name in ["python3", "python"] {
        let Some(version) = version(name).await else { continue };
        if version >= OLDEST {
            return Ok(PathBuf::from(name));
        }
        seen = Some(version);
    }
    let (major, minor) = OLDEST;
    match seen {
        Some((old, older)) => bail!(
            "Python {old}.{older} is too old for the AWS emulator. Install Python {major}.{minor} \
             or newer and put it first in PATH."
        ),
        None => bail!(
            "python3 was not found. Install Python {major}.{minor} or newer with its venv module \
             (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python)."
        ),
    }
}

async fn version(python: &str) -> Option<(u32, u32)> {
    let mut command = Command::new(python);
    command.args(["-c", "import sys; print(*sys.version_info[:2])"]).kill_on_drop(true);
    let output = tokio::time::timeout(PROBE_LIMIT, command.output()).await.ok()?.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The virtual environment with everything in it.
#[derive(Debug, Clone)]
pub struct Venv(PathBuf);

impl Venv {
    /// Makes it, unless it already has what `requirements.txt` names.
    ///
    /// # Errors
    ///
    /// Says what is missing when the packages cannot be had.
    pub async fn ready(python: &Path, console: &Console) -> anyhow::Result<Self> {
        fs::create_dir_all(place::state()).context("target/local-stack cannot be made")?;
        // Several stacks may start at once; one makes the environment, the others wait.
        let lock = File::create(place::state().join("venv.lock"))?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
        let venv = Self(place::state().join("venv"));
        let wanted = fs::read_to_string(place::script("requirements.txt"))?;
        let mark = venv.0.join("installed.txt");
        if fs::read_to_string(&mark).is_ok_and(|there| there == wanted) && venv.works().await {
            return Ok(venv);
        }
        let step = console.step("Python packages");
        venv.make(python).await?;
        venv.install(|line| step.note(line)).await?;
        fs::write(&mark, wanted)?;
        step.done("Python packages installed into target/local-stack/venv");
        drop(lock);
        Ok(venv)
    }

    /// Whether its interpreter still runs: it breaks when the system's Python moves.
    async fn works(&self) -> bool {
        version(&self.program("python").to_string_lossy()).await.is_some()
    }

    async fn make(&self, python: &Path) -> anyhow::Result<()> {
        let mut command = child::guarded(python, python);
        command.args(["-m", "venv", "--clear"]).arg(&self.0);
        let what = "making the Python virtual environment";
        let output = child::run(command, what, VENV_LIMIT, |_| Keep::Yes).await?;
        let advice = "Python's venv module is needed (Debian, Ubuntu: apt install python3-venv).";
        output.good(what, advice).map(drop)
    }

    async fn install(&self, note: impl Fn(&str)) -> anyhow::Result<()> {
        let python = self.program("python");
        let mut command = child::guarded(&python, "sh");
        // Its progress goes to standard output; put on standard error, it is heard line by line.
        command
            .args(["-c", "exec \"$0\" -m pip install --disable-pip-version-check -r \"$1\" >&2"]);
        command.arg(&python).arg(place::script("requirements.txt"));
        let what = "installing Python packages";
        let output = child::run(command, what, INSTALL_LIMIT, |line| {
            note(line);
            Keep::Yes
        });
        let advice = "pip needs its package index: check network, proxy and pip's configuration, \
                      then run the command again.";
        output.await?.good(what, advice).map(drop)
    }

    /// One of its programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.0.join("bin").join(name)
    }
}
