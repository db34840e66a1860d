//! Standard streams and consoles: what has no overlapped operations. A thread of the pool does the blocking call.
//!
//! A read leaves its bytes with the stream, and who waits takes them from there: what came in for a read that was
//! dropped is the next one's. Consoles speak UTF-16; bytes are UTF-8 here.
#![allow(unsafe_code, reason = "calls the system with buffers")]
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::ManuallyDrop;

use super::api::{
    self, Bool, ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF, ERROR_IO_PENDING, ERROR_OPERATION_ABORTED, Handle, Overlapped,
    Owned,
};
use super::offload::{Token, offload};
use super::overlapped::{MOST, ReadFile, WriteFile};
use crate::io;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn AcquireSRWLockExclusive(lock: *mut usize);
    fn ReleaseSRWLockExclusive(lock: *mut usize);
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
    fn CreateEventW(security: *const c_void, manual: Bool, initial: Bool, name: *const u16) -> Handle;
    fn GetOverlappedResult(file: Handle, overlapped: *mut Overlapped, count: *mut u32, wait: Bool) -> Bool;
}

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQueryInformationFile(
        file: Handle,
        status: *mut [usize; 2],
        information: *mut u32,
        length: u32,
        class: u32,
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

/// A lock that the system keeps, around what it guards.
struct Lock<T> {
    lock: UnsafeCell<usize>,
    guarded: UnsafeCell<T>,
}

// SAFETY: `with` lets one thread at a time at what is guarded.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    const fn new(guarded: T) -> Self {
        Self { lock: UnsafeCell::new(0), guarded: UnsafeCell::new(guarded) }
    }

    fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        struct Release(*mut usize);
        impl Drop for Release {
            fn drop(&mut self) {
                // SAFETY: acquired below by this thread.
                unsafe { ReleaseSRWLockExclusive(self.0) };
            }
        }
        // SAFETY: zero is a lock that is free, and it does not move while it is held.
        unsafe { AcquireSRWLockExclusive(self.lock.get()) };
        let _release = Release(self.lock.get());
        // SAFETY: this thread has the lock, and no function that is called here takes it again.
        function(unsafe { &mut *self.guarded.get() })
    }
}

/// What is read and written by calls that block.
pub(super) struct Stream {
    handle: ManuallyDrop<Owned>,
    /// Whether the handle is closed with it: the process's own streams are not.
    close: bool,
    console: bool,
    /// Held by the thread that reads or writes: one at a time. For a console's output, the beginning of a character
    /// whose end has not been written yet; for its input, the first unit of a pair.
    turn: Lock<Half>,
    /// What was read and not taken yet.
    held: Lock<Vec<u8>>,
}

#[derive(Default)]
struct Half {
    bytes: Vec<u8>,
    unit: Option<u16>,
}

impl core::fmt::Debug for Stream {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Stream").field(&self.raw()).finish()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.close {
            // SAFETY: it is not used again.
            unsafe { ManuallyDrop::drop(&mut self.handle) };
        }
    }
}

impl Stream {
    /// Takes a handle over, to be closed at the end or not.
    pub(super) fn new(handle: Owned, close: bool) -> Arc<Self> {
        let console = is_console(handle.raw());
        let handle = ManuallyDrop::new(handle);
        let (turn, held) = (Lock::new(Half::default()), Lock::new(Vec::new()));
        Arc::new(Self { handle, close, console, turn, held })
    }

    pub(super) fn raw(&self) -> Handle {
        self.handle.raw()
    }

    pub(super) async fn read(self: &Arc<Self>, mut buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let room = buf.capacity() - buf.len();
        if room == 0 {
            return (Ok(0), buf);
        }
        loop {
            let taken = self.held.with(|held| {
                let count = held.len().min(room);
                buf.extend(held.drain(..count));
                count
            });
            if taken > 0 {
                return (Ok(taken), buf);
            }
            let stream = self.clone();
            match offload(move |token| stream.fill(token, room)).await {
                // Somebody else may have taken what was read.
                Ok(true) => {}
                Ok(false) => return (Ok(0), buf),
                Err(error) => return (Err(error), buf),
            }
        }
    }

    /// Reads, if nothing is there yet, and says whether something is now: not at the end of the input.
    fn fill(&self, token: &Token, room: usize) -> io::Result<bool> {
        self.turn.with(|half| {
            if self.held.with(|held| !held.is_empty()) {
                return Ok(true);
            }
            let bytes = if self.console {
                self.read_console(token, room, &mut half.unit)?
            } else {
                self.read_bytes(token, room, None)?
            };
            self.held.with(|held| held.extend_from_slice(&bytes));
            Ok(!bytes.is_empty())
        })
    }

    fn read_bytes(&self, token: &Token, room: usize, offset: Option<u64>) -> io::Result<Vec<u8>> {
        if token.is_cancelled() {
            return Err(api::os_error(ERROR_OPERATION_ABORTED));
        }
        let mut bytes = Vec::with_capacity(room.min(64 * 1024));
        let mut call = |count: &mut u32, overlapped| {
            // SAFETY: the vector has room for so many, and the call has ended when `blocking` returns.
            unsafe { ReadFile(self.raw(), bytes.as_mut_ptr(), bytes.capacity() as u32, count, overlapped) }
        };
        match self.blocking(offset, &mut call) {
            Ok(count) => {
                // SAFETY: so many were read.
                unsafe { bytes.set_len(count) };
                Ok(bytes)
            }
            Err(ERROR_HANDLE_EOF | ERROR_BROKEN_PIPE) => Ok(Vec::new()),
            Err(code) => Err(api::os_error(code)),
        }
    }

