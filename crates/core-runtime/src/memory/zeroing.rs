//! Memory that is zero in every byte.
#![allow(unsafe_code)] // an allocator on top of another

use std::alloc::Layout;
use std::ptr::NonNull;

use super::Allocator;

/// Gives another allocator's memory with every byte zero, those that come by growing, too.
#[derive(Clone, Copy, Debug, Default)]
pub struct ZeroingAllocator<A>(A);

impl<A> ZeroingAllocator<A> {
    /// On top of `backing`.
    #[must_use]
    pub const fn new(backing: A) -> Self {
        Self(backing)
    }
}

/// Clears what memory has more than before.
///
/// # Safety
/// `memory` has `new.size()` bytes.
unsafe fn clear_growth(memory: NonNull<u8>, old: Layout, new: Layout) {
    if let Some(more @ 1..) = new.size().checked_sub(old.size()) {
        // SAFETY: the bytes from the old size to the new are within the memory.
        unsafe { memory.add(old.size()).write_bytes(0, more) };
    }
}

// SAFETY: it is the backing allocator's memory, and the promises are those of that.
unsafe impl<A: Allocator> Allocator for ZeroingAllocator<A> {
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { self.0.obtain_zeroed(layout) }
    }

    unsafe fn obtain_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { self.0.obtain_zeroed(layout) }
    }

    unsafe fn release(&self, memory: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.release(memory, layout) };
    }

    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let memory = unsafe { self.0.resize(memory, old, new) }?;
        // SAFETY: it has the new size.
        unsafe { clear_growth(memory, old, new) };
        Some(memory)
    }

    unsafe fn resize_in_place(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> bool {
        // SAFETY: the caller's promise.
        let done = unsafe { self.0.resize_in_place(memory, old, new) };
        if done {
            // SAFETY: it has the new size.
            unsafe { clear_growth(memory, old, new) };
        }
        done
    }
}
