//! The one rule for names within archives, for what is written and for what is read alike: a
//! relative path with `/` between its parts, which no system takes for anything else.

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No bytes, or two slashes with nothing between them.
    #[error("it has an empty part")]
    Empty,
    /// It begins with `/` or with a drive letter.
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
}

/// The longest path, as Linux's `PATH_MAX`.
pub(crate) const MAX_NAME: usize = 4096;

/// Checks a name without a trailing slash.
pub(crate) fn check(name: &[u8]) -> Result<(), NameError> {
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
            _ => {}
        }
    }
    Ok(())
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
            (b"", Err(NameError::Empty)),
            (b"a//b", Err(NameError::Empty)),
            (b"a/", Err(NameError::Empty)),
            (b"/a", Err(NameError::Absolute)),
            (b"C:x", Err(NameError::Absolute)),
            (b"a/../b", Err(NameError::Dots)),
            (b"./a", Err(NameError::Dots)),
            (b"a\\b", Err(NameError::Forbidden)),
            (b"a\0", Err(NameError::Forbidden)),
            (&[b'x'; 4097], Err(NameError::TooLong)),
        ] {
            assert_eq!(check(name), expected, "{}", name.escape_ascii());
        }
    }
}
