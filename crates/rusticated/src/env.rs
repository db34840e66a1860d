//! What the process was started with: arguments, variables, folders. Nothing here waits.
//!
//! On Linux, variables are those of the start with the changes that were made here. What a libc's `setenv` or
//! `std::env::set_var` changes is not seen here, nor the other way round, since no lock would cover both; and children
//! that are started here get the variables of here. What the process was started with is read from `/proc`: where that
//! cannot be read, there are no arguments, and no variables but those that were set here.
use alloc::vec::Vec;

use crate::backend;
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::path::{Path, PathBuf};

/// The arguments; the first is the name that the program was called by.
///
/// ```
/// assert!(!rusticated::env::get_args().is_empty());
/// ```
pub fn get_args() -> Vec<OsString> {
    backend::env::args()
}

/// A variable's value. Windows takes names that differ in case only for the same.
pub fn get_env(name: impl AsRef<OsStr>) -> Option<OsString> {
    backend::env::var(name.as_ref())
}

/// All variables.
pub fn get_envs() -> Vec<(OsString, OsString)> {
    backend::env::vars()
}

/// Sets a variable for this process and the children that it starts from now on.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for a name that is empty or holds `=`, or a NUL byte in either.
pub fn set_env(name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> io::Result<()> {
    check(name.as_ref(), Some(value.as_ref()))?;
    backend::env::set_var(name.as_ref(), value.as_ref())
}

/// Removes a variable.
///
/// # Errors
/// As [`set_env`].
pub fn remove_env(name: impl AsRef<OsStr>) -> io::Result<()> {
    check(name.as_ref(), None)?;
    backend::env::remove_var(name.as_ref())
}

fn check(name: &OsStr, value: Option<&OsStr>) -> io::Result<()> {
    let name = name.as_encoded_bytes();
    let nul = name.contains(&0) || value.is_some_and(|value| value.as_encoded_bytes().contains(&0));
    if name.is_empty() || name.contains(&b'=') || nul {
        return Err(io::Error::message(io::ErrorKind::InvalidInput, "no name or value of a variable"));
    }
    Ok(())
}

/// The folder that relative paths begin at.
pub fn current_dir() -> io::Result<PathBuf> {
    backend::env::current_dir()
}

/// Sets the folder that relative paths begin at.
pub fn set_current_dir(path: impl AsRef<Path>) -> io::Result<()> {
    backend::env::set_current_dir(path.as_ref())
}

/// The file of the program that runs.
pub fn current_exe() -> io::Result<PathBuf> {
    backend::env::current_exe()
}

/// Where files may be put that nobody needs for long.
pub fn temp_dir() -> PathBuf {
    backend::env::temp_dir()
}

/// The user's own folder, as the environment tells it.
pub fn home_dir() -> Option<PathBuf> {
    backend::env::home_dir()
}

/// Tells where the kernel has put the arguments and, behind them, the variables: the start of a program's standard
/// library, which knows, calls it first.
///
/// # Safety
/// It is the address of the kernel's list of arguments.
#[cfg(all(own_std, target_os = "linux"))]
#[doc(hidden)]
#[allow(unsafe_code, reason = "what the kernel left for the start of the program")]
pub unsafe fn start(lists: *const *const core::ffi::c_char) {
    // SAFETY: as asked above.
    unsafe { backend::env::set(lists) }
}
