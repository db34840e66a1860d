//! What Unix has.
pub mod ffi {
    //! Strings are bytes.
    use crate::ffi::{OsStr, OsString};
    use crate::vec::Vec;

    /// What strings of bytes can do; std's programs import it.
    pub trait OsStrExt {
        /// The string of these bytes.
        fn from_bytes(bytes: &[u8]) -> &Self;
        /// Its bytes.
        fn as_bytes(&self) -> &[u8];
    }

    impl OsStrExt for OsStr {
        fn from_bytes(bytes: &[u8]) -> &Self {
            // SAFETY: all bytes are a string here.
            unsafe { Self::from_encoded_bytes_unchecked(bytes) }
        }
        fn as_bytes(&self) -> &[u8] {
            self.as_encoded_bytes()
        }
    }

    /// As [`OsStrExt`], for owned strings.
    pub trait OsStringExt {
        /// The string of these bytes.
        fn from_vec(bytes: Vec<u8>) -> Self;
        /// Its bytes.
        fn into_vec(self) -> Vec<u8>;
    }

    impl OsStringExt for OsString {
        fn from_vec(bytes: Vec<u8>) -> Self {
            // SAFETY: all bytes are a string here.
            unsafe { Self::from_encoded_bytes_unchecked(bytes) }
        }
        fn into_vec(self) -> Vec<u8> {
            self.into_encoded_bytes()
        }
    }
}

pub mod io {
    //! Descriptors.
    pub use crate::os::fd::{AsRawFd, RawFd};
}

pub mod prelude {
    //! The traits.
    pub use super::ffi::{OsStrExt, OsStringExt};
    pub use crate::os::fd::AsRawFd;
}
