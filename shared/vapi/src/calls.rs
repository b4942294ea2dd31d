//! What VAPI remembers of calls.

use crate::{VapiClient, no_reason};
use domain::ids::VapiNumberId;
use domain::outcome::{NoReason, Outcome};
use exchange::{Call, Exchange};
use serde::de::IgnoredAny;

impl<E: Exchange> VapiClient<E> {
    /// Whether VAPI remembers a call of this number (`GET /call`, filtered by `phoneNumberId`, one
    /// at most). It forgets calls after a while.
    pub async fn was_called(&self, id: &VapiNumberId) -> Outcome<bool, NoReason> {
        let call = Call::get("/call").query("phoneNumberId", id.as_str()).query("limit", "1");
        self.send(call, |calls: Vec<IgnoredAny>| Some(!calls.is_empty()), no_reason).await
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{client, number_id, transient};
    use domain::outcome::Outcome;
    use exchange::ExchangeError;
    use exchange::scripted::{Scripted, answer};
    use serde_json::json;

    #[tokio::test]
    async fn one_call_is_enough_and_no_answer_is_no_absence() {
        let exchange = Scripted::new([
            answer(200, json!([{ "id": "call-1" }])),
            answer(200, json!([])),
            answer(200, json!({ "message": "odd" })),
            answer(500, json!({})),
            Err(ExchangeError::AnswerLost),
        ]);
        let (vapi, id) = (client(&exchange), number_id());
        assert_eq!(vapi.was_called(&id).await, Outcome::Done(true));
        assert_eq!(vapi.was_called(&id).await, Outcome::Done(false));
        for _unread in 0..3 {
            assert_eq!(vapi.was_called(&id).await, transient());
        }
        let (asked, _body) = exchange.asked().swap_remove(0);
        assert_eq!(asked, format!("GET https://vapi.test/call?phoneNumberId={id}&limit=1"));
    }
}
