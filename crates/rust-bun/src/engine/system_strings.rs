//! Strings of the system as they cross the boundary: on Unix their bytes, on Windows UTF-16, little-endian.

use std::ffi::OsStr;

/// The bytes.
#[cfg(unix)]
pub(super) fn to_bytes(text: &OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec()
}

/// The bytes.
#[cfg(windows)]
pub(super) fn to_bytes(text: &OsStr) -> Vec<u8> {
    std::os::windows::ffi::OsStrExt::encode_wide(text).flat_map(u16::to_le_bytes).collect()
}
