//! The routes, one file for each kind of thing.

pub(crate) mod assign;
pub(crate) mod bring;
pub(crate) mod change;
pub(crate) mod drift;
pub(crate) mod history;
pub(crate) mod numbers;
pub(crate) mod organizations;
pub(crate) mod pool;
pub(crate) mod provisionings;
pub(crate) mod retire;
pub(crate) mod stock;
