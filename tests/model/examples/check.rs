//! Checks the models: all of them, or those whose name contains the argument.
//!
//! `--small`: with little that may go wrong. `--lag=<seconds>`: what was created may remain unseen
//! for so long, also longer than the product allows for.

use model::Options;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = Options {
        only: arguments.iter().find(|argument| !argument.starts_with("--")).cloned(),
        threads: 2,
        lag: arguments
            .iter()
            .find_map(|argument| argument.strip_prefix("--lag="))
            .map(|seconds| std::time::Duration::from_secs(seconds.parse().expect("seconds"))),
        small: arguments.iter().any(|argument| argument == "--small"),
        ..Options::default()
    };
    let report = model::run(&options);
    for model in &report.models {
        println!(
            "{}: {} unique states, {} in all, depth {}, {:.1} s",
            model.name, model.unique_states, model.total_states, model.depth, model.seconds
        );
        for property in &model.properties {
            println!("    {:?}: {}", property.found, property.name);
            for action in &property.path {
                println!("        {action}");
            }
        }
    }
    println!(
        "model: {} unique states, {} in all, {:.1} s",
        report.unique_states, report.total_states, report.seconds
    );
    if !report.is_good() {
        std::process::exit(1);
    }
}
