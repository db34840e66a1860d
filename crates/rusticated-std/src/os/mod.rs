//! What only some systems have.
#[cfg(unix)]
pub mod fd;
#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub mod windows;

pub mod raw {
    //! C's types under their older names.
    pub use crate::ffi::{c_char, c_int, c_long, c_short, c_uchar, c_uint, c_ulong, c_void};
}
