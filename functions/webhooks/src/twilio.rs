//! Twilio: asks what to say when VAPI does not take a call, the voice fallback of a number.
//!
//! The signature is over the public URL and the form. Whose auth token it is made with, the URL
//! says (`organization`, or nobody for the platform's account), which is signed as well: so nothing
//! of the body is looked at before it is verified. The body names the account once more, and what
//! is of another account than the number is nobody's.

use crate::config::Config;
use crate::event;
use crate::fault::{Fault, Rejection};
use crate::hook::{Hook, HookAnswer};
use crate::not_assigned::{self, Spoken};
use domain::assistant::Language;
use domain::ids::TwilioAccountSid;
use domain::number::{Carrier, Number, State};
use domain::phone::E164;
use planted::planted;
use runtime::secrets::{global_twilio_secret_id, twilio_secret_id};
use runtime::{Deps, SecretError, World};
use std::collections::BTreeMap;
use store::{CallNews, EventId};
use twilio::TwilioSecret;
use twilio::signature::{self, BadSignature};

/// What a caller hears when nobody takes the call of a number that is assigned, with the language
/// in Twilio's words.
const TRY_AGAIN: [(Language, &str, &str); 3] = [
    (
        Language::English,
        "en-US",
        "We cannot take your call right now. Please call again in a few minutes.",
    ),
    (
        Language::Spanish,
        "es-US",
        "En este momento no podemos atender su llamada. Por favor, vuelva a llamar en unos minutos.",
    ),
    (
        Language::French,
        "fr-FR",
        "Nous ne pouvons pas prendre votre appel pour le moment. Veuillez rappeler dans quelques minutes.",
    ),
];

/// Handles a webhook of Twilio.
pub(crate) async fn receive<W: World>(
    deps: &Deps<W>,
    config: &Config,
    hook: &Hook,
) -> Result<HookAnswer, Fault> {
    let id = secret_id(deps, &hook.query)?;
    let mut verified = check(deps, hook, &id).await?;
    if let Err(rejection) = &verified
        && rejection.forgets(&deps.secrets, &id, deps.now())
    {
        verified = check(deps, hook, &id).await?;
    }
    let account = match verified {
        Ok(account) => account,
        Err(rejection) => return Err(Fault::Rejected(rejection)),
    };
    let form: BTreeMap<String, String> = form_urlencoded::parse(&hook.body).into_owned().collect();
    let of_it =
        form.get("AccountSid").is_some_and(|sid| sid.parse().ok().as_ref() == Some(&account));
    let number = match form.get("To").and_then(|to| to.parse::<E164>().ok()).filter(|_to| of_it) {
        Some(digits) => number(deps, &digits, &account).await?,
        None => None,
    };
    let Some(number) = number else {
        return Ok(HookAnswer::twiml(said(&[config.not_assigned.text(Language::English)])));
    };
    note(deps, &form, &hook.body, &number).await?;
    answer(deps, config, &number).await
}

/// The secret of whoever the URL says: an organization, or the platform.
fn secret_id<W: World>(deps: &Deps<W>, query: &str) -> Result<String, Rejection> {
    let prefix = deps.providers.twilio_secrets_prefix.as_deref();
    let prefix = prefix.ok_or(Rejection::NotConfigured)?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    match pairs.find(|(name, _value)| name == "organization") {
        None => Ok(global_twilio_secret_id(prefix)),
        Some((_name, organization)) => {
            let organization = organization.parse().map_err(|_no_id| Rejection::ProofUnreadable)?;
            Ok(twilio_secret_id(prefix, &organization))
        }
    }
}

/// The account that sent it, if it is the one whose token the secret has.
async fn check<W: World>(
    deps: &Deps<W>,
    hook: &Hook,
    secret_id: &str,
) -> Result<Result<TwilioAccountSid, Rejection>, SecretError> {
    let secret = deps.secrets.twilio(&deps.secret_source, deps.clock.as_ref(), secret_id).await?;
    Ok(match secret {
        Some(secret) => verify(hook, &secret, &deps.providers.public_base_url),
        None => Err(Rejection::NotConfigured),
    })
}

