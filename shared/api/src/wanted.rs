//! What is wanted of a number.

use crate::Problem;
use domain::request::{NumberType, Wanted};

/// Refuses what no number can satisfy.
///
/// # Errors
/// A problem that names the area code, where it has no place in the country or is of another type.
pub fn check(wanted: &Wanted) -> Result<(), Problem> {
    let Some(area_code) = &wanted.area_code else { return Ok(()) };
    if !wanted.country.has_area_codes() {
        let expected = "area codes are for the United States and Canada";
        return Err(Problem::field("area_code", expected));
    }
    let fits = match wanted.number_type {
        NumberType::Local => !area_code.is_toll_free(),
        NumberType::TollFree => area_code.is_toll_free(),
        NumberType::Sip => false,
    };
    if fits {
        return Ok(());
    }
    let expected = match wanted.number_type {
        NumberType::Local => "this is a toll-free prefix; send \"type\": \"toll_free\" with it",
        NumberType::TollFree => "a toll-free prefix is expected, for example 888",
        NumberType::Sip => "a SIP address has no area code",
    };
    Err(Problem::field("area_code", expected))
}
