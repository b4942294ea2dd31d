//! The providers: what is true there, what of it shows, and what is on its way to them.
//!
//! A carrier sells a number once, VAPI gives no more free numbers than its limit and takes a number
//! in once; both create whatever else they are asked to, stamps or not. What was created may
//! remain unseen by look-ups for a while; by its id everything is there at once.

use crate::bounds::DIGITS_AFTER;
use crate::kept::distance;
use crate::names::{Customer, Job, Line, Record, Tag};
use crate::talk::{Call, CallKind, End, OrderSeen, Seen, Shown, Why};
use domain::time::Timestamp;
use std::hash::{Hash, Hasher};
use std::time::Duration;

/// Both providers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sky {
    pub(crate) assistants: Vec<Made>,
    pub(crate) free: Vec<Free>,
    pub(crate) lines: Vec<AtTelnyx>,
    /// Requests whose sender no longer listens.
    pub(crate) late: Vec<Late>,
    /// Webhooks under way.
    pub(crate) hooks: Vec<Job>,
    /// Whether settled orders are told by webhooks.
    pub(crate) tells: bool,
    /// Free numbers VAPI still gives.
    pub(crate) free_left: u8,
}

/// Something that exists, and from when on look-ups show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) tag: Tag,
    shows_at: Timestamp,
}

/// A free number at VAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Free {
    pub(crate) made: Made,
    /// Whose assistant answers.
    pub(crate) linked: Option<Customer>,
    /// Whether anybody ever called it.
    pub(crate) called: bool,
    /// Whether somebody outside was the last to change who answers.
    pub(crate) meddled: bool,
    /// Whether it came to light when nobody needed to believe in it any more.
    pub(crate) stray: bool,
    digits_at: Timestamp,
}

/// A number that Telnyx has or had for sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AtTelnyx {
    pub(crate) order: Option<Order>,
    /// Whether somebody outside bought it.
    pub(crate) sold: bool,
    /// Its record at VAPI.
    pub(crate) import: Option<Import>,
}

/// An order of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) made: Made,
    pub(crate) stands: OrderSeen,
    pub(crate) routed: bool,
}

/// An imported number at VAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) made: Made,
    /// Whose assistant answers.
    pub(crate) linked: Option<Customer>,
}

/// A request on its way, up to a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Late {
    pub(crate) call: Call,
    pub(crate) until: Timestamp,
}

/// How a create goes that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum How {
    /// At once, and it shows at once.
    Plainly,
    /// An order that is pending at first, or a number whose digits come later.
    Slowly,
}

impl Free {
    /// As it is made: with the assistant of whoever asked for it.
    fn new(made: Made, digits_at: Timestamp) -> Self {
        let linked = Some(made.tag.job.customer());
        Self { made, linked, called: false, meddled: false, stray: false, digits_at }
    }
}

impl AtTelnyx {
    /// The order that has brought the number, or may still bring it.
    pub(crate) fn alive(&self) -> Option<&Order> {
        self.order.as_ref().filter(|order| order.stands != OrderSeen::Failure)
    }

    fn is_for_sale(&self) -> bool {
        !self.sold && self.alive().is_none()
    }
}

impl Sky {
    /// A create arrives; `shows_at`: when look-ups show what came of it.
    pub(crate) fn create(
        &mut self,
        call: Call,
        how: How,
        now: Timestamp,
        shows_at: Timestamp,
    ) -> End {
        match call {
            Call::MakeAssistant(tag) => {
                self.assistants.push(Made { tag, shows_at });
                End::Done(Shown::Assistant)
            }
            Call::MakeFree(tag) => self.make_free(Made { tag, shows_at }, how, now),
            Call::Order(tag, line) => self.order(Made { tag, shows_at }, line, how),
            Call::Import(tag, line) => self.import(Made { tag, shows_at }, line),
            other => panic!("{other:?} creates nothing"),
        }
    }

    fn make_free(&mut self, made: Made, how: How, now: Timestamp) -> End {
        let Some(left) = self.free_left.checked_sub(1) else {
            return End::Refused(Why::AllowanceUsed);
        };
        self.free_left = left;
        let digits_at = match how {
            How::Plainly => now,
            How::Slowly => now.after(DIGITS_AFTER),
        };
        self.free.push(Free::new(made, digits_at));
        let record = Record::Free(u8::try_from(self.free.len() - 1).unwrap());
        End::Done(Shown::Number(record, self.seen(record, now)))
    }

