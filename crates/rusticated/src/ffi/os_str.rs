//! The borrowed string. It is its encoded bytes; `OsStr` only says that they are those of a system's string.
#![allow(unsafe_code, reason = "an OsStr is a slice of bytes with another name")]
use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;

use super::{Display, OsString};

/// A borrowed string of the system; std's `OsStr`.
///
/// ```
/// use rusticated::ffi::OsStr;
///
/// let name = OsStr::new("naïve.txt");
/// assert_eq!(name.to_str(), Some("naïve.txt"));
/// assert_eq!(name.as_encoded_bytes().len(), 10);
/// ```
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct OsStr {
    bytes: [u8],
}

impl OsStr {
    /// The same string as an `OsStr`.
    pub fn new<S: AsRef<Self> + ?Sized>(string: &S) -> &Self {
        string.as_ref()
    }

    /// The string of these bytes.
    ///
    /// # Safety
    /// They come from [`Self::as_encoded_bytes`], perhaps split beside or put together with valid UTF-8, or are
    /// valid UTF-8; all of them of this version of this crate. Where strings are bytes, all bytes are fine.
    pub unsafe fn from_encoded_bytes_unchecked(bytes: &[u8]) -> &Self {
        // SAFETY: transparent over [u8]; the encoding is the caller's promise.
        unsafe { &*(core::ptr::from_ref(bytes) as *const Self) }
    }

    /// The bytes of the string in the encoding of this crate: UTF-8 with more than that allowed.
    pub fn as_encoded_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The string, if it is Unicode.
    pub fn to_str(&self) -> Option<&str> {
        core::str::from_utf8(&self.bytes).ok()
    }

    /// The string with U+FFFD for what is not Unicode.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match self.to_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(alloc::format!("{}", self.display())),
        }
    }

    /// A copy of the string.
    pub fn to_os_string(&self) -> OsString {
        OsString::from_encoded(self.bytes.to_vec())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Its length in bytes, as this crate encodes it.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Shows the string, with U+FFFD for what is not Unicode.
    pub fn display(&self) -> Display<'_> {
        Display::new(self)
    }

    /// Turns the box into an owned string.
    pub fn into_os_string(self: Box<Self>) -> OsString {
        // SAFETY: transparent over [u8].
        let bytes = unsafe { Box::from_raw(Box::into_raw(self) as *mut [u8]) };
        OsString::from_encoded(bytes.into_vec())
    }

    /// Whether all of it is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.bytes.is_ascii()
    }

    /// Makes the ASCII letters small.
    pub fn make_ascii_lowercase(&mut self) {
        self.bytes.make_ascii_lowercase();
    }

    /// Makes the ASCII letters capital.
    pub fn make_ascii_uppercase(&mut self) {
        self.bytes.make_ascii_uppercase();
    }

    /// A copy with small ASCII letters.
    pub fn to_ascii_lowercase(&self) -> OsString {
        OsString::from_encoded(self.bytes.to_ascii_lowercase())
    }

    /// A copy with capital ASCII letters.
    pub fn to_ascii_uppercase(&self) -> OsString {
        OsString::from_encoded(self.bytes.to_ascii_uppercase())
    }

    /// Whether they differ in nothing but the case of ASCII letters.
    pub fn eq_ignore_ascii_case<S: AsRef<Self>>(&self, other: S) -> bool {
        self.bytes.eq_ignore_ascii_case(&other.as_ref().bytes)
    }

    /// The string of encoded bytes, to change in place.
    pub(super) fn from_encoded_mut(bytes: &mut [u8]) -> &mut Self {
        // SAFETY: transparent over [u8]; called with the bytes of an OsString only.
        unsafe { &mut *(core::ptr::from_mut(bytes) as *mut Self) }
    }

    pub(super) fn from_encoded_box(bytes: Box<[u8]>) -> Box<Self> {
        // SAFETY: transparent over [u8]; called with the bytes of an OsString only.
        unsafe { Box::from_raw(Box::into_raw(bytes) as *mut Self) }
    }
}

impl ToOwned for OsStr {
    type Owned = OsString;
    fn to_owned(&self) -> OsString {
        self.to_os_string()
    }
}
