//! Looking around at Telnyx before an order: VAPI's credential, the application, the offers.

use domain::ids::{ConnectionId, CredentialId};
use domain::outcome::{Missing, Outcome, Refusal};
use domain::request::{Match, Wanted};
use domain::source::Passed;
use domain::telnyx::{Application, Offer, Search, SearchRefusal};
use domain::vapi::{TelnyxCredential, only_credential};
use domain::work::{Scouted, Scouting};
use exchange::reading::done;
use runtime::providers::{CallPolicy, Telnyx, Vapi};
use runtime::{Deps, World};

/// Offers asked for: enough that many orders at once rarely want the same one.
const OFFERS: u8 = 40;
/// Alternatives named when a picked number is gone.
const ALTERNATIVES: u8 = 5;

/// How a part of a look-around ends that ends it all; `T` is what the whole would have found.
type Ended<T = Scouted> = Outcome<T, Passed>;

/// Finds the credential, the application and numbers for sale.
pub(crate) async fn scout<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    scouting: &Scouting,
) -> Ended {
    match look_around(deps, policy, scouting).await {
        Ok(scouted) => Outcome::Done(scouted),
        Err(ended) => ended,
    }
}

async fn look_around<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    scouting: &Scouting,
) -> Result<Scouted, Ended> {
    let telnyx = deps.telnyx_client(policy).await.map_err(|error| error.outcome())?;
    let vapi = deps.vapi_client(policy).await.map_err(|error| error.outcome())?;
    let offers = offers(&telnyx, &scouting.wanted).await?;
    let (credential, connection) = routing(deps, &vapi, &telnyx).await?;
    Ok(Scouted { credential, connection, offers })
}

/// VAPI's credential for the Telnyx account, and the application numbers should be routed to, where
/// one can be found.
pub(crate) async fn routing<W: World, T>(
    deps: &Deps<W>,
    vapi: &Vapi<'_, W>,
    telnyx: &Telnyx<'_, W>,
) -> Result<(CredentialId, Option<ConnectionId>), Ended<T>> {
    let credential = credential(deps, vapi).await?;
    let connection = match credential.application {
        Some(application) => match deps.application_answers(telnyx, &application).await {
            Outcome::Done(true) => Some(application),
            // A stale application: calls routed there would ring out.
            Outcome::Done(false) => any_application(telnyx).await,
            Outcome::Transient { retry_after } => {
                return Err(Outcome::Transient { retry_after });
            }
            Outcome::Refused(_) | Outcome::Unknown => None,
        },
        None => any_application(telnyx).await,
    };
    Ok((credential.id, connection))
}

/// The application numbers should be routed to, where one can be found.
pub(crate) async fn application<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    telnyx: &Telnyx<'_, W>,
) -> Option<ConnectionId> {
    if let Ok(vapi) = deps.vapi_client(policy).await
        && let Ok(TelnyxCredential { application: Some(application), .. }) =
            credential::<W, Scouted>(deps, &vapi).await
        && deps.application_answers(telnyx, &application).await == Outcome::Done(true)
    {
        return Some(application);
    }
    any_application(telnyx).await
}

/// Any application of the account that is active and calls VAPI.
async fn any_application<W: World>(telnyx: &Telnyx<'_, W>) -> Option<ConnectionId> {
    let found = done::<_, (), _>(telnyx.find_vapi_application().await).ok().flatten();
    found.map(|application: Application| application.id)
}

/// VAPI's credential for the Telnyx account: the one the setting names, or the only one.
async fn credential<W: World, T>(
    deps: &Deps<W>,
    vapi: &Vapi<'_, W>,
) -> Result<TelnyxCredential, Ended<T>> {
    match &deps.providers.vapi_telnyx_credential_id {
        Some(id) => named_credential(vapi, id).await,
        None => found_credential(vapi).await,
    }
}

