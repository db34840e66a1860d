//! Strings of the system as they cross the boundary: on Unix their bytes, on Windows UTF-16, little-endian.

use std::ffi::OsString;

use super::guest::CallError;

/// The string of such bytes.
///
/// # Errors
///
/// On Windows: their number is odd.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a string")]
pub(super) fn from_bytes(bytes: &[u8]) -> Result<OsString, CallError> {
    Ok(std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec()))
}

/// The string of such bytes.
///
/// # Errors
///
/// Their number is odd.
#[cfg(windows)]
pub(super) fn from_bytes(bytes: &[u8]) -> Result<OsString, CallError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("a path or an argument has an odd number of bytes: on Windows they are UTF-16".into());
    }
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Ok(std::os::windows::ffi::OsStringExt::from_wide(&units))
}
