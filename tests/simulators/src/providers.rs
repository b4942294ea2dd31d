//! The providers together, as far as one reaches into the other.

use std::collections::VecDeque;

use exchange::Request;
use serde::{Deserialize, Serialize};

use crate::faults::FaultScript;
use crate::outbox::Delivery;
use crate::reply::{Provider, Reply};
use crate::route::VAPI_INBOUND_URL;
use crate::telnyx::{TelnyxOptions, TelnyxSim};
use crate::twilio::{TwilioOptions, TwilioSim};
use crate::vapi::{Carrier, TwilioAccess, TwilioImport, VapiOptions, VapiSim};

/// The VAPI key of [`Providers::standard`].
pub const STANDARD_VAPI_KEY: &str = "vapi-simulator-key";
/// The Telnyx key of [`Providers::standard`].
pub const STANDARD_TELNYX_KEY: &str = "telnyx-simulator-key";
/// The Twilio account of [`Providers::standard`].
pub const STANDARD_TWILIO_SID: &str = "AC5f1d0c7a3b9e4826d1f0a7c35e8b9246";
/// Its auth token.
pub const STANDARD_TWILIO_TOKEN: &str = "twilio-simulator-token";

/// All switches, as `POST /_sim/options` changes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProvidersOptions {
    /// VAPI's.
    pub vapi: VapiOptions,
    /// Telnyx'.
    pub telnyx: TelnyxOptions,
    /// Twilio's.
    pub twilio: TwilioOptions,
    /// Beginnings of webhook URLs, and what the HTTP shell puts in their place.
    pub rewrites: Vec<(String, String)>,
}

/// One delivery of a webhook, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryEntry {
    /// When its answer came, or did not.
    pub at_ms: i64,
    /// Whose webhook it was.
    pub provider: Provider,
    /// Where it went, before rewrites.
    pub url: String,
    /// Number of this delivery of the event.
    pub attempt: u32,
    /// The receiver's status; absent without answer.
    pub status: Option<u16>,
}

/// Entries the log of deliveries keeps.
const DELIVERY_ENTRIES_MAX: usize = 1_000;

/// The world of providers: a number imported at one is routed at the other.
#[derive(Debug)]
pub struct Providers {
    /// VAPI.
    pub vapi: VapiSim,
    /// Telnyx.
    pub telnyx: TelnyxSim,
    /// Twilio.
    pub twilio: TwilioSim,
    /// Beginnings of webhook URLs, and what the HTTP shell puts in their place.
    pub rewrites: Vec<(String, String)>,
    pub(crate) deliveries: VecDeque<DeliveryEntry>,
}

/// The carriers as VAPI meets them while it imports.
struct Carriers<'a> {
    telnyx: &'a mut TelnyxSim,
    twilio: &'a mut TwilioSim,
}

impl Carrier for Carriers<'_> {
    fn point_number(
        &mut self,
        now_ms: i64,
        key: &str,
        number: &str,
        application_id: Option<&str>,
        keep_former: bool,
    ) -> Result<(), u16> {
        self.telnyx.point_number(now_ms, key, number, application_id, keep_former)
    }

    fn point_twilio(
        &mut self,
        now_ms: i64,
        access: &TwilioAccess,
        number: &str,
        import: TwilioImport,
    ) -> Result<(), u16> {
        self.twilio.point_at_vapi(now_ms, access, number, import)
    }
}

impl Providers {
    /// The providers, without organization or account.
    #[must_use]
    pub fn new(options: ProvidersOptions, seed: u64) -> Self {
        Self {
            vapi: VapiSim::new(options.vapi, seed),
            telnyx: TelnyxSim::new(options.telnyx, seed),
            twilio: TwilioSim::new(options.twilio, seed),
            rewrites: options.rewrites,
            deliveries: VecDeque::new(),
        }
    }

    /// One organization, one Telnyx account with 1 000 dollars, the credential between them, and
    /// one Twilio account with as much.
    #[must_use]
    pub fn standard(options: ProvidersOptions, seed: u64, now_ms: i64) -> Self {
        let mut providers = Self::new(options, seed);
        providers.vapi.add_org("standard", STANDARD_VAPI_KEY);
        providers.telnyx.add_account("standard", STANDARD_TELNYX_KEY, 100_000);
        providers.add_credential(now_ms, STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY, "telnyx");
        let (sid, token) = (STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN);
        providers.twilio.add_account(now_ms, sid, "standard", token, 100_000);
        providers
    }

    /// Answers one request.
    pub fn handle(&mut self, now_ms: i64, provider: Provider, request: &Request) -> Reply {
        match provider {
            Provider::Vapi => {
                let (telnyx, twilio) = (&mut self.telnyx, &mut self.twilio);
                self.vapi.handle_with(now_ms, request, &mut Carriers { telnyx, twilio })
            }
            Provider::Telnyx => self.telnyx.handle(now_ms, request),
            Provider::Twilio => self.twilio.handle(now_ms, request),
        }
    }

