//! Bugs planted on purpose, to see whether the checks of the simulator can catch them.
//!
//! Where the code keeps a rule, [`planted!`] names the bug that breaks it, at the very line:
//!
//! ```text
//! Outcome::Unknown if planted!(SlotFreedOnDoubt) => later(plan, &creating, None),
//! ```
//!
//! The macro is the constant `false`, so that the compiler leaves nothing of a bug in what is
//! deployed. Only under `--cfg planted`, which `cargo sim planted` alone sets and every function
//! refuses to be built with, there are bugs at all, and a number chosen at run time says which one
//! is in force.

#[cfg(planted)]
mod bug;
#[cfg(planted)]
mod force;

#[cfg(planted)]
pub use bug::Bug;
#[cfg(planted)]
pub use force::{in_force, plant, reached};

/// Whether a planted bug is in force: never, in this build.
#[cfg(not(planted))]
#[macro_export]
macro_rules! planted {
    ($bug:ident) => {
        false
    };
}

/// Whether a planted bug is in force.
#[cfg(planted)]
#[macro_export]
macro_rules! planted {
    ($bug:ident) => {
        $crate::in_force($crate::Bug::$bug)
    };
}
