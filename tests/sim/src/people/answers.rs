//! Whether people are answered as they should be.

use super::{Act, Becoming, Business};
use crate::invariants::{Checked, Violation, n09_tenants_apart, n12_same_key_same_work::Keys};
use crate::trace::digest;
use it::Shown as _;
use provision::{Answer, Call};
use serde_json::Value;

/// What is asked of operators is nobody's, and its keys are of no business.
const OPERATORS: usize = usize::MAX;

impl Business {
    /// Hears the answer to an act, which was this call.
    pub fn hear(
        &mut self,
        place: usize,
        (act, call): (&Act, &Call),
        answer: &Answer,
        keys: &mut Keys,
    ) -> Checked {
        let status = answer.status;
        self.note(act, answer);
        match act {
            Act::Start | Act::StartWithKey(..) if status == 200 || status == 202 => {
                let id = answer.id();
                if id.is_empty() {
                    return Err(Violation::of(12, "a start was accepted without a provisioning"));
                }
                self.work = Some(id.to_owned());
                match act {
                    Act::StartWithKey(key, _differs) => {
                        keys.answered(place, *key, digest(&call.body), id)
                    }
                    _ => Ok(()),
                }
            }
            Act::StartWithKey(key, _differs) if status == 422 => {
                keys.refused(place, *key, digest(&call.body))
            }
            Act::Start | Act::StartWithKey(..) => expected(act, status, &[409, 503]),
            Act::Release => expected(act, status, &[200, 202, 404, 409, 503]),
            Act::Undo if status == 202 => {
                self.work = Some(answer.id().to_owned());
                Ok(())
            }
            Act::Undo => expected(act, status, &[200, 404, 409, 503]),
            Act::Look => expected(act, status, &[200, 503]),
            Act::Mine => expected(act, status, &[200, 503]),
            Act::Cancel | Act::OperatorCancel | Act::CallOff => {
                expected(act, status, &[200, 202, 409, 503])
            }
            Act::Assign(_) => expected(act, status, &[200, 202, 409, 503]),
            Act::Stock(..) | Act::Bring(_) if status == 202 => {
                let (key, body) = purchase(call);
                let id = answer.body["purchase_id"].as_str().unwrap_or_default();
                keys.answered(OPERATORS - self.deployment, key, body, id)
            }
            // Nothing is new of it; what its key brought in is told as it was.
            Act::Bring(_) if status == 200 => {
                keys.unknown(OPERATORS - self.deployment, purchase(call).0)
            }
            Act::Stock(..) | Act::Bring(_) => expected(act, status, &[503]),
            Act::Make(becoming, has_key) => {
                self.made_so(place, *becoming, *has_key, call, answer, keys)
            }
            Act::Rename(_) => expected(act, status, &[202, 404, 503]),
            Act::Remove(true) => expected(act, status, &[200, 202, 404, 409, 503]),
            Act::Remove(false) => expected(act, status, &[202, 404, 409, 503]),
            Act::Retry | Act::OperatorRetry => expected(act, status, &[200, 202, 403, 409, 503]),
            Act::Stranger(_) => n09_tenants_apart::stranger(status, &format!("{act:?}")),
        }
    }

    /// Remembers what an answer says of what is the business's.
    fn note(&mut self, act: &Act, answer: &Answer) {
        let is_nobodys =
            matches!(act, Act::Make(..) | Act::CallOff | Act::Stock(..) | Act::Bring(_));
        if is_nobodys || matches!(act, Act::Stranger(_)) {
            return;
        }
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str).map(str::to_owned);
        self.number = text("number_id").or_else(|| self.number.take());
        self.assistant = text("assistant_id").or_else(|| self.assistant.take());
    }

    /// What became of a number, by an operator's word.
    fn made_so(
        &mut self,
        place: usize,
        becoming: Becoming,
        has_key: bool,
        call: &Call,
        answer: &Answer,
        keys: &mut Keys,
    ) -> Checked {
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        let number = digest(body["id"].as_str().unwrap_or_default().as_bytes());
        let (work, code) = (answer.id(), answer.problem());
        let asked = digest(&call.body);
        let is_its = matches!(becoming, Becoming::Its(_));
        let kept = is_its && has_key;
        if is_its && !work.is_empty() {
            self.work = Some(work.to_owned());
        }
        match answer.status {
            200 | 202 if kept && !work.is_empty() => keys.answered(place, number, asked, work),
            // It is so already; what the key led to before is told as it was.
            200 if kept => keys.unknown(place, number),
            200 => Ok(()),
            202 if !work.is_empty() && becoming != Becoming::Retired => Ok(()),
            422 if kept && code == "idempotency-key-reused" => keys.refused(place, number, asked),
            _ if refusals(becoming).contains(&code) => Ok(()),
            // Nobody is made a business without a name.
            404 if becoming == Becoming::Its(false) && code == "no-such-business" => Ok(()),
            status => Err(Violation::of(0, format!("{becoming:?} was answered {status} {code}"))),
        }
    }
}

/// Why a number may not become this.
const fn refusals(becoming: Becoming) -> &'static [&'static str] {
    match becoming {
        Becoming::Available => &[
            "no-such-number",
            "number-not-free",
            "number-resting",
            "number-busy",
            "number-frozen",
            "contended",
            "unavailable",
        ],
        Becoming::Retired => {
            &["no-such-number", "number-not-free", "number-frozen", "contended", "unavailable"]
        }
        Becoming::Its(_named) => &[
            "no-such-number",
            "number-not-free",
            "number-resting",
            "number-busy",
            "number-frozen",
            "has-another-number",
            "being-cancelled",
            "being-released",
            "being-assigned",
            "not-waiting-for-number",
            // A business that is named has another name, or the number serves another organization.
            "field-invalid",
            "contended",
            "unavailable",
        ],
    }
}

/// The same asked for with the same key is the same; here the key follows from the body.
fn purchase(call: &Call) -> (u64, u64) {
    (digest(&call.body), digest(&call.body))
}

/// An answer that nobody should get is a bug, whatever invariant it breaks.
fn expected(act: &Act, status: u16, among: &[u16]) -> Checked {
    if among.contains(&status) {
        return Ok(());
    }
    Err(Violation::of(0, format!("{act:?} was answered {status}")))
}
