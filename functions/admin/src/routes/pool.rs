//! `GET /api/admin/phone-pool`: the free allowance, the numbers by class, and what waits or is
//! stuck.

use crate::{Request, figures};
use api::view::{Viewer, work};
use api::{Answer, Problem, setup};
use domain::allowance::{Use, Warning, Warnings};
use domain::figures::Status;
use domain::time::Timestamp;
use runtime::World;
use runtime::metrics::Unit;
use serde_json::{Map, Value, json};

/// Provisionings shown of each state; the list of provisionings has all of them.
const SHOWN: u16 = 25;
/// What is shown of each of them.
const FIELDS: [&str; 10] = [
    "provisioning_id",
    "organization_id",
    "business_id",
    "state",
    "step",
    "message",
    "problem",
    "number_id",
    "created_at",
    "next_check_at",
];

pub(crate) async fn show<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (deps, limit) = (request.deps, request.config.free_numbers);
    let free = deps.store.free_numbers().await?;
    let unused = |status| matches!(status, Some(Status::Available | Status::Suspended));
    let unassigned = free.numbers.iter().filter(|number| unused(Status::of(&number.state)));
    let unassigned = u16::try_from(unassigned.count()).unwrap_or(u16::MAX);
    let used = Use { used: free.used, limit };
    deps.metrics.put(deps.now(), "AllowanceUsedPercent", used.percent(), Unit::Percent, None);
    let figures = figures::read(request).await?;
    let waiting = works(request, "waiting").await?;
    let mut stuck = works(request, "needs_person").await?;
    stuck.extend(works(request, "ready_degraded").await?);
    let body = json!({
        "success": true,
        "total": used.used,
        "limit": limit,
        "assigned": used.used.saturating_sub(unassigned),
        "unassigned": unassigned,
        "remaining": used.remaining(),
        "percent_used": used.percent(),
        "warning": used.warning(Warnings::DEFAULT).map(|warning| told(warning, used)),
        "closed_until": free.closed_until.filter(|until| *until > deps.now()).map(Timestamp::rfc3339),
        "by_class": figures::classes(figures.as_ref()),
        "statistics": figures::statistics(figures.as_ref()),
        "waiting": waiting,
        "stuck": stuck,
    });
    Ok(Answer::json(200, body))
}

/// The newest provisionings in a state.
async fn works<W: World>(request: &Request<'_, W>, state: &str) -> Result<Vec<Value>, Problem> {
    let (rows, _more) = request.deps.store.works_in(state, SHOWN, None).await?;
    let (now, watch) = (request.deps.now(), request.edge.digits_watch);
    let short = |row| {
        let whole = work(row, Viewer::Operator, now, watch);
        let field = |name: &str| Some((name.to_owned(), whole.get(name)?.clone()));
        Value::Object(FIELDS.iter().filter_map(|name| field(name)).collect::<Map<_, _>>())
    };
    Ok(rows.iter().map(short).collect())
}

/// A warning, with what an operator can do about it and where.
fn told(warning: Warning, used: Use) -> Value {
    let Use { used: taken, limit } = used;
    let text = match warning {
        Warning::Low => format!("{taken} of {limit} free numbers are used"),
        Warning::UsedUp => format!("the free numbers are used up: {taken} of {limit}"),
    };
    json!({
        "level": warning.as_str(),
        "detail": format!("{text}, {} remain", used.remaining()),
        "next_steps": [
            "raise FreeNumberLimit if the plan at VAPI allows more free numbers",
            "put an API key into the Telnyx secret, so that numbers are bought",
            "give an organization its own Twilio account: PUT /api/admin/organizations/{id}",
        ],
        "links": setup::LINKS,
    })
}
