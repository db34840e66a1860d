//! Terminals.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::mem::MaybeUninit;

use super::handle::{Handle, RawHandle};
use super::system::{self, AT_FDCWD, O_CLOEXEC, O_NOCTTY, O_RDWR, TIOCGWINSZ, Termios, TermiosFlags, again, check};
use crate::io;
use crate::tty::Size;

#[derive(Clone, Debug)]
pub(crate) struct Mode(Termios);

// <sys/termios.h>
const VMIN: usize = 16;
const VTIME: usize = 17;
/// `IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON`
const INPUT: TermiosFlags = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200;
const OPOST: TermiosFlags = 0x1;
/// `ECHO ECHONL ISIG ICANON IEXTEN`
const LOCAL: TermiosFlags = 0x8 | 0x10 | 0x80 | 0x100 | 0x400;
/// `CSIZE PARENB`
const CONTROL: TermiosFlags = 0x300 | 0x1000;
/// Eight bits a character.
const CS8: TermiosFlags = 0x300;

impl Mode {
    /// As `cfmakeraw` has it: each byte as it comes, and nothing done with it.
    pub(crate) fn raw(&self) -> Self {
        let mut raw = self.0;
        raw.input &= !INPUT;
        raw.output &= !OPOST;
        raw.local &= !LOCAL;
        raw.control = raw.control & !CONTROL | CS8;
        raw.characters[VMIN] = 1;
        raw.characters[VTIME] = 0;
        Self(raw)
    }
}

pub(crate) fn is_terminal(handle: RawHandle) -> bool {
    // SAFETY: touches no memory.
    unsafe { system::isatty(handle) == 1 }
}

pub(crate) fn size(handle: RawHandle) -> io::Result<Size> {
    let mut size = [0u16; 4]; // rows, columns, and both in pixels
    // SAFETY: writes four numbers.
    check(unsafe { system::ioctl(handle, TIOCGWINSZ, size.as_mut_ptr()) })?;
    Ok(Size { columns: size[1], rows: size[0] })
}

pub(crate) fn mode(handle: RawHandle) -> io::Result<Mode> {
    let mut mode = MaybeUninit::<Termios>::zeroed();
    // SAFETY: writes the mode only; one may be all zero.
    unsafe {
        check(system::tcgetattr(handle, mode.as_mut_ptr()))?;
        Ok(Mode(mode.assume_init()))
    }
}

pub(crate) fn set_mode(handle: RawHandle, mode: &Mode) -> io::Result<()> {
    const AT_ONCE: i32 = 0;
    // SAFETY: reads the mode only.
    again(|| unsafe { system::tcsetattr(handle, AT_ONCE, &mode.0) }).map(drop)
}

/// The controlling terminal: reader and writer.
pub(crate) fn open() -> io::Result<(Handle, Handle)> {
    let flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
    // SAFETY: reads the path only.
    let descriptor = again(|| unsafe { system::openat(AT_FDCWD, c"/dev/tty".as_ptr(), flags) })?;
    // SAFETY: just opened.
    let reader = unsafe { Handle::from_raw(descriptor) };
    let writer = reader.duplicate()?;
    Ok((reader, writer))
}
