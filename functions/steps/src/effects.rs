//! Performs effects: each a call or a few reads, whose end goes back into the state machine.
//!
//! A creating call is sent once; whether to repeat it is the state machine's to say.

use crate::config::Config;
use crate::{finder, lines, report, scout};
use domain::ids::{NumberId, Stamp, TelnyxOrderId, VapiNumberId};
use domain::outcome::{Missing, NoReason, Outcome, Refusal};
use domain::phone::E164;
use domain::telnyx::OrderStatus;
use domain::vapi::VapiNumber;
use domain::work::{Allowance, Effect, FoundOrder, Input, OrderCheck};
use exchange::reading::done;
use planted::planted;
use runtime::providers::CallPolicy;
use runtime::{Deps, World};
use store::StoreError;
use vapi::Line;

/// Calls a provider whose client may not be had.
macro_rules! call {
    ($client:expr, $method:ident($($argument:expr),*)) => {
        match $client {
            Ok(client) => client.$method($($argument),*).await,
            Err(not_reached) => not_reached.outcome(),
        }
    };
}
pub(crate) use call;

/// Performs one effect.
pub(crate) async fn perform<W: World>(
    deps: &Deps<W>,
    config: &Config,
    policy: CallPolicy,
    effect: Effect,
) -> Input {
    let name = effect.name();
    let begun = deps.now();
    let input = performed(deps, config, policy, effect).await;
    let millis = u64::try_from(deps.now().since(begun).as_millis()).unwrap_or(u64::MAX);
    tracing::info!(effect = name, duration_ms = millis, "performed");
    input
}

async fn performed<W: World>(
    deps: &Deps<W>,
    config: &Config,
    policy: CallPolicy,
    effect: Effect,
) -> Input {
    macro_rules! vapi {
        ($($call:tt)*) => { call!(deps.vapi_client(policy).await, $($call)*) };
    }
    macro_rules! telnyx {
        ($($call:tt)*) => { call!(deps.telnyx_client(policy).await, $($call)*) };
    }
    match effect {
        Effect::CreateAssistant(spec) => Input::AssistantCreated(vapi!(create_assistant(&spec))),
        Effect::FindAssistant { stamp, created_after } => {
            Input::AssistantFound(vapi!(find_assistant(&stamp, created_after)))
        }
        Effect::SearchPool(search) => {
            Input::PoolSearched(read(deps.store.search_pool(&search).await, "pool"))
        }
        Effect::ReadRow(id) => Input::RowRead(read(deps.store.number(id).await, "number")),
        Effect::ReadAllowance => Input::AllowanceRead(allowance(deps, config).await),
        Effect::CreateFree(spec) => Input::FreeCreated(vapi!(create_free_number(&spec))),
        Effect::FindFree { stamp } => Input::FreeFound(vapi!(find_number(&stamp))),
        Effect::ReadNumber(id) => Input::NumberRead(vapi!(read_number(&id))),
        Effect::Scout(scouting) => Input::Scouted(scout::scout(deps, policy, &scouting).await),
        Effect::FindNumber { digits } => {
            Input::NumberFound(finder::find(deps, policy, &digits).await)
        }
        Effect::Adopt { vapi: id, provider, stamp } => {
            let line = Line { id: &id, provider, linked_elsewhere: false };
            Input::Adopted(vapi!(adopt(line, &stamp)))
        }
        Effect::PlaceOrder(spec) => Input::OrderPlaced(telnyx!(place_order(&spec))),
        Effect::FindOrder { stamp, digits } => {
            Input::OrderFound(find_order(deps, policy, &stamp, &digits).await)
        }
        Effect::CheckOrder { order, digits } => {
            Input::OrderChecked(check_order(deps, policy, &order, &digits).await)
        }
        Effect::Import(spec) => Input::Imported(vapi!(import_telnyx_number(&spec))),
        Effect::FindImport { stamp, digits } => {
            Input::ImportFound(find_import(deps, policy, &stamp, &digits).await)
        }
        Effect::ReadLine { vapi, telnyx } => {
            Input::LineRead(lines::read(deps, policy, &vapi, telnyx.as_ref()).await)
        }
        Effect::Link { vapi: id, provider, elsewhere: linked_elsewhere, assistant } => {
            let line = Line { id: &id, provider, linked_elsewhere };
            Input::Linked(vapi!(link(line, &assistant)))
        }
        Effect::Unlink { vapi: id, provider, elsewhere: linked_elsewhere } => {
            let line = Line { id: &id, provider, linked_elsewhere };
            Input::Unlinked(vapi!(unlink(line)))
        }
        Effect::ReadCalls { vapi: id, number } => {
            Input::CallsRead(calls(deps, policy, &id, number).await)
        }
        Effect::RemoveRecord(id) => Input::RecordRemoved(vapi!(delete_number(&id))),
        Effect::ReadOwned(id) => Input::OwnedRead(telnyx!(read_owned(&id))),
        Effect::RemoveOwned(id) => Input::OwnedRemoved(telnyx!(delete_number(&id))),
        Effect::Route { telnyx: id, connection } => Input::Routed(telnyx!(route(&id, &connection))),
    }
}

