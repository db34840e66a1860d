//! What every module of a program sees: rustc imports `std::prelude::rust_<edition>`.

/// The part that is the same for all editions.
pub mod v1 {
    pub use crate::path::Questions as _;
    pub use crate::{dbg, eprint, eprintln, format, print, println, thread_local};
    pub use alloc_crate::borrow::ToOwned;
    pub use alloc_crate::boxed::Box;
    pub use alloc_crate::string::{String, ToString};
    pub use alloc_crate::vec::Vec;
    pub use core::prelude::v1::*;
    pub use core::{assert_eq, assert_ne, debug_assert, debug_assert_eq, debug_assert_ne, matches};
    pub use core::{todo, unimplemented, unreachable, write, writeln};
    pub use macros_only::{panic, vec};

    /// The private modules hide the public ones of the same name, and leave the macros.
    #[allow(hidden_glob_reexports)]
    mod macros_only {
        mod panic {}
        mod vec {}
        pub use crate::*;
    }
}

/// Edition 2015.
pub mod rust_2015 {
    pub use super::v1::*;
    pub use core::prelude::rust_2015::*;
}

/// Edition 2018.
pub mod rust_2018 {
    pub use super::v1::*;
    pub use core::prelude::rust_2018::*;
}

/// Edition 2021.
pub mod rust_2021 {
    pub use super::v1::*;
    pub use core::prelude::rust_2021::*;
}

/// Edition 2024.
pub mod rust_2024 {
    pub use super::v1::*;
    pub use core::prelude::rust_2024::*;
}
