//! The borrowed path.
#![allow(unsafe_code, reason = "a Path is an OsStr with another name")]
use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::{Component, Components, Display, Iter, PathBuf, is_separator_byte};
use crate::ffi::{OsStr, OsString};

/// A borrowed path; std's `Path`.
///
/// Paths are equal, ordered and hashed by their components: `a//b/.` is `a/b`.
#[repr(transparent)]
pub struct Path {
    string: OsStr,
}

impl Path {
    /// The same string as a path.
    pub fn new<S: AsRef<OsStr> + ?Sized>(string: &S) -> &Self {
        // SAFETY: transparent over OsStr.
        unsafe { &*(core::ptr::from_ref(string.as_ref()) as *const Self) }
    }

    pub(super) fn from_box(string: Box<OsStr>) -> Box<Self> {
        // SAFETY: transparent over OsStr.
        unsafe { Box::from_raw(Box::into_raw(string) as *mut Self) }
    }

    /// The path as a string.
    pub fn as_os_str(&self) -> &OsStr {
        &self.string
    }

    /// The path as a string to change in place.
    pub fn as_mut_os_str(&mut self) -> &mut OsStr {
        &mut self.string
    }

    /// The path, if it is Unicode.
    pub fn to_str(&self) -> Option<&str> {
        self.string.to_str()
    }

    /// The path with U+FFFD for what is not Unicode.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        self.string.to_string_lossy()
    }

    /// A copy of the path.
    pub fn to_path_buf(&self) -> PathBuf {
        self.string.to_os_string().into()
    }

    /// Turns the box into an owned path.
    pub fn into_path_buf(self: Box<Self>) -> PathBuf {
        // SAFETY: transparent over OsStr.
        let string = unsafe { Box::from_raw(Box::into_raw(self) as *mut OsStr) };
        OsString::from(string).into()
    }

    /// Shows the path, with U+FFFD for what is not Unicode.
    pub fn display(&self) -> Display<'_> {
        self.string.display()
    }

    /// Whether it means the same wherever one is: it has a root; on Windows, a prefix, too.
    pub fn is_absolute(&self) -> bool {
        let components = self.components();
        components.has_root() && (!cfg!(windows) || components.prefix.is_some())
    }

    /// Whether it depends on where one is.
    pub fn is_relative(&self) -> bool {
        !self.is_absolute()
    }

    /// Whether it begins at a root.
    pub fn has_root(&self) -> bool {
        self.components().has_root()
    }

    /// The path without its last part; None if that is a root or a prefix, or if there is none.
    pub fn parent(&self) -> Option<&Self> {
        let mut components = self.components();
        match components.next_back()? {
            Component::Normal(_) | Component::CurDir | Component::ParentDir => Some(components.as_path()),
            Component::Prefix(_) | Component::RootDir => None,
        }
    }

    /// The last part, if it is a name.
    pub fn file_name(&self) -> Option<&OsStr> {
        match self.components().next_back()? {
            Component::Normal(name) => Some(name),
            _ => None,
        }
    }

    /// The file's name without its extension.
    pub fn file_stem(&self) -> Option<&OsStr> {
        self.file_name().map(|name| split_extension(name).0)
    }

    /// What follows the last dot of the file's name, if that does not begin the name.
    pub fn extension(&self) -> Option<&OsStr> {
        self.file_name().and_then(|name| split_extension(name).1)
    }

    /// The file's name up to its first dot, a dot at its beginning not counted.
    pub fn file_prefix(&self) -> Option<&OsStr> {
        let name = self.file_name()?;
        let bytes = name.as_encoded_bytes();
        Some(match bytes.iter().skip(1).position(|&byte| byte == b'.') {
            // SAFETY: cut before ASCII.
            Some(place) => unsafe { OsStr::from_encoded_bytes_unchecked(&bytes[..=place]) },
            None => name,
        })
    }

    /// What follows the base.
    ///
    /// # Errors
    /// When the path does not begin with it.
    pub fn strip_prefix<P: AsRef<Self>>(&self, base: P) -> Result<&Self, StripPrefixError> {
        let mut components = self.components();
        if skip(&mut components, base.as_ref().components()) {
            Ok(components.as_path())
        } else {
            Err(StripPrefixError(()))
        }
    }

    /// Whether its first components are those of the other.
    pub fn starts_with<P: AsRef<Self>>(&self, base: P) -> bool {
        skip(&mut self.components(), base.as_ref().components())
    }

    /// Whether its last components are those of the other.
    pub fn ends_with<P: AsRef<Self>>(&self, child: P) -> bool {
        skip(&mut self.components().rev(), child.as_ref().components().rev())
    }

    /// The path with another one below it; an absolute one takes its place.
    pub fn join<P: AsRef<Self>>(&self, path: P) -> PathBuf {
        let mut joined = self.to_path_buf();
        joined.push(path);
        joined
    }

    /// The path with another last name.
    pub fn with_file_name<S: AsRef<OsStr>>(&self, name: S) -> PathBuf {
        let mut path = self.to_path_buf();
        path.set_file_name(name);
        path
    }

    /// The path with another extension, or without one if it is empty.
    ///
    /// # Panics
    /// When the extension contains a separator.
    pub fn with_extension<S: AsRef<OsStr>>(&self, extension: S) -> PathBuf {
        let mut path = self.to_path_buf();
        path.set_extension(extension);
        path
    }

    /// The path with one extension more.
    ///
    /// # Panics
    /// When the extension contains a separator.
    pub fn with_added_extension<S: AsRef<OsStr>>(&self, extension: S) -> PathBuf {
        let mut path = self.to_path_buf();
        path.add_extension(extension);
        path
    }

    /// The parts of the path.
    pub fn components(&self) -> Components<'_> {
        Components::new(self)
    }

    /// The parts of the path as strings.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.components())
    }
}

/// Takes the parts of the prefix off the path; false if they are others.
fn skip<'a, 'b>(
    path: &mut impl Iterator<Item = Component<'a>>,
    mut prefix: impl Iterator<Item = Component<'b>>,
) -> bool {
    prefix.all(|part| path.next() == Some(part))
}

/// A file's name before and after its last dot. A dot at the beginning does not count, and `..` has none.
fn split_extension(name: &OsStr) -> (&OsStr, Option<&OsStr>) {
    let bytes = name.as_encoded_bytes();
    match bytes.iter().rposition(|&byte| byte == b'.') {
        None | Some(0) => (name, None),
        // SAFETY: cut beside ASCII.
        Some(dot) => unsafe {
            (
                OsStr::from_encoded_bytes_unchecked(&bytes[..dot]),
                Some(OsStr::from_encoded_bytes_unchecked(&bytes[dot + 1..])),
            )
        },
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.string, f)
    }
}

impl ToOwned for Path {
    type Owned = PathBuf;
    fn to_owned(&self) -> PathBuf {
        self.to_path_buf()
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.components() == other.components()
    }
}

impl Eq for Path {}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Path {
    fn cmp(&self, other: &Self) -> Ordering {
        self.components().cmp(other.components())
    }
}

impl Hash for Path {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.components().for_each(|component| component.hash(hasher));
    }
}

/// The path does not begin with what was to be stripped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripPrefixError(());

impl fmt::Display for StripPrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("prefix not found")
    }
}

impl Error for StripPrefixError {}

/// Refuses what would be more than an extension.
pub(super) fn validate_extension(extension: &OsStr) {
    if extension.as_encoded_bytes().iter().any(|&byte| is_separator_byte(byte)) {
        panic!("extension cannot contain path separators: {extension:?}");
    }
}
