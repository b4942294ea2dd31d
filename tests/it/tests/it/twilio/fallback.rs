//! What callers hear when VAPI does not take the call, and the number's voice fallback is ours.

use super::outcome;
use it::twilio::with_account_for;
use it::{City, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::Value;
use simulators::CallOutcome;

/// A number of this source that answers, with our fallback entered at Twilio behind this query.
fn with_fallback(source: &str, query: &str) -> (City, Answer) {
    let city = with_account_for(source, &[]);
    let answer = outcome(&city, &harbor(), from_sources(&[source]));
    let url = format!("{}/webhooks/twilio{query}", city.base_url);
    let (now, number) = (city.clock.millis(), answer.text("phone_number"));
    let setting = [("voice_fallback_url", url.as_str())];
    city.providers.with(|all| all.twilio.change_outside(now, number, setting)).unwrap();
    city.assert_answers(&answer);
    (city, answer)
}

/// Somebody removes the number's record at VAPI, and the number is called; what the caller hears.
fn heard_without_vapi(city: &City, answer: &Answer) -> (CallOutcome, String) {
    let id = city.providers.lock().vapi.orgs()[0].numbers.iter().next().unwrap().id.clone();
    assert_eq!(city.at_vapi("DELETE", &format!("/phone-number/{id}"), Value::Null).0, 200);
    let report = city.call(answer.text("phone_number"));
    (report.outcome, report.spoken.unwrap_or_default())
}

#[test]
fn a_call_that_vapi_does_not_take_is_answered() {
    for (source, query) in [("org_twilio", "?organization=org-1"), ("global_twilio", "")] {
        let (city, answer) = with_fallback(source, query);
        let (outcome, spoken) = heard_without_vapi(&city, &answer);
        assert_eq!(outcome, CallOutcome::ServerReply, "{source}: {spoken}");
        assert!(spoken.contains("Please call again in a few minutes."), "{source}: {spoken}");
    }
}

#[test]
fn a_fallback_that_names_the_wrong_account_is_refused() {
    for (source, query) in [("org_twilio", ""), ("global_twilio", "?organization=org-1")] {
        let (city, answer) = with_fallback(source, query);
        let (outcome, spoken) = heard_without_vapi(&city, &answer);
        assert_eq!(outcome, CallOutcome::Stranger, "{source}: {spoken}");
    }
}
