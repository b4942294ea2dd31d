//! Figures, in CloudWatch's embedded metric format: one JSON line each, on standard output.

use serde_json::{Map, Value, json};
use std::fmt;
use std::io::Write as _;

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// How long, in seconds.
    Seconds,
    /// How long, in milliseconds.
    Milliseconds,
    /// How much of a hundred.
    Percent,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::Milliseconds => "Milliseconds",
            Self::Percent => "Percent",
        }
    }
}

/// Writes figures.
pub struct Metrics {
    namespace: String,
    stage: String,
    write: Option<Write>,
}

/// Takes one line.
type Write = Box<dyn Fn(&str) + Send + Sync>;

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Figures on standard output, where CloudWatch reads them.
    #[must_use]
    pub fn stdout(namespace: String, stage: String) -> Self {
        Self::writing(namespace, stage, |line| {
            let mut out = std::io::stdout().lock();
            // A closed standard output leaves nobody to tell.
            if writeln!(out, "{line}").is_err() {}
        })
    }

    /// Figures written through `write`, a line each.
    pub fn writing(
        namespace: String,
        stage: String,
        write: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self { namespace, stage, write: Some(Box::new(write)) }
    }

    /// Figures that nobody reads: nothing is formatted.
    #[must_use]
    pub const fn silent() -> Self {
        Self { namespace: String::new(), stage: String::new(), write: None }
    }

    /// Writes one figure, counted by stage and, where given, by one more dimension.
    pub fn put(
        &self,
        at: domain::time::Timestamp,
        name: &str,
        value: u64,
        unit: Unit,
        dimension: Option<(&str, &str)>,
    ) {
        let Some(write) = &self.write else { return };
        let mut sets = vec![json!(["Stage"])];
        let mut line = Map::new();
        line.insert("Stage".to_owned(), Value::from(self.stage.as_str()));
        if let Some((key, of)) = dimension {
            sets.push(json!(["Stage", key]));
            line.insert(key.to_owned(), Value::from(of));
        }
        line.insert(name.to_owned(), Value::from(value));
        let directive = json!({
            "Namespace": self.namespace,
            "Dimensions": sets,
            "Metrics": [{ "Name": name, "Unit": unit.as_str() }],
        });
        line.insert(
            "_aws".to_owned(),
            json!({ "Timestamp": at.as_millis(), "CloudWatchMetrics": [directive] }),
        );
        write(&Value::Object(line).to_string());
    }

    /// Counts one.
    pub fn count(&self, at: domain::time::Timestamp, name: &str, dimension: Option<(&str, &str)>) {
        self.put(at, name, 1, Unit::Count, dimension);
    }
}
