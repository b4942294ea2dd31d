//! What is done at Twilio: looking around in an account, buying, finding again, reading back,
//! routing.

use crate::effects::call;
use crate::scout::because;
use domain::ids::{Stamp, TwilioNumberSid};
use domain::offer::Offer;
use domain::outcome::{Missing, NoReason, Outcome, Refusal};
use domain::phone::E164;
use domain::request::{Match, Wanted};
use domain::source::Passed;
use domain::telnyx::DeleteNumberRefusal;
use domain::twilio::{
    self, BuyRefusal, BuySpec, FormerSettings, Home, OwnedNumber, Owner, OwnersText, Prices,
    Search, SearchRefusal, SettingsChange, VAPI_INBOUND_URLS,
};
use domain::work::{CarrierReading, FoundOrder, Scouted, Scouting, Through};
use exchange::reading::done;
use runtime::providers::CallPolicy;
use runtime::twilio_access::{Twilio, TwilioAccess};
use runtime::{Deps, World};

/// Offers asked for: enough that many purchases at once rarely want the same one.
const OFFERS: u8 = 40;
/// Owned numbers of which it is asked whether a row of ours has them: as many as one read takes.
const OWNED_ASKED: usize = 100;
/// Reads of such rows in one look-around. An account with more candidates, all of them ours
/// already, has its others found later or not at all.
const OWNED_READS_MAX: usize = 20;

/// How a part of the look-around ends that ends it all.
type Ended = Outcome<Scouted, Passed>;

/// Finds numbers the account owns and nobody uses, or else numbers for sale.
pub(crate) async fn scout<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    owner: &Owner,
    scouting: &Scouting,
) -> Ended {
    match look_around(deps, policy, owner, scouting).await {
        Ok(scouted) => Outcome::Done(scouted),
        Err(ended) => ended,
    }
}

async fn look_around<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    owner: &Owner,
    scouting: &Scouting,
) -> Result<Scouted, Ended> {
    let access = deps.twilio_account(owner, policy).await.map_err(|error| error.outcome())?;
    let all = match done(access.client.list_owned().await) {
        Ok(all) => all,
        Err(Outcome::Refused(refusal)) => {
            return Err(Outcome::Refused(because(refusal, |never: NoReason| match never {})));
        }
        Err(Outcome::Transient { retry_after }) => return Err(Outcome::Transient { retry_after }),
        Err(Outcome::Unknown | Outcome::Done(())) => {
            return Err(Outcome::Transient { retry_after: None });
        }
    };
    let owned = free_ones(deps, &access, &all, scouting).await?;
    let through = Through::Twilio { twilio: access.home.clone() };
    if !owned.is_empty() {
        return Ok(Scouted { through, owned, offers: Vec::new() });
    }
    if !access.buys_numbers {
        return Err(Outcome::Refused(Refusal::Because(Passed::BuyingNotAllowed)));
    }
    let found = for_sale(&access.client, &scouting.wanted).await?;
    // To buy what the account has would take it from whoever uses it.
    let had = |offer: &twilio::Offer| all.iter().any(|number| number.digits == offer.digits);
    let prices = deps.providers.twilio_prices;
    let offers = found.into_iter().filter(|offer| !had(offer)).map(|offer| priced(offer, prices));
    Ok(Scouted { through, owned: Vec::new(), offers: offers.collect() })
}

/// Owned numbers that fit and are to be had: those the settings list, and those whose calls nobody
/// takes. None that a row of ours has already.
async fn free_ones<W: World>(
    deps: &Deps<W>,
    access: &TwilioAccess<'_, W>,
    all: &[OwnedNumber],
    scouting: &Scouting,
) -> Result<Vec<OwnedNumber>, Ended> {
    let wanted = |number: &&OwnedNumber| {
        let listed = access.listed.contains(&number.digits);
        let to_be_had = listed || number.is_free_to_import();
        to_be_had && number.fits(&scouting.wanted) && !scouting.taken.contains(&number.digits)
    };
    let candidates: Vec<&OwnedNumber> = all.iter().filter(wanted).collect();
    for some in candidates.chunks(OWNED_ASKED).take(OWNED_READS_MAX) {
        let digits: Vec<E164> = some.iter().map(|number| number.digits.clone()).collect();
        let known = deps.store.digits_known(&digits).await.map_err(|error| {
            tracing::warn!(%error, "it cannot be read which numbers are known");
            Outcome::Transient { retry_after: None }
        })?;
        let free = some.iter().filter(|number| !known.contains(&number.digits));
        let free: Vec<OwnedNumber> = free.map(|number| (*number).clone()).collect();
        if !free.is_empty() {
            return Ok(free);
        }
    }
    Ok(Vec::new())
}

/// Numbers for sale; Twilio knows no wish, so that one for an area is dropped where it has none.
async fn for_sale<W: World>(
    client: &Twilio<'_, W>,
    wanted: &Wanted,
) -> Result<Vec<twilio::Offer>, Ended> {
    let search = |wanted: Wanted| Search { wanted, contains: None, exactly: None, limit: OFFERS };
    let mut found = client.search(&search(wanted.clone())).await;
    let none = Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));
    if found == none && wanted.matching == Match::Any && wanted.area_code.is_some() {
        found = client.search(&search(Wanted { area_code: None, ..wanted.clone() })).await;
    }
    match found {
        Outcome::Done(offers) => Ok(offers),
        Outcome::Refused(refusal) => {
            Err(Outcome::Refused(because(refusal, |reason| match reason {
                SearchRefusal::NoStock => Passed::NoStock,
                SearchRefusal::AddressRequired => Passed::DocumentsRequired,
            })))
        }
        Outcome::Transient { retry_after } => Err(Outcome::Transient { retry_after }),
        Outcome::Unknown => Err(Outcome::Transient { retry_after: None }),
    }
}

