//! `POST /api/admin/phone-numbers`: numbers that were bought past Dialtone are brought in by a list.
//!
//! One transaction writes a row and a work for each that is new; the works look them up, import them,
//! read them back and park them in the pool.

use crate::Request;
use crate::routes::stock::{deployment, known, location};
use api::{Answer, Problem, body, idempotency};
use domain::ids::{Attempt, NumberId, OrganizationId, PurchaseId, Stamp, WorkId};
use domain::number::Number;
use domain::phone::E164;
use domain::request::Country;
use domain::stock::Purchase;
use domain::work::{Preparing, Work, prepare};
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{IdempotencyKey, Marks, StartPurchase, Started};

/// Numbers brought in at once.
const NUMBERS_MAX: usize = 25;
/// Characters of a number that is shown again because it is none.
const SHOWN_CHARS: usize = 32;
/// How often a call that was overtaken reads again.
const RACES_MAX: u32 = 5;
/// The fields there are.
const FIELDS: [&str; 2] = ["numbers", "country"];

/// A list of numbers, each once.
pub(crate) struct Listed {
    numbers: Vec<(E164, Country)>,
    /// Those that were listed before.
    duplicates: Vec<E164>,
    /// What is no telephone number, and why.
    invalid: Vec<(String, String)>,
}

/// Brings in the numbers of a list.
pub(crate) async fn bring<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &FIELDS)?;
    let listed = listed(&object, "numbers")?;
    brought(request, "phone-numbers", &object, listed, None).await
}

/// The numbers that a field lists.
pub(crate) fn listed(object: &Map<String, Value>, field: &str) -> Result<Listed, Problem> {
    let expected = || {
        let expected = format!("a list of 1 to {NUMBERS_MAX} telephone numbers is expected");
        Problem::field(field, expected)
    };
    let country: Option<Country> = body::parsed(object, "country")?;
    let texts = body::find(object, field).and_then(Value::as_array).ok_or_else(expected)?;
    if texts.is_empty() || texts.len() > NUMBERS_MAX {
        return Err(expected());
    }
    let mut listed = Listed { numbers: Vec::new(), duplicates: Vec::new(), invalid: Vec::new() };
    for text in texts {
        listed.add(text.as_str().ok_or_else(expected)?, country);
    }
    if listed.numbers.is_empty() {
        return Err(Problem::field(field, "none of them is a telephone number"));
    }
    Ok(listed)
}

impl Listed {
    fn add(&mut self, text: &str, country: Option<Country>) {
        let mut wrong = |why: String| {
            self.invalid.push((text.chars().take(SHOWN_CHARS).collect(), why));
        };
        let digits = match E164::from_typed(text) {
            Ok(digits) => digits,
            Err(error) => return wrong(error.to_string()),
        };
        match country_of(&digits, country) {
            Err(why) => wrong(why.to_owned()),
            Ok(_country) if self.numbers.iter().any(|(known, _)| *known == digits) => {
                self.duplicates.push(digits);
            }
            Ok(country) => self.numbers.push((digits, country)),
        }
    }

    /// All that is a number, each once.
    pub(crate) fn digits(&self) -> Vec<E164> {
        self.numbers.iter().map(|(digits, _country)| digits.clone()).collect()
    }
}

/// The country a number is in, as its digits tell it, or where they do not, as it is said. A number
/// of the wrong country would be handed out as what it is not.
pub(crate) fn country_of(digits: &E164, said: Option<Country>) -> Result<Country, &'static str> {
    match (digits.country(), said) {
        (Some(told), said) if said.is_none_or(|said| said == told) => Ok(told),
        // A toll-free number is of both countries of the plan.
        (None, None) if digits.is_toll_free() => Ok(Country::US),
        (None, None) => Err("say in which country the number is"),
        (None, Some(said)) if said.has_area_codes() == digits.is_toll_free() => Ok(said),
        (Some(_) | None, Some(_)) | (Some(_), None) => Err("it is no number of that country"),
    }
}

