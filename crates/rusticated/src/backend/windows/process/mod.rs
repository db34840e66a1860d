//! Programs to start and to wait for, and this one's end.
#![allow(unsafe_code, reason = "calls the system")]
mod child;
mod command_line;
mod environment;
mod search;
mod spawn;

pub(crate) use child::{Child, ExitStatus};
pub(crate) use spawn::spawn;

use super::api::{GetCurrentProcess, Handle};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn ExitProcess(code: u32) -> !;
    fn TerminateProcess(process: Handle, code: u32) -> i32;
    safe fn GetCurrentProcessId() -> u32;
}

pub(crate) fn exit(code: i32) -> ! {
    ExitProcess(code as u32)
}

/// Ends the process as a failure that nothing can be done about: at once, and with the code that says so.
pub(crate) fn abort() -> ! {
    /// `STATUS_FATAL_APP_EXIT`
    const FATAL: u32 = 0x4000_0015;
    // SAFETY: ends this process.
    unsafe { TerminateProcess(GetCurrentProcess(), FATAL) };
    ExitProcess(FATAL)
}

pub(crate) fn id() -> u32 {
    GetCurrentProcessId()
}
