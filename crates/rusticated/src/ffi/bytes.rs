//! What std's `OsStrExt` and `OsStringExt` offer where strings are bytes.
#![allow(unsafe_code, reason = "an OsStr is a slice of bytes with another name")]
use alloc::vec::Vec;

use super::{OsStr, OsString};

impl OsStr {
    /// The string of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> &Self {
        // SAFETY: all bytes are a string here.
        unsafe { Self::from_encoded_bytes_unchecked(bytes) }
    }

    /// Its bytes, as the system gets them.
    pub fn as_bytes(&self) -> &[u8] {
        self.as_encoded_bytes()
    }
}

impl OsString {
    /// The string of these bytes.
    pub fn from_vec(bytes: Vec<u8>) -> Self {
        Self::from_encoded(bytes)
    }

    /// Its bytes, as the system gets them.
    pub fn into_vec(self) -> Vec<u8> {
        self.into_encoded_bytes()
    }
}
