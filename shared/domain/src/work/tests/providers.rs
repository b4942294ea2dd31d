//! A stand-in for VAPI and Telnyx: what they hold, when it shows, and how their calls end.
//!
//! Every choice is drawn from [`Dice`]. When they are used up nothing goes wrong any more. What was
//! created shows at the latest 120 seconds after its call, whose answer may be lost for ten: that is
//! when absence is believed.

use super::fixtures;
use crate::ids::{ConnectionId, Stamp, VapiAssistantId, VapiNumberId};
use crate::number::Number;
use crate::offer::Offer;
use crate::outcome::{Missing, NoReason, Outcome, Refusal};
use crate::phone::E164;
use crate::source::Passed;
use crate::telnyx::{Order, OrderRefusal, OrderSpec, OrderStatus, OwnedNumber, OwnedStatus};
use crate::time::Timestamp;
use crate::vapi::{
    DeleteAssistantRefusal, Digits, FreeNumberRefusal, FreeNumberSpec, ImportRefusal, ImportSpec,
    NumberProvider, NumberStatus, VapiNumber,
};
use crate::work::{
    Allowance, AtCarrier, CarrierReading, Effect, FoundOrder, Input, LineReading, OrderCheck,
    Scouted, Seller, Through,
};
use std::time::Duration;

/// The deadline of a call.
const CALL: Duration = Duration::from_secs(10);

/// Choices, drawn one by one; after the last, always the first of several.
#[derive(Debug)]
pub(super) struct Dice {
    bytes: Vec<u8>,
    drawn: usize,
}

impl Dice {
    pub(super) const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, drawn: 0 }
    }

    pub(super) const fn is_calm(&self) -> bool {
        self.drawn >= self.bytes.len()
    }

    /// One of so many.
    pub(super) fn roll(&mut self, sides: u8) -> u8 {
        let byte = self.bytes.get(self.drawn).copied().unwrap_or(0);
        self.drawn = self.drawn.saturating_add(1);
        byte % sides
    }

    /// Once in so many.
    pub(super) fn hits(&mut self, sides: u8) -> bool {
        self.roll(sides) == sides - 1
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let place = self.roll(u8::try_from(of.len()).unwrap());
        of[usize::from(place)].clone()
    }
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Refused,
    Key,
    Later,
    /// The answer was lost; it happened.
    Lost,
    /// The answer was lost; it did not happen.
    Nothing,
}

/// A record at VAPI.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) number: VapiNumber,
    pub(super) real: E164,
    shows_at: Timestamp,
    /// When the digits come; `None` for never.
    digits_at: Option<Timestamp>,
}

/// An order at Telnyx, with the number it brings.
#[derive(Debug, Clone)]
pub(super) struct Purchase {
    pub(super) stamp: Stamp,
    pub(super) digits: E164,
    order: Order,
    /// Whether the list of orders shows it.
    listed: bool,
    shows_at: Timestamp,
    settles_at: Timestamp,
    end: OrderStatus,
    owned: OwnedNumber,
    answers: bool,
    routable: bool,
}

impl Record {
    /// Whether calls to it reach this assistant.
    pub(super) fn reaches(&self, assistant: Option<&VapiAssistantId>) -> bool {
        let linked = self.number.assistant.as_ref() == assistant && !self.number.linked_elsewhere;
        linked && assistant.is_some() && self.number.status != NumberStatus::Blocked
    }

    /// Whether nobody answers it.
    pub(super) const fn is_unlinked(&self) -> bool {
        self.number.assistant.is_none() && !self.number.linked_elsewhere
    }
}

impl Purchase {
    /// Whether it has brought a number, or still may.
    pub(super) fn is_alive(&self) -> bool {
        self.end != OrderStatus::Failure
    }

    /// Whether calls to it reach VAPI.
    pub(super) fn answers(&self, now: Timestamp) -> bool {
        self.answers && self.status(now) == OrderStatus::Success
    }

