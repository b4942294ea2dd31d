//! `/api/admin/organizations`: what an organization has set for itself, and its own credentials.
//!
//! Credentials and settings are two stores. The row goes first, with a mark that a change of the
//! secret has begun; then the secret; then the mark goes. Whoever dies in between leaves the mark,
//! and the same change made again ends it. Until then the row decides: a secret that names another
//! account than the row is not used.

use crate::{Request, settings, view};
use api::{Answer, Problem, body, page};
use domain::allowance::Use;
use domain::history::Line;
use domain::ids::{OrganizationId, TwilioAccountSid};
use domain::tenant::{Changed, Organization, SecretStep};
use runtime::secrets::twilio_secret_id;
use runtime::telemetry::chain;
use runtime::{SecretKeeper as _, World};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::table::Cursor;
use store::{Marks, OrganizationRow, Put, Written, keys};

/// The name of the list in its cursors.
const LIST: &str = "organizations";
/// Organizations of a page at most: two ledgers are read of each.
const LIMIT_MAX: u16 = 50;
/// A secret without an account, which counts as not configured.
const EMPTY_SECRET: &str = "{}";

pub(crate) async fn list<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let query = &request.call.query;
    let limit = page::limit(query)?.min(LIMIT_MAX);
    let after = page::cursor(query, LIST, is_place)?;
    let store = &request.deps.store;
    let (rows, next) = store.organizations(limit, after).await?;
    let ids: Vec<&OrganizationId> = rows.iter().map(|row| &row.organization.id).collect();
    let spent = store.spent(&ids, request.deps.now()).await?;
    let organizations: Vec<Value> =
        rows.iter().zip(&spent).map(|(row, spent)| view::summary(row, Some(spent))).collect();
    let body = json!({
        "success": true,
        "organizations": organizations,
        "next_cursor": next.as_ref().map(|cursor| page::encode(LIST, cursor)),
    });
    Ok(Answer::json(200, body))
}

fn is_place(cursor: &Cursor) -> bool {
    let id = cursor.index_sort.as_ref().and_then(|sort| sort.parse().ok());
    id.is_some_and(|id| keys::organization(&id) == cursor.key)
}

pub(crate) async fn one<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let row = request.deps.store.organization(&parsed(id)?).await?;
    shown(request, &row.ok_or(Problem::NoSuchOrganization)?).await
}

fn parsed(id: &str) -> Result<OrganizationId, Problem> {
    id.parse().map_err(|_no_id| Problem::NoSuchOrganization)
}

async fn shown<W: World>(
    request: &Request<'_, W>,
    row: &OrganizationRow,
) -> Result<Answer, Problem> {
    let (store, now) = (&request.deps.store, request.deps.now());
    let spent = store.spent(&[&row.organization.id], now).await?;
    let taken = store.allowance().await?.taken.len();
    let used =
        Use { used: u16::try_from(taken).unwrap_or(u16::MAX), limit: request.config.free_numbers };
    let organization = view::organization(row, spent.first(), used, request.config, now);
    let body = json!({ "success": true, "organization": organization });
    Ok(Answer::json(200, body).with("etag", format!("\"{}\"", row.version)))
}

/// Changes the settings somebody has seen; of two who have seen the same one is refused.
pub(crate) async fn put<W: World<Secrets: runtime::SecretKeeper>>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    let id = parsed(id)?;
    let object = body::object(&request.call.body)?;
    let row = request.deps.store.organization(&id).await?;
    let seen = seen(request, row.as_ref())?;
    let current = row.map_or_else(|| Organization::new(id), |row| row.organization);
    let wish = settings::read(&object, &current)?;
    let had = current.twilio.as_ref().map(|account| account.account_sid.clone());
    let changed = wish
        .change
        .of(current, request.deps.now())
        .map_err(|_being_changed| Problem::CredentialsBeingChanged)?;
    let has = changed.organization.twilio.as_ref().map(|account| &account.account_sid);
    if let Some(left) = had.filter(|had| Some(had) != has)
        && request.deps.store.has_twilio_numbers(&left).await?
    {
        return Err(Problem::TwilioAccountInUse);
    }
    let marks = request.deps.marks();
    let row = begin(request, &changed, seen, &marks).await?;
    let names = changed.names.join(", ");
    tracing::info!(organization = %row.organization.id, version = row.version, names, "settings changed");
    let secret = match changed.secret {
        SecretStep::None => return shown(request, &row).await,
        SecretStep::Write => wish.secret.unwrap_or_else(|| EMPTY_SECRET.into()),
        SecretStep::Empty => EMPTY_SECRET.into(),
    };
    let row = end(request, row, &secret, &marks).await?;
    shown(request, &row).await
}

/// The version that the caller has seen, which must be the one that is there.
fn seen<W: World>(
    request: &Request<'_, W>,
    row: Option<&OrganizationRow>,
) -> Result<Option<u64>, Problem> {
    match (request.call.header("if-match"), row) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Problem::VersionRequired),
        (Some(_), None) => Err(Problem::VersionOutdated),
        (Some(said), Some(row)) => {
            let said = said.trim().trim_start_matches("W/").trim_matches('"').parse();
            if said == Ok(row.version) {
                Ok(Some(row.version))
            } else {
                Err(Problem::VersionOutdated)
            }
        }
    }
}

/// Writes the row, with the mark where the secret is to follow.
async fn begin<W: World>(
    request: &Request<'_, W>,
    changed: &Changed,
    seen: Option<u64>,
    marks: &Marks,
) -> Result<OrganizationRow, Problem> {
    let told = Line {
        organization: Some(changed.organization.id.clone()),
        by: Some(request.caller.sub.clone()),
        changed: changed.names.iter().map(|name| (*name).to_owned()).collect(),
        ..Line::default()
    };
    let (organization, takes) = (&changed.organization, changed.takes.as_ref());
    let put = Put { organization, seen, takes, frees: &[], told: Some(&told) };
    write(request, &put, marks).await
}

/// Writes the secret, and takes the mark off the row.
async fn end<W: World<Secrets: runtime::SecretKeeper>>(
    request: &Request<'_, W>,
    row: OrganizationRow,
    secret: &SecretString,
    marks: &Marks,
) -> Result<OrganizationRow, Problem> {
    let OrganizationRow { organization, version } = row;
    let id = twilio_secret_id(&request.config.secrets_prefix, &organization.id);
    if let Err(error) = request.deps.secret_source.keep(&id, secret).await {
        tracing::error!(organization = %organization.id, error = %chain(&error), "credentials not stored");
        return Err(Problem::SecretStoreUnavailable);
    }
    let (settled, frees) = organization.settled();
    let frees: &[TwilioAccountSid] = &frees;
    let put = Put { organization: &settled, seen: Some(version), takes: None, frees, told: None };
    write(request, &put, marks).await
}

async fn write<W: World>(
    request: &Request<'_, W>,
    put: &Put<'_>,
    marks: &Marks,
) -> Result<OrganizationRow, Problem> {
    match request.deps.store.put_organization(put, request.deps.now(), marks).await? {
        Written::Written(version) => {
            Ok(OrganizationRow { organization: put.organization.clone(), version })
        }
        Written::Outdated => Err(Problem::VersionOutdated),
        Written::AccountTaken => Err(Problem::TwilioAccountTaken),
    }
}
