//! `cargo local`.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::command::run()
}
