//! The last error and the log.

use std::str;

use polyplug_abi::types::{LogLevel, StringView};
use polyplug_abi::{AbiErrorCode, HostApi};

use super::{answer, check_out};
use crate::error::Failure;
use crate::runtime::scope;

/// See [`HostApi::get_last_error`]. Its own failures are no last error: they would take the place of what is asked for.
pub(super) unsafe extern "C" fn get_last_error(
    this: *const HostApi,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> u32 {
    let call = match scope::enter(this) {
        Ok(call) => call,
        Err(code) => return code.as_u32(),
    };
    if check_out(written, "the number of bytes").is_err() || (buffer.is_null() && capacity > 0) {
        return AbiErrorCode::InvalidPointer.as_u32();
    }
    let mut code = AbiErrorCode::Ok;
    call.core.last_error.read_out(|message| {
        // SAFETY: it is not null and aligned; the caller has room for a number there.
        unsafe { written.write(message.len()) };
        if message.len() > capacity {
            code = AbiErrorCode::BufferTooSmall;
            return false;
        }
        if !message.is_empty() {
            // SAFETY: it is not null, since the capacity is not 0, and the caller has room for so many bytes there.
            unsafe { buffer.copy_from_nonoverlapping(message.as_ptr(), message.len()) };
        }
        true
    });
    code.as_u32()
}

/// See [`HostApi::get_error_len`].
pub(super) unsafe extern "C" fn get_error_len(this: *const HostApi) -> usize {
    scope::enter(this).map_or(0, |call| call.core.last_error.len())
}

/// See [`HostApi::log`].
pub(super) unsafe extern "C" fn log(this: *const HostApi, level: u32, scope: StringView, message: StringView) -> u32 {
    answer(this, "log", |call| {
        // SAFETY: the caller's views live for the call.
        let (scope, message) = unsafe { (text(scope, "the scope")?, text(message, "the message")?) };
        let level = LogLevel::from_u32(level).unwrap_or(LogLevel::Error);
        call.core.settings.logger.log(level, scope, || message);
        Ok(())
    })
}

/// The text of a view, which may be empty.
///
/// # Safety
///
/// If it is not null, so many bytes can be read.
unsafe fn text<'a>(view: StringView, what: &str) -> Result<&'a str, Failure> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { view.as_bytes() }.ok_or_else(|| {
        Failure::new(AbiErrorCode::InvalidPointer, format!("{what} is null, or has more bytes than there can be"))
    })?;
    str::from_utf8(bytes)
        .map_err(|error| Failure::new(AbiErrorCode::InvalidUtf8, format!("{what} is not UTF-8: {error}")))
}
