//! Who asks for what, and whether they are answered as they should be.

use crate::dice::Dice;
use crate::invariants::{Checked, Violation, n09_tenants_apart, n12_same_key_same_work::Keys};
use crate::trace::digest;
use domain::ids::{BusinessId, WorkId};
use it::{Person, Shown as _};
use provision::{Answer, Call};
use serde_json::{Value, json};

/// A business of some organization.
#[derive(Debug)]
pub struct Business {
    /// The deployment it is a customer of.
    pub deployment: usize,
    /// Its id.
    pub name: String,
    /// Who asks for it.
    pub person: Person,
    /// What it asks for.
    pub wants: Value,
    /// The id of its provisioning, once it was told one.
    pub work: Option<String>,
    /// The id of the number it last saw as its own.
    pub number: Option<String>,
}

/// Something a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Asks for a number.
    Start,
    /// Asks for a number with an idempotency key; `true` with a body of its own.
    StartWithKey(u64, bool),
    /// Calls it off.
    Cancel,
    /// Wants it tried again.
    Retry,
    /// Gives its number up.
    Release,
    /// Wants its former number back.
    Undo,
    /// Looks at it.
    Look,
    /// Looks at what the business has.
    Mine,
    /// An operator wants it tried again.
    OperatorRetry,
    /// An operator calls it off.
    OperatorCancel,
    /// An operator names a number for it.
    Assign(&'static str),
    /// An operator wants so many numbers made ahead, from this source; with a key of their own.
    Stock(u64, &'static str),
    /// An operator brings in a number that was bought past all deployments; with a key of its own.
    Bring(&'static str),
    /// Somebody of another organization meddles.
    Stranger(Meddling),
}

/// What a stranger tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddling {
    /// To look.
    Look,
    /// To call off.
    Cancel,
    /// To have it tried again.
    Retry,
}

impl Business {
    /// A business of this name.
    pub fn new(deployment: usize, organization: u64, name: usize, wants: Value) -> Self {
        let name = format!("business-{name}");
        let person = Person::of(&format!("org-{organization}"), &name);
        Self { deployment, name, person, wants, work: None, number: None }
    }

    /// An operator of a deployment, who has a work of it before them and wants nothing of their own.
    pub fn operator(deployment: usize, name: usize, work: WorkId) -> Self {
        let mut operator = Self::new(deployment, 0, name, Value::Null);
        operator.work = Some(work.to_string());
        operator
    }

    /// Whether this is the business of that id.
    pub fn is(&self, id: &BusinessId) -> bool {
        self.name == id.as_str()
    }

    /// The call an act is; `None` while there is nothing to act on.
    pub fn call(&self, act: &Act) -> Option<Call> {
        let nothing = Value::Null;
        let of = |method: &str, rest: &str| {
            let id = self.work.as_ref()?;
            Some(format!("{method} /api/phone/provision/{id}{rest}"))
        };
        let operators =
            |method: &str, rest: &str| Some(Person::operator().call(&of(method, rest)?, &nothing));
        let stranger = || Person::of("org-of-strangers", "business-0");
        match act {
            Act::Start => Some(self.person.asks(self.wants.clone())),
            Act::StartWithKey(key, differs) => {
                let mut call = self.person.asks(self.body(*differs));
                call.headers.insert("idempotency-key".to_owned(), format!("key-{key}"));
                Some(call)
            }
            Act::Cancel => Some(self.person.call(&of("DELETE", "")?, &nothing)),
            Act::Retry => Some(self.person.call(&of("POST", "/retry")?, &nothing)),
            Act::Look => Some(self.person.call(&of("GET", "")?, &nothing)),
            Act::Release => {
                let line = format!("DELETE /api/phone/numbers/{}", self.number.as_ref()?);
                Some(self.person.call(&line, &nothing))
            }
            Act::Undo => {
                let line = format!("POST /api/phone/numbers/{}/undo", self.number.as_ref()?);
                Some(self.person.call(&line, &nothing))
            }
            Act::Mine => Some(self.person.call("GET /api/phone/provision", &nothing)),
            Act::OperatorRetry => operators("POST", "/retry"),
            Act::OperatorCancel => operators("DELETE", ""),
            Act::Assign(number) => {
                let line = format!("POST /api/admin/provisionings/{}/assign", self.work.as_ref()?);
                Some(Person::operator().call(&line, &json!({ "number": number })))
            }
            Act::Stock(count, source) => {
                let line = "POST /api/admin/phone-pool/provision";
                let mut call = Person::operator().call(line, &stock(*count, source));
                let key = format!("stock-{count}-{source}");
                call.headers.insert("idempotency-key".to_owned(), key);
                Some(call)
            }
            Act::Bring(number) => {
                let line = "POST /api/admin/phone-numbers";
                let mut call = Person::operator().call(line, &bring(number));
                call.headers.insert("idempotency-key".to_owned(), format!("bring-{number}"));
                Some(call)
            }
            Act::Stranger(Meddling::Look) => Some(stranger().call(&of("GET", "")?, &nothing)),
            Act::Stranger(Meddling::Cancel) => Some(stranger().call(&of("DELETE", "")?, &nothing)),
            Act::Stranger(Meddling::Retry) => {
                Some(stranger().call(&of("POST", "/retry")?, &nothing))
            }
        }
    }

    fn body(&self, differs: bool) -> Value {
        let mut body = self.wants.clone();
        if differs {
            body["business_data"] = json!({ "business_name": "Another name" });
        }
        body
    }

    /// Hears the answer to an act.
    pub fn hear(&mut self, place: usize, act: &Act, answer: &Answer, keys: &mut Keys) -> Checked {
        let status = answer.status;
        let of_its_own = !matches!(act, Act::Stranger(_));
        if let Some(number) =
            answer.body.get("number_id").and_then(Value::as_str).filter(|_| of_its_own)
        {
            self.number = Some(number.to_owned());
        }
        match act {
            Act::Start | Act::StartWithKey(..) if status == 200 || status == 202 => {
                let id = answer.id();
                if id.is_empty() {
                    return Err(Violation::of(12, "a start was accepted without a provisioning"));
                }
                self.work = Some(id.to_owned());
                match act {
                    Act::StartWithKey(key, differs) => {
                        keys.answered(place, *key, self.digest(*differs), id)
                    }
                    _ => Ok(()),
                }
            }
            Act::StartWithKey(key, differs) if status == 422 => {
                keys.refused(place, *key, self.digest(*differs))
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
            Act::Cancel | Act::OperatorCancel => expected(act, status, &[200, 202, 409, 503]),
            Act::Assign(_) => expected(act, status, &[200, 202, 409, 503]),
            Act::Stock(count, source) if status == 202 => {
                purchased(place, &stock(*count, source), answer, keys)
            }
            Act::Bring(number) if status == 202 => purchased(place, &bring(number), answer, keys),
            Act::Stock(..) | Act::Bring(_) => expected(act, status, &[503]),
            Act::Retry | Act::OperatorRetry => expected(act, status, &[200, 202, 403, 409, 503]),
            Act::Stranger(_) => n09_tenants_apart::stranger(status, &format!("{act:?}")),
        }
    }

    fn digest(&self, differs: bool) -> u64 {
        digest(self.body(differs).to_string().as_bytes())
    }
}

/// The same asked for with the same key is the same; here the key follows from the body.
fn purchased(place: usize, body: &Value, answer: &Answer, keys: &mut Keys) -> Checked {
    let body = digest(body.to_string().as_bytes());
    keys.answered(place, body, body, answer.body["purchase_id"].as_str().unwrap_or_default())
}

/// What an operator brings in.
fn bring(number: &str) -> Value {
    json!({ "numbers": [number] })
}

/// What an operator asks for.
fn stock(count: u64, source: &str) -> Value {
    json!({ "count": count, "source": source })
}

/// An answer that nobody should get is a bug, whatever invariant it breaks.
fn expected(act: &Act, status: u16, among: &[u16]) -> Checked {
    if among.contains(&status) {
        return Ok(());
    }
    Err(Violation::of(0, format!("{act:?} was answered {status}")))
}

/// What a business asks for.
pub fn wants(dice: &mut Dice) -> Value {
    let mut wants = match dice.below(11) {
        7 | 8 => json!({ "sources": ["org_twilio"] }),
        9 => json!({ "sources": ["global_twilio"] }),
        10 => json!({ "sources": ["org_twilio", "global_twilio", "telnyx"] }),
        6 => json!({ "sources": ["pool"] }),
        0 | 1 => json!({}),
        2 | 3 => json!({ "sources": ["telnyx"] }),
        4 => json!({ "sources": ["vapi_free"] }),
        _ => json!({ "sources": ["telnyx", "vapi_free"] }),
    };
    if dice.chance(128) {
        wants["area_code"] = json!(dice.pick(&["415", "212"]));
        wants["match"] = json!(dice.pick(&["any", "strict"]));
    }
    wants
}