/// Brings in what is new of the numbers, once per idempotency key of the route; with `among` only
/// those that are among them.
pub(crate) async fn brought<W: World>(
    request: &Request<'_, W>,
    route: &str,
    object: &Map<String, Value>,
    listed: Listed,
    among: Option<&[E164]>,
) -> Result<Answer, Problem> {
    let key = idempotency::key(request, &OrganizationId::platform(), None, route, object)?;
    let marks = request.deps.marks();
    for _race in 0..RACES_MAX {
        // The key last: a number that the same call has just brought in is not ours without it.
        let ours = request.deps.store.digits_known(&listed.digits()).await?;
        if let Some(purchase) = known(request, key.as_ref()).await? {
            return answered(request, &listed, Some(&purchase)).await;
        }
        let is_new = |(digits, _country): &&(E164, Country)| {
            !ours.contains(digits) && among.is_none_or(|among| among.contains(digits))
        };
        let new: Vec<_> = listed.numbers.iter().filter(is_new).cloned().collect();
        if new.is_empty() && ours.is_empty() {
            return Err(Problem::field("adopt", "the last comparison found none of them"));
        }
        if new.is_empty() {
            return answered(request, &listed, None).await;
        }
        if let Some(purchase) = once(request, new, key.as_ref(), &marks).await? {
            return answered(request, &listed, Some(&purchase)).await;
        }
    }
    Err(Problem::Contended)
}

/// Writes all of it; `None` when somebody else was quicker.
async fn once<W: World>(
    request: &Request<'_, W>,
    new: Vec<(E164, Country)>,
    idempotency: Option<&IdempotencyKey>,
    marks: &Marks,
) -> Result<Option<Purchase>, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    let organization = OrganizationId::platform();
    let new_organization = deps.store.organization(&organization).await?.is_none();
    let deployment = deployment(request, marks).await?;
    let begun = |number| {
        let (id, work) = (NumberId::new(deps.fresh()), WorkId::new(deps.fresh()));
        let stamp = Stamp::new(&deployment, work, Attempt::FIRST);
        let row = Number::written_down(id, organization.clone(), number, stamp, now);
        prepare(&row, work, deployment.clone(), 0, now)
    };
    let begun: Option<Vec<Preparing>> = new.into_iter().map(begun).collect();
    let begun = begun.ok_or(Problem::Contended)?;
    let (numbers, works): (Vec<Number>, Vec<Work>) =
        begun.into_iter().map(|one| (one.number, one.work)).unzip();
    let purchase = Purchase {
        id: PurchaseId::new(deps.fresh()),
        organization,
        works: works.iter().map(|work| work.id).collect(),
        numbers: numbers.iter().map(|number| number.id).collect(),
        by: request.caller.sub.clone(),
        created_at: now,
    };
    let start = StartPurchase {
        purchase: &purchase,
        works: &works,
        numbers: &numbers,
        new_organization,
        idempotency,
    };
    if deps.store.start_purchase(&start, marks).await? == Started::Overtaken {
        return Ok(None);
    }
    tracing::info!(purchase.id = %purchase.id, count = works.len(), "numbers brought in");
    for work in &works {
        deps.send(&Message::work(work.id, now), Duration::ZERO).await;
    }
    Ok(Some(purchase))
}

/// What is being brought in, what is ours already, and what is no number.
async fn answered<W: World>(
    request: &Request<'_, W>,
    listed: &Listed,
    purchase: Option<&Purchase>,
) -> Result<Answer, Problem> {
    let (ids, works) =
        purchase.map_or((&[][..], &[][..]), |one| (one.numbers.as_slice(), one.works.as_slice()));
    let numbers = request.deps.store.numbers(ids).await?;
    let inserted = |digits: &E164| numbers.iter().any(|one| one.digits.as_ref() == Some(digits));
    let left: Vec<E164> = listed.digits().into_iter().filter(|one| !inserted(one)).collect();
    let ours = request.deps.store.digits_known(&left).await?;
    let elsewhere = left.iter().filter(|digits| !ours.contains(digits));
    let new = numbers.iter().map(|number| {
        let work = ids.iter().zip(works).find(|(id, _work)| **id == number.id);
        json!({
            "number": number.digits.as_ref().map(E164::reveal),
            "id": number.id,
            "provisioning_id": work.map(|(_id, work)| work),
        })
    });
    let duplicates = ours.iter().chain(&listed.duplicates);
    let wrong = |number: &str, why: &str| json!({ "number": number, "error": why });
    let invalid = listed.invalid.iter().map(|(text, why)| wrong(text, why));
    let not_found = "the last comparison did not find it among what is nobody's";
    let invalid = invalid.chain(elsewhere.map(|digits| wrong(digits.reveal(), not_found)));
    let body = json!({
        "success": true,
        "purchase_id": purchase.map(|purchase| purchase.id),
        "inserted": new.collect::<Vec<Value>>(),
        "duplicates": duplicates.map(E164::reveal).collect::<Vec<&str>>(),
        "invalid": invalid.collect::<Vec<Value>>(),
    });
    Ok(match purchase {
        Some(purchase) => Answer::json(202, body)
            .with("location", location(purchase))
            .with("retry-after", "2".to_owned()),
        None => Answer::json(200, body),
    })
}
