//! Consoles: they speak UTF-16, and bytes are UTF-8 here.
#![allow(unsafe_code, reason = "calls the system with buffers")]
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_void;

use super::api::{self, Bool, ERROR_OPERATION_ABORTED, Handle};
use super::offload::Token;
use crate::io;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetConsoleMode(console: Handle, mode: *mut u32) -> Bool;
    fn ReadConsoleW(
        console: Handle,
        buffer: *mut u16,
        length: u32,
        read: *mut u32,
        control: *const ReadControl,
    ) -> Bool;
    fn WriteConsoleW(
        console: Handle,
        buffer: *const u16,
        length: u32,
        written: *mut u32,
        reserved: *const c_void,
    ) -> Bool;
    safe fn SetLastError(code: u32);
}

/// `CONSOLE_READCONSOLE_CONTROL`.
#[repr(C)]
struct ReadControl {
    length: u32,
    initial: u32,
    wake_mask: u32,
    key_state: u32,
}

/// Units that one call of the console reads or writes at most; older ones have no room for more than 64 KiB.
const UNITS: usize = 4096;
const CTRL_Z: u16 = 0x1A;

/// Whether a handle is a console's.
pub(super) fn is_console(handle: Handle) -> bool {
    let mut mode = 0;
    // SAFETY: writes to the place; what is no console is an error.
    unsafe { GetConsoleMode(handle, &raw mut mode) != 0 }
}

/// Reads once, or as often as it takes to have a character. Nothing is the end of the input.
pub(super) fn read(console: Handle, token: &Token, room: usize, first: &mut Option<u16>) -> io::Result<Vec<u8>> {
    const ENABLE_LINE_INPUT: u32 = 2;
    let mut mode = 0;
    // SAFETY: writes to the place.
    let lines = unsafe { GetConsoleMode(console, &raw mut mode) } == 0 || mode & ENABLE_LINE_INPUT != 0;
    // Ctrl-Z ends the input as Enter ends a line; a raw console gives it as it is.
    let wake_mask = if lines { 1 << CTRL_Z } else { 0 };
    let control = ReadControl { length: size_of::<ReadControl>() as u32, initial: 0, wake_mask, key_state: 0 };
    let mut units = vec![0; room.clamp(1, UNITS)];
    let mut bytes = Vec::new();
    // Half a pair alone is no end of the input.
    while bytes.is_empty() {
        let mut count = 0;
        SetLastError(0);
        if token.is_cancelled() {
            return Err(api::os_error(ERROR_OPERATION_ABORTED));
        }
        // SAFETY: the buffer has the length that is told.
        let answer = unsafe {
            ReadConsoleW(console, units.as_mut_ptr(), units.len() as u32, &raw mut count, &raw const control)
        };
        // Ctrl-C interrupts the call, which is made again then.
        let interrupted = count == 0 && api::last_error() == ERROR_OPERATION_ABORTED;
        if interrupted && !token.is_cancelled() {
            continue;
        }
        api::check(answer)?;
        let mut read = &units[..count as usize];
        if lines && let [before @ .., CTRL_Z] = read {
            read = before;
        }
        if read.is_empty() {
            break;
        }
        decode(first, read, &mut bytes);
    }
    Ok(bytes)
}

/// Writes text; the beginning of a character is kept until its end comes.
pub(super) fn write(console: Handle, bytes: &[u8], half: &mut Vec<u8>) -> io::Result<usize> {
    // At most a unit a byte.
    let bytes = &bytes[..bytes.len().min(UNITS)];
    let (text, rest) = encode(half, bytes);
    let mut units = &*text;
    while !units.is_empty() {
        let mut count = 0;
        // SAFETY: the buffer has the length that is told.
        api::check(unsafe {
            let length = units.len() as u32;
            WriteConsoleW(console, units.as_ptr(), length, &raw mut count, core::ptr::null())
        })?;
        units = &units[(count as usize).min(units.len())..];
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    *half = rest;
    Ok(bytes.len())
}

/// Appends UTF-16 as UTF-8. The first unit of a pair is kept for what comes next; a half alone becomes U+FFFD.
fn decode(first: &mut Option<u16>, units: &[u16], bytes: &mut Vec<u8>) {
    let (units, next) = match units {
        [before @ .., last @ 0xD800..=0xDBFF] => (before, Some(*last)),
        all => (all, None),
    };
    let text = char::decode_utf16(first.take().into_iter().chain(units.iter().copied()));
    let text: String = text.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    bytes.extend_from_slice(text.as_bytes());
    *first = next;
}

/// UTF-8 as UTF-16, after a beginning of a character that was kept, and with the beginning that is to be kept now.
/// What is no UTF-8 becomes U+FFFD.
fn encode(half: &[u8], bytes: &[u8]) -> (Vec<u16>, Vec<u8>) {
    let all = [half, bytes].concat();
    let kept = match core::str::from_utf8(&all) {
        Err(_) => {
            // A sequence that is cut off is at most three bytes long, and becomes valid when it is continued.
            let cut = |&length: &usize| {
                core::str::from_utf8(&all[all.len() - length..])
                    .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
            };
            (1..=3.min(all.len())).rev().find(cut).unwrap_or(0)
        }
        Ok(_) => 0,
    };
    let (all, kept) = all.split_at(all.len() - kept);
    (String::from_utf8_lossy(all).encode_utf16().collect(), kept.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_cut_anywhere_comes_through_both_ways(text in any::<String>(), cut in 1usize..5) {
            let (mut half, mut first) = (Vec::new(), None);
            let (mut units, mut bytes) = (Vec::new(), Vec::new());
            for part in text.as_bytes().chunks(cut) {
                let (part, rest) = encode(&half, part);
                half = rest;
                units.extend(part);
            }
            prop_assert!(half.is_empty());
            prop_assert_eq!(&units, &text.encode_utf16().collect::<Vec<_>>());
            for part in units.chunks(cut) {
                decode(&mut first, part, &mut bytes);
            }
            prop_assert_eq!(first, None);
            prop_assert_eq!(bytes, text.as_bytes());
        }

        #[test]
        fn bytes_that_are_no_text_are_written_as_if_lossily_read(bytes in any::<Vec<u8>>()) {
            let (units, half) = encode(&[], &bytes);
            prop_assert!(half.len() < 4);
            let whole = String::from_utf8_lossy(&bytes[..bytes.len() - half.len()]).into_owned();
            prop_assert_eq!(String::from_utf16(&units).unwrap(), whole);
        }
    }

    #[test]
    fn half_a_pair_alone_is_read_as_a_replacement() {
        let (mut first, mut bytes) = (None, Vec::new());
        decode(&mut first, &[0x41, 0xD83D], &mut bytes);
        assert_eq!((&*bytes, first), (&b"A"[..], Some(0xD83D)));
        decode(&mut first, &[0x42, 0xDE00], &mut bytes);
        assert_eq!(bytes, "A\u{FFFD}B\u{FFFD}".as_bytes());
    }
}
