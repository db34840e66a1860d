//! Consoles: they speak UTF-16, and bytes are UTF-8 here.
#![allow(unsafe_code, reason = "calls the system with buffers")]
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
    fn WideCharToMultiByte(
        code_page: u32,
        flags: u32,
        units: *const u16,
        length: i32,
        bytes: *mut u8,
        room: i32,
        default: *const u8,
        used_default: *mut i32,
    ) -> i32;
    fn MultiByteToWideChar(
        code_page: u32,
        flags: u32,
        bytes: *const u8,
        length: i32,
        units: *mut u16,
        room: i32,
    ) -> i32;
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
const CP_UTF8: u32 = 65001;

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
    let mut all: Vec<u16> = first.take().into_iter().collect();
    all.extend_from_slice(units);
    if let Some(0xD800..=0xDBFF) = all.last() {
        *first = all.pop();
    }
    // A unit makes three bytes at most.
    let start = bytes.len();
    bytes.resize(start + all.len() * 3, 0);
    let place = &mut bytes[start..];
    // SAFETY: both buffers have the lengths that are told.
    let length = unsafe {
        let (none, used) = (core::ptr::null(), core::ptr::null_mut());
        let (length, room) = (all.len() as i32, place.len() as i32);
        WideCharToMultiByte(CP_UTF8, 0, all.as_ptr(), length, place.as_mut_ptr(), room, none, used)
    };
    bytes.truncate(start + length as usize);
}

/// UTF-8 as UTF-16, after a beginning of a character that was kept, and with the beginning that is to be kept now.
/// What is no UTF-8 becomes U+FFFD, once or more often.
fn encode(half: &[u8], bytes: &[u8]) -> (Vec<u16>, Vec<u8>) {
    let mut all = [half, bytes].concat();
    let kept = all.split_off(all.len() - cut_off(&all));
    // A byte makes one unit at most.
    let mut units = vec![0; all.len()];
    // SAFETY: both buffers have the lengths that are told.
    let length = unsafe {
        let (length, room) = (all.len() as i32, units.len() as i32);
        MultiByteToWideChar(CP_UTF8, 0, all.as_ptr(), length, units.as_mut_ptr(), room)
    };
    units.truncate(length as usize);
    (units, kept)
}

/// How many bytes at the end begin a character that is cut off.
fn cut_off(bytes: &[u8]) -> usize {
    for (before, &byte) in bytes.iter().rev().take(3).enumerate() {
        let length = match byte {
            0x80..0xC0 => continue,
            0xC2..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0..0xF5 => 4,
            _ => 1,
        };
        return if before + 1 < length { before + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;

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
        fn text_around_bytes_that_are_none_is_written(before in "[a-zä]*", bad in 0x80u8..0xC0, after in "[a-zö]+") {
            let bytes = [before.as_bytes(), &[bad, 0xFF], after.as_bytes()].concat();
            let (units, half) = encode(&[], &bytes);
            prop_assert!(half.is_empty());
            let text = String::from_utf16(&units).unwrap();
            prop_assert!(text.starts_with(&before) && text.ends_with(&after) && text.contains(char::REPLACEMENT_CHARACTER));
        }

        #[test]
        fn only_a_beginning_is_kept(bytes in any::<Vec<u8>>()) {
            let (_, half) = encode(&[], &bytes);
            prop_assert!(half.len() < 4 && bytes.ends_with(&half));
            if let Err(error) = std::str::from_utf8(&half) {
                prop_assert_eq!(error.valid_up_to(), 0);
            } else {
                prop_assert!(half.is_empty());
            }
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
