//! Arguments, variables and folders.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;

use super::api::{self, Bool};
use super::wide;
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::path::{Path, PathBuf};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn GetCommandLineW() -> *const u16;
    safe fn GetEnvironmentStringsW() -> *const u16;
    fn FreeEnvironmentStringsW(block: *const u16) -> Bool;
    fn GetEnvironmentVariableW(name: *const u16, buffer: *mut u16, length: u32) -> u32;
    fn SetEnvironmentVariableW(name: *const u16, value: *const u16) -> Bool;
    fn GetCurrentDirectoryW(length: u32, buffer: *mut u16) -> u32;
    fn SetCurrentDirectoryW(path: *const u16) -> Bool;
    fn GetModuleFileNameW(module: isize, buffer: *mut u16, length: u32) -> u32;
    fn GetTempPathW(length: u32, buffer: *mut u16) -> u32;
    fn GetSystemDirectoryW(buffer: *mut u16, length: u32) -> u32;
}

const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;
const EQUALS: u16 = b'=' as u16;

pub(crate) fn args() -> Vec<OsString> {
    let line = GetCommandLineW();
    // SAFETY: the line ends with a zero, and lives as long as the process.
    let line = if line.is_null() { &[][..] } else { unsafe { core::slice::from_raw_parts(line, length(line)) } };
    if line.is_empty() {
        return current_exe().map(PathBuf::into_os_string).into_iter().collect();
    }
    split(line)
}

/// The number of units before the zero.
///
/// # Safety
/// There is a zero.
unsafe fn length(units: *const u16) -> usize {
    let mut length = 0;
    // SAFETY: as asked.
    while unsafe { *units.add(length) } != 0 {
        length += 1;
    }
    length
}

/// Takes a command line apart as the C runtime does since 2008.
pub(super) fn split(line: &[u16]) -> Vec<OsString> {
    let blank = |unit: u16| unit == u16::from(b' ') || unit == u16::from(b'\t');
    let mut arguments = Vec::new();
    let mut argument = Vec::new();
    // In the program's name backslashes have no meaning.
    let mut quoted = false;
    let mut at = 0;
    while let Some(&unit) = line.get(at).filter(|&&unit| quoted || !blank(unit)) {
        if unit == QUOTE {
            quoted = !quoted;
        } else {
            argument.push(unit);
        }
        at += 1;
    }
    arguments.push(OsString::from_wide(&argument));
    loop {
        at += line[at..].iter().take_while(|&&unit| blank(unit)).count();
        if at == line.len() {
            return arguments;
        }
        argument.clear();
        quoted = false;
        while let Some(&unit) = line.get(at).filter(|&&unit| quoted || !blank(unit)) {
            let backslashes = line[at..].iter().take_while(|&&unit| unit == BACKSLASH).count();
            at += backslashes;
            if backslashes > 0 && line.get(at) == Some(&QUOTE) {
                argument.extend(core::iter::repeat_n(BACKSLASH, backslashes / 2));
                if backslashes % 2 == 1 {
                    argument.push(QUOTE);
                    at += 1;
                }
            } else if backslashes > 0 {
                argument.extend(core::iter::repeat_n(BACKSLASH, backslashes));
            } else if unit == QUOTE {
                at += 1;
                // Two quotes inside of quotes are one.
                if quoted && line.get(at) == Some(&QUOTE) {
                    argument.push(QUOTE);
                    at += 1;
                } else {
                    quoted = !quoted;
                }
            } else {
                argument.push(unit);
                at += 1;
            }
        }
        arguments.push(OsString::from_wide(&argument));
    }
}

/// A variable as it lies in the system's block.
pub(super) struct Variable {
    pub(super) name: Vec<u16>,
    pub(super) value: Vec<u16>,
}

/// All variables; those too whose names begin with `=`, which the system keeps for itself.
pub(super) fn variables() -> Vec<Variable> {
    let mut variables = Vec::new();
    let block = GetEnvironmentStringsW();
    if block.is_null() {
        return variables;
    }
    let mut next = block;
    // SAFETY: the block is a row of strings that end with a zero; the last is empty.
    unsafe {
        while *next != 0 {
            let variable = core::slice::from_raw_parts(next, length(next));
            if let Some(end) = variable[1..].iter().position(|&unit| unit == EQUALS) {
                let (name, value) = (variable[..=end].to_vec(), variable[end + 2..].to_vec());
                variables.push(Variable { name, value });
            }
            next = next.add(variable.len() + 1);
        }
        FreeEnvironmentStringsW(block);
    }
    variables
}

pub(crate) fn vars() -> Vec<(OsString, OsString)> {
    let pair = |variable: Variable| (OsString::from_wide(&variable.name), OsString::from_wide(&variable.value));
    variables().into_iter().map(pair).collect()
}

pub(crate) fn var(name: &OsStr) -> Option<OsString> {
    let name = wide::units(name).ok()?;
    // SAFETY: the name ends with a zero, the buffer has the length that is told.
    let value = wide::fill(&mut |buffer, length| unsafe { GetEnvironmentVariableW(name.as_ptr(), buffer, length) });
    value.ok().map(|value| OsString::from_wide(&value))
}