/// The offer with its price by the settings: Twilio takes nothing beside the months.
fn priced(offer: twilio::Offer, prices: Prices) -> Offer {
    let monthly = prices.monthly(offer.number_type);
    Offer {
        digits: offer.digits,
        number_type: offer.number_type,
        upfront: monthly.map(|_known| domain::money::Cents::ZERO),
        monthly,
        locality: offer.locality,
        region: offer.region,
    }
}

/// Buys a number, unless the account has it: Twilio takes a purchase of an owned number for a
/// change of its settings.
pub(crate) async fn buy<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    home: &Home,
    spec: &BuySpec,
) -> Outcome<OwnedNumber, BuyRefusal> {
    let client = match deps.twilio_client(home, policy).await {
        Ok(client) => client,
        Err(not_reached) => return not_reached.outcome(),
    };
    match done(client.find_owned(&spec.digits).await) {
        Ok(None) => {}
        Ok(Some(owned)) if owned.is_stamped(&spec.stamp) => return Outcome::Done(owned),
        Ok(Some(_another)) => return Outcome::Refused(Refusal::Because(BuyRefusal::Owned)),
        // Nothing was bought, whatever became of the look.
        Err(Outcome::Transient { retry_after }) => return Outcome::Transient { retry_after },
        Err(Outcome::Refused(refusal)) => {
            return Outcome::Refused(because(refusal, |never: NoReason| match never {}));
        }
        Err(Outcome::Unknown | Outcome::Done(())) => {
            return Outcome::Transient { retry_after: None };
        }
    }
    if !policy.time_is_left(policy.deadline, deps.now()) {
        return Outcome::Transient { retry_after: None };
    }
    client.buy(spec).await
}

/// The purchase with our stamp; a number of the account that nobody stamped is neither ours nor
/// absent.
pub(crate) async fn find_purchase<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    home: &Home,
    stamp: &Stamp,
    digits: &E164,
) -> Outcome<FoundOrder, NoReason> {
    let client = match deps.twilio_client(home, policy).await {
        Ok(client) => client,
        Err(not_reached) => return not_reached.outcome(),
    };
    match done(client.find_bought(stamp, digits).await) {
        Ok(Some(owned)) => return Outcome::Done(FoundOrder::AtTwilio(Box::new(owned))),
        Ok(None) => {}
        Err(end) => return end,
    }
    match done(client.find_owned(digits).await) {
        Ok(None) => Outcome::Done(FoundOrder::Nothing),
        Ok(Some(owned)) => {
            let name = owned.friendly_name.as_ref().map(OwnersText::reveal).unwrap_or_default();
            if name == stamp.as_str() {
                Outcome::Done(FoundOrder::AtTwilio(Box::new(owned)))
            } else if Stamp::parse(name).is_some() {
                // Another attempt has bought it: a purchase of ours would have named it anew.
                Outcome::Done(FoundOrder::Nothing)
            } else {
                // Somebody bought it by hand, or renamed what we bought: a person decides.
                Outcome::Refused(Refusal::Request("owned without a stamp".to_owned()))
            }
        }
        Err(end) => end,
    }
}

/// What Twilio says of a number.
pub(crate) async fn read<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    home: &Home,
    id: &TwilioNumberSid,
) -> CarrierReading {
    const UNREADABLE: CarrierReading = CarrierReading::Unreadable { retry_after: None };
    let Ok(client) = deps.twilio_client(home, policy).await else { return UNREADABLE };
    match client.read_owned(id).await {
        Outcome::Done(number) => CarrierReading::Twilio(Box::new(number)),
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => CarrierReading::Missing,
        Outcome::Transient { retry_after } => CarrierReading::Unreadable { retry_after },
        Outcome::Refused(_) | Outcome::Unknown => UNREADABLE,
    }
}

/// Sends a number's calls to VAPI.
pub(crate) async fn route<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    home: &Home,
    id: &TwilioNumberSid,
) -> Outcome<(), Missing> {
    let url = inbound_url(&deps.providers.vapi_base_url);
    let change = SettingsChange::Route(url);
    call!(deps.twilio_client(home, policy).await, update(id, change)).map(|_number| ())
}

/// Sets a number as it was before its import.
pub(crate) async fn put_back<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    home: &Home,
    id: &TwilioNumberSid,
    former: &FormerSettings,
) -> Outcome<(), Missing> {
    let change = SettingsChange::PutBack(former);
    call!(deps.twilio_client(home, policy).await, update(id, change)).map(|_number| ())
}

/// Gives a number up that we bought.
pub(crate) async fn remove<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    home: &Home,
    id: &TwilioNumberSid,
) -> Outcome<(), DeleteNumberRefusal> {
    let removed = call!(deps.twilio_client(home, policy).await, release(id));
    match done(removed) {
        Ok(()) => Outcome::Done(()),
        Err(Outcome::Refused(refusal)) => {
            Outcome::Refused(because(refusal, |never: NoReason| match never {}))
        }
        Err(Outcome::Transient { retry_after }) => Outcome::Transient { retry_after },
        Err(Outcome::Unknown | Outcome::Done(())) => Outcome::Unknown,
    }
}

/// Where VAPI takes calls from Twilio: in Europe where its API is the European one.
fn inbound_url(vapi_base_url: &str) -> &'static str {
    let [america, europe] = VAPI_INBOUND_URLS;
    if vapi_base_url.contains("//api.eu.") { europe } else { america }
}
