//! Strings and types of the system and of C.
pub use alloc_crate::ffi::{FromVecWithNulError, IntoStringError, NulError};
pub use core::ffi::{CStr, FromBytesUntilNulError, FromBytesWithNulError, c_char, c_double, c_float, c_int, c_long};
pub use core::ffi::{c_longlong, c_schar, c_short, c_uchar, c_uint, c_ulong, c_ulonglong, c_ushort, c_void};
pub use rusticated::ffi::{CString, OsStr, OsString};

pub mod os_str {
    //! How strings of the system are shown.
    pub use rusticated::ffi::Display;
}