pub(crate) fn set_var(name: &OsStr, value: &OsStr) -> io::Result<()> {
    let (name, value) = (wide::units(name)?, wide::units(value)?);
    // SAFETY: both end with a zero.
    api::check(unsafe { SetEnvironmentVariableW(name.as_ptr(), value.as_ptr()) })
}

pub(crate) fn remove_var(name: &OsStr) -> io::Result<()> {
    const ERROR_ENVVAR_NOT_FOUND: u32 = 203;
    let name = wide::units(name)?;
    // SAFETY: the name ends with a zero; no value removes it.
    if unsafe { SetEnvironmentVariableW(name.as_ptr(), core::ptr::null()) } != 0 {
        return Ok(());
    }
    match api::last_error() {
        ERROR_ENVVAR_NOT_FOUND => Ok(()),
        code => Err(api::os_error(code)),
    }
}

fn path(call: &mut dyn FnMut(*mut u16, u32) -> u32) -> io::Result<PathBuf> {
    wide::fill(call).map(|path| OsString::from_wide(&path).into())
}

pub(crate) fn current_dir() -> io::Result<PathBuf> {
    // SAFETY: the buffer has the length that is told.
    path(&mut |buffer, length| unsafe { GetCurrentDirectoryW(length, buffer) })
}

pub(crate) fn set_current_dir(path: &Path) -> io::Result<()> {
    let path = wide::units(path.as_os_str())?;
    // SAFETY: the path ends with a zero.
    api::check(unsafe { SetCurrentDirectoryW(path.as_ptr()) })
}

pub(crate) fn current_exe() -> io::Result<PathBuf> {
    // SAFETY: the buffer has the length that is told.
    path(&mut |buffer, length| unsafe { GetModuleFileNameW(0, buffer, length) })
}

pub(crate) fn temp_dir() -> PathBuf {
    // SAFETY: the buffer has the length that is told.
    path(&mut |buffer, length| unsafe { GetTempPathW(length, buffer) }).unwrap_or_default()
}

pub(crate) fn home_dir() -> Option<PathBuf> {
    var(OsStr::new("USERPROFILE")).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The file of cmd.exe, with a zero at its end.
pub(super) fn command_prompt() -> io::Result<Vec<u16>> {
    // SAFETY: the buffer has the length that is told.
    let mut path = wide::fill(&mut |buffer, length| unsafe { GetSystemDirectoryW(buffer, length) })?;
    path.extend("\\cmd.exe\0".encode_utf16());
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn parts(line: &str) -> Vec<String> {
        let units: Vec<u16> = line.encode_utf16().collect();
        split(&units).into_iter().map(|part| part.into_string().unwrap()).collect()
    }

    #[test]
    fn command_lines_are_taken_apart_as_the_c_runtime_does() {
        assert_eq!(parts(r#"EXE "abc" d e"#), ["EXE", "abc", "d", "e"]);
        assert_eq!(parts(r#"EXE a\\\b d"e f"g h"#), ["EXE", r"a\\\b", "de fg", "h"]);
        assert_eq!(parts(r#"EXE a\\\"b c d"#), ["EXE", r#"a\"b"#, "c", "d"]);
        assert_eq!(parts(r#"EXE a\\\\"b c" d e"#), ["EXE", r"a\\b c", "d", "e"]);
        assert_eq!(parts(r#"EXE "a b""c" d"#), ["EXE", r#"a b"c"#, "d"]);
        assert_eq!(parts("EXE  \t a \t"), ["EXE", "a"]);
        assert_eq!(parts(r#"EXE "" x """#), ["EXE", "", "x", ""]);
        assert_eq!(parts(r#"EXE "open end"#), ["EXE", "open end"]);
        assert_eq!(parts(r#""C:\a b\" c"#), [r"C:\a b\", "c"]);
        assert_eq!(parts(""), [""]);
    }

    #[test]
    fn an_empty_variable_is_not_a_missing_one() {
        set_var(OsStr::new("RUSTICATED_EMPTY"), OsStr::new("")).unwrap();
        assert_eq!(var(OsStr::new("rusticated_empty")), Some(OsString::new()));
        remove_var(OsStr::new("RUSTICATED_EMPTY")).unwrap();
        assert_eq!(var(OsStr::new("RUSTICATED_EMPTY")), None);
        remove_var(OsStr::new("RUSTICATED_EMPTY")).unwrap();
    }

    #[test]
    fn all_variables_are_those_that_std_tells() {
        let ours: Vec<_> = vars().into_iter().map(|(name, value)| (name.into_string().unwrap(), value)).collect();
        for (name, value) in std::env::vars().filter(|(name, _)| name != "RUSTICATED_EMPTY") {
            assert!(ours.iter().any(|known| known.0 == name && known.1 == *value), "{name}={value}");
        }
    }
}
