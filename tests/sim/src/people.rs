//! Who asks for what, and whether they are answered as they should be.

use crate::dice::Dice;
use crate::outside::Which;
use domain::ids::{BusinessId, WorkId};
use it::Person;
use provision::Call;
use serde_json::{Value, json};

mod answers;

/// A business of some organization.
#[derive(Debug)]
pub struct Business {
    /// The deployment it is a customer of.
    pub deployment: usize,
    /// Its id.
    pub name: String,
    /// The organization it is of.
    pub organization: String,
    /// Who asks for it.
    pub person: Person,
    /// What it asks for.
    pub wants: Value,
    /// The id of its provisioning, once it was told one.
    pub work: Option<String>,
    /// The id of the number it last saw as its own.
    pub number: Option<String>,
    /// The id of its assistant, once it was told one.
    pub assistant: Option<String>,
    /// The id of the number or work that an operator has before them.
    pub aim: Option<String>,
    /// The digits that an operator has before them.
    pub digits: Option<String>,
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
    Assign(Which),
    /// An operator wants so many numbers made ahead, from this source; with a key of their own.
    Stock(u64, &'static str),
    /// An operator brings in a number that was bought past all deployments, or another; with a key of
    /// its own.
    Bring(Which),
    /// An operator says what becomes of a number; `true` with a key.
    Make(Becoming, bool),
    /// An operator calls off the work that has a number.
    CallOff,
    /// Gives its assistant another name; an odd one with a key of its own.
    Rename(u64),
    /// Deletes its assistant; `true` with a key.
    Remove(bool),
    /// Somebody of another organization meddles.
    Stranger(Meddling),
}

/// What an operator makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Becoming {
    /// Nobody's, and in the pool.
    Available,
    /// Out of use.
    Retired,
    /// The business's; `true` where its name is said, too.
    Its(bool),
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
        let (name, organization) = (format!("business-{name}"), format!("org-{organization}"));
        let person = Person::of(&organization, &name);
        Self {
            deployment,
            name,
            organization,
            person,
            wants,
            work: None,
            number: None,
            assistant: None,
            aim: None,
            digits: None,
        }
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
                let call = self.person.asks(self.body(*differs));
                Some(with_key(call, format!("key-{key}")))
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
            Act::Assign(_) => {
                let line = format!("POST /api/admin/provisionings/{}/assign", self.work.as_ref()?);
                Some(Person::operator().call(&line, &json!({ "number": self.digits.as_ref()? })))
            }
            Act::Stock(count, source) => {
                let line = "POST /api/admin/phone-pool/provision";
                let call = Person::operator().call(line, &stock(*count, source));
                Some(with_key(call, format!("stock-{count}-{source}")))
            }
            Act::Bring(_) => {
                let line = "POST /api/admin/phone-numbers";
                let number = self.digits.as_ref()?;
                let call = Person::operator().call(line, &json!({ "numbers": [number] }));
                Some(with_key(call, format!("bring-{number}")))
            }
            Act::Make(becoming, has_key) => {
                let call = Person::operator()
                    .call("PATCH /api/admin/phone-numbers", &self.made(*becoming)?);
                Some(if *has_key { with_key(call, "make".to_owned()) } else { call })
            }
            Act::CallOff => {
                let line = format!("POST /api/admin/provisionings/{}/cancel", self.aim.as_ref()?);
                Some(Person::operator().call(&line, &nothing))
            }
            Act::Rename(name) => {
                let line = format!("PATCH /api/assistants/{}", self.assistant.as_ref()?);
                let body = json!({ "business_name": format!("Name {name}") });
                let call = self.person.call(&line, &body);
                Some(if name % 2 == 1 { with_key(call, format!("name-{name}")) } else { call })
            }
            Act::Remove(has_key) => {
                let line = format!("DELETE /api/assistants/{}", self.assistant.as_ref()?);
                let call = self.person.call(&line, &nothing);
                Some(if *has_key { with_key(call, "remove".to_owned()) } else { call })
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

    /// What an operator says of the number before them.
    fn made(&self, becoming: Becoming) -> Option<Value> {
        let id = self.aim.as_ref()?;
        Some(match becoming {
            Becoming::Available => json!({ "id": id, "status": "available" }),
            Becoming::Retired => json!({ "id": id, "status": "retired" }),
            Becoming::Its(is_named) => {
                let (name, organization) = (&self.name, &self.organization);
                let mut body =
                    json!({ "id": id, "assigned_to": name, "organization_id": organization });
                if is_named {
                    body["business_name"] = json!(name);
                }
                body
            }
        })
    }
}

/// The same with an idempotency key.
fn with_key(mut call: Call, key: String) -> Call {
    call.headers.insert("idempotency-key".to_owned(), key);
    call
}

/// What an operator asks for.
fn stock(count: u64, source: &str) -> Value {
    json!({ "count": count, "source": source })
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
