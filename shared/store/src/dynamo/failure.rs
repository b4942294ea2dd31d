//! What went wrong, told by whether the write may have been applied.

use super::attributes::Attributes;
use super::refused;
use crate::table::{Refused, TableError};
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::error::TransactionCanceledException;

/// A request that fails without a condition's saying so.
pub(super) fn plain<E: ProvideErrorMetadata>(error: &SdkError<E>) -> TableError {
    match error {
        SdkError::ConstructionFailure(_) => {
            TableError::Rejected("the request could not be built or signed".to_owned())
        }
        // It may have left, and how far it came cannot be told.
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            TableError::AnswerLost
        }
        SdkError::ServiceError(answer) => {
            by_code(answer.err(), answer.raw().status().is_server_error())
        }
        // The SDK may add kinds; the worst is assumed of them.
        _ => TableError::AnswerLost,
    }
}

/// A single write that fails. `condition` gives the old item where a condition did not hold.
pub(super) fn conditional<E: ProvideErrorMetadata>(
    error: &SdkError<E>,
    condition: impl FnOnce(&E) -> Option<Option<Attributes>>,
) -> TableError {
    match error.as_service_error().and_then(condition) {
        Some(old) => refusal(vec![refused(0, old)]),
        None => plain(error),
    }
}

/// A transaction that was cancelled: the reasons stand in the order of its writes. A condition
/// that does not hold says most, so it is told even where another write met a conflict.
pub(super) fn cancelled(exception: &TransactionCanceledException) -> TableError {
    let reasons = exception.cancellation_reasons();
    let refusals: Vec<_> = reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(index, reason)| refused(index, reason.item.clone()))
        .collect();
    if !refusals.is_empty() {
        return refusal(refusals);
    }
    let given = |codes: &[&str]| {
        reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
    };
    if given(&["TransactionConflict"]) {
        TableError::Conflict
    } else if given(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        TableError::Throttled
    } else {
        let reason = reasons.iter().find(|reason| reason.code() != Some("None"));
        let code = reason.and_then(|reason| reason.code());
        let message = reason.and_then(|reason| reason.message());
        rejected(code.or(Some("TransactionCanceledException")), message)
    }
}

/// A request that the SDK's own builders would not take.
pub(super) fn unbuilt(error: &BuildError) -> TableError {
    TableError::Rejected(format!("the request could not be built: {error}"))
}

fn refusal(refusals: Vec<Result<Refused, TableError>>) -> TableError {
    match refusals.into_iter().collect() {
        Ok(refusals) => TableError::Refused(refusals),
        Err(unreadable) => unreadable,
    }
}

fn by_code<E: ProvideErrorMetadata>(error: &E, server_error: bool) -> TableError {
    match error.code() {
        Some(
            "TransactionConflictException"
            | "TransactionInProgressException"
            | "ReplicatedWriteConflictException",
        ) => TableError::Conflict,
        Some(
            "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded",
        ) => TableError::Throttled,
        Some(code) if !server_error => rejected(Some(code), error.message()),
        // Without a code it is not DynamoDB's refusal; it may be a success that cannot be read.
        Some(_) | None => TableError::AnswerLost,
    }
}

/// Messages may quote values, always in braces; what stands before is kept.
fn rejected(code: Option<&str>, message: Option<&str>) -> TableError {
    let message = message.unwrap_or_default();
    let told = message.split_once('{').map_or(message, |(told, _values)| told);
    TableError::Rejected(format!("{}: {told}", code.unwrap_or("no code")))
}
