//! Memory for what a call gives back: the caller's, so that nobody has to be told when it is no longer needed.

use core::ffi::c_void;

use crate::types::StringView;

/// Makes room for `size` bytes at an alignment of `align` (a power of two) and returns them, or null. It moves
/// [`position`](CallArena::position) and [`end`](CallArena::end).
pub type GrowArena = unsafe extern "C" fn(arena: *mut CallArena, size: usize, align: usize) -> *mut u8;

/// Where the callee of one call puts strings, bytes and arrays that it returns, and its message if it fails. 48 bytes on
/// 64-bit targets. The caller owns it, may use it for any number of calls, one at a time, and gives everything in it back
/// at once.
#[repr(C)]
#[derive(Debug)]
pub struct CallArena {
    /// The next free byte; null if there is no room yet.
    pub position: *mut u8,
    /// Behind the last free byte.
    pub end: *mut u8,
    /// Asked when there is not enough room. Absent: then it is full.
    pub grow: Option<GrowArena>,
    /// The caller's own.
    pub owner: *mut c_void,
    /// Why a call failed. Lies in the arena, or is static. Set by whoever returns a code other than 0; not read otherwise.
    pub message: StringView,
}

impl CallArena {
    /// No room, and none to be had: for calls that give back nothing but numbers.
    pub const NONE: Self = Self {
        position: core::ptr::null_mut(),
        end: core::ptr::null_mut(),
        grow: None,
        owner: core::ptr::null_mut(),
        message: StringView::EMPTY,
    };

    /// Takes `size` bytes at an alignment of `align` out of it; they are not initialised. Null if `align` is no power of
    /// two, `size` is 0, or there is no room.
    ///
    /// # Safety
    ///
    /// `position` and `end` bound memory that nobody else uses, and `grow`, if there, keeps to its rules.
    pub unsafe fn alloc(&mut self, size: usize, align: usize) -> *mut u8 {
        if size == 0 || !align.is_power_of_two() {
            return core::ptr::null_mut();
        }
        let skipped = self.position.addr().wrapping_neg() & (align - 1);
        let free = self.end.addr() - self.position.addr();
        if !self.position.is_null() && skipped <= free && size <= free - skipped {
            // SAFETY: the sum is at most `end`, which bounds the same memory.
            unsafe {
                let start = self.position.add(skipped);
                self.position = start.add(size);
                return start;
            }
        }
        match self.grow {
            // SAFETY: the caller's promise.
            Some(grow) => unsafe { grow(self, size, align) },
            None => core::ptr::null_mut(),
        }
    }

    /// Copies `text` into it; the empty view if there is no room.
    ///
    /// # Safety
    ///
    /// As [`alloc`](Self::alloc).
    pub unsafe fn copy_str(&mut self, text: &str) -> StringView {
        // SAFETY: the caller's promise.
        let start = unsafe { self.alloc(text.len(), 1) };
        if start.is_null() {
            return StringView::EMPTY;
        }
        // SAFETY: fresh memory of that size.
        unsafe { start.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        StringView { ptr: start, len: text.len() }
    }
}
