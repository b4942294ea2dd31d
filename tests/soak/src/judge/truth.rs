//! What the providers hold, whatever anybody answered.

use simulators::server::wall_ms;
use simulators::telnyx::OrderStatus;
use simulators::vapi::NumberKind;
use simulators::{Providers, SharedProviders};

/// A number at the carrier.
#[derive(Debug, Clone)]
pub(crate) struct Bought {
    pub(crate) id: String,
    pub(crate) digits: String,
}

/// An order at the carrier.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) stamp: Option<String>,
    pub(crate) digits: Vec<String>,
    pub(crate) failed: bool,
    pub(crate) cents: i64,
}

/// A number record at VAPI.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) id: String,
    pub(crate) stamp: Option<String>,
    pub(crate) digits: Option<String>,
}

/// An assistant at VAPI.
#[derive(Debug, Clone)]
pub(crate) struct Assistant {
    pub(crate) id: String,
    pub(crate) stamp: Option<String>,
}

/// What both providers hold.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) bought: Vec<Bought>,
    pub(crate) orders: Vec<Order>,
    pub(crate) spent_cents: i64,
    pub(crate) free: Vec<Recorded>,
    pub(crate) imported: Vec<Recorded>,
    pub(crate) assistants: Vec<Assistant>,
}

impl Truth {
    /// Asks the simulators.
    pub(crate) fn read(providers: &SharedProviders) -> Self {
        providers.with(|all| {
            all.telnyx.tick(wall_ms());
            Self::of(all)
        })
    }

    fn of(all: &Providers) -> Self {
        let recorded = |kind| {
            let numbers = all.vapi.orgs().iter().flat_map(|org| org.numbers.iter());
            let of_kind = numbers.filter(move |number| number.kind == kind);
            let record = |number: &simulators::vapi::PhoneNumber| Recorded {
                id: number.id.clone(),
                stamp: number.name.clone(),
                digits: number.digits.clone(),
            };
            of_kind.map(record).collect()
        };
        let assistants = all.vapi.orgs().iter().flat_map(|org| org.assistants.iter());
        let accounts = all.telnyx.accounts();
        let numbers = accounts.iter().flat_map(|account| account.numbers.values());
        let orders = accounts.iter().flat_map(|account| account.orders.iter());
        Self {
            bought: numbers
                .map(|one| Bought { id: one.id.to_string(), digits: one.phone_number.clone() })
                .collect(),
            orders: orders
                .map(|order| Order {
                    stamp: order.customer_reference.clone(),
                    digits: order.lines.iter().map(|line| line.phone_number.clone()).collect(),
                    failed: order.status() == OrderStatus::Failure,
                    cents: order.charged_cents(),
                })
                .collect(),
            spent_cents: accounts.iter().map(|account| account.spent_cents).sum(),
            free: recorded(NumberKind::Vapi),
            imported: recorded(NumberKind::Telnyx),
            assistants: assistants
                .map(|one| Assistant {
                    id: one.id.clone(),
                    stamp: one
                        .body
                        .get("metadata")
                        .and_then(|metadata| metadata.get("stamp")?.as_str())
                        .map(str::to_owned),
                })
                .collect(),
        }
    }
}