/// What the table says; one that does not answer is asked again later.
pub(crate) fn read<T>(answer: Result<T, StoreError>, what: &str) -> Outcome<T, NoReason> {
    match answer {
        Ok(found) => Outcome::Done(found),
        Err(error) => {
            tracing::warn!(%error, what, "the table cannot be read");
            Outcome::Transient { retry_after: None }
        }
    }
}

/// Whether a number was ever called: by our own record, or VAPI's.
async fn calls<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    id: &VapiNumberId,
    number: NumberId,
) -> Outcome<bool, NoReason> {
    match done(read(deps.store.was_called(number).await, "calls")) {
        Ok(false) => call!(deps.vapi_client(policy).await, was_called(id)),
        Ok(true) => Outcome::Done(true),
        Err(end) => end,
    }
}

/// The allowance; a table that does not answer is asked again later.
async fn allowance<W: World>(deps: &Deps<W>, config: &Config) -> Outcome<Allowance, NoReason> {
    read(deps.store.allowance().await, "allowance").map(|allowance| {
        report::allowance(deps, allowance.taken.len(), config.limits.free_numbers);
        allowance
    })
}

/// By digits first: an unusable free number of the same attempt bears the same stamp. By the stamp
/// then, for a record whose digits do not show.
async fn find_import<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    stamp: &Stamp,
    digits: &E164,
) -> Outcome<Option<VapiNumber>, NoReason> {
    let vapi = match deps.vapi_client(policy).await {
        Ok(vapi) => vapi,
        Err(not_reached) => return not_reached.outcome(),
    };
    match done(vapi.find_number_by_digits(digits).await) {
        Ok(None) => vapi.find_number(stamp).await,
        Ok(found @ Some(_)) => Outcome::Done(found),
        Err(end) => end,
    }
}

/// The orders with our stamp first; then the number itself, in case only it shows.
async fn find_order<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    stamp: &Stamp,
    digits: &E164,
) -> Outcome<FoundOrder, NoReason> {
    let telnyx = match deps.telnyx_client(policy).await {
        Ok(telnyx) => telnyx,
        Err(not_reached) => return not_reached.outcome(),
    };
    match done(telnyx.find_order(stamp, digits).await) {
        Ok(Some(order)) => return Outcome::Done(FoundOrder::Order(order)),
        Ok(None) => {}
        Err(end) => return end,
    }
    match done(telnyx.find_owned(digits).await) {
        Ok(None) => Outcome::Done(FoundOrder::Nothing),
        Ok(Some(owned)) => match owned.reference.as_deref() {
            Some(reference) if reference == stamp.as_str() || planted!(OthersNumberAdopted) => {
                Outcome::Done(FoundOrder::Owned(owned))
            }
            Some(_another) => Outcome::Done(FoundOrder::Nothing),
            // The account has the very number we ordered, and nothing says by whose doing: neither
            // ours nor absent. A person decides.
            None => Outcome::Refused(Refusal::Request("owned without a reference".to_owned())),
        },
        Err(end) => end,
    }
}

/// The order and, once it succeeded, the number: it may show later than its order.
async fn check_order<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    order: &TelnyxOrderId,
    digits: &E164,
) -> Outcome<OrderCheck, Missing> {
    let telnyx = match deps.telnyx_client(policy).await {
        Ok(telnyx) => telnyx,
        Err(not_reached) => return not_reached.outcome(),
    };
    let order = match done(telnyx.read_order(order).await) {
        Ok(order) => order,
        Err(end) => return end,
    };
    if order.status != OrderStatus::Success {
        return Outcome::Done(OrderCheck { order, owned: None });
    }
    // A number that cannot be found just now is one that does not show yet.
    let owned = done::<_, (), _>(telnyx.find_owned(digits).await).ok().flatten();
    Outcome::Done(OrderCheck { order, owned })
}
