//! An organization's own account at Twilio, given to it as an operator does.

use crate::stack::Stack;
use anyhow::bail;
use serde_json::json;

/// Gives an organization an account, by its id and token.
///
/// # Errors
///
/// When the operator's API does not take it.
pub async fn give_account(
    stack: &Stack,
    operator: &str,
    organization: &str,
    (sid, token): (&str, &str),
) -> anyhow::Result<()> {
    let path = format!("/api/admin/organizations/{organization}");
    let settings = json!({
        "twilio_account_sid": sid,
        "twilio_auth_token": token,
    });
    let answer = stack.api(operator).put(&path, &settings).await?;
    if answer.status != 200 {
        bail!("PUT {path} answered {}: {}", answer.status, answer.text);
    }
    Ok(())
}
