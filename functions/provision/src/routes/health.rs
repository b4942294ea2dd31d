//! `GET /health`: anyone may ask.

use crate::Config;
use api::Answer;
use serde_json::json;

pub(crate) fn health(config: &Config) -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    Answer::json(200, json!({ "status": "ok", "stage": config.stage, "version": version }))
}
