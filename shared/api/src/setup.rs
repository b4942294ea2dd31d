//! What an operator can do by hand where numbers run out, and where.

use domain::work::Work;
use serde_json::{Value, json};

/// Where numbers are made, bought, and connected by hand.
pub const LINKS: [&str; 3] = [
    "https://dashboard.vapi.ai/phone-numbers",
    "https://console.twilio.com/us1/develop/phone-numbers/manage/search",
    "https://docs.vapi.ai/phone-calling",
];

/// The steps to bring a number by hand to a work that waits for one, and the links they need.
#[must_use]
pub fn by_hand(work: &Work) -> Value {
    let wanted = &work.request.wanted;
    let area = wanted.area_code.as_ref().map(|area| format!(", area code {}", area.as_str()));
    let kind = wanted.number_type.as_str();
    let country = wanted.country.as_str();
    let id = work.id;
    json!({
        "wanted": {
            "country": country,
            "type": kind,
            "area_code": wanted.area_code,
            "number": wanted.picked.as_ref().map(|digits| digits.reveal()),
        },
        "steps": [
            "find a number nobody uses: GET /api/admin/phone-numbers?status=available",
            format!(
                "or get one yourself ({country}, {kind}{}): buy it in the platform's account at \
                 Telnyx or Twilio, or make a free one at VAPI",
                area.unwrap_or_default()
            ),
            format!(
                "name it: POST /api/admin/provisionings/{id}/assign {{\"number\": \"+1…\"}}; it \
                 is looked up, imported into VAPI, linked, routed and read back"
            ),
            format!(
                "or mend a source (allowance, key, stock, cap) and have all tried again: POST \
                 /api/admin/provisionings/{id}/retry"
            ),
        ],
        "links": LINKS,
    })
}
