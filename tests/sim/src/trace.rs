//! What happened in a schedule: a hash always, a text only for who wants to read it.

use crate::dice::mix;

/// The trace of a schedule.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace that keeps its text.
    pub const fn readable() -> Self {
        Self { hash: 0, lines: Some(Vec::new()) }
    }

    /// Something happened. The text is only made when somebody will read it.
    pub fn note(&mut self, now_ms: i64, what: u64, text: impl FnOnce() -> String) {
        self.hash = mix(self.hash ^ mix(now_ms.cast_unsigned() ^ mix(what)));
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{} {}", clock(now_ms), text()));
        }
    }

    /// The hash of everything noted.
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// The text so far.
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}

/// A hash of bytes, the same in every run.
pub fn digest(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(mix(u64::try_from(bytes.len()).unwrap()), |hash, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mix(hash ^ u64::from_le_bytes(word))
    })
}

/// The time since the schedule's begin: `3:04:05.678`.
fn clock(now_ms: i64) -> String {
    let ms = now_ms - crate::ground::START_MS;
    let (seconds, minutes, hours) = (ms / 1000 % 60, ms / 60_000 % 60, ms / 3_600_000);
    format!("{hours:>3}:{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}
