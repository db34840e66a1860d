//! 16-bit strings for the API, and paths in the form that it takes at any length.
#![allow(unsafe_code, reason = "calls the system with buffers")]
use alloc::vec;
use alloc::vec::Vec;

use super::api::{self, ERROR_INSUFFICIENT_BUFFER};
use crate::ffi::OsStr;
use crate::io;
use crate::path::Path;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetFullPathNameW(name: *const u16, length: u32, buffer: *mut u16, file: *mut *mut u16) -> u32;
    safe fn SetLastError(code: u32);
}

const BACKSLASH: u16 = b'\\' as u16;
const COLON: u16 = b':' as u16;
const QUESTION: u16 = b'?' as u16;
const DOT: u16 = b'.' as u16;

/// `\\?\`: what follows goes to the file system as it is.
const VERBATIM: [u16; 4] = [BACKSLASH, BACKSLASH, QUESTION, BACKSLASH];
/// `\\?\UNC\`
const VERBATIM_UNC: [u16; 8] =
    [BACKSLASH, BACKSLASH, QUESTION, BACKSLASH, b'U' as u16, b'N' as u16, b'C' as u16, BACKSLASH];
/// `\??\`, the kernel's own form.
const NT: [u16; 4] = [BACKSLASH, QUESTION, QUESTION, BACKSLASH];

/// Paths of so many units, with the zero, are too long for some calls unless they are verbatim.
const LEGACY_LIMIT: usize = 248;

/// The string with a zero at its end.
pub(super) fn units(string: &OsStr) -> io::Result<Vec<u16>> {
    if string.as_encoded_bytes().contains(&0) {
        let text = "strings passed to WinAPI cannot contain NULs";
        return Err(io::Error::message(io::ErrorKind::InvalidInput, text));
    }
    let mut units = Vec::with_capacity(string.len() + 1);
    units.extend(string.encode_wide());
    units.push(0);
    Ok(units)
}

/// The path with a zero at its end, made verbatim where it is too long otherwise.
pub(super) fn path(path: &Path) -> io::Result<Vec<u16>> {
    lengthen(units(path.as_os_str())?)
}

fn lengthen(path: Vec<u16>) -> io::Result<Vec<u16>> {
    if is_verbatim(&path) {
        return Ok(path);
    }
    // With the current folder and the zero. An empty path has no such length: its error is told by who uses it.
    // SAFETY: the path ends with a zero, and nothing is written.
    let length = unsafe { GetFullPathNameW(path.as_ptr(), 0, core::ptr::null_mut(), core::ptr::null_mut()) };
    if (length as usize) < LEGACY_LIMIT {
        return Ok(path);
    }
    let full = full(&path)?;
    let (prefix, rest) = match &*full {
        full if is_verbatim(full) => (&[][..], full),
        [_, COLON, BACKSLASH, ..] => (&VERBATIM[..], &*full),
        [BACKSLASH, BACKSLASH, DOT, BACKSLASH, rest @ ..] => (&VERBATIM[..], rest),
        [BACKSLASH, BACKSLASH, rest @ ..] => (&VERBATIM_UNC[..], rest),
        full => (&[][..], full),
    };
    let mut path = Vec::with_capacity(prefix.len() + rest.len() + 1);
    path.extend_from_slice(prefix);
    path.extend_from_slice(rest);
    path.push(0);
    Ok(path)
}

/// Whether a path goes to the file system as it is.
pub(super) fn is_verbatim(path: &[u16]) -> bool {
    path.starts_with(&VERBATIM) || path.starts_with(&NT)
}

/// The absolute form of a path that ends with a zero; it has none itself.
pub(super) fn full(path: &[u16]) -> io::Result<Vec<u16>> {
    debug_assert_eq!(path.last(), Some(&0));
    // SAFETY: the path ends with a zero, the buffer has the length that is told.
    fill(&mut |buffer, length| unsafe { GetFullPathNameW(path.as_ptr(), length, buffer, core::ptr::null_mut()) })
}

/// The path without its verbatim prefix, where it means the same without: programs such as cmd.exe, and the current
/// folder, know no verbatim paths.
pub(super) fn without_prefix(mut path: Vec<u16>) -> Vec<u16> {
    let shorter = if path.starts_with(&VERBATIM_UNC) {
        [&[BACKSLASH, BACKSLASH], &path[VERBATIM_UNC.len()..]].concat()
    } else if path.starts_with(&VERBATIM) {
        path[VERBATIM.len()..].to_vec()
    } else {
        return path;
    };
    let means_the_same = shorter.len() > 1 && full(&shorter).is_ok_and(|full| full == shorter[..shorter.len() - 1]);
    if means_the_same {
        path = shorter;
    }
    path
}

/// Calls a function that writes a string into a buffer and answers with its length, or with the length that it needs.
pub(super) fn fill(call: &mut dyn FnMut(*mut u16, u32) -> u32) -> io::Result<Vec<u16>> {
    let mut buffer = vec![0; 260];
    loop {
        SetLastError(0);
        let length = call(buffer.as_mut_ptr(), buffer.len() as u32) as usize;
        match (length, api::last_error()) {
            // An empty string is no error.
            (0, code @ 1..) => return Err(api::os_error(code)),
            // Some cut what does not fit, others tell how much room they want, with the zero.
            (length, ERROR_INSUFFICIENT_BUFFER) if length == buffer.len() => buffer.resize(length * 2, 0),
            (length, _) if length >= buffer.len() => buffer.resize(length + 1, 0),
            (length, _) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn as_passed(text: &str) -> String {
        let units = path(Path::new(text)).unwrap();
        String::from_utf16(units.strip_suffix(&[0]).unwrap()).unwrap()
    }

    #[test]
    fn short_absolute_paths_are_passed_as_they_are() {
        for path in [r"C:\a\b", "C:/a/b", r"\\server\share\x", r"\\.\NUL", r"\\?\C:\x"] {
            assert_eq!(as_passed(path), path);
        }
    }

    #[test]
    fn long_paths_are_passed_verbatim() {
        let name = "n".repeat(250);
        assert_eq!(as_passed(&std::format!("C:/a/{name}")), std::format!(r"\\?\C:\a\{name}"));
        assert_eq!(as_passed(&std::format!(r"\\s\h\{name}")), std::format!(r"\\?\UNC\s\h\{name}"));
        assert!(as_passed(&name).starts_with(r"\\?\"));
    }

    #[test]
    fn a_nul_in_a_path_is_refused() {
        assert_eq!(path(Path::new("a\0b")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_verbatim_prefix_goes_only_where_it_means_nothing() {
        let short = |text: &str| {
            let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
            String::from_utf16(without_prefix(units).strip_suffix(&[0]).unwrap()).unwrap()
        };
        assert_eq!(short(r"\\?\C:\a"), r"C:\a");
        assert_eq!(short(r"\\?\UNC\s\h\a"), r"\\s\h\a");
        assert_eq!(short(r"\\?\C:\a\..\b"), r"\\?\C:\a\..\b");
        assert_eq!(short(r"C:\a"), r"C:\a");
    }

    #[test]
    fn a_buffer_grows_until_the_string_fits() {
        let text: Vec<u16> = "x".repeat(1000).encode_utf16().collect();
        let filled = fill(&mut |buffer, length| {
            if (length as usize) <= text.len() {
                return text.len() as u32 + 1;
            }
            // SAFETY: there is room for so many, as the length says.
            unsafe { buffer.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
            text.len() as u32
        });
        assert_eq!(filled.unwrap(), text);
    }
}
