//! macOS: libSystem's heap, which aligns to 16 bytes.
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;

use super::System;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
    fn posix_memalign(block: *mut *mut c_void, align: usize, size: usize) -> i32;
}

/// What the heap aligns to.
const ALIGN: usize = 16;

// SAFETY: the heap's blocks do not overlap.
unsafe impl GlobalAlloc for System {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            // SAFETY: it only takes a size.
            return unsafe { malloc(layout.size()) }.cast();
        }
        let mut block = core::ptr::null_mut();
        // SAFETY: the alignment is a power of two and at least a pointer's size.
        if unsafe { posix_memalign(&mut block, layout.align(), layout.size()) } != 0 {
            return core::ptr::null_mut();
        }
        block.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            // SAFETY: it only takes a size.
            return unsafe { calloc(1, layout.size()) }.cast();
        }
        // SAFETY: the caller's; the block has so many bytes.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the caller's block.
        unsafe { free(block.cast()) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        // SAFETY: the caller's block and size; two distinct blocks where it is copied.
        unsafe {
            if layout.align() <= ALIGN {
                return realloc(block.cast(), new).cast();
            }
            let fresh = self.alloc(Layout::from_size_align_unchecked(new, layout.align()));
            if !fresh.is_null() {
                block.copy_to_nonoverlapping(fresh, layout.size().min(new));
                self.dealloc(block, layout);
            }
            fresh
        }
    }
}
