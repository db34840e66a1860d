//! The 16-bit strings of Windows: they need not be well-formed UTF-16. Each half of a pair that stands alone is
//! encoded as if it were a character, and two halves that come together are made one character (WTF-8).
#![allow(unsafe_code, reason = "what is encoded here is a string by construction")]
use alloc::vec::Vec;
use core::iter::FusedIterator;

use super::{OsStr, OsString};

impl OsString {
    /// The string of these 16-bit units, whatever they are.
    pub fn from_wide(units: &[u16]) -> Self {
        let mut bytes = Vec::with_capacity(units.len());
        for character in char::decode_utf16(units.iter().copied()) {
            match character {
                Ok(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(alone) => bytes.extend_from_slice(&encode_surrogate(alone.unpaired_surrogate())),
            }
        }
        Self::from_encoded(bytes)
    }
}

impl OsStr {
    /// The 16-bit units of the string, without an end mark.
    pub fn encode_wide(&self) -> EncodeWide<'_> {
        EncodeWide { bytes: self.as_encoded_bytes(), second: 0 }
    }
}

/// The 16-bit units of a string; see [`OsStr::encode_wide`].
#[derive(Clone)]
pub struct EncodeWide<'a> {
    bytes: &'a [u8],
    /// The second unit of the character whose first was given last; 0 if there is none.
    second: u16,
}

impl Iterator for EncodeWide<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.second != 0 {
            return Some(core::mem::take(&mut self.second));
        }
        let (&first, mut rest) = self.bytes.split_first()?;
        let following = match first {
            0..0xC0 => 0,
            0xC0..0xE0 => 1,
            0xE0..0xF0 => 2,
            0xF0.. => 3,
        };
        // The bits of the first byte that are not its length; all for ASCII.
        let mut point = u32::from(first) & (0x7F >> (following + u32::from(following > 0)));
        for _ in 0..following {
            let (&byte, others) = rest.split_first()?;
            point = point << 6 | u32::from(byte & 0x3F);
            rest = others;
        }
        self.bytes = rest;
        if let Some(beyond) = point.checked_sub(0x1_0000) {
            self.second = 0xDC00 | (beyond & 0x3FF) as u16;
            return Some(0xD800 | (beyond >> 10) as u16);
        }
        Some(point as u16)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let pending = usize::from(self.second != 0);
        (self.bytes.len().div_ceil(3) + pending, Some(self.bytes.len() + pending))
    }
}

impl FusedIterator for EncodeWide<'_> {}

/// A half of a pair, as if it were a character.
fn encode_surrogate(unit: u16) -> [u8; 3] {
    [0xE0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3F) as u8, 0x80 | (unit & 0x3F) as u8]
}

/// Puts two strings together. A first half at the end and a second half at the beginning become one character.
pub(super) fn append(bytes: &mut Vec<u8>, more: &[u8]) {
    if let [.., 0xED, a @ 0xA0..=0xAF, b] = **bytes
        && let [0xED, c @ 0xB0..=0xBF, d, rest @ ..] = more
    {
        let high = u32::from(a & 0x0F) << 6 | u32::from(b & 0x3F);
        let low = u32::from(c & 0x0F) << 6 | u32::from(d & 0x3F);
        bytes.truncate(bytes.len() - 3);
        if let Some(character) = char::from_u32(0x1_0000 + (high << 10 | low)) {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        bytes.extend_from_slice(rest);
    } else {
        bytes.extend_from_slice(more);
    }
}
