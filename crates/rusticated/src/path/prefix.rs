//! What a path of Windows may begin with; no other system's path has a prefix.
//! The forms are those of "File path formats on Windows systems" (learn.microsoft.com).
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use crate::ffi::OsStr;

/// The kinds of prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prefix<'a> {
    /// `\\?\name`
    Verbatim(&'a OsStr),
    /// `\\?\UNC\server\share`
    VerbatimUNC(&'a OsStr, &'a OsStr),
    /// `\\?\C:`
    VerbatimDisk(u8),
    /// `\\.\name`
    DeviceNS(&'a OsStr),
    /// `\\server\share`
    UNC(&'a OsStr, &'a OsStr),
    /// `C:`
    Disk(u8),
}

impl Prefix<'_> {
    /// Whether it begins with `\\?\`: then the rest is taken as it is, `/` and `.` included.
    pub fn is_verbatim(&self) -> bool {
        matches!(self, Self::Verbatim(_) | Self::VerbatimUNC(..) | Self::VerbatimDisk(_))
    }

    /// Its length in encoded bytes.
    pub(super) fn len(&self) -> usize {
        let name = |share: &OsStr| if share.is_empty() { 0 } else { 1 + share.len() };
        match self {
            Self::Verbatim(first) => 4 + first.len(),
            Self::VerbatimUNC(server, share) => 8 + server.len() + name(share),
            Self::VerbatimDisk(_) => 6,
            Self::UNC(server, share) => 2 + server.len() + name(share),
            Self::DeviceNS(device) => 4 + device.len(),
            Self::Disk(_) => 2,
        }
    }

    pub(super) fn is_drive(&self) -> bool {
        matches!(self, Self::Disk(_))
    }

    /// Whether what follows is at the root without a separator that says so.
    pub(super) fn has_implicit_root(&self) -> bool {
        !self.is_drive()
    }

    /// What the path begins with.
    #[cfg(windows)]
    pub(super) fn parse(path: &OsStr) -> Option<Prefix<'_>> {
        let bytes = path.as_encoded_bytes();
        if let Some(rest) = bytes.strip_prefix(br"\\?\") {
            if let Some([b'U', b'N', b'C', b'\\' | b'/', names @ ..]) = Some(rest) {
                let (server, names) = split(names, true);
                return Some(Prefix::VerbatimUNC(server, split(names, true).0));
            }
            return Some(match drive(rest) {
                Some(drive) if rest.get(2).is_none_or(|&byte| super::is_separator_byte(byte)) => {
                    Prefix::VerbatimDisk(drive)
                }
                _ => Prefix::Verbatim(split(rest, true).0),
            });
        }
        match bytes {
            [b'\\' | b'/', b'\\' | b'/', b'.', b'\\' | b'/', name @ ..] => Some(Prefix::DeviceNS(split(name, false).0)),
            [b'\\' | b'/', b'\\' | b'/', names @ ..] => {
                let (server, names) = split(names, false);
                let (share, _) = split(names, false);
                (!server.is_empty() && !share.is_empty()).then_some(Prefix::UNC(server, share))
            }
            _ => drive(bytes).map(Prefix::Disk),
        }
    }

    /// Nothing: paths have no prefixes here.
    #[cfg(not(windows))]
    pub(super) fn parse(_: &OsStr) -> Option<Prefix<'_>> {
        None
    }
}

/// The letter, if a drive is named.
#[cfg(windows)]
fn drive(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Some(letter.to_ascii_uppercase()),
        _ => None,
    }
}

/// What lies before the first separator, and behind it.
#[cfg(windows)]
#[allow(unsafe_code, reason = "strings are split beside ASCII")]
fn split(bytes: &[u8], verbatim: bool) -> (&OsStr, &[u8]) {
    let separator = |&byte: &u8| if verbatim { byte == b'\\' } else { super::is_separator_byte(byte) };
    let (name, rest) = match bytes.iter().position(separator) {
        Some(place) => (&bytes[..place], &bytes[place + 1..]),
        None => (bytes, &[][..]),
    };
    // SAFETY: parts of an OsStr between ASCII bytes.
    (unsafe { OsStr::from_encoded_bytes_unchecked(name) }, rest)
}

/// A prefix as it is written and as it is understood. Comparisons take the latter.
#[derive(Clone, Copy, Debug, Eq)]
pub struct PrefixComponent<'a> {
    pub(super) raw: &'a OsStr,
    pub(super) parsed: Prefix<'a>,
}

impl<'a> PrefixComponent<'a> {
    /// What it means.
    pub fn kind(&self) -> Prefix<'a> {
        self.parsed
    }

    /// How it is written.
    pub fn as_os_str(&self) -> &'a OsStr {
        self.raw
    }
}

impl PartialEq for PrefixComponent<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.parsed == other.parsed
    }
}

impl PartialOrd for PrefixComponent<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PrefixComponent<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parsed.cmp(&other.parsed)
    }
}

impl Hash for PrefixComponent<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.parsed.hash(hasher);
    }
}
