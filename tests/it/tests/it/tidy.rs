//! What every file of the repository must be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 600;
/// From this length on a file says at its head what it is for.
const LINES_WITHOUT_HEAD_MAX: usize = 100;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The files of our own below a folder, in order.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    fn below(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    below(&path, ending, found);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    below(&root.join(folder), ending, &mut found);
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    found.iter().map(read).collect()
}

fn sources() -> Vec<(String, String)> {
    ["functions", "shared", "infra", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, ".rs"))
        .collect()
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_short() {
    let long = |(name, text): (String, String)| {
        let lines = text.lines().count();
        (lines > LINES_MAX).then(|| format!("{name}: {lines} lines"))
    };
    none(&sources().into_iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn long_files_say_what_they_are_for() {
    let silent = |(name, text): (String, String)| {
        let long = text.lines().count() > LINES_WITHOUT_HEAD_MAX;
        // The tests of a module stand under its own head.
        let headed = text.starts_with("//!") || name.ends_with("/tests.rs");
        (long && !headed).then_some(name)
    };
    none(&sources().into_iter().filter_map(silent).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_to_do() {
    // Put together, so that this file does not find itself.
    let words = ["TO", "FIX", "XX"].map(|word| match word {
        "TO" => "TODO".to_owned(),
        "FIX" => format!("{word}ME"),
        _ => format!("{word}X"),
    });
    let marked = |(name, text): (String, String)| {
        let line = text.lines().position(|line| words.iter().any(|word| line.contains(word)));
        let own = name.ends_with("tests/it/tidy.rs");
        line.filter(|_| !own).map(|line| format!("{name}:{}", line + 1))
    };
    none(&sources().into_iter().filter_map(marked).collect::<Vec<_>>());
}

#[test]
fn no_module_is_named_mod() {
    let named = |(name, _): (String, String)| name.ends_with("/mod.rs").then_some(name);
    none(&sources().into_iter().filter_map(named).collect::<Vec<_>>());
}

#[test]
fn every_sample_event_is_used_by_a_test() {
    let sources = sources();
    let unused = |(name, _): (String, String)| {
        let used = sources.iter().any(|(_, text)| text.contains(&name));
        (!used).then_some(name)
    };
    none(&files("events", ".json").into_iter().filter_map(unused).collect::<Vec<_>>());
}

#[test]
fn every_function_is_deployed() {
    let template = fs::read_to_string(root().join("template.yaml")).unwrap();
    let functions = fs::read_dir(root().join("functions")).unwrap();
    let missing: Vec<String> = functions
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !template.contains(&format!("Binary: {name}")))
        .collect();
    none(&missing);
}

/// Words in quotes that look like names of variables, tests left out.
fn variables(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let is_name = |word: &&str| {
        word.len() > 4
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            && !word.starts_with('_')
    };
    code.join("\n").split('"').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_variable_the_functions_read_is_in_the_template_and_the_other_way_round() {
    let template = fs::read_to_string(root().join("template.yaml")).unwrap();
    let reading = |name: &str| {
        name.ends_with("/config.rs") || name.ends_with("/main.rs") || name.ends_with("/aws.rs")
    };
    let mut read = BTreeSet::new();
    for folder in ["functions", "shared/api", "shared/runtime"] {
        for (_, text) in files(folder, ".rs").into_iter().filter(|(name, _)| reading(name)) {
            read.extend(variables(&text));
        }
    }
    // Set by Lambda itself.
    read.retain(|name| !name.starts_with("AWS_"));
    assert!(read.len() > 20, "{read:?}");
    let unset: Vec<String> =
        read.iter().filter(|name| !template.contains(&format!("{name}: "))).cloned().collect();
    none(&unset);
    let set = template.lines().filter_map(|line| line.trim().split_once(": !")).map(|pair| pair.0);
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let unread: Vec<String> =
        set.filter(is_name).filter(|name| !read.contains(*name)).map(str::to_owned).collect();
    none(&unread);
}
