//! Pipes, if the host has them.
use super::handle::{Handle, opened_both};
use crate::abi::imports;
use crate::io;

pub(crate) fn pipe() -> io::Result<(Handle, Handle)> {
    opened_both(imports::pipe)
}
