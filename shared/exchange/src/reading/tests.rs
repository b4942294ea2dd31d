use super::*;
use domain::outcome::NoReason;
use std::collections::BTreeMap;

fn response(status: u16, headers: &[(&str, &str)]) -> Response {
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { status, headers, body: b"body".to_vec() }
}

fn read(
    answer: Result<Response, ExchangeError>,
    effect: Effect,
    decodes: bool,
) -> Outcome<u16, NoReason> {
    outcome(
        answer,
        effect,
        Reset::In,
        |response| decodes.then_some(response.status),
        |response| Refusal::Request(response.status.to_string()),
    )
}

#[test]
fn every_success_status_is_done_when_the_body_is_understood() {
    for status in [200, 201, 202, 204] {
        for effect in [Effect::Reads, Effect::Changes] {
            assert_eq!(read(Ok(response(status, &[])), effect, true), Outcome::Done(status));
        }
    }
}

#[test]
fn a_success_that_cannot_be_read_leaves_a_change_open() {
    let answer = || Ok(response(201, &[]));
    assert_eq!(read(answer(), Effect::Changes, false), Outcome::Unknown);
    assert_eq!(read(answer(), Effect::Reads, false), Outcome::Transient { retry_after: None });
}

#[test]
fn a_request_that_was_not_sent_has_not_happened() {
    for effect in [Effect::Reads, Effect::Changes] {
        assert_eq!(
            read(Err(ExchangeError::NotSent), effect, true),
            Outcome::Transient { retry_after: None }
        );
    }
}

#[test]
fn what_is_no_clear_answer_leaves_a_change_open_and_a_read_repeatable() {
    let answers = [301, 408, 500, 502, 503, 504]
        .map(|status| Ok(response(status, &[])))
        .into_iter()
        .chain([Err(ExchangeError::AnswerLost)]);
    for answer in answers {
        assert_eq!(read(answer.clone(), Effect::Changes, true), Outcome::Unknown);
        assert_eq!(read(answer, Effect::Reads, true), Outcome::Transient { retry_after: None });
    }
}

#[test]
fn other_client_errors_are_refusals() {
    for status in [400, 401, 402, 403, 404, 407, 409, 422, 428, 430, 451] {
        for effect in [Effect::Reads, Effect::Changes] {
            assert_eq!(
                read(Ok(response(status, &[])), effect, true),
                Outcome::Refused(Refusal::Request(status.to_string()))
            );
        }
    }
}

#[test]
fn too_many_requests_certainly_did_not_happen() {
    for effect in [Effect::Reads, Effect::Changes] {
        assert_eq!(
            read(Ok(response(429, &[("retry-after", "7")])), effect, true),
            Outcome::Transient { retry_after: Some(Duration::from_secs(7)) }
        );
    }
}

type Headers = &'static [(&'static str, &'static str)];

const DATE: (&str, &str) = ("date", "Thu, 01 Jan 2026 00:00:00 GMT");

#[test]
fn a_wait_is_read_from_either_header() {
    let cases: [(Headers, Reset, Option<u64>); 11] = [
        (&[], Reset::In, None),
        (&[("retry-after", "30")], Reset::At, Some(30)),
        (&[("retry-after", "30"), ("x-ratelimit-reset", "5")], Reset::In, Some(30)),
        (&[("retry-after", "Thu, 01 Jan 2026 00:00:42 GMT"), DATE], Reset::In, Some(42)),
        (&[("retry-after", "Thu, 01 Jan 2026 00:00:42 GMT")], Reset::In, None),
        (&[("x-ratelimit-reset", "12")], Reset::In, Some(12)),
        (&[("x-ratelimit-reset", "1767225690"), DATE], Reset::At, Some(90)),
        (&[("x-ratelimit-reset", "1767225690")], Reset::At, None),
        (&[("x-ratelimit-reset", "1767225000"), DATE], Reset::At, Some(0)),
        (&[("x-ratelimit-reset", "soon")], Reset::In, None),
        (&[("retry-after", "9999999")], Reset::In, Some(3600)),
    ];
    for (headers, reset, seconds) in cases {
        assert_eq!(
            retry_after(&response(429, headers), reset),
            seconds.map(Duration::from_secs),
            "{headers:?}"
        );
    }
}
