//! What this library asks of the system itself, since nothing of rusticated may be at work yet or any more: memory,
//! the start of the program, the last words of a panic.
mod memory;
mod single_thread;

pub(crate) use single_thread::SingleThread;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub(crate) use macos::*;

/// The error of a descriptor that there is not: the program was started without that stream.
pub(crate) fn is_missing_stream(error: &crate::io::Error) -> bool {
    error.raw_os_error() == Some(if cfg!(windows) { 6 } else { 9 })
}
