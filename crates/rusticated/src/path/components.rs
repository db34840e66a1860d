//! The parts of a path, from either end. Separators that repeat and `.` are left out, but for a `.` that begins a
//! relative path; `..` stays, since what it means depends on links.
#![allow(unsafe_code, reason = "strings are split beside ASCII")]
use core::cmp::Ordering;
use core::fmt;
use core::iter::FusedIterator;

use super::prefix::{Prefix, PrefixComponent};
use super::{MAIN_SEPARATOR_STR, Path, is_separator_byte};
use crate::ffi::OsStr;

/// One part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component<'a> {
    /// What only paths of Windows begin with: `C:`, `\\server\share`.
    Prefix(PrefixComponent<'a>),
    /// The root, that is the separator that begins the path or follows the prefix.
    RootDir,
    /// `.`
    CurDir,
    /// `..`
    ParentDir,
    /// A name.
    Normal(&'a OsStr),
}

impl<'a> Component<'a> {
    /// The part as it is written.
    pub fn as_os_str(self) -> &'a OsStr {
        match self {
            Self::Prefix(prefix) => prefix.as_os_str(),
            Self::RootDir => OsStr::new(MAIN_SEPARATOR_STR),
            Self::CurDir => OsStr::new("."),
            Self::ParentDir => OsStr::new(".."),
            Self::Normal(name) => name,
        }
    }
}

impl AsRef<OsStr> for Component<'_> {
    fn as_ref(&self) -> &OsStr {
        self.as_os_str()
    }
}

impl AsRef<Path> for Component<'_> {
    fn as_ref(&self) -> &Path {
        Path::new(self.as_os_str())
    }
}

/// The stretches of a path, from left to right.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stretch {
    Prefix,
    /// The root, or the `.` that begins a relative path; it may be empty.
    Start,
    Body,
    Done,
}

/// The parts of a path; see [`Path::components`].
#[derive(Clone)]
pub struct Components<'a> {
    /// What neither end has given yet.
    rest: &'a [u8],
    pub(super) prefix: Option<Prefix<'a>>,
    /// Whether a separator begins the path, or follows its prefix.
    written_root: bool,
    /// Where each end stands.
    front: Stretch,
    back: Stretch,
}

impl<'a> Components<'a> {
    pub(super) fn new(path: &'a Path) -> Self {
        let rest = path.as_os_str().as_encoded_bytes();
        let prefix = Prefix::parse(path.as_os_str());
        let after = prefix.map_or(0, |prefix| prefix.len());
        let written_root = rest.get(after).is_some_and(|&byte| is_separator_byte(byte));
        Self { rest, prefix, written_root, front: Stretch::Prefix, back: Stretch::Body }
    }

    /// What is left, as a path.
    pub fn as_path(&self) -> &'a Path {
        let mut left = self.clone();
        if left.front == Stretch::Body {
            while let (size, None) = left.front_name()
                && size > 0
            {
                left.rest = &left.rest[size..];
            }
        }
        if left.back == Stretch::Body {
            while let (size, None) = left.back_name()
                && size > 0
            {
                left.rest = &left.rest[..left.rest.len() - size];
            }
        }
        Path::new(os_str(left.rest))
    }

    pub(super) fn has_root(&self) -> bool {
        self.written_root || self.prefix.is_some_and(|prefix| prefix.has_implicit_root())
    }

    pub(super) fn prefix_len(&self) -> usize {
        self.prefix.map_or(0, |prefix| prefix.len())
    }

    pub(super) fn is_verbatim(&self) -> bool {
        self.prefix.is_some_and(|prefix| prefix.is_verbatim())
    }

    fn is_separator(&self, byte: u8) -> bool {
        if self.is_verbatim() { byte == b'\\' } else { is_separator_byte(byte) }
    }

    /// Bytes of the prefix that are still there.
    fn prefix_left(&self) -> usize {
        if self.front == Stretch::Prefix { self.prefix_len() } else { 0 }
    }

    /// Whether a `.` begins what is left.
    fn starts_with_dot(&self) -> bool {
        !self.has_root()
            && match &self.rest[self.prefix_left()..] {
                [b'.'] => true,
                [b'.', next, ..] => self.is_separator(*next),
                _ => false,
            }
    }

    /// Bytes before the body that are still there.
    fn before_body(&self) -> usize {
        let start = self.front <= Stretch::Start && (self.written_root || self.starts_with_dot());
        self.prefix_left() + usize::from(start)
    }

    fn parse(&self, name: &'a [u8]) -> Option<Component<'a>> {
        match name {
            b"" => None,
            b"." => self.is_verbatim().then_some(Component::CurDir),
            b".." => Some(Component::ParentDir),
            _ => Some(Component::Normal(os_str(name))),
        }
    }

    /// The first name of the body: how many bytes it takes with its separator, and what it is.
    fn front_name(&self) -> (usize, Option<Component<'a>>) {
        let (name, separator) = match self.rest.iter().position(|&byte| self.is_separator(byte)) {
            Some(place) => (&self.rest[..place], 1),
            None => (self.rest, 0),
        };
        (name.len() + separator, self.parse(name))
    }

    /// The last name of the body, likewise.
    fn back_name(&self) -> (usize, Option<Component<'a>>) {
        let body = &self.rest[self.before_body()..];
        let (name, separator) = match body.iter().rposition(|&byte| self.is_separator(byte)) {
            Some(place) => (&body[place + 1..], 1),
            None => (body, 0),
        };
        (name.len() + separator, self.parse(name))
    }

    fn is_finished(&self) -> bool {
        self.front == Stretch::Done || self.back == Stretch::Done || self.front > self.back
    }

    /// What the start stretch holds, and how many bytes of it.
    fn start(&self) -> Option<(Component<'a>, usize)> {
        if self.written_root {
            Some((Component::RootDir, 1))
        } else if let Some(prefix) = self.prefix {
            (prefix.has_implicit_root() && !prefix.is_verbatim()).then_some((Component::RootDir, 0))
        } else {
            self.starts_with_dot().then_some((Component::CurDir, 1))
        }
    }

    fn prefix_component(&self) -> Option<(Component<'a>, usize)> {
        let parsed = self.prefix?;
        let raw = os_str(&self.rest[..parsed.len()]);
        Some((Component::Prefix(PrefixComponent { raw, parsed }), raw.len()))
    }
}

