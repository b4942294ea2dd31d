//! What the functions logged: warnings and errors by their message, and those that only a bug can
//! bring about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::lambda::Name;

/// Words of messages that are bugs, whatever was killed.
const BUGS: [&str; 2] = ["panicked", "parked"];

/// Where the logs are kept, until the next soak.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/soak")
}

/// Warnings and errors, with how often each came.
pub(crate) fn complaints() -> anyhow::Result<BTreeMap<String, u64>> {
    let mut complaints = BTreeMap::new();
    for name in Name::ALL {
        let log = fs::read(folder().join(format!("{}.log", name.as_str())))?;
        for line in String::from_utf8_lossy(&log).lines() {
            if let Some(complaint) = complaint(line) {
                *complaints.entry(format!("{}: {complaint}", name.as_str())).or_insert(0) += 1;
            }
        }
    }
    Ok(complaints)
}

/// What is a bug among them.
pub(crate) fn findings(complaints: &BTreeMap<String, u64>) -> Vec<String> {
    let is_bug = |text: &str| BUGS.iter().any(|word| text.contains(word));
    let bugs = complaints.iter().filter(|(text, _)| is_bug(text));
    bugs.map(|(text, count)| format!("{count} times logged: {text}")).collect()
}

/// The message of a line that complains. A line that a kill has cut in two is passed over, unless
/// it tells of a panic, which is no JSON either.
fn complaint(line: &str) -> Option<String> {
    let Ok(entry) = serde_json::from_str::<Value>(line) else {
        return line.contains("panicked at").then(|| line.to_owned());
    };
    let level = entry.get("level")?.as_str()?;
    let message = entry.pointer("/fields/message")?.as_str()?;
    matches!(level, "ERROR" | "WARN").then(|| format!("{level} {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complaints_are_told() {
        let line = |level| format!(r#"{{"level":"{level}","fields":{{"message":"work parked"}}}}"#);
        assert_eq!(complaint(&line("INFO")), None);
        assert_eq!(complaint(&line("ERROR")).as_deref(), Some("ERROR work parked"));
        assert_eq!(complaint(r#"{"level":"ERR"#), None);
        let panic = "thread 'main' panicked at src/main.rs:1";
        assert_eq!(complaint(panic).as_deref(), Some(panic));
    }

    #[test]
    fn a_parked_work_is_a_finding() {
        let of = |text: &str| findings(&BTreeMap::from([(text.to_owned(), 2)]));
        assert_eq!(of("steps: ERROR work parked"), ["2 times logged: steps: ERROR work parked"]);
        assert!(of("steps: WARN an answer was lost; looking it up").is_empty());
    }
}