    fn order(&mut self, made: Made, line: Line, how: How) -> End {
        let at = &mut self.lines[line.place()];
        if !at.is_for_sale() {
            return End::Refused(Why::Taken);
        }
        let stands = match how {
            How::Plainly => OrderSeen::Success,
            How::Slowly => OrderSeen::Pending,
        };
        at.order = Some(Order { made, stands, routed: true });
        if stands == OrderSeen::Success {
            self.tell(made.tag.job);
        }
        End::Done(Shown::Order(stands))
    }

    fn import(&mut self, made: Made, line: Line) -> End {
        let at = &mut self.lines[line.place()];
        if at.order.is_none_or(|order| order.stands != OrderSeen::Success) {
            return End::Refused(Why::NotAtCarrier);
        }
        if at.import.is_some() {
            return End::Refused(Why::AlreadyImported);
        }
        let linked = Some(made.tag.job.customer());
        at.import = Some(Import { made, linked });
        let record = Record::Imported(line);
        End::Done(Shown::Number(record, self.seen(record, made.shows_at)))
    }

    /// A pending order settles.
    pub(crate) fn settle(&mut self, line: Line, well: bool) {
        let order = self.lines[line.place()].order.as_mut().unwrap();
        order.stands = if well { OrderSeen::Success } else { OrderSeen::Failure };
        let job = order.made.tag.job;
        self.tell(job);
    }

    fn tell(&mut self, job: Job) {
        if self.tells {
            self.hooks.push(job);
        }
    }

    /// A change arrives, or nothing but a question.
    pub(crate) fn answer(&mut self, call: Call, now: Timestamp) -> End {
        match call {
            Call::Link(record, customer) => self.link(record, Some(customer)),
            Call::Unlink(record) => self.link(record, None),
            Call::Route(line) => self.route(line, true),
            Call::DeleteAssistant(customer) => {
                self.assistants.retain(|made| made.tag.job.customer() != customer);
            }
            Call::UpdateAssistant(_) => {}
            other => debug_assert_eq!(other.kind(), CallKind::Reads),
        }
        self.read(call, now)
    }

    /// What was sent long ago made a number after all.
    pub(crate) fn comes_to_light(&mut self, tag: Tag, now: Timestamp) {
        let made = Made { tag, shows_at: now };
        self.free.push(Free { stray: true, ..Free::new(made, now) });
        self.free_left -= 1;
    }

    /// Somebody outside takes the assistant off a free number, or puts the first customer's on it.
    pub(crate) fn meddle(&mut self, record: Record) {
        let Record::Free(nth) = record else { panic!("{record:?} is no free number") };
        let free = &mut self.free[usize::from(nth)];
        let linked = free.linked.is_none().then_some(Customer(0));
        *free = Free { linked, meddled: true, ..*free };
    }

    /// What VAPI lists of the numbers it carries.
    pub(crate) fn listed(&self, now: Timestamp) -> Vec<(Record, Seen)> {
        let shown = (0..).zip(&self.free).filter(|(_nth, free)| free.made.shows_at <= now);
        let records = shown.map(|(nth, _free)| Record::Free(nth));
        records.map(|record| (record, self.seen(record, now))).collect()
    }

    pub(crate) fn link(&mut self, record: Record, linked: Option<Customer>) {
        match record {
            Record::Free(nth) => {
                let free = &mut self.free[usize::from(nth)];
                *free = Free { linked, meddled: false, ..*free };
            }
            Record::Imported(line) => {
                self.lines[line.place()].import.as_mut().unwrap().linked = linked;
            }
        }
    }

    pub(crate) fn route(&mut self, line: Line, routed: bool) {
        self.lines[line.place()].order.as_mut().unwrap().routed = routed;
    }

    fn read(&self, call: Call, now: Timestamp) -> End {
        let shows = |made: &Made, tag: Tag| made.tag == tag && made.shows_at <= now;
        End::Done(match call {
            Call::FindAssistant(tag) => {
                match self.assistants.iter().find(|made| shows(made, tag)) {
                    Some(_) => Shown::Assistant,
                    None => Shown::Nothing,
                }
            }
            Call::FindFree(tag) => {
                let found = self.free.iter().position(|free| shows(&free.made, tag));
                found.map_or(Shown::Nothing, |nth| {
                    self.number(Record::Free(u8::try_from(nth).unwrap()), now)
                })
            }
            Call::Scout => match self.offers() {
                0 => return End::Refused(Why::NoStock),
                lines => Shown::Offers(lines),
            },
            Call::FindOrder(tag, line) => {
                let order = self.lines[line.place()].order;
                order
                    .filter(|order| shows(&order.made, tag))
                    .map_or(Shown::Nothing, |order| Shown::Order(order.stands))
            }
            Call::CheckOrder(line) => Shown::Order(self.lines[line.place()].order.unwrap().stands),
            // By digits first, by the stamp then.
            Call::FindImport(tag, line) => {
                let import = self.lines[line.place()].import;
                match import.filter(|import| import.made.shows_at <= now) {
                    Some(_) => self.number(Record::Imported(line), now),
                    None => return self.read(Call::FindFree(tag), now),
                }
            }
            Call::ReadNumber(record) | Call::Link(record, _) | Call::Unlink(record) => {
                self.number(record, now)
            }
            Call::ReadLine(record) => {
                Shown::Line(record, self.seen(record, now), self.routed(record))
            }
            Call::Route(_) => Shown::Routed,
            Call::UpdateAssistant(_) => Shown::Assistant,
            Call::DeleteAssistant(_) => Shown::Nothing,
            Call::ReadCalls(record) => Shown::Called(self.was_called(record)),
            Call::ReadAllowance | Call::SearchPool(_) | Call::ReadRow(_) => {
                panic!("{call:?} is a question to the table")
            }
            Call::MakeAssistant(_) | Call::MakeFree(_) | Call::Order(..) | Call::Import(..) => {
                panic!("{call:?} is no question")
            }
        })
    }