fn verify(
    hook: &Hook,
    secret: &TwilioSecret,
    base_url: &str,
) -> Result<TwilioAccountSid, Rejection> {
    let signed = hook.proof(signature::HEADER)?.ok_or(Rejection::ProofMissing)?;
    let token = secret.auth_token.as_ref().ok_or(Rejection::NotConfigured)?;
    let mut url = format!("{base_url}{}", hook.path);
    if !hook.query.is_empty() {
        url = format!("{url}?{}", hook.query);
    }
    match signature::verify(token, signed, &url, &hook.body) {
        Ok(()) => Ok(secret.credentials.account.clone()),
        Err(_wrong) if planted!(ForgedWebhookHeard) => Ok(secret.credentials.account.clone()),
        Err(BadSignature::NoToken) => Err(Rejection::NotConfigured),
        Err(BadSignature::Unreadable) => Err(Rejection::ProofUnreadable),
        Err(BadSignature::Wrong) => Err(Rejection::Wrong),
    }
}

/// Our number with these digits, if it is in this account.
async fn number<W: World>(
    deps: &Deps<W>,
    digits: &E164,
    account: &TwilioAccountSid,
) -> Result<Option<Number>, Fault> {
    let number = deps.store.number_of_digits(digits).await?;
    Ok(number.filter(|number| match &number.carrier {
        Carrier::Twilio { home, .. } => home.account == *account,
        Carrier::Vapi { .. } | Carrier::Telnyx { .. } | Carrier::Unknown => false,
    }))
}

/// Notes the call, once: a number that is called rests before another business has it.
async fn note<W: World>(
    deps: &Deps<W>,
    form: &BTreeMap<String, String>,
    body: &[u8],
    number: &Number,
) -> Result<(), Fault> {
    let call = form.get("CallSid").and_then(|sid| event::given(sid));
    let id = call.unwrap_or_else(|| event::made_of(&[body]));
    let event = EventId { provider: "twilio", id: &id };
    deps.store.call_once(event, number.id, CallNews::Seen, deps.now(), &deps.marks()).await?;
    Ok(())
}

/// What the caller hears: that the number is nobody's, or to call again, in the language of the
/// assistant that should have answered.
async fn answer<W: World>(
    deps: &Deps<W>,
    config: &Config,
    number: &Number,
) -> Result<HookAnswer, Fault> {
    let State::Assigned { assistant, .. } = &number.state else {
        tracing::info!(number.id = %number.id, "a call to a number nobody answers");
        let language = not_assigned::language(deps, Some(number)).await;
        return Ok(HookAnswer::twiml(said(&[config.not_assigned.text(language)])));
    };
    tracing::warn!(number.id = %number.id, "VAPI did not take a call; Twilio asked us");
    deps.metrics.count(deps.now(), "FallbackAnswered", None);
    let assistant = deps.store.assistant(*assistant).await?;
    let language = assistant.map_or(Language::Multilingual, |assistant| assistant.language);
    let texts: Vec<Spoken<'_>> = TRY_AGAIN
        .iter()
        .filter(|(spoken, ..)| language == Language::Multilingual || *spoken == language)
        .map(|&(_spoken, language, text)| Spoken { language, text })
        .collect();
    Ok(HookAnswer::twiml(said(&texts)))
}

/// `TwiML` that says these texts, each in its language, and hangs up.
fn said(texts: &[Spoken<'_>]) -> String {
    let mut twiml = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#.to_owned();
    for Spoken { language, text } in texts {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        twiml.push_str(&format!(r#"<Say language="{language}">{text}</Say>"#));
    }
    twiml.push_str("<Hangup/></Response>");
    twiml
}

#[cfg(test)]
mod tests;
