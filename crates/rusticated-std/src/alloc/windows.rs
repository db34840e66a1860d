//! Windows: the process's heap, which aligns to 16 bytes. What needs more has its own address before it.
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;

use super::System;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn GetProcessHeap() -> isize;
    fn HeapAlloc(heap: isize, flags: u32, size: usize) -> *mut c_void;
    fn HeapReAlloc(heap: isize, flags: u32, block: *mut c_void, size: usize) -> *mut c_void;
    fn HeapFree(heap: isize, flags: u32, block: *mut c_void) -> i32;
}

const ZERO_MEMORY: u32 = 8;
/// What the heap aligns to.
const ALIGN: usize = 16;

fn allocate(layout: Layout, flags: u32) -> *mut u8 {
    if layout.align() <= ALIGN {
        // SAFETY: the process's heap.
        return unsafe { HeapAlloc(GetProcessHeap(), flags, layout.size()) }.cast();
    }
    let Some(room) = layout.size().checked_add(layout.align()) else { return core::ptr::null_mut() };
    // SAFETY: as above.
    let whole = unsafe { HeapAlloc(GetProcessHeap(), flags, room) }.cast::<u8>();
    if whole.is_null() {
        return whole;
    }
    // SAFETY: the heap's block is aligned to 16, so that an aligned place behind its beginning has at least that much
    // before it; and `room` reaches so far.
    unsafe {
        let block = whole.add(layout.align() - (whole.addr() & (layout.align() - 1)));
        block.cast::<*mut u8>().sub(1).write(whole);
        block
    }
}

// SAFETY: the heap's blocks do not overlap.
unsafe impl GlobalAlloc for System {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocate(layout, 0)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocate(layout, ZERO_MEMORY)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's block, and what `allocate` wrote before it.
        unsafe {
            let whole = if layout.align() <= ALIGN { block } else { block.cast::<*mut u8>().sub(1).read() };
            HeapFree(GetProcessHeap(), 0, whole.cast());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        // SAFETY: the caller's block and size; two distinct blocks where it is copied.
        unsafe {
            if layout.align() <= ALIGN {
                return HeapReAlloc(GetProcessHeap(), 0, block.cast(), new).cast();
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
