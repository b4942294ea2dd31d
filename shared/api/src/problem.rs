//! What can be wrong with a call, as RFC 9457 problems with stable types.

use crate::answer::Answer;
use domain::ids::WorkId;
use domain::outcome::Refusal;
use domain::setup::InvalidContact;
use domain::tenant::TooManyAssistants;
use domain::time::Timestamp;
use serde_json::json;
use store::StoreError;

/// What can be wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No claims came from the authorizer.
    NotSignedIn,
    /// An access token came in place of the ID token.
    IdTokenRequired,
    /// A claim has a value nothing of ours can have.
    ClaimUnusable {
        /// What it names.
        what: &'static str,
    },
    /// The caller is not in the operators' group.
    OperatorsOnly,
    /// The token names no organization.
    NoOrganization,
    /// The user has no business yet.
    NoBusiness,
    /// There is no such route.
    NoSuchRoute,
    /// There is no such provisioning, or it is somebody else's.
    NoSuchProvisioning,
    /// There is no such number, or it is somebody else's.
    NoSuchNumber,
    /// There is no such assistant, or it is somebody else's.
    NoSuchAssistant,
    /// There is no such emergency contact, or it is somebody else's.
    NoSuchContact,
    /// There is no such business, or it is somebody else's.
    NoSuchBusiness,
    /// There is no such organization.
    NoSuchOrganization,
    /// There is no such purchase.
    NoSuchPurchase,
    /// It must be said which version of the settings is changed.
    VersionRequired,
    /// The settings were changed since they were read.
    VersionOutdated,
    /// The organization's credentials are being changed by somebody else.
    CredentialsBeingChanged,
    /// The Twilio account belongs to another organization.
    TwilioAccountTaken,
    /// A number of ours is in the Twilio account that would be left.
    TwilioAccountInUse,
    /// The secret store does not answer; the change is begun and not done.
    SecretStoreUnavailable,
    /// The body is too large.
    BodyTooLarge,
    /// The body is no JSON object.
    BodyUnreadable {
        /// Where, without quoting it.
        detail: String,
    },
    /// A field or parameter has a value it cannot have.
    FieldInvalid {
        /// The field, from the top.
        field: String,
        /// What may stand there.
        expected: String,
    },
    /// The idempotency key cannot be used.
    IdempotencyKeyInvalid,
    /// The idempotency key came with another request before.
    IdempotencyKeyReused,
    /// It is ready: it must be released, not cancelled.
    AlreadyReady,
    /// It has ended: there is nothing to cancel.
    AlreadyEnded,
    /// It is being called off; a new one can start when it has ended.
    BeingCancelled,
    /// Its number is being released; a new one can start when that has ended.
    BeingReleased,
    /// The assistant is being deleted.
    BeingDeleted,
    /// The business has as many assistants as it may.
    TooManyAssistants,
    /// The business has as many emergency contacts as it may.
    TooManyContacts,
    /// Somebody asks to take the number to another carrier: it is frozen.
    NumberFrozen,
    /// The number does not rest: it cannot be had back.
    NotResting,
    /// The assistant has another number meanwhile.
    HasAnotherNumber,
    /// No source has such numbers.
    Unobtainable,
    /// An operator must say for whom.
    BusinessNotNamed,
    /// It is ready: there is nothing to retry.
    NothingToRetry,
    /// No sweep waits for a person's word, or another one does.
    NothingToConfirm,
    /// Another provisioning has taken this one's place.
    Superseded,
    /// The provisioning waits for no number.
    NotWaitingForNumber,
    /// Another number was named for it a moment ago.
    BeingAssigned,
    /// The number is another's, or may not be handed out.
    NumberNotFree {
        /// Its state.
        state: &'static str,
    },
    /// The number rests: nobody but who had it may have it before.
    NumberResting {
        /// Until when.
        until: Timestamp,
    },
    /// A work is at the number.
    NumberBusy {
        /// Which.
        work: WorkId,
    },
    /// The number cannot be given back.
    NotGivable {
        /// Why.
        why: String,
    },
    /// Telnyx has no key.
    TelnyxNotConfigured,
    /// Telnyx rejects our key.
    TelnyxKeyRejected,
    /// Telnyx rejects the search.
    SearchRefused {
        /// Telnyx's words.
        detail: String,
    },
    /// Telnyx does not answer.
    TelnyxUnavailable,
    /// Too many calls at once for one business.
    Contended,
    /// The table does not answer.
    Unavailable,
}

/// Where problem types live; the code is the last part.
pub(crate) const TYPE_PREFIX: &str = "urn:dialtone:problem:";

