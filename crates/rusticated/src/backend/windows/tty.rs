//! Consoles: whether something is one, its size, its mode.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;
use core::mem::MaybeUninit;

use super::api::{
    self, Bool, FILE_SHARE_READ, FILE_SHARE_WRITE, GENERIC_READ, GENERIC_WRITE, Handle as Raw, OPEN_EXISTING,
};
use super::console;
use super::handle::{Handle, RawHandle};
use crate::io;
use crate::tty::Size;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetConsoleMode(console: Raw, mode: *mut u32) -> Bool;
    fn SetConsoleMode(console: Raw, mode: u32) -> Bool;
    fn GetConsoleScreenBufferInfo(console: Raw, info: *mut ScreenBuffer) -> Bool;
}

/// `CONSOLE_SCREEN_BUFFER_INFO`.
#[repr(C)]
struct ScreenBuffer {
    size: [i16; 2],
    cursor: [i16; 2],
    attributes: u16,
    /// What can be seen: left, top, right, bottom.
    window: [i16; 4],
    largest: [i16; 2],
}

/// A console's mode: of its input, or of its output.
#[derive(Clone, Debug)]
pub(crate) struct Mode {
    bits: u32,
    output: bool,
}

impl Mode {
    pub(crate) fn raw(&self) -> Self {
        const ENABLE_PROCESSED_INPUT: u32 = 1;
        const ENABLE_LINE_INPUT: u32 = 2;
        const ENABLE_ECHO_INPUT: u32 = 4;
        /// Keys come as the sequences that terminals send.
        const ENABLE_VIRTUAL_TERMINAL_INPUT: u32 = 0x200;
        const ENABLE_PROCESSED_OUTPUT: u32 = 1;
        const ENABLE_VIRTUAL_TERMINAL_PROCESSING: u32 = 4;
        const DISABLE_NEWLINE_AUTO_RETURN: u32 = 8;
        let bits = if self.output {
            let sequences = ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
            self.bits | sequences | DISABLE_NEWLINE_AUTO_RETURN
        } else {
            let cooked = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;
            self.bits & !cooked | ENABLE_VIRTUAL_TERMINAL_INPUT
        };
        Self { bits, output: self.output }
    }
}

/// Whether it is a console.
pub(crate) fn is_terminal(handle: RawHandle) -> bool {
    console::is_console(handle)
}

fn screen_buffer(handle: RawHandle) -> io::Result<ScreenBuffer> {
    let mut info = MaybeUninit::uninit();
    // SAFETY: writes to the place.
    api::check(unsafe { GetConsoleScreenBufferInfo(handle, info.as_mut_ptr()) })?;
    // SAFETY: it has succeeded.
    Ok(unsafe { info.assume_init() })
}

/// The size of the window. Only the console's output knows it: for an input that is asked for.
pub(crate) fn size(handle: RawHandle) -> io::Result<Size> {
    let info = match screen_buffer(handle) {
        Err(_) if is_terminal(handle) => screen_buffer(open_one("CONOUT$\0")?.raw())?,
        info => info?,
    };
    let [left, top, right, bottom] = info.window.map(i32::from);
    Ok(Size { columns: (right - left + 1) as u16, rows: (bottom - top + 1) as u16 })
}

pub(crate) fn mode(handle: RawHandle) -> io::Result<Mode> {
    let mut bits = 0;
    // SAFETY: writes to the place.
    api::check(unsafe { GetConsoleMode(handle, &raw mut bits) })?;
    Ok(Mode { bits, output: screen_buffer(handle).is_ok() })
}

pub(crate) fn set_mode(handle: RawHandle, mode: &Mode) -> io::Result<()> {
    // SAFETY: sets bits.
    if unsafe { SetConsoleMode(handle, mode.bits) } != 0 {
        return Ok(());
    }
    // Consoles before Windows 10 do not know sequences, but all the rest.
    const SEQUENCES_IN: u32 = 0x200;
    const SEQUENCES_OUT: u32 = 0xC;
    let known = mode.bits & !if mode.output { SEQUENCES_OUT } else { SEQUENCES_IN };
    // SAFETY: sets bits.
    api::check(unsafe { SetConsoleMode(handle, known) })
}

/// The process's console, whatever its streams are.
pub(crate) fn open() -> io::Result<(Handle, Handle)> {
    Ok((open_one("CONIN$\0")?, open_one("CONOUT$\0")?))
}

fn open_one(name: &str) -> io::Result<Handle> {
    let name: Vec<u16> = name.encode_utf16().collect();
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE;
    api::open(&name, GENERIC_READ | GENERIC_WRITE, share, OPEN_EXISTING, 0).map(Handle::blocking)
}
