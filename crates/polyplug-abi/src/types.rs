//! Plain values that cross the boundary: views of strings, bytes and arrays, versions, levels, languages.

use core::ffi::c_void;
use core::{slice, str};

/// UTF-8 text that somebody else owns, without a terminating zero. 16 bytes on 64-bit targets.
///
/// A null `ptr` with a `len` of 0 is the empty string. Unless a function says otherwise, a view is valid until the call
/// that it is an argument of returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StringView {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

/// Bytes that somebody else owns; otherwise as [`StringView`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

/// Values of one type, one after another, that somebody else owns. Which type, the contract says.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ArrayView {
    /// The first item, aligned for its type; may be null if there is none.
    pub items: *const c_void,
    /// How many items, not bytes.
    pub len: usize,
}

// SAFETY: views are plain addresses; whoever reads through one has to show, in any thread, that it is still valid.
unsafe impl Send for StringView {}
// SAFETY: as above.
unsafe impl Sync for StringView {}
// SAFETY: as above.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}
// SAFETY: as above.
unsafe impl Send for ArrayView {}
// SAFETY: as above.
unsafe impl Sync for ArrayView {}

impl StringView {
    /// No text.
    pub const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    /// A view of `text`; the caller keeps that alive while the view is used.
    #[must_use]
    pub const fn new(text: &str) -> Self {
        Self { ptr: text.as_ptr(), len: text.len() }
    }

    /// The text.
    ///
    /// # Safety
    ///
    /// `ptr` and `len` are of bytes that are readable and unchanged during `'a`, and those are UTF-8.
    #[must_use]
    pub unsafe fn as_str<'a>(self) -> &'a str {
        if self.ptr.is_null() {
            return "";
        }
        // SAFETY: the caller's promise.
        unsafe { str::from_utf8_unchecked(slice::from_raw_parts(self.ptr, self.len)) }
    }

    /// The bytes, for whoever has yet to check that they are text. `None` if they cannot be there: a null pointer with
    /// a length, or more bytes than an object can have.
    ///
    /// # Safety
    ///
    /// If `ptr` is not null, `len` bytes from it are readable and unchanged during `'a`.
    #[must_use]
    pub unsafe fn as_bytes<'a>(self) -> Option<&'a [u8]> {
        // SAFETY: the caller's promise.
        unsafe { Buffer { ptr: self.ptr, len: self.len }.as_bytes() }
    }
}

impl Default for StringView {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Buffer {
    /// No bytes.
    pub const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    /// A view of `bytes`; the caller keeps those alive while the view is used.
    #[must_use]
    pub const fn new(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes. `None` if they cannot be there: a null pointer with a length, or more bytes than an object can have.
    ///
    /// # Safety
    ///
    /// If `ptr` is not null, `len` bytes from it are readable and unchanged during `'a`.
    #[must_use]
    pub unsafe fn as_bytes<'a>(self) -> Option<&'a [u8]> {
        if self.ptr.is_null() {
            return (self.len == 0).then_some(&[]);
        }
        if isize::try_from(self.len).is_err() || self.ptr.addr().checked_add(self.len).is_none() {
            return None;
        }
        // SAFETY: the caller's promise; the length is one that a slice may have.
        Some(unsafe { slice::from_raw_parts(self.ptr, self.len) })
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl ArrayView {
    /// No items.
    pub const EMPTY: Self = Self { items: core::ptr::null(), len: 0 };
}

impl Default for ArrayView {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// A version, as in 1.4.2. 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Raised when callers break.
    pub major: u16,
    /// Raised when something is added.
    pub minor: u16,
    /// Raised when something is mended.
    pub patch: u16,
    /// Zero.
    pub reserved: u16,
}

impl Version {
    /// The version.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch, reserved: 0 }
    }

    /// Major and minor in one number, as `min_version` arguments have them: `(major << 16) | minor`. Zero means any.
    #[must_use]
    pub const fn packed(self) -> u32 {
        (self.major as u32) << 16 | self.minor as u32
    }

    /// The version of a packed number; its patch is zero.
    #[must_use]
    pub const fn from_packed(packed: u32) -> Self {
        Self::new((packed >> 16) as u16, packed as u16, 0)
    }
}

impl core::fmt::Display for Version {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// How much a message of the log matters; a smaller number matters more.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Something that was asked for did not happen.
    Error = 1,
    /// It happened, but somebody should look.
    Warn = 2,
    /// What happens.
    Info = 3,
    /// Why it happens.
    Debug = 4,
    /// Every step.
    Trace = 5,
}

impl LogLevel {
    /// The level of a number that came over the boundary.
    #[must_use]
    pub const fn from_u32(value: u32) -> Option<Self> {
        Some(match value {
            1 => Self::Error,
            2 => Self::Warn,
            3 => Self::Info,
            4 => Self::Debug,
            5 => Self::Trace,
            _ => return None,
        })
    }
}

/// What a host or a plugin is written in; for messages, never for decisions.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SupportedLanguage {
    /// Rust
    #[default]
    Rust = 0,
    /// C
    C = 1,
    /// C++
    Cpp = 2,
    /// Lua
    Lua = 3,
    /// JavaScript
    JavaScript = 4,
}
