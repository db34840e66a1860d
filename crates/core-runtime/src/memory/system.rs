//! The system's allocator: malloc, or what a platform has in its place.
#![allow(unsafe_code)] // hands on to the standard library's allocator

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;

use super::Allocator;

/// The system's allocator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemAllocator;

// SAFETY: the standard library's allocator keeps the same promises.
unsafe impl Allocator for SystemAllocator {
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as the caller promises.
        NonNull::new(unsafe { System.alloc(layout) })
    }

    unsafe fn obtain_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as the caller promises.
        NonNull::new(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn release(&self, memory: NonNull<u8>, layout: Layout) {
        // SAFETY: it is memory of this allocator and layout, as the caller promises.
        unsafe { System.dealloc(memory.as_ptr(), layout) };
    }

    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: as for `release`; the new size is not zero and fits its alignment, as it is a layout's.
        NonNull::new(unsafe { System.realloc(memory.as_ptr(), old, new.size()) })
    }
}