async fn named_credential<W: World, T>(
    vapi: &Vapi<'_, W>,
    id: &CredentialId,
) -> Result<TelnyxCredential, Ended<T>> {
    match vapi.read_credential(id).await {
        Outcome::Done(credential) => Ok(credential),
        // A key that may not read credentials may still import with one.
        Outcome::Refused(Refusal::Key) => {
            Ok(TelnyxCredential { id: id.clone(), application: None })
        }
        Outcome::Refused(refusal) => {
            Err(Outcome::Refused(because(refusal, |missing| match missing {
                Missing::NotFound => Passed::CredentialMissing,
            })))
        }
        Outcome::Transient { retry_after } => Err(Outcome::Transient { retry_after }),
        Outcome::Unknown => Err(Outcome::Transient { retry_after: None }),
    }
}

async fn found_credential<W: World, T>(vapi: &Vapi<'_, W>) -> Result<TelnyxCredential, Ended<T>> {
    match vapi.list_telnyx_credentials().await {
        Outcome::Done(all) => {
            only_credential(all).map_err(|passed| Outcome::Refused(Refusal::Because(passed)))
        }
        Outcome::Refused(Refusal::Key) => {
            Err(Outcome::Refused(Refusal::Because(Passed::CredentialsUnreadable)))
        }
        Outcome::Refused(refusal) => {
            Err(Outcome::Refused(because(refusal, |never| match never {})))
        }
        Outcome::Transient { retry_after } => Err(Outcome::Transient { retry_after }),
        Outcome::Unknown => Err(Outcome::Transient { retry_after: None }),
    }
}

/// Numbers for sale. With a picked number: that one, or what could be had in its place.
async fn offers<W: World>(telnyx: &Telnyx<'_, W>, wanted: &Wanted) -> Result<Vec<Offer>, Ended> {
    let no_stock: Ended = Outcome::Refused(Refusal::Because(Passed::NoStock));
    let Some(picked) = &wanted.picked else {
        let found = search(telnyx, of(wanted, OFFERS)).await;
        let elsewhere = wanted.matching == Match::Any && wanted.area_code.is_some();
        if elsewhere && found.as_ref().is_err_and(|ended| *ended == no_stock) {
            let anywhere = Wanted { area_code: None, ..wanted.clone() };
            return search(telnyx, of(&anywhere, OFFERS)).await;
        }
        return found;
    };
    let exactly = Search { exactly: Some(picked.clone()), ..of(wanted, ALTERNATIVES) };
    let found = search(telnyx, exactly).await;
    if found.as_ref().is_err_and(|ended| *ended == no_stock) {
        let area_code = wanted.area_code.clone().or_else(|| picked.area_code());
        let near = Wanted { area_code, picked: None, ..wanted.clone() };
        return search(telnyx, of(&near, ALTERNATIVES)).await;
    }
    found
}

fn of(wanted: &Wanted, limit: u8) -> Search {
    Search { wanted: wanted.clone(), contains: None, exactly: None, limit }
}

async fn search<W: World>(telnyx: &Telnyx<'_, W>, search: Search) -> Result<Vec<Offer>, Ended> {
    match telnyx.search(&search).await {
        Outcome::Done(offers) => Ok(offers),
        Outcome::Refused(refusal) => {
            Err(Outcome::Refused(because(refusal, |refusal| match refusal {
                SearchRefusal::NoStock => Passed::NoStock,
            })))
        }
        Outcome::Transient { retry_after } => Err(Outcome::Transient { retry_after }),
        Outcome::Unknown => Err(Outcome::Transient { retry_after: None }),
    }
}

/// The same refusal with its reason said as why the source is passed over.
pub(crate) fn because<R>(refusal: Refusal<R>, say: impl FnOnce(R) -> Passed) -> Refusal<Passed> {
    match refusal {
        Refusal::NotConfigured => Refusal::NotConfigured,
        Refusal::Key => Refusal::Key,
        Refusal::Request(text) => Refusal::Request(text),
        Refusal::Because(reason) => Refusal::Because(say(reason)),
    }
}
