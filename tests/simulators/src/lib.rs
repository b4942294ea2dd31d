//! Stateful stand-ins for the APIs of VAPI, Telnyx and Twilio.
//!
//! The core ([`VapiSim`], [`TelnyxSim`], [`TwilioSim`], all in [`Providers`]) is synchronous and deterministic:
//! requests and the time go in, replies and webhooks come out, ids and stock come from a seed.
//! Two shells carry it: [`InProcess`], an [`exchange::Exchange`] without network, and [`server`],
//! which speaks HTTP. What the providers' documents leave open can be had both ways, by
//! [`VapiOptions`], [`TelnyxOptions`] and [`TwilioOptions`]; what goes wrong is scripted with [`FaultScript`].
//!
//! Beside the APIs there is the truth: [`Providers::call`] follows the route a caller's call
//! takes, and `/_sim/truth` tells what is held, spent, linked and routed.
//!
//! ## `/_sim`, on all ports of the shell and in [`Providers::control`]
//!
//! | Request | Does |
//! |---|---|
//! | `GET health`, `GET truth` | lives; everything held, spent, linked, routed, counted, logged |
//! | `GET call?number=+1…` | calls the number (shell only; in process [`Providers::call_with`]) |
//! | `GET clock`, `POST clock {advance_ms}` | the simulators' clock (shell only) |
//! | `GET faults`, `POST faults`, `DELETE faults` | one [`FaultScript`] or a list of them |
//! | `GET options`, `POST options` | [`ProvidersOptions`], or the part of it that changes |
//! | `POST reset {seed?}` | [`Providers::standard`] again; the options stay |
//! | `POST vapi/orgs {name, key, payment_method?, server?}` | a new organization |
//! | `POST vapi/keys {of, key, credential_access?}`, `DELETE vapi/keys {key}` | its keys |
//! | `POST vapi/number {id, digits?, blocked?}` | the fate of one number |
//! | `POST credentials {vapi_key, telnyx_key, name, application_id?}` | a Telnyx credential |
//! | `POST telnyx/accounts {name, key, balance_cents?, webhook_url?}` | a new account |
//! | `POST telnyx/keys {of, key}`, `DELETE telnyx/keys {key}` | its keys |
//! | `POST telnyx/webhook_url {key?, url}`, `POST telnyx/account {key?, balance_cents}` | settings |
//! | `GET telnyx/public_key`, `POST telnyx/public_key {key}` | the key webhooks are checked with |
//! | `POST telnyx/buy {key?, number, connection_id?}` | bought by a person in the portal |
//! | `POST telnyx/sell {number}` | sold to somebody else |
//! | `POST telnyx/number {number, status?, deletion_locked?, connection_id?}` | changed outside |
//! | `POST telnyx/application {id, active}` | switched on or off |
//! | `POST telnyx/documents {order_id, approved}` | papers decided |
//! | `POST twilio/accounts {name, auth_token, sid?, balance_cents?, type?, parent?}` | a new account |
//! | `POST twilio/account {sid?, balance_cents?, status?, type?, auth_token?}` | settings |
//! | `POST twilio/keys {sid?, key, secret, type?}`, `DELETE twilio/keys {key}` | API keys |
//! | `POST twilio/buy {sid?, number, settings?}` | bought by a person in the console |
//! | `POST twilio/sell {number}` | sold to somebody else |
//! | `POST twilio/number {number, settings?, fate?}` | changed, released or ported out, outside |
//!
//! `sid` is an account's; settings have the names that Twilio's answers use.
//!
//! Deliberately not here: sound, calls that go out, and everything the project never uses.

mod call;
mod control;
mod faults;
mod gate;
mod ids;
mod in_process;
mod numbering;
mod outbox;
mod providers;
mod reply;
mod route;
mod secret;
pub mod server;
mod stamp;
mod table;
pub mod telnyx;
pub mod twilio;
pub mod vapi;
mod wire;

pub use call::{CallOutcome, CallReport, CallStep, PendingCall, ServerQuestion, ServerReply};
pub use faults::{DigitsPlan, Fault, FaultScript, Refusal};
pub use gate::{LogEntry, RateLimit};
pub use in_process::{InProcess, SharedProviders};
pub use outbox::{ATTEMPTS_MAX, Delivery, WebhookMode};
pub use providers::{
    DeliveryEntry, Providers, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_TWILIO_SID,
    STANDARD_TWILIO_TOKEN, STANDARD_VAPI_KEY,
};
pub use reply::{Outcome, Provider, Reply};
pub use route::{
    VAPI_INBOUND_EU_URL, VAPI_INBOUND_URL, VAPI_TWILIO_EU_URL, VAPI_TWILIO_SMS_URL,
    VAPI_TWILIO_STATUS_URL, VAPI_TWILIO_URL,
};
pub use table::Table;
pub use telnyx::{TelnyxOptions, TelnyxSim};
pub use twilio::{TwilioOptions, TwilioSim};
pub use vapi::{VapiOptions, VapiSim};
