//! The one rule for names within archives: a relative path with `/` between its parts, which no system takes for
//! anything else.

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No bytes, or two slashes with nothing between them.
    #[error("it has an empty part")]
    Empty,
    /// It begins with `/` or with a drive's letter.
    #[error("it is absolute")]
    Absolute,
    /// A part is `.` or `..`.
    #[error("it has a part that is . or ..")]
    Dots,
    /// A backslash, which Windows takes for a separator, or a NUL.
    #[error("it holds a backslash or a NUL")]
    Forbidden,
    /// Longer than any file system takes.
    #[error("it is longer than {MAX_NAME} bytes")]
    TooLong,
    /// What Windows cannot have as a file, or takes for a device or a stream of another file.
    #[error("Windows can have no file of that name")]
    NotOnWindows,
}

/// The longest path in bytes, as Linux's `PATH_MAX`.
pub const MAX_NAME: usize = 4096;

/// Checks a name without a slash at its end.
///
/// # Errors
///
/// It leads out of the folder that it is unpacked into, or some system would take it for something else.
pub fn check_name(name: &[u8]) -> Result<(), NameError> {
    check(name, |_| true)
}

/// Checks a name for a file that is to be made on Windows.
///
/// # Errors
///
/// As [`check_name`], and where Windows can have no such file.
pub fn check_name_for_windows(name: &[u8]) -> Result<(), NameError> {
    check(name, fits_windows)
}

/// A name to show, with foreign bytes replaced.
pub fn readable(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn check(name: &[u8], fits: fn(&[u8]) -> bool) -> Result<(), NameError> {
    if name.len() > MAX_NAME {
        return Err(NameError::TooLong);
    }
    if name.first() == Some(&b'/') || matches!(name, [drive, b':', ..] if drive.is_ascii_alphabetic()) {
        return Err(NameError::Absolute);
    }
    if name.iter().any(|byte| matches!(byte, b'\\' | 0)) {
        return Err(NameError::Forbidden);
    }
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" => return Err(NameError::Empty),
            b"." | b".." => return Err(NameError::Dots),
            _ if !fits(part) => return Err(NameError::NotOnWindows),
            _ => {}
        }
    }
    Ok(())
}

/// By Microsoft's "Naming Files, Paths, and Namespaces".
fn fits_windows(part: &[u8]) -> bool {
    let stem = part.split(|&byte| byte == b'.').next().unwrap_or_default().trim_ascii_end().to_ascii_uppercase();
    let device = matches!(&stem[..], b"CON" | b"PRN" | b"AUX" | b"NUL" | b"CONIN$" | b"CONOUT$")
        || matches!(&stem[..], [b'C', b'O', b'M', _] | [b'L', b'P', b'T', _] if stem[3].is_ascii_digit());
    let foreign = |byte: &u8| byte.is_ascii_control() || b"<>:\"|?*".contains(byte);
    std::str::from_utf8(part).is_ok()
        && !device
        && !part.iter().any(foreign)
        && !part.ends_with(b".")
        && !part.ends_with(b" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_paths_pass() {
        for (name, expected) in [
            (&b"a/b.c"[..], Ok(())),
            (b"...", Ok(())),
            (b"\xFF", Ok(())),
            (b"con", Ok(())),
            (b"", Err(NameError::Empty)),
            (b"a//b", Err(NameError::Empty)),
            (b"a/", Err(NameError::Empty)),
            (b"/a", Err(NameError::Absolute)),
            (b"C:x", Err(NameError::Absolute)),
            (b"a/../b", Err(NameError::Dots)),
            (b"..", Err(NameError::Dots)),
            (b"./a", Err(NameError::Dots)),
            (b"a\\b", Err(NameError::Forbidden)),
            (b"a\\..\\b", Err(NameError::Forbidden)),
            (b"a\0", Err(NameError::Forbidden)),
            (&[b'x'; 4097], Err(NameError::TooLong)),
        ] {
            assert_eq!(check_name(name), expected, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn windows_gets_no_devices_and_no_streams() {
        for name in ["con", "a/NUL.txt", "com1", "lpt9.x", "aux .txt", "ab:c", "a.", "a ", "a?", "a/\u{1}"] {
            assert_eq!(check_name_for_windows(name.as_bytes()), Err(NameError::NotOnWindows), "{name:?}");
        }
        assert_eq!(check_name_for_windows(b"\xFF"), Err(NameError::NotOnWindows));
        for name in ["console", "com", "command", "comb", ".a", "ä ö/x.y"] {
            assert_eq!(check_name_for_windows(name.as_bytes()), Ok(()), "{name:?}");
        }
        assert_eq!(check_name_for_windows(b"a/../b"), Err(NameError::Dots));
    }
}
