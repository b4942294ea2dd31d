//! Serves the simulators until it is interrupted.

use clap::Parser;
use simulators::server::{ServeOptions, serve, wall_ms};
use simulators::{
    Providers, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN,
    STANDARD_VAPI_KEY,
};

/// Stand-ins for the APIs of VAPI, Telnyx and Twilio on this machine.
#[derive(Debug, Parser)]
struct Flags {
    /// Port of VAPI; 0 for a free one.
    #[arg(long, default_value_t = 4100)]
    vapi_port: u16,
    /// Port of Telnyx; 0 for a free one.
    #[arg(long, default_value_t = 4200)]
    telnyx_port: u16,
    /// Port of Twilio; 0 for a free one.
    #[arg(long, default_value_t = 4300)]
    twilio_port: u16,
    /// Ids and stock come from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where Telnyx reports number orders.
    #[arg(long)]
    telnyx_webhook_url: Option<String>,
    /// Rewrites the beginning of webhook URLs: FROM=TO. May stand more than once.
    #[arg(long, value_parser = rewrite)]
    rewrite: Vec<(String, String)>,
    /// Switches as JSON, in the shape of POST /_sim/options.
    #[arg(long)]
    options: Option<String>,
}

fn rewrite(text: &str) -> Result<(String, String), String> {
    let (from, to) = text.split_once('=').ok_or("write it as FROM=TO")?;
    Ok((from.to_owned(), to.to_owned()))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    let mut providers = Providers::standard(ProvidersOptions::default(), flags.seed, wall_ms());
    if let Some(text) = &flags.options {
        let changes = serde_json::from_str(text)?;
        providers.merge_options(&changes).map_err(anyhow::Error::msg)?;
    }
    providers.rewrites.extend(flags.rewrite);
    providers.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, flags.telnyx_webhook_url.as_deref());
    let public_key = providers.telnyx.account(STANDARD_TELNYX_KEY).map(|one| one.public_key());
    let options = ServeOptions {
        vapi_port: flags.vapi_port,
        telnyx_port: flags.telnyx_port,
        twilio_port: flags.twilio_port,
        ..ServeOptions::default()
    };
    let running = serve(simulators::SharedProviders::new(providers), options).await?;
    println!("VAPI   {}  key {STANDARD_VAPI_KEY}", running.vapi_url);
    println!("Telnyx {}  key {STANDARD_TELNYX_KEY}", running.telnyx_url);
    println!(
        "Twilio {}  account {STANDARD_TWILIO_SID} token {STANDARD_TWILIO_TOKEN}",
        running.twilio_url
    );
    println!("Telnyx public key {}", public_key.unwrap_or_default());
    tokio::signal::ctrl_c().await?;
    running.shutdown();
    Ok(())
}
