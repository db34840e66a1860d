//! The terminal, if the host has one.
use super::error::check;
use super::handle::{Handle, RawHandle, opened_both};
use crate::abi::imports;
use crate::io;
use crate::tty::Size;

/// Whole lines, or each key as it comes: the host knows no more.
#[derive(Clone, Debug)]
pub(crate) struct Mode(i32);

impl Mode {
    pub(crate) fn raw(&self) -> Self {
        Self(1)
    }
}

pub(crate) fn is_terminal(handle: RawHandle) -> bool {
    imports::is_terminal(handle) == 1
}

pub(crate) fn size(handle: RawHandle) -> io::Result<Size> {
    let size = check(imports::terminal_size(handle))?;
    Ok(Size { columns: (size >> 16) as u16, rows: size as u16 })
}

pub(crate) fn mode(handle: RawHandle) -> io::Result<Mode> {
    check(imports::terminal_mode(handle)).map(Mode)
}

pub(crate) fn set_mode(handle: RawHandle, mode: &Mode) -> io::Result<()> {
    check(imports::set_terminal_mode(handle, mode.0)).map(drop)
}

pub(crate) fn open() -> io::Result<(Handle, Handle)> {
    opened_both(imports::open_terminal)
}
