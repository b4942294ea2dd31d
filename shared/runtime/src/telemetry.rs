//! Logs: JSON lines, one per event, with the fields of the spans around it.

/// Starts logging. `level` names the least level written, as Lambda's
/// `AWS_LAMBDA_LOG_LEVEL` does; `INFO` if unset.
pub fn start(level: Option<&str>) {
    let level = level
        .and_then(|level| level.parse::<tracing::Level>().ok())
        .unwrap_or(tracing::Level::INFO)
        // At TRACE the libraries below us print whole requests, keys and numbers included.
        .min(tracing::Level::DEBUG);
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(level)
        .with_current_span(true)
        .with_span_list(false)
        .without_time()
        .finish();
    // A second start in one process, as in tests, keeps the first.
    if tracing::subscriber::set_global_default(subscriber).is_err() {}
}

/// An error with its causes in one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
