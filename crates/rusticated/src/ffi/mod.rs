//! Strings as the system has them, with std's names and semantics: any bytes on Unix and in WebAssembly; on Windows
//! WTF-8, which holds whatever 16-bit units the system gives.
//!
//! What std offers through `OsStrExt` and `OsStringExt` are methods here: `from_bytes`, `as_bytes`, `from_vec` and
//! `into_vec` where strings are bytes, `from_wide` and `encode_wide` on Windows.
#[cfg(not(windows))]
mod bytes;
mod conversions;
mod display;
mod os_str;
mod os_string;
#[cfg(windows)]
mod wide;

pub use alloc::ffi::CString;
pub use core::ffi::{CStr, c_char, c_int, c_long, c_short, c_uchar, c_uint, c_ulong, c_void};

pub use display::Display;
pub use os_str::OsStr;
pub use os_string::OsString;
#[cfg(windows)]
pub use wide::EncodeWide;

/// Where strings are bytes, putting two together is no more than that.
#[cfg(not(windows))]
fn append(bytes: &mut alloc::vec::Vec<u8>, more: &[u8]) {
    bytes.extend_from_slice(more);
}
#[cfg(windows)]
use wide::append;
