//! mimalloc, a fast allocator whose blocks any thread may free.
#![allow(unsafe_code)] // hands on to mimalloc

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::NonNull;

use mimalloc::MiMalloc;

use super::Allocator;
use super::report::ProcessMemory;

/// mimalloc.
#[derive(Clone, Copy, Debug, Default)]
pub struct MimallocAllocator;

// SAFETY: mimalloc keeps the same promises, through the standard library's own trait.
unsafe impl Allocator for MimallocAllocator {
    #[inline]
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as the caller promises.
        NonNull::new(unsafe { MiMalloc.alloc(layout) })
    }

    #[inline]
    unsafe fn obtain_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as the caller promises.
        NonNull::new(unsafe { MiMalloc.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn release(&self, memory: NonNull<u8>, layout: Layout) {
        // SAFETY: it is memory of this allocator, as the caller promises.
        unsafe { MiMalloc.dealloc(memory.as_ptr(), layout) };
    }

    #[inline]
    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: as for `release`; the new size is not zero and fits its alignment, as it is a layout's.
        NonNull::new(unsafe { MiMalloc.realloc(memory.as_ptr(), old, new.size()) })
    }

    unsafe fn resize_in_place(&self, memory: NonNull<u8>, _old: Layout, new: Layout) -> bool {
        // SAFETY: it is memory of this allocator, as the caller promises.
        let room = unsafe { libmimalloc_sys::mi_usable_size(memory.as_ptr().cast()) };
        // A block that would be mostly empty is better moved. Its size need not be the one that it was got with: mimalloc
        // finds it by the address.
        new.size() <= room && new.size() >= room / 2
    }
}

/// What mimalloc knows of the whole process.
pub(super) fn process_memory() -> ProcessMemory {
    let (mut peak_resident, mut committed, mut peak_committed) = (0, 0, 0);
    let mut unasked = [0; 5];
    let [elapsed, user, system, resident, faults] = &mut unasked;
    // SAFETY: all pointers are to places that may be written.
    unsafe {
        libmimalloc_sys::mi_process_info(
            elapsed,
            user,
            system,
            resident,
            &raw mut peak_resident,
            &raw mut committed,
            &raw mut peak_committed,
            faults,
        );
    }
    ProcessMemory { peak_resident, committed, peak_committed }
}
