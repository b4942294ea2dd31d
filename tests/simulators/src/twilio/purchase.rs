//! `POST …/IncomingPhoneNumbers.json` and its sub-resources: the call that costs money.

use exchange::Response;

use super::account::AccountType;
use super::numbers::By;
use super::options::AddressNeed;
use super::settings::{Changes, DEMO_SMS_URL, DEMO_VOICE_URL, Settings};
use super::stock::Kind;
use super::{Ask, Holder, TwilioSim, errors, form};
use crate::faults::Refusal;
use crate::ids::is_e164;
use crate::numbering::{CANADA, Class, TOLL_FREE, classify};

impl TwilioSim {
    /// Buys the number that is named, or any of the area code. A number the account has already
    /// is only changed, and that too answers 201. `kind` is the sub-resource's.
    pub(super) fn create_number(
        &mut self,
        ask: &Ask<'_>,
        kind: Option<Kind>,
    ) -> Result<Response, Response> {
        let form = form(ask)?;
        let parameter = |name: &str| {
            let found = form.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        };
        let (number, area) = (parameter("PhoneNumber"), parameter("AreaCode"));
        if kind.is_some() && area.is_some() {
            let text = "AreaCode Parameter not Supported";
            return Err(errors::error(400, 21_457, text));
        }
        let mut changes = Changes::of_form(&form)?;
        let number = match (number, area) {
            (Some(number), _) if is_e164(number) => number.to_owned(),
            (Some(number), _) => return Err(invalid(number)),
            (None, Some(area)) => self.any_of_area(ask, area)?,
            (None, None) if kind.is_some() => return Err(invalid("")),
            (None, None) => {
                let text = "AreaCode or PhoneNumber is required";
                return Err(errors::error(400, 21_450, text));
            }
        };
        let class = classify(&number).ok_or_else(|| invalid(&number))?;
        if let Some(Holder::Account { account, serial }) = self.holder(ask.now_ms, &number)
            && account == ask.account
        {
            self.rewrite(ask, serial, &changes)?;
            return Ok(self.respond(ask, serial, 201));
        }
        self.check_purchase(ask, &number, class, kind, &changes)?;
        if self.options.bought_with_demo {
            changes.or_set("voice_url", DEMO_VOICE_URL);
            changes.or_set("sms_url", DEMO_SMS_URL);
        }
        let serial = self.new_number(ask.now_ms, ask.account, &number, By::Api, &changes);
        Ok(self.respond(ask, serial, 201))
    }

    /// The first number for sale in an area of North America.
    fn any_of_area(&self, ask: &Ask<'_>, area: &str) -> Result<String, Response> {
        let digits = area.len() == 3 && area.bytes().all(|byte| byte.is_ascii_digit());
        let special = TOLL_FREE.contains(&area) || area.ends_with("11");
        if !digits || special || area.starts_with(['0', '1']) {
            return Err(errors::error(400, 21_451, &format!("Invalid area code: {area}")));
        }
        let country = if CANADA.contains(&area) { "CA" } else { "US" };
        let found = self.for_sale(ask.now_ms, country, area).next();
        found.filter(|_| !ask.script.refuses(Refusal::Stock)).ok_or_else(|| {
            let text = format!("No phone numbers found in area code {area}");
            errors::error(400, 21_452, &text)
        })
    }

    /// Everything that can stand against a purchase. Nothing has happened yet.
    fn check_purchase(
        &self,
        ask: &Ask<'_>,
        number: &str,
        class: Class,
        kind: Option<Kind>,
        changes: &Changes,
    ) -> Result<(), Response> {
        let refused = |reason| ask.script.refuses(reason);
        let wrong_class = kind.is_some_and(|kind| kind.as_str() != class.kind);
        let gone = !self.is_for_sale(ask.now_ms, number) || wrong_class;
        if refused(Refusal::Taken) || refused(Refusal::Stock) || gone {
            let text = format!("{number} is not available.");
            return Err(errors::error(400, 21_422, &text));
        }
        let account = &self.accounts[ask.account];
        let most = usize::try_from(self.options.trial_numbers_max).unwrap_or(usize::MAX);
        let full = account.kind == AccountType::Trial && account.numbers.len() >= most;
        if refused(Refusal::TrialLimit) || full {
            let text = "Trial accounts are allowed only one Twilio number. To purchase additional \
                        numbers, please upgrade your account.";
            return Err(errors::error(400, 21_404, text));
        }
        let wants_address = self.options.address_need(class.country) != AddressNeed::None;
        if refused(Refusal::Address) || (wants_address && !changes.names("address_sid")) {
            let text = format!("Phone Number {number} requires an Address");
            return Err(errors::error(400, 21_631, &text));
        }
        let countries = &self.options.bundle_countries;
        let wants_bundle = countries.iter().any(|country| country == class.country);
        let documents = refused(Refusal::Bundle) || refused(Refusal::Documents);
        if documents || (wants_bundle && !changes.names("bundle_sid")) {
            let text = format!("Bundle required: {number} requires an approved regulatory bundle");
            return Err(errors::error(400, 21_649, &text));
        }
        let balance_cents = self.accounts[self.payer(ask.account)].balance_cents;
        if refused(Refusal::Balance) || balance_cents < self.options.price_cents(class.kind) {
            let (status, code) = (self.options.balance_status, self.options.balance_code);
            let text = "The balance of the account does not cover this purchase";
            return Err(errors::error(status, code, text));
        }
        Settings::default().with(changes).check()
    }
}

fn invalid(number: &str) -> Response {
    errors::error(400, 21_421, &format!("{number} is not a valid number"))
}
