//! Arguments, variables, folders. The variables are the libc's, so that all of the process sees the same ones; a lock
//! orders those who use them here, as std's does there.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::{CStr, c_char};

use super::fs::{terminate, terminated};
use super::system::{self, check};
use super::worker::Monitor;
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::path::{Path, PathBuf};

static LOCK: Monitor = Monitor::new();

/// Calls a function while nobody else here changes the variables.
pub(super) fn locked<R>(function: impl FnOnce() -> R) -> R {
    LOCK.lock();
    let result = function();
    LOCK.unlock();
    result
}

pub(crate) fn args() -> Vec<OsString> {
    system::arguments().into_iter().map(OsString::from_vec).collect()
}

/// # Safety
/// It is null, or leads to a string.
unsafe fn string(string: *const c_char) -> Option<OsString> {
    // SAFETY: as asked above.
    (!string.is_null()).then(|| OsString::from_vec(unsafe { CStr::from_ptr(string) }.to_bytes().to_vec()))
}

pub(crate) fn var(name: &OsStr) -> Option<OsString> {
    let name = terminate(name.as_bytes()).ok()?;
    // SAFETY: reads the name; the value is copied before anybody changes it.
    locked(|| unsafe { string(system::getenv(name.as_ptr().cast())) })
}

pub(crate) fn vars() -> Vec<(OsString, OsString)> {
    let mut all = Vec::new();
    locked(|| {
        // SAFETY: a list that ends with null; it is copied before anybody changes it.
        unsafe {
            let mut next = *system::environment();
            while !next.is_null()
                && let Some(variable) = string(*next)
            {
                all.extend(pair(variable));
                next = next.add(1);
            }
        }
    });
    all
}

/// Name and value. A name may begin with `=`, as std has it.
fn pair(variable: OsString) -> Option<(OsString, OsString)> {
    let bytes = variable.as_bytes();
    let end = bytes.iter().skip(1).position(|&byte| byte == b'=')? + 1;
    let part = |bytes: &[u8]| OsStr::from_bytes(bytes).to_os_string();
    Some((part(&bytes[..end]), part(&bytes[end + 1..])))
}

pub(crate) fn set_var(name: &OsStr, value: &OsStr) -> io::Result<()> {
    let (name, value) = (terminate(name.as_bytes())?, terminate(value.as_bytes())?);
    // SAFETY: copies both.
    locked(|| check(unsafe { system::setenv(name.as_ptr().cast(), value.as_ptr().cast(), 1) })).map(drop)
}

pub(crate) fn remove_var(name: &OsStr) -> io::Result<()> {
    let name = terminate(name.as_bytes())?;
    // SAFETY: reads the name.
    locked(|| check(unsafe { system::unsetenv(name.as_ptr().cast()) })).map(drop)
}

pub(crate) fn current_dir() -> io::Result<PathBuf> {
    const ERANGE: i32 = 34;
    let mut bytes = vec![0u8; 256];
    loop {
        // SAFETY: writes into the vector only.
        if !unsafe { system::getcwd(bytes.as_mut_ptr().cast(), bytes.len()) }.is_null() {
            bytes.truncate(bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len()));
            return Ok(OsString::from_vec(bytes).into());
        }
        match system::last_error() {
            ERANGE => bytes.resize(bytes.len() * 4, 0),
            number => return Err(io::Error::from_raw_os_error(number)),
        }
    }
}

pub(crate) fn set_current_dir(path: &Path) -> io::Result<()> {
    let path = terminated(path)?;
    // SAFETY: reads the path only.
    check(unsafe { system::chdir(path.as_ptr().cast()) }).map(drop)
}

pub(crate) fn current_exe() -> io::Result<PathBuf> {
    system::program_path().map(|path| OsString::from_vec(path).into())
}

pub(crate) fn temp_dir() -> PathBuf {
    var(OsStr::new("TMPDIR")).map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

pub(crate) fn home_dir() -> Option<PathBuf> {
    var(OsStr::new("HOME")).filter(|home| !home.is_empty()).map(PathBuf::from)
}
