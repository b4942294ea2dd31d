//! The invariants of the design, one checker a file, by their numbers.
//!
//! Most are checked after every step in which something they speak of changed; number 3 and the
//! exact figures after everything has settled. Numbers 9 and 12 speak of answers and are checked
//! as answers arrive. From 13 on they are
//! those of the architecture, by its numbers. Number 7 speaks of a sweep; where none follows it is held to what a cancel
//! promises.

pub mod n01_one_holder;
pub mod n01_one_owner;
pub mod n01_others_untouched;
pub mod n02_one_purchase;
pub mod n03_all_accounted;
pub mod n04_free_within_limit;
pub mod n05_asks_are_heard;
pub mod n05_every_work_ends;
pub mod n06_ready_is_true;
pub mod n07_resting_unlinked;
pub mod n08_counted;
pub mod n08_slots_and_ledgers;
pub mod n09_tenants_apart;
pub mod n10_rest_is_kept;
pub mod n10_whom_calls_reach;
pub mod n11_caps_hold;
pub mod n11_refill_within_target;
pub mod n12_same_key_same_work;
pub mod n13_heard_once;
pub mod n20_assistant_as_written;
pub mod n21_frozen_stays;

use crate::mirror::Mirror;
use crate::sky::Sky;
use domain::ids::{Stamp, WorkId};
use exchange::{Method, Request};
use simulators::Provider;
use store::memory::Changed;
use store::table::{Attribute, Item, Value};

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The number of the invariant.
    pub invariant: u8,
    /// What was seen.
    pub what: String,
}

impl Violation {
    /// A violation of this invariant.
    pub fn of(invariant: u8, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

/// What a checker says.
pub type Checked = Result<(), Violation>;

/// What a checker sees.
#[derive(Debug)]
pub struct View<'a> {
    /// What each deployment's table says.
    pub mirrors: &'a [Mirror],
    /// What is so.
    pub sky: &'a Sky,
    /// The time, in milliseconds.
    pub now_ms: i64,
    /// Free numbers each deployment may hold.
    pub free_limit: usize,
    /// Days a number rests.
    pub rest_days: u16,
    /// Numbers the pool is to have.
    pub pool_target: u16,
}

/// A call that changes something at a provider.
#[derive(Debug)]
pub struct Sent {
    /// Who sent it.
    pub deployment: usize,
    /// For which work, where the sender carries just one.
    pub work: Option<WorkId>,
    /// What it asks.
    pub asked: Asked,
}

/// What a call to a provider asks to be changed.
#[derive(Debug)]
pub enum Asked {
    /// Something new, stamped.
    Create {
        /// With what; `None` when there is no stamp on it.
        stamp: Option<Stamp>,
        /// The digits, where the call names them.
        digits: Option<String>,
        /// What it is.
        what: &'static str,
    },
    /// A change of VAPI's record of a number.
    VapiNumber(String),
    /// A change of Telnyx's record of a number.
    TelnyxNumber(String),
    /// A change of Twilio's record of a number.
    TwilioNumber(String),
}

impl Asked {
    /// Reads a call; `None` for those that change nothing.
    pub fn read(provider: Provider, request: &Request, path: &str) -> Option<Self> {
        match request.method {
            Method::Get => None,
            Method::Post if provider == Provider::Twilio => Self::at_twilio(request, path),
            Method::Post => Self::create(provider, request, path),
            Method::Patch | Method::Delete => {
                let id = path.rsplit('/').next()?.to_owned();
                Some(match provider {
                    Provider::Vapi => Self::VapiNumber(id),
                    Provider::Telnyx => Self::TelnyxNumber(id),
                    Provider::Twilio => Self::TwilioNumber(id.trim_end_matches(".json").to_owned()),
                })
            }
        }
    }

    /// A form sent to Twilio.
    fn at_twilio(request: &Request, path: &str) -> Option<Self> {
        if let Some((_list, id)) = path.split_once("/IncomingPhoneNumbers/") {
            return Some(Self::TwilioNumber(id.trim_end_matches(".json").to_owned()));
        }
        let form = std::str::from_utf8(request.body.as_deref()?).ok()?;
        let field = |name: &str| {
            let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(one, _)| *one == name).map(|(_, value)| value.replace("%2B", "+"))
        };
        Some(Self::Create {
            stamp: field("FriendlyName").and_then(|text| Stamp::try_from(text).ok()),
            digits: field("PhoneNumber"),
            what: "a purchase",
        })
    }