    fn number(&self, record: Record, now: Timestamp) -> Shown {
        Shown::Number(record, self.seen(record, now))
    }

    /// What VAPI shows of a record by its id.
    pub(crate) fn seen(&self, record: Record, now: Timestamp) -> Seen {
        match record {
            Record::Free(nth) => {
                let free = &self.free[usize::from(nth)];
                let active = free.digits_at <= now;
                Seen { tag: free.made.tag, active, linked: free.linked }
            }
            Record::Imported(line) => {
                let import = self.lines[line.place()].import.unwrap();
                Seen { tag: import.made.tag, active: true, linked: import.linked }
            }
        }
    }

    /// Whether somebody outside was the last to change who answers a free number.
    pub(crate) fn is_meddled_with(&self, record: Record) -> bool {
        matches!(record, Record::Free(nth) if self.free[usize::from(nth)].meddled)
    }

    /// Somebody calls a free number.
    pub(crate) fn ring(&mut self, record: Record) {
        match record {
            Record::Free(nth) => self.free[usize::from(nth)].called = true,
            Record::Imported(_) => panic!("nobody calls imported numbers"),
        }
    }

    /// Whether VAPI knows of a call. Nobody calls imported numbers.
    pub(crate) fn was_called(&self, record: Record) -> bool {
        match record {
            Record::Free(nth) => self.free[usize::from(nth)].called,
            Record::Imported(_) => false,
        }
    }

    /// Whether calls reach VAPI.
    pub(crate) fn routed(&self, record: Record) -> bool {
        match record {
            Record::Free(_) => true,
            Record::Imported(line) => self.lines[line.place()].order.unwrap().routed,
        }
    }

    /// Lines for sale, a bit each.
    pub(crate) fn offers(&self) -> u8 {
        let for_sale = self.lines.iter().enumerate().filter(|(_, line)| line.is_for_sale());
        for_sale.fold(0, |lines, (place, _)| lines | (1 << place))
    }

    /// When something changes by itself, the earliest first of which is looked for.
    pub(crate) fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let assistants = self.assistants.iter().map(|made| made.shows_at);
        let free = self.free.iter().flat_map(|free| [free.made.shows_at, free.digits_at]);
        let lines = self.lines.iter().flat_map(|line| {
            let order = line.order.map(|order| order.made.shows_at);
            order.into_iter().chain(line.import.map(|import| import.made.shows_at))
        });
        let late = self.late.iter().map(|late| late.until);
        assistants.chain(free).chain(lines).chain(late)
    }

    pub(crate) fn hash_at<H: Hasher>(&self, now: Timestamp, hasher: &mut H) {
        let ahead = |at: Timestamp| distance(at, now, Duration::ZERO);
        let made = |made: &Made| (made.tag, ahead(made.shows_at));
        self.assistants.len().hash(hasher);
        for assistant in &self.assistants {
            made(assistant).hash(hasher);
        }
        self.free.len().hash(hasher);
        for free in &self.free {
            (made(&free.made), free.linked, free.called, ahead(free.digits_at)).hash(hasher);
            (free.meddled, free.stray).hash(hasher);
        }
        for line in &self.lines {
            line.sold.hash(hasher);
            let order = |order: &Order| (made(&order.made), order.stands, order.routed);
            line.order.as_ref().map(order).hash(hasher);
            line.import.as_ref().map(|import| (made(&import.made), import.linked)).hash(hasher);
        }
        for late in &self.late {
            (late.call, ahead(late.until)).hash(hasher);
        }
        (&self.hooks, self.free_left).hash(hasher);
    }
}
