//! Who calls: from the authorizer's claims, and from nothing else.

use crate::config::Claims;
use crate::problem::Problem;
use domain::ids::{BusinessId, OrganizationId};
use std::collections::BTreeMap;

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The tenant.
    pub organization: Option<OrganizationId>,
    /// The customer, if the token says so.
    pub business: Option<BusinessId>,
    /// The issuer's name for the user.
    pub sub: String,
    /// Whether it is an administrator of the platform.
    pub operator: bool,
}

impl Caller {
    /// Reads the claims.
    ///
    /// # Errors
    /// A problem when they do not say who calls.
    pub fn from_claims(claims: &BTreeMap<String, String>, names: &Claims) -> Result<Self, Problem> {
        let claim = |name: &str| claims.get(name).filter(|value| !value.is_empty());
        let Some(sub) = claim("sub") else { return Err(Problem::NotSignedIn) };
        // An access token passes the gateway too, but does not say whose it is.
        if claim("token_use").is_some_and(|kind| kind != "id") {
            return Err(Problem::IdTokenRequired);
        }
        let groups = claim(&names.groups).map(String::as_str).unwrap_or_default();
        let operator = in_group(groups, &names.operator_group);
        let organization = read(claim(&names.organization), "organization")?;
        // Whose money buys for the pool is no tenant's to spend.
        if organization == Some(OrganizationId::platform()) && !operator {
            return Err(Problem::ClaimUnusable { what: "organization" });
        }
        Ok(Self {
            organization,
            business: read(claim(&names.business), "business")?,
            sub: sub.clone(),
            operator,
        })
    }

    /// Operators alone go on.
    ///
    /// # Errors
    /// [`Problem::OperatorsOnly`].
    pub fn must_be_operator(&self) -> Result<(), Problem> {
        if self.operator { Ok(()) } else { Err(Problem::OperatorsOnly) }
    }
}

fn read<T: std::str::FromStr>(
    claim: Option<&String>,
    what: &'static str,
) -> Result<Option<T>, Problem> {
    claim.map(|text| text.parse().map_err(|_invalid| Problem::ClaimUnusable { what })).transpose()
}

/// The gateway hands groups over as one text, `[operators other]`; only a whole word counts.
fn in_group(groups: &str, group: &str) -> bool {
    groups
        .split(|c: char| c.is_whitespace() || matches!(c, '[' | ']'))
        .any(|word| !word.is_empty() && word == group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_compared_as_whole_words() {
        for groups in ["[operators]", "[a operators b]", "operators"] {
            assert!(in_group(groups, "operators"), "{groups}");
        }
        for groups in [
            "",
            "[]",
            "[not-operators]",
            "[operators2]",
            "[oper ators]",
            "[OPERATORS]",
            "[a,operators]",
        ] {
            assert!(!in_group(groups, "operators"), "{groups}");
        }
    }
}
