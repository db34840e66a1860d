//! The owned string.
#![allow(unsafe_code, reason = "an OsString holds encoded bytes")]
use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

use super::OsStr;

/// An owned string of the system; std's `OsString`.
///
/// ```
/// use rusticated::ffi::OsString;
///
/// let mut name = OsString::from("notes");
/// name.push(".txt");
/// assert_eq!(name, "notes.txt");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OsString {
    bytes: Vec<u8>,
}

impl OsString {
    /// An empty string, which costs no memory.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// An empty string with room for so many bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// The string of these bytes.
    ///
    /// # Safety
    /// As for [`OsStr::from_encoded_bytes_unchecked`].
    pub unsafe fn from_encoded_bytes_unchecked(bytes: Vec<u8>) -> Self {
        Self::from_encoded(bytes)
    }

    pub(super) fn from_encoded(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The bytes of the string in the encoding of this crate.
    pub fn into_encoded_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The same string, borrowed.
    pub fn as_os_str(&self) -> &OsStr {
        self
    }

    /// The string as a `String`, or itself again if it is not Unicode.
    pub fn into_string(self) -> Result<String, Self> {
        String::from_utf8(self.bytes).map_err(|error| Self::from_encoded(error.into_bytes()))
    }

    /// Appends a string.
    pub fn push<S: AsRef<OsStr>>(&mut self, string: S) {
        super::append(&mut self.bytes, string.as_ref().as_encoded_bytes());
    }

    /// Cuts it off after so many bytes. The caller cuts beside ASCII only, which no encoding splits.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// Empties it, and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// How many bytes fit without more memory.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Makes room for so many bytes more, or for some more than that.
    pub fn reserve(&mut self, additional: usize) {
        self.bytes.reserve(additional);
    }

    /// Makes room for so many bytes more.
    pub fn reserve_exact(&mut self, additional: usize) {
        self.bytes.reserve_exact(additional);
    }

    /// As [`Self::reserve`], with an error when there is no memory.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.bytes.try_reserve(additional)
    }

    /// Gives back what it does not need.
    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// The string in a box of just its size.
    pub fn into_boxed_os_str(self) -> Box<OsStr> {
        OsStr::from_encoded_box(self.bytes.into_boxed_slice())
    }
}

impl Deref for OsString {
    type Target = OsStr;
    fn deref(&self) -> &OsStr {
        // SAFETY: they are the bytes of an OsString.
        unsafe { OsStr::from_encoded_bytes_unchecked(&self.bytes) }
    }
}

impl DerefMut for OsString {
    fn deref_mut(&mut self) -> &mut OsStr {
        OsStr::from_encoded_mut(&mut self.bytes)
    }
}

impl fmt::Debug for OsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Write for OsString {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}
