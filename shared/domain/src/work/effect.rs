//! What the shell is to do after a decision is written.

use crate::ids::{
    ConnectionId, NumberId, Stamp, TelnyxNumberId, TelnyxOrderId, VapiAssistantId, VapiNumberId,
};
use crate::phone::E164;
use crate::telnyx::OrderSpec;
use crate::time::Timestamp;
use crate::vapi::{AssistantSpec, FreeNumberSpec, ImportSpec, NumberProvider};
use crate::work::input::{PoolSearch, Scouting};

/// One thing to do. Its end comes back as the [`crate::work::Input`] of the same subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Create the assistant at VAPI.
    CreateAssistant(Box<AssistantSpec>),
    /// Look whether the assistant with this stamp exists.
    FindAssistant {
        /// What it was stamped with.
        stamp: Stamp,
        /// It cannot be older than this.
        created_after: Timestamp,
    },
    /// Look for numbers that nobody uses.
    SearchPool(PoolSearch),
    /// Read a number's row.
    ReadRow(NumberId),
    /// Read which slots of the free allowance are taken.
    ReadAllowance,
    /// Create a free number at VAPI.
    CreateFree(FreeNumberSpec),
    /// Look whether the free number with this stamp exists.
    FindFree {
        /// What it was stamped with.
        stamp: Stamp,
    },
    /// Read a number at VAPI by id.
    ReadNumber(VapiNumberId),
    /// Find the credential, the application and numbers for sale.
    Scout(Scouting),
    /// Look who carries a number that a person named, and whether VAPI has it.
    FindNumber {
        /// The number.
        digits: E164,
    },
    /// Make a record ours that others put into VAPI: our name and our server on it.
    Adopt {
        /// VAPI's id.
        vapi: VapiNumberId,
        /// Who carries it; VAPI may want to be told.
        provider: NumberProvider,
        /// What it is named.
        stamp: Stamp,
    },
    /// Order a number at Telnyx.
    PlaceOrder(OrderSpec),
    /// Look whether the order with this stamp and number exists, or the number itself.
    FindOrder {
        /// What it was stamped with.
        stamp: Stamp,
        /// The number ordered.
        digits: E164,
    },
    /// Read where an order stands and, if it succeeded, the number.
    CheckOrder {
        /// The order.
        order: TelnyxOrderId,
        /// The number ordered.
        digits: E164,
    },
    /// Import a number into VAPI.
    Import(ImportSpec),
    /// Look whether the number is in VAPI.
    FindImport {
        /// What it was stamped with.
        stamp: Stamp,
        /// The number.
        digits: E164,
    },
    /// Read a line back at VAPI and, unless VAPI carries it, at the carrier.
    ReadLine {
        /// VAPI's id.
        vapi: VapiNumberId,
        /// Telnyx's id, for a number Telnyx carries.
        telnyx: Option<TelnyxNumberId>,
    },
    /// Link a number to an assistant.
    Link {
        /// The number.
        vapi: VapiNumberId,
        /// Who carries it; VAPI may want to be told.
        provider: NumberProvider,
        /// Whether a squad or a workflow is to be taken off as well.
        elsewhere: bool,
        /// Who shall answer.
        assistant: VapiAssistantId,
    },
    /// Take whoever answers off a number.
    Unlink {
        /// The number.
        vapi: VapiNumberId,
        /// Who carries it; VAPI may want to be told.
        provider: NumberProvider,
        /// Whether a squad or a workflow is to be taken off as well.
        elsewhere: bool,
    },
    /// Find out whether a number ever took a call, from VAPI's list and our own record.
    ReadCalls {
        /// VAPI's id.
        vapi: VapiNumberId,
        /// Ours.
        number: NumberId,
    },
    /// Remove a number's record at VAPI.
    RemoveRecord(VapiNumberId),
    /// Read a number at Telnyx by id.
    ReadOwned(TelnyxNumberId),
    /// Give a number back to Telnyx.
    RemoveOwned(TelnyxNumberId),
    /// Route a number to an application at Telnyx.
    Route {
        /// The number.
        telnyx: TelnyxNumberId,
        /// The application.
        connection: ConnectionId,
    },
}

impl Effect {
    /// Whether it creates or buys something, so that it must never be sent twice unseen.
    #[must_use]
    pub const fn creates(&self) -> bool {
        match self {
            Self::CreateAssistant(_)
            | Self::CreateFree(_)
            | Self::PlaceOrder(_)
            | Self::Import(_) => true,
            Self::FindAssistant { .. }
            | Self::SearchPool(_)
            | Self::ReadRow(_)
            | Self::ReadAllowance
            | Self::FindFree { .. }
            | Self::ReadNumber(_)
            | Self::Scout(_)
            | Self::FindNumber { .. }
            | Self::Adopt { .. }
            | Self::FindOrder { .. }
            | Self::CheckOrder { .. }
            | Self::FindImport { .. }
            | Self::ReadLine { .. }
            | Self::Link { .. }
            | Self::Unlink { .. }
            | Self::ReadCalls { .. }
            | Self::RemoveRecord(_)
            | Self::ReadOwned(_)
            | Self::RemoveOwned(_)
            | Self::Route { .. } => false,
        }
    }

    /// Its name in logs and traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CreateAssistant(_) => "create_assistant",
            Self::FindAssistant { .. } => "find_assistant",
            Self::SearchPool(_) => "search_pool",
            Self::ReadRow(_) => "read_row",
            Self::ReadAllowance => "read_allowance",
            Self::CreateFree(_) => "create_free",
            Self::FindFree { .. } => "find_free",
            Self::ReadNumber(_) => "read_number",
            Self::Scout(_) => "scout",
            Self::FindNumber { .. } => "find_number",
            Self::Adopt { .. } => "adopt",
            Self::PlaceOrder(_) => "place_order",
            Self::FindOrder { .. } => "find_order",
            Self::CheckOrder { .. } => "check_order",
            Self::Import(_) => "import",
            Self::FindImport { .. } => "find_import",
            Self::ReadLine { .. } => "read_line",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
            Self::ReadCalls { .. } => "read_calls",
            Self::RemoveRecord(_) => "remove_record",
            Self::ReadOwned(_) => "read_owned",
            Self::RemoveOwned(_) => "remove_owned",
            Self::Route { .. } => "route",
        }
    }
}
