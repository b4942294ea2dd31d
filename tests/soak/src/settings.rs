//! How the deployment under the soak is set, and how hard it is pressed.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::lambda::Name;

/// The steps' timeout.
pub(crate) const STEPS_TIMEOUT_SECONDS: u64 = 3;
/// How much longer than that a lease lasts.
const LEASE_MARGIN_SECONDS: u64 = 2;
/// How long an uncertain creation must stay absent.
const LOOKUP_WINDOW_SECONDS: u64 = 5;
/// How often the poller is called.
pub(crate) const POLLER_TICK: Duration = Duration::from_secs(1);
/// How long something must be overdue before the poller wakes it.
const POLLER_OVERDUE_SECONDS: u64 = 1;
/// How often VAPI's list is looked at for digits.
const DIGITS_WATCH_SECONDS: u64 = 2;
/// How long a message handed out stays hidden: six times the timeout, as in the template.
pub(crate) const VISIBILITY_SECONDS: u64 = 6 * STEPS_TIMEOUT_SECONDS;
/// How often a message is handed out before it is set aside, as in the template.
pub(crate) const RECEIVES_MAX: u32 = 5;
/// Messages of a batch, as in the template.
pub(crate) const BATCH_MAX: i32 = 5;
/// Free numbers VAPI allows. Of a thousand kills' businesses more want one, so that the last slots
/// are fought over.
pub(crate) const FREE_NUMBERS: u32 = 80;
/// Caps nobody reaches: money is counted here, not limited.
const CAP_CENTS: &str = "100000000";
/// What the carrier's account holds.
pub(crate) const BALANCE_CENTS: i64 = 100_000_000;

/// Where VAPI's webhooks are known by.
pub(crate) const WEBHOOK_SECRET: &str = "soak-webhook-secret";
/// Names in the emulated cloud.
pub(crate) const TABLE: &str = "soak";
pub(crate) const QUEUE: &str = "soak-steps";
pub(crate) const DEAD_LETTERS: &str = "soak-steps-dead";
pub(crate) const VAPI_SECRET: &str = "soak/vapi";
pub(crate) const TELNYX_SECRET: &str = "soak/telnyx";

/// Environments of each function.
pub(crate) fn environments(steps: usize) -> BTreeMap<Name, usize> {
    BTreeMap::from([
        (Name::Provision, 2),
        (Name::Steps, steps),
        (Name::Poller, 1),
        (Name::Webhooks, 2),
    ])
}

/// Where everything is.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) dynamodb: String,
    pub(crate) emulator: String,
    pub(crate) queue_url: String,
    pub(crate) public: String,
    pub(crate) vapi: String,
    pub(crate) telnyx: String,
}

/// The variables of all functions: what Lambda, the template and the SDKs' own names say.
pub(crate) fn variables(at: &Addresses) -> BTreeMap<&'static str, String> {
    let text = |value: &str| value.to_owned();
    BTreeMap::from([
        ("AWS_ACCESS_KEY_ID", text("test")),
        ("AWS_SECRET_ACCESS_KEY", text("test")),
        ("AWS_REGION", text("us-east-1")),
        ("AWS_LAMBDA_FUNCTION_VERSION", text("$LATEST")),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", text("256")),
        ("AWS_LAMBDA_LOG_GROUP_NAME", text("soak")),
        ("AWS_LAMBDA_LOG_FORMAT", text("JSON")),
        ("AWS_LAMBDA_LOG_LEVEL", text("INFO")),
        ("AWS_ENDPOINT_URL", at.emulator.clone()),
        ("AWS_ENDPOINT_URL_DYNAMODB", at.dynamodb.clone()),
        ("NO_PROXY", text("127.0.0.1,localhost")),
        ("TZ", text(":UTC")),
        ("STAGE", text("soak")),
        ("TABLE_NAME", text(TABLE)),
        ("QUEUE_URL", at.queue_url.clone()),
        ("PUBLIC_BASE_URL", at.public.clone()),
        ("VAPI_BASE_URL", at.vapi.clone()),
        ("TELNYX_BASE_URL", at.telnyx.clone()),
        ("VAPI_SECRET_ID", text(VAPI_SECRET)),
        ("TELNYX_SECRET_ID", text(TELNYX_SECRET)),
        ("STEPS_TIMEOUT_SECONDS", STEPS_TIMEOUT_SECONDS.to_string()),
        ("LEASE_MARGIN_SECONDS", LEASE_MARGIN_SECONDS.to_string()),
        ("LOOKUP_WINDOW_SECONDS", LOOKUP_WINDOW_SECONDS.to_string()),
        ("POLLER_OVERDUE_SECONDS", POLLER_OVERDUE_SECONDS.to_string()),
        ("DIGITS_WATCH_SECONDS", DIGITS_WATCH_SECONDS.to_string()),
        ("FREE_NUMBER_LIMIT", FREE_NUMBERS.to_string()),
        ("CAP_DAY_ORGANIZATION_CENTS", text(CAP_CENTS)),
        ("CAP_MONTH_ORGANIZATION_CENTS", text(CAP_CENTS)),
        ("CAP_DAY_OVERALL_CENTS", text(CAP_CENTS)),
        ("CAP_MONTH_OVERALL_CENTS", text(CAP_CENTS)),
    ])
}
