//! The arena in which a plugin's initialisation leaves its message.

#![allow(unsafe_code)] // Plugins reach it through a C struct.

use std::alloc::Layout;
use std::ffi::c_void;

use polyplug_abi::CallArena;

/// An arena whose pieces live as long as it does. On the heap: plugins are told its address.
pub(crate) struct MessageArena {
    call: Box<CallArena>,
    /// A box's, that plugins have the address of, too.
    pieces: *mut Pieces,
}

/// What was allocated.
#[derive(Default)]
struct Pieces(Vec<(*mut u8, Layout)>);

const LEAST_PIECE: usize = 1024;

impl MessageArena {
    pub(crate) fn new() -> Self {
        let pieces = Box::into_raw(Box::<Pieces>::default());
        let owner = pieces.cast::<c_void>();
        Self { call: Box::new(CallArena { grow: Some(grow), owner, ..CallArena::NONE }), pieces }
    }

    /// What a plugin gets.
    pub(crate) fn call(&mut self) -> *mut CallArena {
        &raw mut *self.call
    }

    /// The message, if there is one.
    ///
    /// # Safety
    ///
    /// It is as the arena's rules say: in the arena, static in a library that is still open, or empty.
    pub(crate) unsafe fn message(&self) -> Option<String> {
        // SAFETY: the caller's promise.
        let bytes = unsafe { self.call.message.as_bytes() }?;
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// Another piece of memory, used for what is asked for and what comes after it.
unsafe extern "C" fn grow(arena: *mut CallArena, size: usize, align: usize) -> *mut u8 {
    let Ok(layout) = Layout::from_size_align(size.max(LEAST_PIECE), align) else { return std::ptr::null_mut() };
    if arena.is_null() || size == 0 {
        return std::ptr::null_mut();
    }
    // SAFETY: its size is not 0.
    let start = unsafe { std::alloc::alloc(layout) };
    if start.is_null() {
        return start;
    }
    // SAFETY: the arena is that of `new`, whose owner is its pieces; a plugin that changed it broke the rules. The new
    // position is in the piece, or just behind it, as is its end.
    unsafe {
        (*(*arena).owner.cast::<Pieces>()).0.push((start, layout));
        (*arena).position = start.add(size);
        (*arena).end = start.add(layout.size());
    }
    start
}

impl Drop for MessageArena {
    fn drop(&mut self) {
        // SAFETY: the box of `new`, which nobody else frees; no call that could reach it is under way.
        let pieces = unsafe { Box::from_raw(self.pieces) };
        for (start, layout) in pieces.0 {
            // SAFETY: `grow` allocated it with this layout, and nothing outlives the arena.
            unsafe { std::alloc::dealloc(start, layout) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_any_length_fits_and_garbage_is_told_as_text() {
        for text in ["short", &"long ".repeat(10_000)] {
            let mut arena = MessageArena::new();
            let call = arena.call();
            // SAFETY: the arena is alive, and nobody else uses it.
            unsafe {
                (*call).copy_str("first");
                (*call).message = (*call).copy_str(text);
                assert_eq!(arena.message().as_deref(), Some(text));
            }
        }
        let mut arena = MessageArena::new();
        let call = arena.call();
        // SAFETY: as above.
        unsafe {
            assert_eq!(arena.message(), None);
            let start = (*call).alloc(2, 2);
            start.copy_from(b"a\xff".as_ptr(), 2);
            (*call).message = polyplug_abi::types::StringView { ptr: start, len: 2 };
            assert_eq!(arena.message().as_deref(), Some("a\u{fffd}"));
            assert!((*call).alloc(isize::MAX as usize, 8).is_null());
        }
    }
}
