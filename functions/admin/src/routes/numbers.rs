//! `GET /api/admin/phone-numbers`: all numbers, by status or business.

use crate::{Request, figures, view};
use api::{Answer, Problem, page};
use domain::figures::Status;
use domain::ids::{BusinessId, NumberId, OrganizationId};
use domain::number::{Number, State};
use domain::time::Timestamp;
use runtime::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::keys;
use store::table::Cursor;

/// Numbers read at once where a filter leaves most of them out.
const FILTERED_PAGE_NUMBERS: u16 = 100;
/// Pages read for one answer: one for each state, and some in which nothing fits. After them the
/// answer says where to go on.
const PAGES_MAX: u32 = 20;

/// Which numbers are asked for.
struct Wanted {
    states: Vec<&'static str>,
    business: Option<BusinessId>,
    organization: Option<OrganizationId>,
    limit: usize,
}

/// A place in the list: a state, and the number there after which it goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    state: usize,
    after: Option<(Timestamp, NumberId)>,
}

pub(crate) async fn list<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let wanted = wanted(request)?;
    let place = place(request, &wanted)?;
    let (numbers, next) = read(request, &wanted, place).await?;
    let mut named = BTreeSet::new();
    for number in &numbers {
        if let State::Assigned { business, .. } = &number.state {
            named.insert((number.organization.clone(), business.clone()));
        }
    }
    let named: Vec<_> = named.into_iter().collect();
    let businesses = request.deps.store.businesses(&named).await?;
    let figures = figures::read(request).await?;
    let ids: Vec<NumberId> = numbers.iter().map(|number| number.id).collect();
    let port_outs = request.deps.store.port_outs(&ids).await?;
    let numbers: Vec<Value> = numbers
        .iter()
        .map(|number| view::with_port_out(number, &businesses, port_outs.get(&number.id)))
        .collect();
    let body = json!({
        "success": true,
        "numbers": numbers,
        "statistics": figures::statistics(figures.as_ref()),
        "next_cursor": next.map(|place| seal(&wanted, place)),
    });
    Ok(Answer::json(200, body))
}

fn wanted<W: World>(request: &Request<'_, W>) -> Result<Wanted, Problem> {
    let query = &request.call.query;
    let text = |name: &str, other: &str| query.get(name).or_else(|| query.get(other));
    let status = match query.get("status").map(String::as_str) {
        None | Some("") => None,
        Some(name) => Some(Status::from_name(name).ok_or_else(|| {
            Problem::field("status", "available, assigned or suspended is expected")
        })?),
    };
    let business: Option<BusinessId> = text("businessId", "business_id")
        .map(|text| text.parse().map_err(|error| Problem::field("businessId", error)))
        .transpose()?;
    let organization = text("organizationId", "organization_id")
        .map(|text| text.parse().map_err(|error| Problem::field("organizationId", error)))
        .transpose()?;
    let of = |status: Option<Status>| {
        let all = status.map_or_else(|| Status::ALL.to_vec(), |status| vec![status]);
        all.into_iter().flat_map(Status::states).copied().collect::<Vec<_>>()
    };
    let mut states = of(status);
    if business.is_some() {
        // A number has a business while it answers for it.
        states.retain(|state| *state == "assigned");
    }
    let limit = usize::from(page::limit(query)?);
    Ok(Wanted { states, business, organization, limit })
}

/// The numbers from a place on, newest first within each state, and where the list goes on.
async fn read<W: World>(
    request: &Request<'_, W>,
    wanted: &Wanted,
    mut place: Place,
) -> Result<(Vec<Number>, Option<Place>), Problem> {
    let filtered = wanted.business.is_some() || wanted.organization.is_some();
    let mut numbers: Vec<Number> = Vec::new();
    for _page in 0..PAGES_MAX {
        let Some(state) = wanted.states.get(place.state) else { return Ok((numbers, None)) };
        let room = wanted.limit.saturating_sub(numbers.len());
        if room == 0 {
            break;
        }
        let room = u16::try_from(room).unwrap_or(FILTERED_PAGE_NUMBERS);
        let size = if filtered { FILTERED_PAGE_NUMBERS } else { room };
        let after = place.after.map(cursor);
        let (found, next) = request.deps.store.newest_numbers_in(state, size, after).await?;
        for number in found {
            if numbers.len() == wanted.limit {
                return Ok((numbers, Some(place)));
            }
            place.after = Some((number.created_at, number.id));
            if wanted.fits(&number) {
                numbers.push(number);
            }
        }
        place = match next.as_ref().and_then(numbered) {
            Some(after) => Place { after: Some(after), ..place },
            None => Place { state: place.state.saturating_add(1), after: None },
        };
    }
    Ok((numbers, wanted.states.get(place.state).map(|_state| place)))
}

impl Wanted {
    fn fits(&self, number: &Number) -> bool {
        let organization = self.organization.as_ref().is_none_or(|id| *id == number.organization);
        let business = self.business.as_ref().is_none_or(
            |id| matches!(&number.state, State::Assigned { business, .. } if business == id),
        );
        organization && business
    }
}

fn cursor((at, id): (Timestamp, NumberId)) -> Cursor {
    Cursor { key: keys::number(id), index_sort: Some(keys::list_sort(at, id)) }
}

/// The number a place of the index names, and when it was made.
fn numbered(cursor: &Cursor) -> Option<(Timestamp, NumberId)> {
    let id = keys::parse_number(&cursor.key)?;
    Some((keys::parse_due(cursor.index_sort.as_ref()?)?, id))
}

/// What the first part of a cursor of this list is.
const LIST: &str = "numbers";

fn seal(wanted: &Wanted, place: Place) -> String {
    let state = wanted.states.get(place.state);
    let after = place.after.map(|(at, id)| (at.as_millis(), id));
    page::seal(&json!([LIST, state, after]))
}

/// Where the list is to go on: at a place that a former answer named, in one of its states.
fn place<W: World>(request: &Request<'_, W>, wanted: &Wanted) -> Result<Place, Problem> {
    let Some(text) = request.call.query.get("cursor") else {
        return Ok(Place { state: 0, after: None });
    };
    let read = || {
        let (list, state, after) =
            page::open::<(String, String, Option<(Timestamp, NumberId)>)>(text)?;
        let state = wanted.states.iter().position(|known| *known == state)?;
        (list == LIST).then_some(Place { state, after })
    };
    read().ok_or_else(|| Problem::field("cursor", "a next_cursor of the same list is expected"))
}