    /// Adds a Telnyx credential to VAPI as a person in its dashboard does: VAPI makes its own
    /// Voice API application in the Telnyx account. Gives the ids of credential and application.
    pub fn add_credential(
        &mut self,
        now_ms: i64,
        vapi_key: &str,
        telnyx_key: &str,
        name: &str,
    ) -> Option<(String, u64)> {
        let application =
            self.telnyx.add_application(now_ms, telnyx_key, "Vapi", VAPI_INBOUND_URL)?;
        let id = Some(application.to_string());
        let credential = self.vapi.add_credential(now_ms, vapi_key, name, telnyx_key, id)?;
        Some((credential, application))
    }

    /// Adds a Telnyx credential that names an application, or none.
    pub fn add_credential_with(
        &mut self,
        now_ms: i64,
        vapi_key: &str,
        telnyx_key: &str,
        name: &str,
        application_id: Option<&str>,
    ) -> Option<String> {
        let id = application_id.map(str::to_owned);
        self.vapi.add_credential(now_ms, vapi_key, name, telnyx_key, id)
    }

    /// Scripts a fault.
    pub fn add_fault(&mut self, script: FaultScript) {
        match script.provider {
            Provider::Vapi => self.vapi.gate.scripts.push(script),
            Provider::Telnyx => self.telnyx.gate.scripts.push(script),
            Provider::Twilio => self.twilio.gate.scripts.push(script),
        }
    }

    /// Forgets all scripted faults that have not struck yet.
    pub fn clear_faults(&mut self) {
        self.vapi.gate.scripts.clear();
        self.telnyx.gate.scripts.clear();
        self.twilio.gate.scripts.clear();
    }

    /// The scripted faults that have not struck yet.
    pub fn faults(&self) -> impl Iterator<Item = &FaultScript> {
        let gates = [&self.vapi.gate, &self.telnyx.gate, &self.twilio.gate];
        gates.into_iter().flat_map(|gate| &gate.scripts)
    }

    /// Takes the webhooks due by now, earliest first. The caller delivers them.
    pub fn take_webhooks(&mut self, now_ms: i64) -> Vec<Delivery> {
        self.take_webhooks_stamped(now_ms, now_ms)
    }

    /// The same, signed with another time than the simulators': the receiver's clock may be behind
    /// one that was set ahead.
    pub fn take_webhooks_stamped(&mut self, now_ms: i64, stamped_ms: i64) -> Vec<Delivery> {
        let mut due = self.telnyx.take_webhooks(now_ms, stamped_ms);
        due.extend(self.vapi.outbox.take(now_ms));
        due.sort_by_key(|delivery| delivery.not_before_ms);
        due
    }

    /// When something next happens by itself: an order settles, a webhook is due.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        let vapi = self.vapi.outbox.next_due_ms();
        vapi.into_iter().chain(self.telnyx.next_due_ms()).min()
    }

    /// The next attempt after a delivery that was not answered with 2xx: same event, next
    /// `meta.attempt`, fresh signature. None when the provider gives up; VAPI does at once, and
    /// Twilio has no webhooks here.
    #[must_use]
    pub fn retry_webhook(&self, now_ms: i64, delivery: &Delivery) -> Option<Delivery> {
        match delivery.provider {
            Provider::Vapi | Provider::Twilio => None,
            Provider::Telnyx => self.telnyx.retry(now_ms, delivery),
        }
    }

    /// Writes a delivery and its end into the log that `/_sim/truth` shows.
    pub fn note_delivery(&mut self, now_ms: i64, delivery: &Delivery, status: Option<u16>) {
        if self.deliveries.len() >= DELIVERY_ENTRIES_MAX {
            self.deliveries.pop_front();
        }
        self.deliveries.push_back(DeliveryEntry {
            at_ms: now_ms,
            provider: delivery.provider,
            url: delivery.url.clone(),
            attempt: delivery.attempt,
            status,
        });
    }

    /// The URL a webhook goes to after the rewrites.
    #[must_use]
    pub fn rewritten(&self, url: &str) -> String {
        self.rewrites
            .iter()
            .find_map(|(from, to)| Some(format!("{to}{}", url.strip_prefix(from.as_str())?)))
            .unwrap_or_else(|| url.to_owned())
    }

    /// All switches as they stand.
    #[must_use]
    pub fn options(&self) -> ProvidersOptions {
        ProvidersOptions {
            vapi: self.vapi.options.clone(),
            telnyx: self.telnyx.options.clone(),
            twilio: self.twilio.options.clone(),
            rewrites: self.rewrites.clone(),
        }
    }

    /// Sets all switches.
    pub fn set_options(&mut self, options: ProvidersOptions) {
        self.vapi.options = options.vapi;
        self.telnyx.options = options.telnyx;
        self.twilio.options = options.twilio;
        self.rewrites = options.rewrites;
    }
}