impl Problem {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotSignedIn | Self::IdTokenRequired => 401,
            Self::ClaimUnusable { .. } | Self::OperatorsOnly | Self::NoOrganization => 403,
            Self::NoSuchRoute
            | Self::NoSuchProvisioning
            | Self::NoSuchNumber
            | Self::NoSuchAssistant
            | Self::NoSuchContact
            | Self::NoSuchBusiness
            | Self::NoSuchOrganization
            | Self::NoSuchPurchase => 404,
            Self::NoBusiness
            | Self::AlreadyReady
            | Self::AlreadyEnded
            | Self::BeingCancelled
            | Self::BeingReleased
            | Self::BeingDeleted
            | Self::TooManyAssistants
            | Self::TooManyContacts
            | Self::NumberFrozen
            | Self::NotResting
            | Self::HasAnotherNumber
            | Self::NothingToRetry
            | Self::NothingToConfirm
            | Self::Superseded
            | Self::NotWaitingForNumber
            | Self::BeingAssigned
            | Self::NumberNotFree { .. }
            | Self::NumberResting { .. }
            | Self::NumberBusy { .. }
            | Self::NotGivable { .. }
            | Self::CredentialsBeingChanged
            | Self::TwilioAccountTaken
            | Self::TwilioAccountInUse => 409,
            Self::VersionOutdated => 412,
            Self::VersionRequired => 428,
            Self::BodyTooLarge => 413,
            Self::BodyUnreadable { .. } | Self::IdempotencyKeyInvalid => 400,
            Self::FieldInvalid { .. }
            | Self::IdempotencyKeyReused
            | Self::Unobtainable
            | Self::BusinessNotNamed
            | Self::SearchRefused { .. } => 422,
            Self::TelnyxNotConfigured
            | Self::TelnyxKeyRejected
            | Self::TelnyxUnavailable
            | Self::SecretStoreUnavailable
            | Self::Contended
            | Self::Unavailable => 503,
        }
    }

    /// The stable code, the last part of the type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::IdTokenRequired => "id-token-required",
            Self::ClaimUnusable { .. } => "claim-unusable",
            Self::OperatorsOnly => "operators-only",
            Self::NoOrganization => "no-organization",
            Self::NoBusiness => "no-business",
            Self::NoSuchRoute => "no-such-route",
            Self::NoSuchProvisioning => "no-such-provisioning",
            Self::NoSuchNumber => "no-such-number",
            Self::NoSuchAssistant => "no-such-assistant",
            Self::NoSuchContact => "no-such-contact",
            Self::NoSuchBusiness => "no-such-business",
            Self::NoSuchOrganization => "no-such-organization",
            Self::NoSuchPurchase => "no-such-purchase",
            Self::VersionRequired => "version-required",
            Self::VersionOutdated => "version-outdated",
            Self::CredentialsBeingChanged => "credentials-being-changed",
            Self::TwilioAccountTaken => "twilio-account-taken",
            Self::TwilioAccountInUse => "twilio-account-in-use",
            Self::SecretStoreUnavailable => "secret-store-unavailable",
            Self::BodyTooLarge => "body-too-large",
            Self::BodyUnreadable { .. } => "body-unreadable",
            Self::FieldInvalid { .. } => "field-invalid",
            Self::IdempotencyKeyInvalid => "idempotency-key-invalid",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::AlreadyReady => "already-ready",
            Self::AlreadyEnded => "already-ended",
            Self::BeingCancelled => "being-cancelled",
            Self::BeingReleased => "being-released",
            Self::BeingDeleted => "being-deleted",
            Self::TooManyAssistants => "too-many-assistants",
            Self::TooManyContacts => "too-many-contacts",
            Self::NumberFrozen => "number-frozen",
            Self::NotResting => "not-resting",
            Self::HasAnotherNumber => "has-another-number",
            Self::Unobtainable => "unobtainable",
            Self::BusinessNotNamed => "business-not-named",
            Self::NothingToRetry => "nothing-to-retry",
            Self::NothingToConfirm => "nothing-to-confirm",
            Self::Superseded => "superseded",
            Self::NotWaitingForNumber => "not-waiting-for-number",
            Self::BeingAssigned => "being-assigned",
            Self::NumberNotFree { .. } => "number-not-free",
            Self::NumberResting { .. } => "number-resting",
            Self::NumberBusy { .. } => "number-busy",
            Self::NotGivable { .. } => "number-not-givable",
            Self::TelnyxNotConfigured => "telnyx-not-configured",
            Self::TelnyxKeyRejected => "telnyx-key-rejected",
            Self::SearchRefused { .. } => "search-refused",
            Self::TelnyxUnavailable => "telnyx-unavailable",
            Self::Contended => "contended",
            Self::Unavailable => "unavailable",
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each problem, and nothing else")]
    fn detail(&self) -> String {
        match self {
            Self::NotSignedIn => "sign in first".to_owned(),
            Self::IdTokenRequired => "this is an access token".to_owned(),
            Self::ClaimUnusable { what } => format!("the token's {what} claim cannot be used"),
            Self::OperatorsOnly => "this is for operators".to_owned(),
            Self::NoOrganization => "the token names no organization".to_owned(),
            Self::NoBusiness => "you have no business yet".to_owned(),
            Self::NoSuchRoute => "there is nothing at this address".to_owned(),
            Self::NoSuchProvisioning => "there is no such provisioning".to_owned(),
            Self::NoSuchNumber => "there is no such number".to_owned(),
            Self::NoSuchAssistant => "there is no such assistant".to_owned(),
            Self::NoSuchContact => "there is no such emergency contact".to_owned(),
            Self::NoSuchBusiness => "there is no such business".to_owned(),
            Self::NoSuchOrganization => "there is no such organization".to_owned(),
            Self::NoSuchPurchase => "there is no such purchase".to_owned(),
            Self::VersionRequired => "these settings exist; say which version you saw".to_owned(),
            Self::VersionOutdated => "the settings were changed since you read them".to_owned(),
            Self::CredentialsBeingChanged => {
                "somebody else is changing this organization's credentials".to_owned()
            }
            Self::TwilioAccountTaken => {
                "this Twilio account belongs to another organization".to_owned()
            }
            Self::TwilioAccountInUse => {
                "numbers of the account that would be left are still ours".to_owned()
            }
            Self::SecretStoreUnavailable => {
                "the settings are changed, but the credentials could not be stored".to_owned()
            }
            Self::BodyTooLarge => "the body is larger than 64 KiB".to_owned(),
            Self::BodyUnreadable { detail } => format!("the body is no JSON object: {detail}"),
            Self::FieldInvalid { field, expected } => format!("{field}: {expected}"),
            Self::IdempotencyKeyInvalid => {
                "Idempotency-Key must be 1 to 255 printable ASCII characters".to_owned()
            }
            Self::IdempotencyKeyReused => {
                "this Idempotency-Key came with another request before".to_owned()
            }
            Self::AlreadyReady => "the number is assigned already".to_owned(),
            Self::AlreadyEnded => "this provisioning has ended already".to_owned(),
            Self::BeingCancelled => "the provisioning before is being called off".to_owned(),
            Self::BeingReleased => "the number is being released".to_owned(),
            Self::BeingDeleted => "the assistant is being deleted".to_owned(),
            Self::TooManyAssistants => TooManyAssistants.to_string(),
            Self::TooManyContacts => InvalidContact::TooMany.to_string(),
            Self::NumberFrozen => {
                "somebody asks to take the number to another phone company".to_owned()
            }
            Self::NotResting => "the number does not rest any more".to_owned(),
            Self::HasAnotherNumber => "the assistant has another number".to_owned(),
            Self::Unobtainable => "none of the sources has numbers like this".to_owned(),
            Self::BusinessNotNamed => "your token names no business".to_owned(),
            Self::NothingToRetry => "the number answers; there is nothing to retry".to_owned(),
            Self::NothingToConfirm => "no such sweep waits to be confirmed".to_owned(),
            Self::Superseded => "a newer provisioning has taken this one's place".to_owned(),
            Self::NotWaitingForNumber => "the provisioning waits for no number".to_owned(),
            Self::BeingAssigned => "another number is being assigned to it".to_owned(),
            Self::NumberNotFree { state } => {
                format!("the number is ours and not free: it is {state}")
            }
            Self::NumberResting { until } => {
                format!("the number rests until {}", until.rfc3339())
            }
            Self::NumberBusy { work } => format!("provisioning {work} is at the number"),
            Self::NotGivable { why } => format!("the number cannot be given back: {why}"),
            Self::TelnyxNotConfigured => "buying numbers is not set up".to_owned(),
            Self::TelnyxKeyRejected => "numbers cannot be searched right now".to_owned(),
            Self::SearchRefused { detail } => format!("Telnyx refuses the search: {detail}"),
            Self::TelnyxUnavailable => "Telnyx does not answer right now".to_owned(),
            Self::Contended => "too many requests for this business at once".to_owned(),
            Self::Unavailable => "the service cannot be reached right now".to_owned(),
        }
    }

    const fn next_steps(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "send the ID token as Authorization: Bearer",
            Self::IdTokenRequired => "send the ID token instead; it names your organization",
            Self::ClaimUnusable { .. } => "ask the platform to correct your account",
            Self::OperatorsOnly => "ask to be added to the operators' group",
            Self::NoOrganization => "ask the platform to add you to an organization",
            Self::NoBusiness => "complete the onboarding first",
            Self::NoSuchRoute => "see the API section of the README",
            Self::NoSuchProvisioning => "GET /api/phone/provision shows yours",
            Self::NoSuchNumber => "GET /api/phone/provision shows yours",
            Self::NoSuchAssistant => "leave assistant_id out to use the business's own",
            Self::NoSuchContact => "GET /api/emergency-contacts lists yours",
            Self::NoSuchBusiness => "leave business_id out to use your own",
            Self::NoSuchPurchase => "the answer to what was asked for says its address",
            Self::NoSuchOrganization => "GET /api/admin/organizations lists them; PUT makes one",
            Self::VersionRequired => "send the ETag of your last GET as If-Match",
            Self::VersionOutdated => "GET the settings again, and send your change once more",
            Self::CredentialsBeingChanged => "try again in a minute",
            Self::TwilioAccountTaken => "use an account or subaccount of the organization's own",
            Self::TwilioAccountInUse => "give the account's numbers back first",
            Self::SecretStoreUnavailable => {
                "in a minute GET the settings, and send the credentials once more"
            }
            Self::BodyTooLarge => "send a smaller body",
            Self::BodyUnreadable { .. } => "send a JSON object, or no body at all",
            Self::FieldInvalid { .. } => "correct the field and send it again",
            Self::IdempotencyKeyInvalid => "use a UUID, for example",
            Self::IdempotencyKeyReused => "use a new key for a new request",
            Self::AlreadyReady => "release it with DELETE /api/phone/numbers/{number_id}",
            Self::AlreadyEnded => "start a new one with POST /api/phone/provision",
            Self::BeingCancelled | Self::BeingReleased => "try again shortly",
            Self::BeingDeleted => "create another one with POST /api/assistants/create",
            Self::TooManyAssistants => "delete one that is not needed any more",
            Self::TooManyContacts => "delete or change one of them",
            Self::NumberFrozen => "if that is not you, tell the platform at once",
            Self::NotResting => "ask for a new one with POST /api/phone/provision",
            Self::HasAnotherNumber => "release that one first",
            Self::Unobtainable => "change country, type, number or sources",
            Self::BusinessNotNamed => "name both organization_id and business_id",
            Self::NothingToRetry => "call the number",
            Self::NothingToConfirm => "GET /api/admin/drift, and name its sweep",
            Self::Superseded => "GET /api/phone/provision shows the newer one",
            Self::NotWaitingForNumber => "GET the provisioning to see where it stands",
            Self::BeingAssigned => "see what comes of that one first",
            Self::NotGivable { .. } => "retire it instead, without release",
            Self::NumberNotFree { .. } => "name another number, or have this one given up first",
            Self::NumberResting { .. } => {
                "wait until then, or have it undone for the business that had it"
            }
            Self::NumberBusy { .. } => "GET the provisioning to see where it stands, or cancel it",
            Self::TelnyxNotConfigured | Self::TelnyxKeyRejected => {
                "operators: put a valid API key into the Telnyx secret"
            }
            Self::SearchRefused { .. } => "change the search",
            Self::TelnyxUnavailable | Self::Contended | Self::Unavailable => "try again shortly",
        }
    }

    /// When the same call may go well, where it may.
    const fn retry_after_seconds(&self) -> Option<u32> {
        if matches!(self, Self::CredentialsBeingChanged | Self::SecretStoreUnavailable) {
            Some(60)
        } else if self.status() == 503
            || matches!(self, Self::BeingCancelled | Self::BeingReleased | Self::BeingAssigned)
        {
            Some(2)
        } else {
            None
        }
    }

    /// The problem as an answer; `instance` is the path that was called.
    #[must_use]
    pub fn answer(&self, instance: &str) -> Answer {
        let detail = self.detail();
        let body = json!({
            "type": format!("{TYPE_PREFIX}{}", self.code()),
            "title": self.code().replace('-', " "),
            "status": self.status(),
            "detail": detail,
            "instance": instance,
            "next_steps": self.next_steps(),
            "error": detail,
            "success": false,
        });
        let answer = Answer::json(self.status(), body)
            .with("content-type", "application/problem+json".to_owned());
        match self.retry_after_seconds() {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        }
    }

    /// A field with a value it cannot have.
    #[must_use]
    pub fn field(field: &str, expected: impl ToString) -> Self {
        Self::FieldInvalid { field: field.to_owned(), expected: expected.to_string() }
    }

    /// What a refused search amounts to.
    #[must_use]
    pub fn refused_search<R>(refusal: Refusal<R>) -> Option<Self> {
        match refusal {
            Refusal::NotConfigured => Some(Self::TelnyxNotConfigured),
            Refusal::Key => Some(Self::TelnyxKeyRejected),
            Refusal::Request(detail) => Some(Self::SearchRefused { detail }),
            Refusal::Because(_) => None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, source = ?std::error::Error::source(&error).map(ToString::to_string), "the table failed");
        Self::Unavailable
    }
}
