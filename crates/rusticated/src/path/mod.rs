//! Paths, with std's names and semantics; they hold whatever strings the system has. Nothing here asks the system:
//! what does is asynchronous, and lies in [`crate::fs`].
//!
//! ```
//! use rusticated::path::{Component, Path};
//!
//! let path = Path::new("notes").join("2026.txt");
//! assert_eq!(path.extension().unwrap(), "txt");
//! assert_eq!(path.with_extension("md"), Path::new("notes/2026.md"));
//! assert_eq!(path.components().next(), Some(Component::Normal("notes".as_ref())));
//! ```
mod ancestors;
mod borrowed;
mod components;
mod conversions;
mod iter;
mod owned;
mod prefix;

pub use crate::ffi::Display;
pub use ancestors::Ancestors;
pub use borrowed::{Path, StripPrefixError};
pub use components::{Component, Components};
pub use iter::Iter;
pub use owned::PathBuf;
pub use prefix::{Prefix, PrefixComponent};

/// What parts a path: `\` on Windows, `/` elsewhere.
pub const MAIN_SEPARATOR: char = if cfg!(windows) { '\\' } else { '/' };

/// [`MAIN_SEPARATOR`] as a string.
pub const MAIN_SEPARATOR_STR: &str = if cfg!(windows) { "\\" } else { "/" };

/// Whether the character parts a path here: `/`, and `\` on Windows.
pub const fn is_separator(character: char) -> bool {
    character.is_ascii() && is_separator_byte(character as u8)
}

const fn is_separator_byte(byte: u8) -> bool {
    byte == b'/' || (cfg!(windows) && byte == b'\\')
}