    fn status(&self, now: Timestamp) -> OrderStatus {
        if now < self.settles_at { self.order.status } else { self.end }
    }
}

/// Both providers.
#[derive(Debug)]
pub(super) struct Providers {
    pub(super) dice: Dice,
    pub(super) assistants: Vec<(Stamp, VapiAssistantId, Timestamp)>,
    pub(super) records: Vec<Record>,
    pub(super) purchases: Vec<Purchase>,
    /// Numbers sold to others.
    sold: Vec<E164>,
    /// A kind of call that always ends in one way.
    pub(super) always: Option<(&'static str, End)>,
    serial: u32,
}

impl Providers {
    pub(super) fn new(dice: Dice) -> Self {
        let (assistants, records, purchases) = (Vec::new(), Vec::new(), Vec::new());
        Self { dice, assistants, records, purchases, sold: Vec::new(), always: None, serial: 0 }
    }

    fn end(&mut self, name: &'static str) -> End {
        if let Some((always, end)) = self.always
            && always == name
        {
            return end;
        }
        match self.dice.roll(16) {
            10 | 11 => End::Refused,
            12 => End::Later,
            13 | 14 => End::Lost,
            15 => End::Nothing,
            9 => End::Key,
            _ => End::Done,
        }
    }

    fn next(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    /// When something created now shows.
    fn shows_at(&mut self, now: Timestamp) -> Timestamp {
        now.after(Duration::from_secs(self.dice.pick(&[0, 0, 0, 3, 30, 120])))
    }

    /// The table's answer about a number's row.
    pub(super) fn row(&mut self, row: Option<&Number>) -> Outcome<Option<Number>, NoReason> {
        found_or(self.end("read_row"), row.cloned())
    }

    pub(super) fn perform(
        &mut self,
        effect: &Effect,
        allowance: Allowance,
        now: Timestamp,
    ) -> Input {
        let end = self.end(effect.name());
        // Nobody meddles between the reading that shows a number unlinked and the write of that.
        if !self.dice.is_calm() && !matches!(effect, Effect::ReadCalls { .. }) {
            self.drift();
        }
        match effect {
            Effect::CreateAssistant(spec) => {
                Input::AssistantCreated(self.create(end, now, &[], |world, shows_at| {
                    assert!(world.assistants.is_empty(), "a second assistant");
                    let id: VapiAssistantId =
                        format!("assistant-{}", world.next()).parse().unwrap();
                    world.assistants.push((spec.stamp.clone(), id.clone(), shows_at));
                    id
                }))
            }
            Effect::FindAssistant { stamp, .. } => {
                let found = self.assistants.iter().find(|made| made.0 == *stamp && made.2 <= now);
                Input::AssistantFound(found_or(end, found.map(|made| made.1.clone())))
            }
            Effect::UpdateAssistant { .. } => Input::AssistantUpdated(found_or(end, 1)),
            Effect::DeleteAssistant(vapi) => self.delete_assistant(end, vapi),
            Effect::SearchPool(_) => Input::PoolSearched(found_or(end, Vec::new())),
            Effect::ReadRow(_) => unreachable!("the table answers"),
            Effect::FindNumber { .. } | Effect::Adopt { .. } => unreachable!("nobody is asked"),
            Effect::ReadAllowance => Input::AllowanceRead(found_or(end, allowance)),
            Effect::CreateFree(spec) => Input::FreeCreated(self.create_free(end, spec, now)),
            Effect::FindFree { stamp } => {
                let found = self.by_stamp(stamp, now);
                Input::FreeFound(found_or(end, found))
            }
            Effect::ReadNumber(id) => Input::NumberRead(self.read(end, id, now)),
            Effect::Scout(scouting) if scouting.seller != Seller::Telnyx => {
                Input::Scouted(Outcome::Refused(Refusal::NotConfigured))
            }
            Effect::Scout(scouting) => Input::Scouted(self.scout(end, scouting.picked())),
            Effect::PlaceOrder(spec) => Input::OrderPlaced(self.place_order(end, spec, now)),
            Effect::FindOrder { stamp, digits } => {
                Input::OrderFound(found_or(end, self.find_order(stamp, digits, now)))
            }
            Effect::CheckOrder { order, .. } => {
                let bought = self.purchases.iter().find(|bought| bought.order.id == *order);
                Input::OrderChecked(check_order(end, bought.unwrap(), now))
            }
            Effect::Import(spec) => Input::Imported(self.import(end, spec, now)),
            Effect::FindImport { stamp, digits } => {
                let by_digits = self
                    .records
                    .iter()
                    .find(|record| record.shows_at <= now && record.real == *digits);
                let found = by_digits.map(|record| shown(record, now));
                Input::ImportFound(found_or(end, found.or_else(|| self.by_stamp(stamp, now))))
            }
            Effect::ReadLine { .. }
            | Effect::Link { .. }
            | Effect::Unlink { .. }
            | Effect::ReadCalls { .. }
            | Effect::Route { .. } => self.line(end, effect, now),
            Effect::RemoveRecord(_) | Effect::ReadOwned(_) | Effect::RemoveOwned(_) => {
                unreachable!("a provisioning gives nothing back")
            }
            other => unreachable!("nothing is had from Twilio, as in {other:?}"),
        }
    }

    fn delete_assistant(&mut self, end: End, vapi: &VapiAssistantId) -> Input {
        if self.records.iter().any(|one| one.number.assistant.as_ref() == Some(vapi)) {
            return Input::AssistantDeleted(fixtures::refused(DeleteAssistantRefusal::Pinned));
        }
        self.assistants.retain(|made| made.1 != *vapi || !matches!(end, End::Done | End::Lost));
        Input::AssistantDeleted(found_or(end, ()))
    }

    fn line(&mut self, end: End, effect: &Effect, now: Timestamp) -> Input {
        match effect {
            Effect::ReadLine { vapi, carrier } => {
                let carrier = match carrier {
                    AtCarrier::Nowhere => CarrierReading::Vapi,
                    AtCarrier::Twilio(..) => unreachable!("nothing is had from Twilio"),
                    AtCarrier::Telnyx(_) if self.dice.hits(8) => {
                        CarrierReading::Unreadable { retry_after: None }
                    }
                    AtCarrier::Telnyx(id) => {
                        let bought =
                            self.purchases.iter().find(|bought| bought.owned.id == *id).unwrap();
                        let target = Some(ConnectionId::try_from("app-2".to_owned()).unwrap());
                        let target = target.filter(|_| bought.routable);
                        let (number, answers) = (bought.owned.clone(), bought.answers);
                        CarrierReading::Telnyx { number, answers, target }
                    }
                };
                Input::LineRead(LineReading { vapi: self.read(end, vapi, now), carrier })
            }
            Effect::Link { vapi, assistant, .. } => {
                let to = Some(assistant.clone());
                Input::Linked(self.relink(end, vapi, to, true, now))
            }
            Effect::Unlink { vapi, elsewhere, .. } => {
                Input::Unlinked(self.relink(end, vapi, None, *elsewhere, now))
            }
            Effect::ReadCalls { .. } => Input::CallsRead(found_or(end, false)),
            Effect::Route { telnyx, .. } => {
                let bought =
                    self.purchases.iter_mut().find(|bought| bought.owned.id == *telnyx).unwrap();
                if matches!(end, End::Done | End::Lost) {
                    bought.answers = true;
                }
                Input::Routed(match end {
                    End::Done => Outcome::Done(()),
                    End::Refused | End::Key => Outcome::Refused(Refusal::Key),
                    End::Later => fixtures::later(),
                    End::Lost | End::Nothing => Outcome::Unknown,
                })
            }
            other => unreachable!("{other:?} is about no line"),
        }
    }

    /// Others meddle: links are lost, routes change, numbers are blocked.
    fn drift(&mut self) {
        match self.dice.roll(24) {
            20 => {
                if let Some(record) = self.records.last_mut() {
                    record.number.assistant = Some("another".parse().unwrap());
                }
            }
            21 => {
                if let Some(record) = self.records.last_mut() {
                    record.number.linked_elsewhere = true;
                }
            }
            22 => {
                if let Some(bought) = self.purchases.last_mut() {
                    bought.answers = false;
                }
            }
            23 => {
                if let Some(record) = self.records.last_mut() {
                    record.number.status = NumberStatus::Blocked;
                }
            }
            _ => {}
        }
    }

    fn create<T, R: Clone>(
        &mut self,
        end: End,
        now: Timestamp,
        reasons: &[R],
        make: impl FnOnce(&mut Self, Timestamp) -> T,
    ) -> Outcome<T, R> {
        match end {
            End::Done => {
                let shows_at = self.shows_at(now);
                Outcome::Done(make(self, shows_at))
            }
            End::Refused if !reasons.is_empty() => fixtures::refused(self.dice.pick(reasons)),
            End::Refused => Outcome::Refused(Refusal::Request("no".to_owned())),
            End::Key => Outcome::Refused(Refusal::Key),
            End::Later => fixtures::later(),
            End::Lost => {
                let shows_at = self.shows_at(now.after(CALL));
                make(self, shows_at);
                Outcome::Unknown
            }
            End::Nothing => Outcome::Unknown,
        }
    }

    fn create_free(
        &mut self,
        end: End,
        spec: &FreeNumberSpec,
        now: Timestamp,
    ) -> Outcome<VapiNumber, FreeNumberRefusal> {
        let reasons = [
            FreeNumberRefusal::AllowanceUsed,
            FreeNumberRefusal::PaymentRequired,
            FreeNumberRefusal::AreaCodeUnavailable { try_instead: Vec::new() },
        ];
        self.create(end, now, &reasons, |world, shows_at| {
            let name = spec.stamp.as_str();
            let known = world.records.iter().any(|r| r.number.name.as_deref() == Some(name));
            assert!(!known, "a second free number");
            let serial = world.next();
            let number = VapiNumber {
                status: NumberStatus::Activating,
                name: Some(name.to_owned()),
                assistant: spec.assistant.clone(),
                sip_uri: Some("sip:x@sip.vapi.ai".to_owned()),
                ..fixtures::at_vapi(&format!("free-{serial}"), NumberProvider::Vapi, Digits::Absent)
            };
            let wait = world.dice.pick(&[Some(300), Some(0), Some(4000), None]);
            let digits_at = wait.map(|seconds| now.after(Duration::from_secs(seconds)));
            let real = fixtures::digits(&format!("+1628555{serial:04}"));
            world.records.push(Record { number: number.clone(), real, shows_at, digits_at });
            number
        })
    }

    fn by_stamp(&self, stamp: &Stamp, now: Timestamp) -> Option<VapiNumber> {
        let named = |record: &&Record| record.number.name.as_deref() == Some(stamp.as_str());
        let found = self.records.iter().filter(named).find(|record| record.shows_at <= now);
        found.map(|record| shown(record, now))
    }

    fn read(&self, end: End, id: &VapiNumberId, now: Timestamp) -> Outcome<VapiNumber, Missing> {
        let record = self.records.iter().find(|record| record.number.id == *id).unwrap();
        match end {
            End::Done if now < record.shows_at => fixtures::refused(Missing::NotFound),
            End::Done => Outcome::Done(shown(record, now)),
            End::Refused => Outcome::Refused(Refusal::Request("no".to_owned())),
            End::Key => Outcome::Refused(Refusal::Key),
            End::Later => fixtures::later(),
            End::Lost | End::Nothing => Outcome::Unknown,
        }
    }

    fn relink(
        &mut self,
        end: End,
        id: &VapiNumberId,
        to: Option<VapiAssistantId>,
        elsewhere: bool,
        now: Timestamp,
    ) -> Outcome<VapiNumber, Missing> {
        if matches!(end, End::Done | End::Lost) {
            let record = self.records.iter_mut().find(|r| r.number.id == *id).unwrap();
            record.number.assistant = to;
            record.number.linked_elsewhere &= !elsewhere;
        }
        self.read(end, id, now)
    }

    fn scout(&mut self, end: End, picked: Option<&E164>) -> Outcome<Scouted, Passed> {
        if end == End::Refused {
            let reasons = [Passed::NoStock, Passed::NoCredential, Passed::SeveralCredentials];
            return fixtures::refused(self.dice.pick(&reasons));
        }
        if !matches!(end, End::Done) {
            return found_or(end, ()).map(|()| unreachable!("only a done call finds"));
        }
        let monthly = self.dice.pick(&[Some(100), Some(100), None, Some(900)]);
        let all = [fixtures::PICKED, fixtures::OTHER, "+14155550125", "+14155550126"];
        let offers: Vec<Offer> =
            all.into_iter().map(|number| fixtures::offer(number, monthly)).collect();
        let free = |offer: &&Offer| !self.is_sold(&offer.digits);
        let mut offers: Vec<Offer> = offers.iter().filter(free).cloned().collect();
        if let Some(number) = picked
            && !self.is_sold(number)
        {
            offers = vec![fixtures::offer(number.reveal(), monthly)];
        }
        let connection = Some("app-1".parse().unwrap());
        let through = Through::Telnyx { credential: "credential-1".parse().unwrap(), connection };
        Outcome::Done(Scouted { through, owned: Vec::new(), offers })
    }

    /// A carrier sells a number only once.
    fn is_sold(&self, digits: &E164) -> bool {
        let alive =
            |bought: &&Purchase| bought.digits == *digits && bought.end != OrderStatus::Failure;
        self.sold.contains(digits) || self.purchases.iter().any(|bought| alive(&bought))
    }

    fn place_order(
        &mut self,
        end: End,
        spec: &OrderSpec,
        now: Timestamp,
    ) -> Outcome<Order, OrderRefusal> {
        let end = match end {
            End::Done if self.is_sold(&spec.digits) => {
                return fixtures::refused(OrderRefusal::Taken);
            }
            End::Lost if self.is_sold(&spec.digits) => End::Nothing,
            other => other,
        };
        let reasons =
            [OrderRefusal::Taken, OrderRefusal::NoBalance, OrderRefusal::DocumentsRequired];
        let outcome =
            self.create(end, now, &reasons, |world, shows_at| world.buy(spec, shows_at, now));
        if outcome == fixtures::refused(OrderRefusal::Taken) {
            self.sold.push(spec.digits.clone());
        }
        outcome
    }

    fn buy(&mut self, spec: &OrderSpec, shows_at: Timestamp, now: Timestamp) -> Order {
        let alive = |bought: &Purchase| bought.end != OrderStatus::Failure;
        let same = self.purchases.iter().find(|b| alive(b) && b.stamp == spec.stamp);
        assert!(same.is_none(), "a second purchase of one attempt");
        let serial = self.next();
        let status = self.dice.pick(&[OrderStatus::Pending, OrderStatus::DocumentsRequired]);
        let order = Order {
            id: format!("order-{serial}").parse().unwrap(),
            status,
            reference: Some(spec.stamp.as_str().to_owned()),
            digits: vec![spec.digits.clone()],
        };
        let owned = OwnedNumber {
            id: format!("129300000000000{serial:04}").parse().unwrap(),
            digits: spec.digits.clone(),
            status: OwnedStatus::Active,
            connection: spec.connection.clone(),
            reference: Some(spec.stamp.as_str().to_owned()),
        };
        let settles = self.dice.pick(&[0, 5, 100, 100_000]);
        self.purchases.push(Purchase {
            stamp: spec.stamp.clone(),
            digits: spec.digits.clone(),
            order: order.clone(),
            listed: !self.dice.hits(4),
            shows_at,
            settles_at: now.after(Duration::from_secs(settles)),
            end: self.dice.pick(&[
                OrderStatus::Success,
                OrderStatus::Success,
                OrderStatus::Failure,
            ]),
            owned,
            answers: !self.dice.hits(4),
            routable: !self.dice.hits(3),
        });
        order
    }

    fn find_order(&self, stamp: &Stamp, digits: &E164, now: Timestamp) -> FoundOrder {
        let ours = |bought: &&Purchase| bought.stamp == *stamp && bought.digits == *digits;
        let shown = self.purchases.iter().filter(ours).filter(|bought| bought.shows_at <= now);
        match shown.max_by_key(|bought| bought.is_alive()) {
            Some(bought) if bought.listed => {
                FoundOrder::Order(Order { status: bought.status(now), ..bought.order.clone() })
            }
            Some(bought) if bought.end == OrderStatus::Success => {
                let settled = bought.settles_at <= now;
                let status = if settled { OwnedStatus::Active } else { OwnedStatus::Pending };
                FoundOrder::Owned(OwnedNumber { status, ..bought.owned.clone() })
            }
            Some(_) | None => FoundOrder::Nothing,
        }
    }

    fn import(
        &mut self,
        end: End,
        spec: &ImportSpec,
        now: Timestamp,
    ) -> Outcome<VapiNumber, ImportRefusal> {
        if matches!(end, End::Done | End::Lost) {
            let known = self.records.iter().any(|record| record.real == spec.digits);
            if known {
                return fixtures::refused(ImportRefusal::AlreadyImported);
            }
        }
        let reasons = [ImportRefusal::NotAtCarrier, ImportRefusal::CredentialInvalid];
        self.create(end, now, &reasons, |world, shows_at| {
            let serial = world.next();
            let number = VapiNumber {
                name: Some(spec.stamp.as_str().to_owned()),
                assistant: spec.assistant.clone(),
                ..fixtures::at_vapi(
                    &format!("line-{serial}"),
                    NumberProvider::Telnyx,
                    Digits::Known(spec.digits.clone()),
                )
            };
            let (real, digits_at) = (spec.digits.clone(), Some(now));
            world.records.push(Record { number: number.clone(), real, shows_at, digits_at });
            number
        })
    }
}

fn shown(record: &Record, now: Timestamp) -> VapiNumber {
    let mut number = record.number.clone();
    if record.digits_at.is_some_and(|at| at <= now) {
        number.digits = Digits::Known(record.real.clone());
        if number.status == NumberStatus::Activating {
            number.status = NumberStatus::Active;
        }
    }
    number
}

fn check_order(end: End, bought: &Purchase, now: Timestamp) -> Outcome<OrderCheck, Missing> {
    if end == End::Done && now < bought.shows_at {
        return fixtures::refused(Missing::NotFound);
    }
    let status = bought.status(now);
    let owned = (status == OrderStatus::Success).then(|| bought.owned.clone());
    let order = Order { status, ..bought.order.clone() };
    match end {
        End::Done => Outcome::Done(OrderCheck { order, owned }),
        End::Key => Outcome::Refused(Refusal::Key),
        End::Refused => Outcome::Refused(Refusal::Request("no".to_owned())),
        End::Later => fixtures::later(),
        End::Lost | End::Nothing => Outcome::Unknown,
    }
}

/// The end of a search.
fn found_or<T, R>(end: End, found: T) -> Outcome<T, R> {
    match end {
        End::Done => Outcome::Done(found),
        End::Refused | End::Key => Outcome::Refused(Refusal::Key),
        End::Later => fixtures::later(),
        End::Lost | End::Nothing => Outcome::Unknown,
    }
}
