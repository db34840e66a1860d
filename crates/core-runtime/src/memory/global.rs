//! The program's own allocator.
#![allow(unsafe_code)] // hands on to the allocator of the build

use std::alloc::{GlobalAlloc, Layout};

use super::out_of_memory;

/// The program's own allocator: [`DEBUG_ALLOCATOR`](super::DEBUG_ALLOCATOR) in debug builds, mimalloc in others (the
/// system's where the feature `mimalloc` is off).
///
/// ```
/// #[global_allocator]
/// static GLOBAL: core_runtime::memory::GlobalAllocator = core_runtime::memory::GlobalAllocator;
/// # fn main() { assert_eq!(vec![7; 3].len(), 3); }
/// ```
///
/// With [`exit_when_out_of_memory`](super::exit_when_out_of_memory), a program that cannot go on without memory exits with 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct GlobalAllocator;

#[cfg(debug_assertions)]
use super::DEBUG_ALLOCATOR as BEST;
#[cfg(all(not(debug_assertions), feature = "mimalloc"))]
use ::mimalloc::MiMalloc as BEST;
#[cfg(all(not(debug_assertions), not(feature = "mimalloc")))]
use std::alloc::System as BEST;

// SAFETY: every call goes to one and the same allocator, which keeps the promises.
unsafe impl GlobalAlloc for GlobalAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        given(unsafe { BEST.alloc(layout) }, layout)
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        given(unsafe { BEST.alloc_zeroed(layout) }, layout)
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { BEST.dealloc(memory, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        given(unsafe { BEST.realloc(memory, layout, new_size) }, layout)
    }
}

#[inline]
fn given(memory: *mut u8, layout: Layout) -> *mut u8 {
    if memory.is_null() {
        out_of_memory::note(layout);
    }
    memory
}
