//! Refills the pool: starts works that make numbers where fewer are there, or on their way, than
//! are to be.

use crate::Config;
use domain::ids::{OrganizationId, WorkId};
use domain::number::PoolClass;
use domain::request::Wanted;
use domain::source::Source;
use domain::stock::{Refill, Stocking, sources};
use domain::tenant::source_order;
use domain::time::Timestamp;
use domain::work::{Phase, Work};
use planted::planted;
use runtime::telemetry::chain;
use runtime::{Deadline, Deps, Message, World};
use std::time::Duration;
use store::{StartRefill, Started, StoreError, WorkRow};

/// Numbers made by one refill: what a wrong setting costs until somebody sees it.
const MADE_MAX: u16 = 10;
/// How long nothing is made after a number could not be: neither stock nor money comes by the hour.
const FAILED_RESTS: Duration = Duration::from_secs(6 * 3600);
/// What of the invocation must be left: five requests to the table of up to eight seconds.
const REFILL_NEEDS: Duration = Duration::from_secs(40);

/// Starts what is missing; how many numbers are being made from now on.
pub(crate) async fn refill<W: World>(
    deps: &Deps<W>,
    config: &Config,
    deadline: Deadline,
) -> Result<u64, ()> {
    if config.pool_target == 0 || !deadline.allows(REFILL_NEEDS, deps.now()) {
        return Ok(0);
    }
    let made = started(deps, config).await;
    made.map_err(|error| tracing::error!(error = %chain(&error), "pool not refilled"))
}

async fn started<W: World>(deps: &Deps<W>, config: &Config) -> Result<u64, StoreError> {
    let (store, now) = (&deps.store, deps.now());
    // The works before the pool: one that parks its number meanwhile is counted twice, and never
    // not at all.
    let was = store.refill().await?;
    let begun = was.as_ref().map(|refill| refill.works.as_slice()).unwrap_or_default();
    let begun = store.works(begun).await?;
    if begun.iter().any(|row| has_failed(&row.work, now)) {
        tracing::warn!("a number for the pool could not be had; none is made for a while");
        return Ok(0);
    }
    let wanted = Wanted::default();
    let class = PoolClass { country: wanted.country, number_type: wanted.number_type, only: None };
    let pooled = store.pooled(&class, config.pool_target).await?;
    let under_way: Vec<WorkId> = begun.iter().filter(is_under_way).map(|row| row.work.id).collect();
    let counted = if planted!(RefillForgetsUnderWay) { 0 } else { under_way.len() };
    let there = u16::try_from(pooled.saturating_add(counted)).unwrap_or(u16::MAX);
    let missing = config.pool_target.saturating_sub(there).min(MADE_MAX);
    if missing == 0 {
        return Ok(0);
    }
    let Some((stocking, new_organization)) = stocking(deps, config, wanted).await? else {
        return Ok(0);
    };
    let make = || stocking.make(WorkId::new(deps.fresh()), now);
    let works: Vec<Work> = (0..missing).map(|_number| make()).collect();
    let ids = under_way.into_iter().chain(works.iter().map(|work| work.id)).collect();
    let becomes = Refill { works: ids };
    let (was, becomes) = (was.as_ref(), &becomes);
    let start = StartRefill { was, becomes, works: &works, new_organization };
    if store.start_refill(&start, &deps.marks()).await? == Started::Overtaken {
        return Ok(0);
    }
    tracing::info!(count = works.len(), there, "the pool is refilled");
    for work in &works {
        deps.send(&Message::work(work.id, now), Duration::ZERO).await;
    }
    Ok(missing.into())
}

/// Whether it may still bring a number: what waits for a person may as well.
fn is_under_way(row: &&WorkRow) -> bool {
    !row.work.phase.is_over()
}

fn has_failed(work: &Work, now: Timestamp) -> bool {
    matches!(work.phase, Phase::Failed { .. }) && now < work.entered_at.after(FAILED_RESTS)
}

/// What the works have in common, and whether who pays is new here; `None` where no source can make
/// such numbers, or nobody ever asked for one.
async fn stocking<W: World>(
    deps: &Deps<W>,
    config: &Config,
    wanted: Wanted,
) -> Result<Option<(Stocking, bool)>, StoreError> {
    let organization = OrganizationId::platform();
    let settings = deps.store.organization(&organization).await?.map(|row| row.organization);
    let sources = sources(&source_order(settings.as_ref(), &config.sources), &organization);
    if !Source::any_suits(&sources, &wanted) {
        tracing::error!("no source can make numbers for the pool");
        return Ok(None);
    }
    let deployment = match deps.store.deployment().await? {
        Some(deployment) => deployment,
        None => deps.store.make_deployment(deps.fresh(), &deps.marks()).await?,
    };
    let caps = settings.as_ref().map_or(config.caps, |own| own.caps(config.caps));
    let stocking = Stocking { deployment, organization, caps, wanted, sources };
    Ok(Some((stocking, settings.is_none())))
}
