//! `cargo run -p bench --bin claim`: what one claim from the pool costs the table, whatever the
//! number of free numbers.
//!
//! The claim is the product's own: its core decides, its store writes, and DynamoDB Local tells the
//! capacity units. Prints figures; it is no test. Deliberately not measured: time, which on one
//! machine says nothing of the real table's.

mod load;
mod meter;

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, bail};
use aws_sdk_dynamodb::Client;
use clap::Parser;
use dynamodb_local::DynamoDbLocal;
use meter::{Meter, Operation, Used};
use races::{Engine, Prize, Site, claimer, mend};

/// Prints how many requests and capacity units one claim from the pool takes.
#[derive(Debug, Parser)]
#[command(name = "claim")]
struct Flags {
    /// How many free numbers the pool has, one pool after another.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_values_t = [10, 1_000, 100_000])]
    pools: Vec<usize>,
}

/// Where a search begins: the first point of the pool, with all numbers behind it, or the last,
/// from which it has to go around.
const POINTS: [(&str, u64); 2] = [("straight on", 0), ("around the end", u64::MAX)];

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    let Some(local) = DynamoDbLocal::start_if_possible()? else {
        bail!("there is nothing to measure with");
    };
    println!("One claim: search, read, and the transaction that takes the number. Capacity units");
    println!("as DynamoDB Local tells them.\n");
    println!("   numbers  search            requests  query   read  write    all");
    races::on_threads(async {
        for numbers in flags.pools {
            // In a box: the claim's own future is as deep as the product's.
            Box::pin(of_pool(&local, numbers)).await?;
        }
        Ok(())
    })
}

async fn of_pool(local: &DynamoDbLocal, numbers: usize) -> anyhow::Result<()> {
    let name = format!("claim-{numbers}");
    local.create_table(&name).await?;
    load::pool(&local.client(), &name, numbers).await?;
    let meter = Meter::default();
    let client = Client::from_conf(local.config().interceptor(meter.clone()).build());
    let site = Arc::new(Site::new(Engine::dynamo(&client, &name), &[]));
    let mut claimer = claimer(&site, "business", "pool").await;
    for (search, point) in POINTS {
        claimer.begin_at(point);
        meter.take();
        let claim = claimer.claims(&site).await;
        print(numbers, search, &meter.take())?;
        let Some(prize @ Prize::Number(_)) = claim.prize else { bail!("nothing was claimed") };
        claimer.gives_back(&site, prize).await;
        mend(&site, [prize]).await;
    }
    Ok(())
}

fn print(numbers: usize, search: &str, used: &Used) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "{numbers:>10}  {search:<16}{:>10}", used.requests)?;
    let mut all = 0;
    for operation in [Operation::Query, Operation::Read, Operation::Transaction] {
        let tenths = used.units.get(&operation).context("no capacity was told")?;
        all += tenths;
        write!(out, "{:>7}", shown(*tenths))?;
    }
    writeln!(out, "{:>7}", shown(all))?;
    Ok(())
}

fn shown(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