impl<'a> Iterator for Components<'a> {
    type Item = Component<'a>;

    fn next(&mut self) -> Option<Component<'a>> {
        while !self.is_finished() {
            let found = match self.front {
                Stretch::Prefix => {
                    let found = self.prefix_component();
                    self.front = Stretch::Start;
                    found
                }
                Stretch::Start => {
                    let found = self.start();
                    self.front = Stretch::Body;
                    found
                }
                Stretch::Body if self.rest.is_empty() => {
                    self.front = Stretch::Done;
                    None
                }
                _ => {
                    let (size, component) = self.front_name();
                    if component.is_none() {
                        self.rest = &self.rest[size..];
                    }
                    component.map(|component| (component, size))
                }
            };
            if let Some((component, size)) = found {
                self.rest = &self.rest[size..];
                return Some(component);
            }
        }
        None
    }
}

impl DoubleEndedIterator for Components<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        while !self.is_finished() {
            let found = match self.back {
                Stretch::Body if self.rest.len() > self.before_body() => {
                    let (size, component) = self.back_name();
                    if component.is_none() {
                        self.rest = &self.rest[..self.rest.len() - size];
                    }
                    component.map(|component| (component, size))
                }
                Stretch::Body => {
                    self.back = Stretch::Start;
                    None
                }
                Stretch::Start => {
                    let found = self.start();
                    self.back = Stretch::Prefix;
                    found
                }
                _ => {
                    self.back = Stretch::Done;
                    // The prefix is all that is left; as_path shows it until the iterator is gone.
                    return self.prefix_component().map(|(component, _)| component);
                }
            };
            if let Some((component, size)) = found {
                self.rest = &self.rest[..self.rest.len() - size];
                return Some(component);
            }
        }
        None
    }
}

impl FusedIterator for Components<'_> {}

impl PartialEq for Components<'_> {
    fn eq(&self, other: &Self) -> bool {
        // From the end: paths that are compared often begin alike.
        self.clone().rev().eq(other.clone().rev())
    }
}

impl Eq for Components<'_> {}

impl PartialOrd for Components<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Components<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        Iterator::cmp(self.clone(), other.clone())
    }
}

impl fmt::Debug for Components<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct List<'a>(&'a Path);
        impl fmt::Debug for List<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.0.components()).finish()
            }
        }
        f.debug_tuple("Components").field(&List(self.as_path())).finish()
    }
}

impl AsRef<Path> for Components<'_> {
    fn as_ref(&self) -> &Path {
        self.as_path()
    }
}

impl AsRef<OsStr> for Components<'_> {
    fn as_ref(&self) -> &OsStr {
        self.as_path().as_os_str()
    }
}

/// A part of a path as a string.
fn os_str(bytes: &[u8]) -> &OsStr {
    // SAFETY: all parts are cut out of an OsStr between ASCII bytes.
    unsafe { OsStr::from_encoded_bytes_unchecked(bytes) }
}
