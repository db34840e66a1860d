//! The owned path.
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use super::borrowed::validate_extension;
use super::{Component, MAIN_SEPARATOR_STR, Path, is_separator_byte};
use crate::ffi::{OsStr, OsString};

/// An owned path; std's `PathBuf`.
#[derive(Clone, Default)]
pub struct PathBuf {
    string: OsString,
}

impl PathBuf {
    /// An empty path, which costs no memory.
    pub const fn new() -> Self {
        Self { string: OsString::new() }
    }

    /// An empty path with room for so many bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { string: OsString::with_capacity(capacity) }
    }

    /// The same path, borrowed.
    pub fn as_path(&self) -> &Path {
        self
    }

    /// Goes on with another path; an absolute one takes the place of this.
    ///
    /// On Windows, a path with a root but no prefix takes the place of all but the prefix, and one with a prefix
    /// takes the place of all.
    pub fn push<P: AsRef<Path>>(&mut self, path: P) {
        self.push_path(path.as_ref());
    }

    fn push_path(&mut self, path: &Path) {
        let here = self.components();
        let ends_open = |bytes: &[u8]| bytes.last().is_some_and(|&byte| !is_separator_byte(byte));
        let bytes = self.string.as_encoded_bytes();
        // `C:` alone is the current folder of that drive: `C:` and `a` are `C:a`.
        let only_a_drive = here.prefix.is_some_and(|prefix| prefix.is_drive() && prefix.len() == bytes.len());
        let separate = ends_open(bytes) && !only_a_drive;
        if path.is_absolute() || path.components().prefix.is_some() {
            self.string.clear();
        } else if here.is_verbatim() && !path.as_os_str().is_empty() {
            self.string = push_verbatim(here.collect(), path);
            return;
        } else if path.has_root() {
            let length = here.prefix_len();
            self.string.truncate(length);
        } else if separate {
            self.string.push(MAIN_SEPARATOR_STR);
        }
        self.string.push(path);
    }

    /// Cuts off the last part; false if there was none to cut off.
    pub fn pop(&mut self) -> bool {
        let length = self.parent().map(|parent| parent.as_os_str().len());
        if let Some(length) = length {
            self.string.truncate(length);
        }
        length.is_some()
    }

    /// Gives the last part another name, or adds one if the path ends with none.
    pub fn set_file_name<S: AsRef<OsStr>>(&mut self, name: S) {
        if self.file_name().is_some() {
            self.pop();
        }
        self.push(Path::new(&name));
    }

    /// Gives the file another extension, or none if it is empty; false if the path does not end with a name.
    ///
    /// # Panics
    /// When the extension contains a separator.
    pub fn set_extension<S: AsRef<OsStr>>(&mut self, extension: S) -> bool {
        let kept = self.file_stem().map(|stem| self.end_of(stem));
        self.cut_and_extend(kept, extension.as_ref(), true)
    }

    /// Gives the file one extension more; false if the path does not end with a name.
    ///
    /// # Panics
    /// When the extension contains a separator.
    pub fn add_extension<S: AsRef<OsStr>>(&mut self, extension: S) -> bool {
        let kept = self.file_name().map(|name| self.end_of(name));
        self.cut_and_extend(kept, extension.as_ref(), false)
    }

    /// Where a part of this path ends, in bytes.
    fn end_of(&self, part: &OsStr) -> usize {
        part.as_encoded_bytes().as_ptr_range().end.addr() - self.string.as_encoded_bytes().as_ptr().addr()
    }

    fn cut_and_extend(&mut self, kept: Option<usize>, extension: &OsStr, even_if_empty: bool) -> bool {
        validate_extension(extension);
        let Some(kept) = kept else { return false };
        if even_if_empty || !extension.is_empty() {
            self.string.truncate(kept);
        }
        if !extension.is_empty() {
            self.string.reserve_exact(extension.len() + 1);
            self.string.push(".");
            self.string.push(extension);
        }
        true
    }

    /// The string, to change at will.
    pub fn as_mut_os_string(&mut self) -> &mut OsString {
        &mut self.string
    }

    /// The path as a string.
    pub fn into_os_string(self) -> OsString {
        self.string
    }

    /// The path in a box of just its size.
    pub fn into_boxed_path(self) -> Box<Path> {
        Path::from_box(self.string.into_boxed_os_str())
    }

    /// How many bytes fit without more memory.
    pub fn capacity(&self) -> usize {
        self.string.capacity()
    }

    /// Empties it, and keeps its memory.
    pub fn clear(&mut self) {
        self.string.clear();
    }

    /// Makes room for so many bytes more, or for some more than that.
    pub fn reserve(&mut self, additional: usize) {
        self.string.reserve(additional);
    }

    /// Gives back what it does not need.
    pub fn shrink_to_fit(&mut self) {
        self.string.shrink_to_fit();
    }
}

/// The system takes `.`, `..` and `/` in verbatim paths as names: they are resolved here.
fn push_verbatim<'a>(mut parts: Vec<Component<'a>>, path: &'a Path) -> OsString {
    // The parts borrow the old string, so that the new one is put together beside it.
    let mut string = OsString::new();
    for part in path.components() {
        match part {
            Component::RootDir => {
                parts.truncate(1);
                parts.push(part);
            }
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop_if(|last| matches!(last, Component::Normal(_)));
            }
            _ => parts.push(part),
        }
    }
    let mut separate = false;
    for part in parts {
        if separate && part != Component::RootDir {
            string.push(MAIN_SEPARATOR_STR);
        }
        string.push(part.as_os_str());
        separate = match part {
            Component::RootDir => false,
            Component::Prefix(prefix) => !prefix.kind().is_drive() && prefix.kind().len() > 0,
            _ => true,
        };
    }
    string
}

impl Deref for PathBuf {
    type Target = Path;
    fn deref(&self) -> &Path {
        Path::new(&self.string)
    }
}

impl From<OsString> for PathBuf {
    fn from(string: OsString) -> Self {
        Self { string }
    }
}

impl fmt::Debug for PathBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
