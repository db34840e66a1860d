//! Finding a program by its name, in std's order: the folders that were set for the child, this program's own, the
//! system's, and those of `PATH`. The current folder is not looked at.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;

use crate::backend::windows::api::INVALID_FILE_ATTRIBUTES;
use crate::backend::windows::{env, wide};
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::path::{Path, PathBuf};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetFileAttributesW(path: *const u16) -> u32;
    fn GetSystemDirectoryW(buffer: *mut u16, length: u32) -> u32;
    fn GetWindowsDirectoryW(buffer: *mut u16, length: u32) -> u32;
}

const SUFFIX: &str = ".exe";

/// The path of the program's file, with a zero at its end.
pub(super) fn find(program: &OsStr, child_path: Option<OsString>) -> io::Result<Vec<u16>> {
    let bytes = program.as_encoded_bytes();
    if bytes.is_empty() || matches!(bytes.last(), Some(b'\\' | b'/')) {
        return Err(io::Error::message(io::ErrorKind::InvalidInput, "program path has no file name"));
    }
    let has_suffix =
        bytes.len() >= SUFFIX.len() && bytes[bytes.len() - SUFFIX.len()..].eq_ignore_ascii_case(SUFFIX.as_bytes());
    let is_name = !bytes.iter().any(|byte| matches!(byte, b'\\' | b'/')) && bytes.get(1) != Some(&b':');
    let with_suffix = |name: &OsStr| {
        let mut name = name.to_os_string();
        name.push(SUFFIX);
        name
    };
    if !is_name {
        // A path is not looked for; whether it exists is found out when it is started.
        let there = if has_suffix { None } else { existing(Path::new(&with_suffix(program)))? };
        return there.map_or_else(|| user_path(Path::new(program)), Ok);
    }
    // A name with a point in it has its ending already.
    let name = if bytes.contains(&b'.') { program.to_os_string() } else { with_suffix(program) };
    for folder in folders(child_path) {
        if let Some(path) = existing(&folder.join(&name))? {
            return Ok(path);
        }
    }
    Err(io::Error::message(io::ErrorKind::NotFound, "program not found"))
}

/// The folders to look in, in turn.
fn folders(child_path: Option<OsString>) -> impl Iterator<Item = PathBuf> {
    let ours = || {
        let mut path = env::current_exe().ok()?;
        path.pop();
        Some(path)
    };
    // SAFETY: the buffers have the lengths that are told.
    let (system, windows) = unsafe {
        (
            wide::fill(&mut |buffer, length| GetSystemDirectoryW(buffer, length)),
            wide::fill(&mut |buffer, length| GetWindowsDirectoryW(buffer, length)),
        )
    };
    let of_system = [system, windows].into_iter().flatten().map(|path| PathBuf::from(OsString::from_wide(&path)));
    split(child_path).into_iter().chain(ours()).chain(of_system).chain(split(env::var(OsStr::new("PATH"))))
}

/// The folders of a list as `PATH` has it: between semicolons, which quotes hide.
fn split(list: Option<OsString>) -> Vec<PathBuf> {
    let units: Vec<u16> = list.iter().flat_map(|list| list.encode_wide()).collect();
    let mut quoted = false;
    let parts = units.split(|&unit| {
        quoted ^= unit == u16::from(b'"');
        unit == u16::from(b';') && !quoted
    });
    let path = |part: &[u16]| -> Vec<u16> { part.iter().copied().filter(|&unit| unit != u16::from(b'"')).collect() };
    parts.map(path).filter(|part| !part.is_empty()).map(|part| OsString::from_wide(&part).into()).collect()
}

/// The path, if something is there. Links are not followed.
fn existing(path: &Path) -> io::Result<Option<Vec<u16>>> {
    let path = user_path(path)?;
    // SAFETY: the path ends with a zero.
    let there = unsafe { GetFileAttributesW(path.as_ptr()) } != INVALID_FILE_ATTRIBUTES;
    Ok(there.then_some(path))
}

/// The path in the form that cmd.exe knows, too, where there is one.
fn user_path(path: &Path) -> io::Result<Vec<u16>> {
    Ok(wide::without_prefix(wide::path(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hide_the_semicolons_of_a_path() {
        let list = OsString::from(r#"C:\a;;"C:\b;c"\d;e"#);
        let expected: Vec<PathBuf> = [r"C:\a", r"C:\b;c\d", "e"].map(PathBuf::from).into();
        assert_eq!(split(Some(list)), expected);
        assert!(split(None).is_empty());
    }

    #[test]
    fn a_program_of_the_system_is_found_by_its_name_alone() {
        let path = OsString::from_wide(&find(OsStr::new("cmd"), None).unwrap());
        assert!(path.to_str().unwrap().to_ascii_lowercase().ends_with("\\cmd.exe\0"));
    }
}
