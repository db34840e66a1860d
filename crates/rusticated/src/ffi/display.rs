//! How strings are shown: as they are where they are Unicode, and marked where they are not.
use core::fmt::{self, Write as _};

use super::OsStr;

/// Shows an [`OsStr`] or a path; what is not Unicode shows as U+FFFD.
pub struct Display<'a>(&'a OsStr);

impl<'a> Display<'a> {
    pub(crate) fn new(string: &'a OsStr) -> Self {
        Self(string)
    }
}

impl fmt::Display for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.pad("");
        }
        for chunk in self.0.as_encoded_bytes().utf8_chunks() {
            // A width is heeded where all is Unicode. (To heed it elsewhere takes half a kilobyte of code.)
            if chunk.valid().len() == self.0.len() {
                return f.pad(chunk.valid());
            }
            f.write_str(chunk.valid())?;
            if marks(chunk.invalid()) {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

/// Whether these bytes, which are not UTF-8, are to be shown. All of WTF-8 that is not UTF-8 are surrogates of three
/// bytes, which UTF-8 sees as three mistakes: the first of them stands for all.
fn marks(invalid: &[u8]) -> bool {
    if cfg!(windows) { invalid.first() == Some(&0xED) } else { !invalid.is_empty() }
}

impl fmt::Debug for OsStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut rest = self.as_encoded_bytes();
        for chunk in rest.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\'' => f.write_char(character)?,
                    _ => fmt::Display::fmt(&character.escape_debug(), f)?,
                }
            }
            rest = &rest[chunk.valid().len()..];
            if cfg!(windows) {
                if let [0xED, second, third, ..] = rest
                    && marks(chunk.invalid())
                {
                    write!(f, "\\u{{{:x}}}", 0xD000 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F))?;
                }
            } else {
                for byte in chunk.invalid() {
                    write!(f, "\\x{byte:02X}")?;
                }
            }
            rest = &rest[chunk.invalid().len()..];
        }
        f.write_char('"')
    }
}