    /// Reads at an offset, for files that are not overlapped.
    pub(super) async fn read_at(self: &Arc<Self>, mut buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        let room = buf.capacity() - buf.len();
        if room == 0 {
            return (Ok(0), buf);
        }
        let stream = self.clone();
        let read = offload(move |token| stream.read_bytes(token, room, Some(offset))).await;
        let count = read.map(|bytes| {
            buf.extend_from_slice(&bytes);
            bytes.len()
        });
        (count, buf)
    }

    /// Writes; at an offset for files that are not overlapped.
    pub(super) async fn write(self: &Arc<Self>, buf: Vec<u8>, offset: Option<u64>) -> (io::Result<usize>, Vec<u8>) {
        if buf.is_empty() {
            return (Ok(0), buf);
        }
        let stream = self.clone();
        let written = offload(move |token| {
            let written = stream.turn.with(|half| {
                if token.is_cancelled() {
                    return Err(api::os_error(ERROR_OPERATION_ABORTED));
                }
                if stream.console {
                    return stream.write_console(&buf, &mut half.bytes);
                }
                let length = buf.len().min(MOST) as u32;
                // SAFETY: the buffer is there until the call has ended.
                let mut call = |count: &mut u32, overlapped| unsafe {
                    WriteFile(stream.raw(), buf.as_ptr(), length, count, overlapped)
                };
                stream.blocking(offset, &mut call).map_err(api::os_error)
            });
            Ok((written, buf))
        });
        match written.await {
            Ok((written, buf)) => (written, buf),
            Err(error) => (Err(error), Vec::new()),
        }
    }

    /// Makes a call that blocks, also on a handle that was opened for overlapped calls.
    fn blocking(
        &self,
        offset: Option<u64>,
        call: &mut dyn FnMut(&mut u32, *mut Overlapped) -> Bool,
    ) -> Result<usize, u32> {
        let mut count = 0;
        if offset.is_none() && !is_overlapped(self.raw()) {
            return match call(&mut count, core::ptr::null_mut()) {
                0 => Err(api::last_error()),
                _ => Ok(count as usize),
            };
        }
        // SAFETY: makes a new event.
        let event = unsafe { CreateEventW(core::ptr::null(), 1, 0, core::ptr::null()) };
        if event == 0 {
            return Err(api::last_error());
        }
        // SAFETY: it was just made.
        let event = unsafe { Owned::new(event) };
        let mut overlapped = Overlapped::at(offset.unwrap_or(0));
        // The lowest bit keeps the end away from a port that somebody may have associated with the handle.
        overlapped.event = event.raw() | 1;
        let answer = call(&mut count, &raw mut overlapped);
        if answer == 0 {
            match api::last_error() {
                ERROR_IO_PENDING => {}
                code => return Err(code),
            }
        }
        // SAFETY: the operation has begun with these; nothing goes away before it has ended.
        match unsafe { GetOverlappedResult(self.raw(), &raw mut overlapped, &raw mut count, 1) } {
            0 => Err(api::last_error()),
            _ => Ok(count as usize),
        }
    }

    fn read_console(&self, token: &Token, room: usize, first: &mut Option<u16>) -> io::Result<Vec<u8>> {
        const ENABLE_LINE_INPUT: u32 = 2;
        let mut mode = 0;
        // SAFETY: writes to the place.
        let lines = unsafe { GetConsoleMode(self.raw(), &raw mut mode) } == 0 || mode & ENABLE_LINE_INPUT != 0;
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
                ReadConsoleW(self.raw(), units.as_mut_ptr(), units.len() as u32, &raw mut count, &raw const control)
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

    fn write_console(&self, bytes: &[u8], half: &mut Vec<u8>) -> io::Result<usize> {
        // At most a unit a byte.
        let bytes = &bytes[..bytes.len().min(UNITS)];
        let (text, rest) = encode(half, bytes);
        let mut units = &*text;
        while !units.is_empty() {
            let mut count = 0;
            // SAFETY: the buffer has the length that is told.
            api::check(unsafe {
                let length = units.len() as u32;
                WriteConsoleW(self.raw(), units.as_ptr(), length, &raw mut count, core::ptr::null())
            })?;
            units = &units[(count as usize).min(units.len())..];
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        *half = rest;
        Ok(bytes.len())
    }
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

/// Whether a handle is a console's.
pub(super) fn is_console(handle: Handle) -> bool {
    let mut mode = 0;
    // SAFETY: writes to the place; what is no console is an error.
    unsafe { GetConsoleMode(handle, &raw mut mode) != 0 }
}

/// Whether calls on a handle must be overlapped ones.
fn is_overlapped(handle: Handle) -> bool {
    const FILE_MODE_INFORMATION: u32 = 16;
    const FILE_SYNCHRONOUS_IO: u32 = 0x30;
    let (mut status, mut mode) = ([0; 2], 0);
    // SAFETY: the mode is four bytes long.
    let answer = unsafe { NtQueryInformationFile(handle, &raw mut status, &raw mut mode, 4, FILE_MODE_INFORMATION) };
    // What does not tell is taken for an ordinary stream.
    answer == 0 && mode & FILE_SYNCHRONOUS_IO == 0
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
