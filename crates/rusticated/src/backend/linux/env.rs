//! Arguments and variables as the kernel handed them to the process, the changes made to these since, and folders.
//! What a libc's `setenv` changes is not seen here, nor the other way round: no lock would cover both.
#![allow(unsafe_code, reason = "system calls")]
#[cfg_attr(own_std, path = "env/stack.rs")]
#[cfg_attr(not(own_std), path = "env/proc.rs")]
mod start;

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::UnsafeCell;

use super::syscall::{self, syscall};
use super::worker::Monitor;
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::path::{Path, PathBuf};

/// The changes since the start: None for what was removed.
type Changes = BTreeMap<OsString, Option<OsString>>;

struct Environment {
    lock: Monitor,
    changes: UnsafeCell<Changes>,
}

// SAFETY: the changes are touched under the lock only.
unsafe impl Sync for Environment {}

static ENVIRONMENT: Environment = Environment { lock: Monitor::new(), changes: UnsafeCell::new(Changes::new()) };

fn with_changes<R>(function: impl FnOnce(&mut Changes) -> R) -> R {
    ENVIRONMENT.lock.lock();
    // SAFETY: locked.
    let result = function(unsafe { &mut *ENVIRONMENT.changes.get() });
    ENVIRONMENT.lock.unlock();
    result
}

pub(crate) fn args() -> Vec<OsString> {
    start::args()
}

pub(crate) fn var(name: &OsStr) -> Option<OsString> {
    if let Some(changed) = with_changes(|changes| changes.get(name).cloned()) {
        return changed;
    }
    initial().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

pub(crate) fn vars() -> Vec<(OsString, OsString)> {
    let changes = with_changes(|changes| changes.clone());
    let mut all: Vec<_> = initial().into_iter().filter(|(name, _)| !changes.contains_key(name)).collect();
    all.extend(changes.into_iter().filter_map(|(name, value)| Some((name, value?))));
    all
}

pub(crate) fn set_var(name: &OsStr, value: &OsStr) -> io::Result<()> {
    with_changes(|changes| changes.insert(name.to_os_string(), Some(value.to_os_string())));
    Ok(())
}

pub(crate) fn remove_var(name: &OsStr) -> io::Result<()> {
    with_changes(|changes| changes.insert(name.to_os_string(), None));
    Ok(())
}

/// The variables that the process was started with. A name may begin with `=`, as std has it.
fn initial() -> Vec<(OsString, OsString)> {
    let split = |variable: OsString| {
        let bytes = variable.as_encoded_bytes();
        let end = bytes.iter().skip(1).position(|&byte| byte == b'=')? + 1;
        Some((os(&bytes[..end]), os(&bytes[end + 1..])))
    };
    start::variables().into_iter().filter_map(split).collect()
}

fn os(bytes: &[u8]) -> OsString {
    // SAFETY: any bytes are a string of this system.
    unsafe { OsString::from_encoded_bytes_unchecked(bytes.to_vec()) }
}

pub(crate) fn current_dir() -> io::Result<PathBuf> {
    let mut bytes = vec![0u8; 256];
    loop {
        // SAFETY: the kernel writes into the vector only.
        match syscall::check(unsafe { syscall!(syscall::GETCWD, bytes.as_mut_ptr(), bytes.len()) }) {
            Ok(length) => return Ok(os(&bytes[..length - 1]).into()),
            Err(error) if error.raw_os_error() == Some(syscall::errno::ERANGE) => bytes.resize(bytes.len() * 4, 0),
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn set_current_dir(path: &Path) -> io::Result<()> {
    let path = super::fs::terminated(path)?;
    // SAFETY: reads the path only.
    syscall::check(unsafe { syscall!(syscall::CHDIR, path.as_ptr()) }).map(drop)
}

pub(crate) fn current_exe() -> io::Result<PathBuf> {
    super::fs::link_target(c"/proc/self/exe".as_ptr())
}

pub(crate) fn temp_dir() -> PathBuf {
    var(OsStr::new("TMPDIR")).map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

pub(crate) fn home_dir() -> Option<PathBuf> {
    var(OsStr::new("HOME")).filter(|home| !home.is_empty()).map(PathBuf::from)
}

#[cfg(own_std)]
pub(crate) use start::set;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_and_variables_are_those_that_std_sees() {
        let args: Vec<_> = std::env::args_os().map(|arg| arg.into_encoded_bytes()).collect();
        assert!(super::args().iter().map(|arg| arg.as_encoded_bytes()).eq(args.iter().map(|arg| arg.as_slice())));
        for (name, value) in super::initial() {
            let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(name.as_encoded_bytes());
            let theirs = std::env::var_os(name).map(|theirs| theirs.into_encoded_bytes());
            assert_eq!(theirs.as_deref(), Some(value.as_encoded_bytes()), "{name:?}");
        }
    }

    #[test]
    fn changes_lie_over_the_variables_of_the_start() {
        let (name, value) = (OsStr::new("A_VARIABLE_OF_NOBODY"), OsStr::new("=1="));
        assert_eq!(var(name), None);
        set_var(name, value).unwrap();
        assert_eq!(var(name).as_deref(), Some(value));
        assert!(vars().iter().any(|(known, told)| known == name && told == value));
        remove_var(name).unwrap();
        assert_eq!(var(name), None);
        assert!(vars().iter().all(|(known, _)| known != name));
        // One that was there at the start.
        let Some((first, _)) = initial().into_iter().next() else { return };
        remove_var(&first).unwrap();
        assert_eq!(var(&first), None);
        with_changes(|changes| changes.remove(&first));
        assert!(var(&first).is_some());
    }
}
