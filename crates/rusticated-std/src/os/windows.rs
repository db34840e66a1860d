//! What Windows has.
pub mod ffi {
    //! Strings are 16-bit units.
    pub use rusticated::ffi::EncodeWide;

    use crate::ffi::{OsStr, OsString};

    /// The 16-bit units of strings; std's programs import it.
    pub trait OsStrExt {
        /// Its units.
        fn encode_wide(&self) -> EncodeWide<'_>;
    }

    impl OsStrExt for OsStr {
        fn encode_wide(&self) -> EncodeWide<'_> {
            OsStr::encode_wide(self)
        }
    }

    /// Strings of 16-bit units.
    pub trait OsStringExt {
        /// The string of these units.
        fn from_wide(units: &[u16]) -> Self;
    }

    impl OsStringExt for OsString {
        fn from_wide(units: &[u16]) -> Self {
            OsString::from_wide(units)
        }
    }
}

pub mod prelude {
    //! The traits.
    pub use super::ffi::{OsStrExt, OsStringExt};
}