    fn create(provider: Provider, request: &Request, path: &str) -> Option<Self> {
        let body: serde_json::Value = serde_json::from_slice(request.body.as_deref()?).ok()?;
        let (stamp, digits, what) = match (provider, path) {
            (Provider::Vapi, "/assistant") => ("/metadata/stamp", "", "an assistant"),
            (Provider::Vapi, "/phone-number") => ("/name", "/number", "a number at VAPI"),
            (Provider::Telnyx, "/number_orders") => {
                ("/customer_reference", "/phone_numbers/0/phone_number", "an order")
            }
            _ => return None,
        };
        let text =
            |pointer| body.pointer(pointer).and_then(serde_json::Value::as_str).map(str::to_owned);
        let stamp = text(stamp).and_then(|text| Stamp::try_from(text).ok());
        Some(Self::Create {
            stamp,
            digits: text(digits).filter(|text| text.starts_with('+')),
            what,
        })
    }
}

/// Everything that is checked of a row as it is written.
pub fn as_written(changed: &Changed) -> Checked {
    if changed.key.pk.starts_with("WORK#") {
        n01_one_holder::check(changed)?;
        n05_asks_are_heard::check(changed)?;
    }
    if changed.key.pk.starts_with("NUMBER#") {
        n21_frozen_stays::as_written(changed)?;
    }
    n13_heard_once::check(changed)
}

/// A number of an item; 0 where it is not there.
fn number(item: &Item, attribute: Attribute) -> i64 {
    match item.get(attribute) {
        Some(Value::Number(number)) => *number,
        Some(Value::Text(_) | Value::Document(_)) | None => 0,
    }
}

/// Everything that is checked after each step.
pub fn after_step(view: &View<'_>, sent: &[Sent]) -> Checked {
    for sent in sent {
        n01_one_owner::writes(view, sent)?;
        n02_one_purchase::intended(view, sent)?;
    }
    for mirror in view.mirrors.iter().filter(|mirror| !mirror.news.is_empty()) {
        n01_one_owner::check(mirror)?;
        n04_free_within_limit::check(view, mirror)?;
        n06_ready_is_true::check(view, mirror)?;
        n06_ready_is_true::pooled(mirror)?;
        n08_slots_and_ledgers::check(mirror)?;
        n09_tenants_apart::check(mirror)?;
        n09_tenants_apart::at_home(mirror)?;
        n10_rest_is_kept::check(view, mirror)?;
        n10_rest_is_kept::called(view, mirror)?;
        n10_rest_is_kept::meanwhile(view, mirror)?;
        n11_caps_hold::check(mirror)?;
        n11_refill_within_target::check(view, mirror)?;
        n21_frozen_stays::given_up(mirror)?;
    }
    n09_tenants_apart::spoken(view)?;
    if view.sky.touched {
        n02_one_purchase::check(view)?;
        n04_free_within_limit::held(view)?;
        n01_others_untouched::check(view)?;
    }
    Ok(())
}

/// Everything that is checked once all has settled.
pub fn after_settling(view: &View<'_>) -> Checked {
    n03_all_accounted::check(view)?;
    n06_ready_is_true::still(view)?;
    n07_resting_unlinked::check(view)?;
    n08_slots_and_ledgers::exact(view)?;
    n20_assistant_as_written::check(view)?;
    for mirror in view.mirrors {
        n05_every_work_ends::check(mirror)?;
    }
    Ok(())
}

/// The deployment and work of a stamp, as an index into the mirrors.
pub fn whose(view: &View<'_>, text: Option<&str>) -> Option<(usize, WorkId, Stamp)> {
    let stamp = Stamp::try_from(text?.to_owned()).ok()?;
    let (deployment, work, _attempt) = Stamp::parse(stamp.as_str())?;
    let place = view.mirrors.iter().position(|mirror| {
        mirror.works.values().next().is_some_and(|work| work.deployment == deployment)
    })?;
    Some((place, work, stamp))
}

/// The deployment that made an assistant, which VAPI knows by this id, and for which work.
pub fn whose_assistant(view: &View<'_>, assistant: &str) -> Option<(usize, WorkId, Stamp)> {
    let orgs = view.sky.providers.vapi.orgs();
    let held = orgs.iter().find_map(|org| org.assistants.get(assistant))?;
    whose(view, held.body.get("metadata")?.get("stamp")?.as_str())
}
