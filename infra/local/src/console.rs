//! What people see: lines, spinners and one progress bar.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
}

/// Prints for people. Bars are drawn only on a terminal; lines are printed in any case.
#[derive(Debug, Clone)]
pub struct Console {
    stream: Stream,
    bars: MultiProgress,
    animated: bool,
}

impl Console {
    /// Prints to standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::new(Stream::Stdout)
    }

    /// Prints to standard error.
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(Stream::Stderr)
    }

    fn new(stream: Stream) -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { stream, bars, animated: std::io::stderr().is_terminal() }
    }

    /// Whether bars are drawn.
    #[must_use]
    pub const fn animated(&self) -> bool {
        self.animated
    }

    /// Prints a line above the bars.
    pub fn line(&self, text: impl AsRef<str>) {
        let text = text.as_ref();
        self.bars.suspend(|| {
            // Nobody is left to tell when the reader of our output has gone.
            let _gone = match self.stream {
                Stream::Stdout => writeln!(std::io::stdout(), "{text}"),
                Stream::Stderr => writeln!(std::io::stderr(), "{text}"),
            };
        });
    }

    /// Begins something that takes a while.
    #[must_use]
    pub fn step(&self, text: &str) -> Step {
        let bar = ProgressBar::new_spinner().with_prefix(text.to_owned());
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {wide_msg:.dim}") {
            bar.set_style(style);
        }
        self.begin(text, bar)
    }

    /// Begins something whose progress is known, from 0 to `length`.
    #[must_use]
    pub fn bar(&self, text: &str, length: u64) -> Step {
        let bar = ProgressBar::new(length).with_prefix(text.to_owned());
        let template = "  {spinner} {prefix} [{bar:30}] {percent:>3} % {wide_msg:.dim}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        self.begin(text, bar)
    }

    fn begin(&self, text: &str, bar: ProgressBar) -> Step {
        let bar = self.bars.add(bar);
        if self.animated {
            bar.enable_steady_tick(Duration::from_millis(100));
        } else {
            self.line(format!("  … {text}"));
        }
        Step { console: self.clone(), bar, text: text.to_owned(), begun: Instant::now() }
    }
}

/// Something under way. Dropped unfinished, it vanishes.
#[derive(Debug)]
pub struct Step {
    console: Console,
    bar: ProgressBar,
    text: String,
    begun: Instant,
}

impl Step {
    /// Says what happens right now.
    pub fn note(&self, text: &str) {
        self.bar.set_message(text.trim().to_owned());
    }

    /// Moves the bar.
    pub fn at(&self, position: u64, length: u64) {
        self.bar.set_length(length);
        self.bar.set_position(position);
    }

    /// It is done.
    pub fn done(self, text: &str) {
        self.bar.finish_and_clear();
        let took = self.begun.elapsed().as_secs_f32();
        let text = if text.is_empty() { &self.text } else { text };
        self.console.line(format!("  ✓ {text} ({took:.1} s)"));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
