//! Times on the wire: ISO 8601 in UTC, from and to milliseconds since 1970.

const DAY_MS: i64 = 86_400_000;

/// `2026-01-01T00:00:00.000Z`, as VAPI writes times.
pub(crate) fn millis(at_ms: i64) -> String {
    let (year, month, day) = civil(at_ms.div_euclid(DAY_MS));
    let rest = at_ms.rem_euclid(DAY_MS);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60,
        rest % 1_000
    )
}

/// `2026-01-01T00:00:00.000000Z`, as Telnyx writes times of events and orders.
pub(crate) fn micros(at_ms: i64) -> String {
    let mut text = millis(at_ms);
    text.insert_str(23, "000");
    text
}

/// `Thu, 01 Jan 2026 00:00:00 +0000` (RFC 2822), as Twilio writes times.
pub(crate) fn rfc2822(at_ms: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day_number = at_ms.div_euclid(DAY_MS);
    let (year, month, day) = civil(day_number);
    let place = |number: i64| usize::try_from(number).unwrap_or(0);
    let weekday = WEEKDAYS[place(day_number.rem_euclid(7))];
    let month = MONTHS[place(month - 1)];
    let rest = at_ms.rem_euclid(DAY_MS);
    format!(
        "{weekday}, {day:02} {month} {year:04} {:02}:{:02}:{:02} +0000",
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60
    )
}

/// Reads a date, or a date and time with `Z`, an offset or nothing at its end.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = days(year, month, day) * DAY_MS;
    if text.len() == 10 {
        return Some(midnight);
    }
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    let second = if text.get(16..17) == Some(":") { number(17, 19)? } else { 0 };
    let mut rest = text.get(19..).unwrap_or("");
    let mut fraction_ms = 0;
    if let Some(after) = rest.strip_prefix('.') {
        let width = after.bytes().take_while(u8::is_ascii_digit).count();
        let padded: String = after[..width].chars().chain("000".chars()).take(3).collect();
        fraction_ms = padded.parse().ok()?;
        rest = &after[width..];
    }
    let time = hour * 3_600_000 + minute * 60_000 + second * 1_000 + fraction_ms;
    Some(midnight + time - offset_ms(rest)?)
}

fn offset_ms(text: &str) -> Option<i64> {
    let sign = match text.bytes().next() {
        None | Some(b'Z') => return Some(0),
        // A plus sign in a query may have arrived as a space.
        Some(b'+' | b' ') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let hours: i64 = text.get(1..3)?.parse().ok()?;
    let minutes: i64 = text.get(text.len().checked_sub(2)?..)?.parse().ok()?;
    Some(sign * (hours * 3_600_000 + minutes * 60_000))
}

/// Day number of a civil date (Howard Hinnant's method: years start in March).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn civil(day_number: i64) -> (i64, i64, i64) {
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_read_back_as_they_were_written() {
        for at_ms in [0, 1_767_225_600_000, 1_709_164_799_999, 951_782_400_001, 4_102_444_800_000] {
            assert_eq!(parse(&millis(at_ms)), Some(at_ms));
        }
        assert_eq!(millis(1_767_225_600_000), "2026-01-01T00:00:00.000Z");
        assert_eq!(micros(1_709_164_800_007), "2024-02-29T00:00:00.007000Z");
    }

    #[test]
    fn mail_stamps_name_the_weekday() {
        assert_eq!(rfc2822(1_767_225_600_000), "Thu, 01 Jan 2026 00:00:00 +0000");
        assert_eq!(rfc2822(1_438_298_344_000), "Thu, 30 Jul 2015 23:19:04 +0000");
        assert_eq!(rfc2822(1_709_251_199_999), "Thu, 29 Feb 2024 23:59:59 +0000");
    }

    #[test]
    fn offsets_and_short_forms_are_read() {
        assert_eq!(parse("2026-01-01"), Some(1_767_225_600_000));
        assert_eq!(parse("2026-01-01T02:00:00+02:00"), Some(1_767_225_600_000));
        assert_eq!(parse("2026-01-01T00:00:00.5Z"), Some(1_767_225_600_500));
        assert_eq!(parse("yesterday"), None);
    }
}
