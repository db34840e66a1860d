//! Arguments, variables and folders. The variables are copied from the host when they are first asked for; changes
//! stay in the module and go to the children that it starts.
#![allow(unsafe_code, reason = "the host is lent memory, and one thread may share what is not Sync")]
use alloc::vec::Vec;
use core::cell::RefCell;

use super::error::check;
use crate::abi::imports;
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::path::{Path, PathBuf};

const ARGUMENTS: u32 = 0;
const VARIABLES: u32 = 1;
const CURRENT_FOLDER: u32 = 2;
const PROGRAM: u32 = 3;

type Variables = Vec<(OsString, OsString)>;

struct Shared(RefCell<Option<Variables>>);

// SAFETY: a module has one thread: see thread.rs.
unsafe impl Sync for Shared {}

static ALL: Shared = Shared(RefCell::new(None));

/// The bytes that the host has for this.
fn ask(what: u32) -> io::Result<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::with_capacity(256);
    loop {
        // SAFETY: the host writes no more than the capacity, before it answers.
        let length = check(unsafe { imports::environment(what, bytes.as_mut_ptr(), bytes.capacity()) })? as usize;
        if length <= bytes.capacity() {
            // SAFETY: it has written so many.
            unsafe { bytes.set_len(length) };
            return Ok(bytes);
        }
        bytes.reserve(length);
    }
}

/// The texts of a list, each of which has a NUL byte after it.
fn texts(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split_inclusive(|&byte| byte == 0).map(|text| text.strip_suffix(b"\0").unwrap_or(text))
}

fn string(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_os_string()
}

fn with_variables<R>(function: impl FnOnce(&mut Variables) -> R) -> R {
    let mut shared = ALL.0.borrow_mut();
    function(shared.get_or_insert_with(|| {
        let list = ask(VARIABLES).unwrap_or_default();
        let pair = |text: &[u8]| {
            let equals = text.iter().position(|&byte| byte == b'=')?;
            Some((string(&text[..equals]), string(&text[equals + 1..])))
        };
        texts(&list).filter_map(pair).collect()
    }))
}

pub(crate) fn args() -> Vec<OsString> {
    texts(&ask(ARGUMENTS).unwrap_or_default()).map(string).collect()
}

pub(crate) fn var(name: &OsStr) -> Option<OsString> {
    with_variables(|all| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()))
}

pub(crate) fn vars() -> Vec<(OsString, OsString)> {
    with_variables(|all| all.clone())
}

pub(crate) fn set_var(name: &OsStr, value: &OsStr) -> io::Result<()> {
    with_variables(|all| {
        all.retain(|(known, _)| known != name);
        all.push((name.to_os_string(), value.to_os_string()));
    });
    Ok(())
}

pub(crate) fn remove_var(name: &OsStr) -> io::Result<()> {
    with_variables(|all| all.retain(|(known, _)| known != name));
    Ok(())
}

fn path(what: u32) -> io::Result<PathBuf> {
    ask(what).map(|bytes| PathBuf::from(OsString::from_vec(bytes)))
}

pub(crate) fn current_dir() -> io::Result<PathBuf> {
    path(CURRENT_FOLDER)
}

pub(crate) fn set_current_dir(path: &Path) -> io::Result<()> {
    let path = path.as_os_str().as_bytes();
    // SAFETY: the host reads the path before it answers.
    check(unsafe { imports::set_current_folder(path.as_ptr(), path.len()) }).map(drop)
}

pub(crate) fn current_exe() -> io::Result<PathBuf> {
    path(PROGRAM)
}

pub(crate) fn temp_dir() -> PathBuf {
    var(OsStr::new("TMPDIR")).map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

pub(crate) fn home_dir() -> Option<PathBuf> {
    var(OsStr::new("HOME")).map(PathBuf::from)
}
