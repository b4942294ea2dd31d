//! What a provisioning request says, field by field, with an error that names the field.

use crate::body::{find, parsed, text};
use crate::{Problem, wanted};
use domain::assistant::Language;
use domain::ids::{AssistantId, BusinessId, OrganizationId};
use domain::persona::{LongestCall, Persona};
use domain::phone::{AreaCode, E164};
use domain::request::{Country, Match, NumberType, Wanted};
use domain::source::Source;
use domain::template::Industry;
use domain::tenant::Organization;
use serde_json::{Map, Value};

/// What a provisioning request says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// `organization_id`: an operator's way to act for any business.
    pub organization: Option<OrganizationId>,
    /// `business_id`: the same.
    pub business: Option<BusinessId>,
    /// The name of the business, and of its assistant.
    pub business_name: Option<String>,
    /// One of our assistants.
    pub assistant: Option<AssistantId>,
    /// What the assistant speaks.
    pub language: Option<Language>,
    /// Whose template it starts from.
    pub industry: Option<Industry>,
    /// The business's own settings of it.
    pub persona: Persona,
    /// What number is wanted.
    pub wanted: Wanted,
    /// Whether nothing in the request says which kind of line it is to be: neither type nor number
    /// nor area code.
    pub any_type: bool,
    /// The sources to try, in order.
    pub sources: Option<Vec<Source>>,
}

/// Characters a business's name may have.
const NAME_LENGTH_MAX: usize = 200;

impl Fields {
    /// Reads and checks all fields.
    ///
    /// # Errors
    /// A problem that names the first field that cannot be used.
    pub fn from_object(
        map: &Map<String, Value>,
        longest_call: LongestCall,
    ) -> Result<Self, Problem> {
        let persona = match find(map, "assistant") {
            None | Some(Value::Null) => Persona::default(),
            Some(value) => Persona::from_json(value, longest_call)
                .map_err(|error| Problem::field(&error.field, error.expected))?,
        };
        let fields = Self {
            organization: parsed(map, "organization_id")?,
            business: parsed(map, "business_id")?,
            business_name: business_name(map)?,
            assistant: parsed(map, "assistant_id")?,
            language: language(map)?,
            industry: industry(map)?,
            persona,
            wanted: wanted(map)?,
            any_type: ["type", "number", "phone_number", "area_code"]
                .iter()
                .all(|name| find(map, name).is_none()),
            sources: sources(map)?,
        };
        wanted::check(&fields.wanted)?;
        Ok(fields)
    }

    /// What is wanted, with the organization's kind of line where the request says nothing of it.
    #[must_use]
    pub fn wanted_of(&self, organization: Option<&Organization>) -> Wanted {
        let own = organization.and_then(|organization| organization.number_type);
        let number_type = own.filter(|_own| self.any_type).unwrap_or(self.wanted.number_type);
        Wanted { number_type, ..self.wanted.clone() }
    }
}

/// The name of a business, if one is there.
///
/// # Errors
/// A problem when it is no text, or too long.
pub fn business_name(map: &Map<String, Value>) -> Result<Option<String>, Problem> {
    const NAME: &str = "business_data.business_name";
    let name = match find(map, "business_data") {
        None | Some(Value::Null) => text(map, "business_name")?,
        Some(Value::Object(data)) => text(data, "business_name")
            .map_err(|_wrong| Problem::field(NAME, "a text is expected"))?,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(Problem::field("business_data", "an object is expected"));
        }
    };
    let Some(name) = name.map(printable).filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.chars().count() > NAME_LENGTH_MAX {
        return Err(Problem::field(NAME, "at most 200 characters are allowed"));
    }
    Ok(Some(name))
}

/// Without control characters, and without those that turn the direction of what follows.
fn printable(name: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown: String = name.chars().filter(|c| !hidden(*c)).collect();
    shown.trim().to_owned()
}

/// The language, if one is there.
///
/// # Errors
/// A problem when there is no such language.
pub fn language(map: &Map<String, Value>) -> Result<Option<Language>, Problem> {
    let name = if find(map, "language").is_some() { "language" } else { "language_preference" };
    text(map, name)?
        .map(|text| {
            let value = Value::String(text.to_ascii_lowercase());
            serde_json::from_value(value).map_err(|_unknown| {
                Problem::field(name, "english, spanish, french or multilingual is expected")
            })
        })
        .transpose()
}

/// The industry, if one is there. A code that nobody here knows is a business of the general kind.
///
/// # Errors
/// A problem when it is no text.
pub fn industry(map: &Map<String, Value>) -> Result<Option<Industry>, Problem> {
    let name = if find(map, "industry").is_some() { "industry" } else { "industry_code" };
    Ok(text(map, name)?.map(Industry::from_code))
}

fn wanted(map: &Map<String, Value>) -> Result<Wanted, Problem> {
    let number = if find(map, "number").is_some() { "number" } else { "phone_number" };
    let picked = text(map, number)?
        .map(|text| E164::from_typed(text).map_err(|error| Problem::field(number, error)))
        .transpose()?;
    let number_type = match text(map, "type")? {
        None => picked.as_ref().map_or(NumberType::Local, kind_of),
        Some(text) => number_type("type", text)?,
    };
    let matching = match text(map, "match")? {
        None if picked.is_some() => Match::Strict,
        None | Some("any") => Match::Any,
        Some("strict") => Match::Strict,
        Some(_) => return Err(Problem::field("match", "strict or any is expected")),
    };
    let country = match parsed(map, "country")? {
        Some(country) => country,
        None if picked.as_ref().is_some_and(|number| !number.is_north_american()) => {
            return Err(Problem::field("country", "say in which country the number is"));
        }
        None => Country::US,
    };
    let area_code = parsed::<AreaCode>(map, "area_code")?;
    if let Some(picked) = &picked {
        agrees(picked, number_type, area_code.as_ref())?;
    }
    Ok(Wanted { country, area_code, matching, number_type, picked })
}

/// A picked number says its type and area code itself.
fn agrees(
    picked: &E164,
    number_type: NumberType,
    area_code: Option<&AreaCode>,
) -> Result<(), Problem> {
    if picked.is_north_american() && number_type != kind_of(picked) {
        let own = kind_of(picked).as_str();
        return Err(Problem::field("type", format!("the number you picked is {own}")));
    }
    if area_code.is_some() && picked.area_code().as_ref() != area_code {
        return Err(Problem::field("area_code", "the number you picked has another one"));
    }
    Ok(())
}

fn kind_of(number: &E164) -> NumberType {
    if number.is_toll_free() { NumberType::TollFree } else { NumberType::Local }
}

/// The type of that name.
///
/// # Errors
/// A problem with the field's name when there is none.
pub fn number_type(field: &str, text: &str) -> Result<NumberType, Problem> {
    [NumberType::Local, NumberType::TollFree, NumberType::Sip]
        .into_iter()
        .find(|number_type| number_type.as_str() == text)
        .ok_or_else(|| Problem::field(field, "local, toll_free or sip is expected"))
}

fn sources(map: &Map<String, Value>) -> Result<Option<Vec<Source>>, Problem> {
    let known = || {
        let names = Source::DEFAULT_ORDER.map(Source::as_str).join(", ");
        Problem::field(
            "sources",
            format!("a list of sources, each once and manual last, is expected: {names}"),
        )
    };
    match find(map, "sources") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(all)) => {
            let named = |value: &Value| value.as_str().and_then(Source::from_name);
            let sources: Option<Vec<Source>> = all.iter().map(named).collect();
            sources.filter(|sources| Source::is_order(sources)).map(Some).ok_or_else(known)
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Err(known())
        }
    }
}
