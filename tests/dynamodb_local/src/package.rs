//! The npm package that carries DynamoDB Local, fetched once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output, Stdio};

const PACKAGE: &str = "amplify-dynamodb-simulator@2.9.30";
/// What npm gives as the package's checksum.
const INTEGRITY: &str = "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==";

/// Why DynamoDB Local cannot be had on this machine.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// There is no Java.
    #[error("there is no Java")]
    Java,
    /// The package could not be fetched or unpacked.
    #[error("{PACKAGE} could not be fetched: {0}")]
    Package(String),
}

impl From<io::Error> for Missing {
    fn from(error: io::Error) -> Self {
        Self::Package(error.to_string())
    }
}

/// The folder with `DynamoDBLocal.jar`. Fetched under another name and moved into place whole, so
/// that several tests may come at once.
pub(crate) fn folder() -> Result<PathBuf, Missing> {
    run(Command::new("java").arg("-version")).map_err(|_absent| Missing::Java)?;
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/local/dynamodb");
    let folder = base.join(PACKAGE);
    if folder.is_dir() {
        return Ok(folder);
    }
    let incoming = base.join(format!("incoming-{}", process::id()));
    fs::create_dir_all(&incoming)?;
    let fetched = fetch(&incoming);
    // Whoever moved it first has won; ours is the same.
    let moved = fetched.and_then(|()| Ok(fs::rename(incoming.join("package/emulator"), &folder)?));
    fs::remove_dir_all(&incoming)?;
    if folder.is_dir() { Ok(folder) } else { moved.map(|()| folder) }
}

fn fetch(into: &Path) -> Result<(), Missing> {
    let packed = run(Command::new("npm").args(["pack", PACKAGE, "--json"]).current_dir(into))?;
    if !String::from_utf8_lossy(&packed.stdout).contains(INTEGRITY) {
        return Err(Missing::Package("its checksum is another one".to_owned()));
    }
    let archive = fs::read_dir(into)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Missing::Package("npm left no archive".to_owned()))?;
    run(Command::new("tar").arg("-xzf").arg(archive).arg("package/emulator").current_dir(into))?;
    Ok(())
}

fn run(command: &mut Command) -> Result<Output, Missing> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(output);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(Missing::Package(told.lines().last().unwrap_or("no reason given").to_owned()))
}
