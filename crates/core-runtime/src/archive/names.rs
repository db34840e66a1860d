//! Which paths and link targets of an archive are safe to unpack.

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// No bytes, or two slashes with nothing between them
    #[error("it has an empty part")]
    Empty,
    /// It begins with `/` or a drive's letter
    #[error("it is absolute")]
    Absolute,
    /// A part is `.` or `..`
    #[error("it has a part that is . or ..")]
    Dots,
    /// A backslash, which Windows takes for a separator, or a NUL
    #[error("it holds a backslash or a NUL")]
    Forbidden,
    /// Longer than file systems take
    #[error("it is longer than {MAX_NAME} bytes")]
    TooLong,
    /// What Windows cannot have as a file, or takes for a device or a stream of another file
    #[error("Windows can have no file of that name")]
    NotOnWindows,
}

/// The longest path, as Linux's `PATH_MAX`.
pub(super) const MAX_NAME: usize = 4096;

/// Checks a path without a slash at its end, for the system that it is unpacked on.
pub(super) fn check(name: &[u8], windows: bool) -> Result<(), NameFault> {
    if name.len() > MAX_NAME {
        return Err(NameFault::TooLong);
    }
    if name.first() == Some(&b'/') || matches!(name, [drive, b':', ..] if drive.is_ascii_alphabetic()) {
        return Err(NameFault::Absolute);
    }
    if name.iter().any(|byte| matches!(byte, b'\\' | 0)) {
        return Err(NameFault::Forbidden);
    }
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" => return Err(NameFault::Empty),
            b"." | b".." => return Err(NameFault::Dots),
            _ if windows && !fits_windows(part) => return Err(NameFault::NotOnWindows),
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

/// Whether a link at `link` that points at `target` leads to something inside, on the condition
/// that no entry lies below a link.
///
/// `..` may only stand at the target's beginning. There it leads from the link's own folder, which
/// is a real one, to folders above it. Behind the name of another link it would lead somewhere
/// that depends on where that link points; without it, each further part leads deeper, or through
/// a link that itself stays inside.
pub(super) fn stays_inside(link: &[u8], target: &[u8]) -> bool {
    let depth = link.iter().filter(|&&byte| byte == b'/').count();
    let mut rest = target;
    let mut up = 0;
    while let Some(after) = rest.strip_prefix(b"..") {
        match after {
            [] => rest = b"",
            [b'/', more @ ..] => rest = more,
            _ => break,
        }
        up += 1;
    }
    // `./` at the front means nothing, and tools write it.
    while let Some(more) = rest.strip_prefix(b"./") {
        rest = more;
    }
    let plain = rest.strip_suffix(b"/").unwrap_or(rest);
    let names = plain.is_empty() && up > 0 || plain == b"." || check(plain, false).is_ok();
    up <= depth && names
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
            (b"", Err(NameFault::Empty)),
            (b"a//b", Err(NameFault::Empty)),
            (b"a/", Err(NameFault::Empty)),
            (b"/a", Err(NameFault::Absolute)),
            (b"C:x", Err(NameFault::Absolute)),
            (b"a/../b", Err(NameFault::Dots)),
            (b"..", Err(NameFault::Dots)),
            (b"./a", Err(NameFault::Dots)),
            (b"a\\..\\b", Err(NameFault::Forbidden)),
            (b"a\0", Err(NameFault::Forbidden)),
            (&[b'x'; 4097], Err(NameFault::TooLong)),
        ] {
            assert_eq!(check(name, false), expected, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn windows_gets_no_devices_and_no_streams() {
        for name in ["con", "a/NUL.txt", "com1", "lpt9.x", "aux .txt", "ab:c", "a.", "a ", "a?", "a/\u{1}"] {
            assert_eq!(check(name.as_bytes(), true), Err(NameFault::NotOnWindows), "{name:?}");
        }
        assert_eq!(check(b"\xFF", true), Err(NameFault::NotOnWindows));
        for name in ["console", "com", "command", "comb", ".a", "ä ö/x.y"] {
            assert_eq!(check(name.as_bytes(), true), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn links_may_lead_up_to_the_top_and_no_further() {
        for (link, target, inside) in [
            ("a", "b", true),
            ("a", "./b/c", true),
            ("a", ".", true),
            ("d/a", "..", true),
            ("d/a", "../", true),
            ("d/a", "../b", true),
            ("d/e/a", "../../b/c", true),
            ("a", "..", false),
            ("a", "../b", false),
            ("d/a", "../../b", false),
            ("a", "/etc/passwd", false),
            ("a", "C:x", false),
            ("a", "b\\c", false),
            ("a", "", false),
            // By its letters inside; through a link `x` that points elsewhere it is not.
            ("a", "x/..", false),
            ("d/a", "x/../../y", false),
            ("d/a", "./../y", false),
            ("a", "b//c", false),
            ("a", "..b", true),
        ] {
            assert_eq!(stays_inside(link.as_bytes(), target.as_bytes()), inside, "{link} -> {target}");
        }
    }
}
