//! What the physical table looks like: its key attributes, its two indexes, and the way back from
//! a stored attribute name to one of ours.
//!
//! `template.yaml` and the tests' table are made to this.

use crate::keys;
use crate::table::{Attribute, Index};

/// Partition key of the base table.
pub const PK: Attribute = "pk";
/// Sort key of the base table.
pub const SK: Attribute = "sk";

/// A secondary index: sparse, it holds the items that have both of its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secondary {
    /// Its name.
    pub name: &'static str,
    /// Its partition key.
    pub partition: Attribute,
    /// Its sort key.
    pub sort: Attribute,
}

/// Due work; keys only.
pub const DUE: Secondary = Secondary { name: "due", partition: "due_pk", sort: "due_sk" };
/// Lists for people; keys only.
pub const LISTING: Secondary = Secondary { name: "listing", partition: "list_pk", sort: "list_sk" };

impl Index {
    /// The secondary index it reads; `None` for the base table.
    #[must_use]
    pub const fn secondary(self) -> Option<Secondary> {
        match self {
            Self::Base => None,
            Self::Due => Some(DUE),
            Self::Listing => Some(LISTING),
        }
    }
}

/// Our own name for a stored attribute; `None` for one that this version does not know.
#[must_use]
pub fn known(name: &str) -> Option<Attribute> {
    [DUE.partition, DUE.sort, LISTING.partition, LISTING.sort]
        .into_iter()
        .chain(keys::DOCUMENTS)
        .chain(keys::ATTRIBUTES.iter().copied())
        .chain(probes().iter().copied())
        .find(|attribute| *attribute == name)
}

/// Is it an attribute that holds a document?
#[must_use]
pub fn is_document(attribute: Attribute) -> bool {
    keys::DOCUMENTS.contains(&attribute)
}

/// Is it a key attribute of a secondary index?
#[must_use]
pub fn is_index_key(attribute: Attribute) -> bool {
    [DUE.partition, DUE.sort, LISTING.partition, LISTING.sort].contains(&attribute)
}

/// The attributes of the shared suite, so that it does not lean on the entities of the day.
const fn probes() -> &'static [Attribute] {
    #[cfg(feature = "fake")]
    return &crate::suite::PROBES;
    #[cfg(not(feature = "fake"))]
    return &[];
}
