//! Which chunk a block comes from: sizes are rounded up to classes, four to a doubling, and each class has a list of
//! the chunks that are not full. What is larger than the last class is a mapping of the kernel.
use core::alloc::{GlobalAlloc, Layout};
use core::hint::spin_loop;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering};

use super::System;
use super::chunk::{self, Chunk, map_aligned};
use crate::sys::{self, SingleThread};

/// The largest block that comes from a chunk: three fit in.
const LARGEST: usize = 16 * 1024;
const CLASSES: usize = 36;

/// The first chunk of each class that has a free block.
static LISTS: SingleThread<[*mut Chunk; CLASSES]> = SingleThread::new([null_mut(); CLASSES]);
/// Taken while the lists are used.
static LOCK: AtomicBool = AtomicBool::new(false);

/// The class of a size from 1 to `LARGEST`, and the size of its blocks: 16, 32, … 128, 160, 192, 224, 256, 320, …
///
/// A multiple of an alignment stays one: either it divides the step between classes, or the size is a class's own.
fn class(size: usize) -> (usize, usize) {
    let last = size - 1;
    if size <= 128 {
        return (last / 16, (last / 16 + 1) * 16);
    }
    let doubling = last.ilog2() as usize;
    let quarter = last >> (doubling - 2);
    (8 + (doubling - 7) * 4 + quarter - 4, (quarter + 1) << (doubling - 2))
}

/// The bytes that a layout takes in a chunk.
fn rounded(layout: Layout) -> usize {
    layout.size().next_multiple_of(layout.align())
}

fn locked<R>(function: impl FnOnce(&mut [*mut Chunk; CLASSES]) -> R) -> R {
    while LOCK.swap(true, Ordering::Acquire) {
        spin_loop();
    }
    // SAFETY: whoever has the lock has the only reference; it is not taken again below.
    let result = function(unsafe { LISTS.get() });
    LOCK.store(false, Ordering::Release);
    result
}

fn take(size: usize) -> *mut u8 {
    let (class, size) = class(size);
    locked(|lists| {
        let first = &mut lists[class];
        if first.is_null() {
            let Some(chunk) = Chunk::new() else { return null_mut() };
            *first = chunk.as_ptr();
        }
        let chunk = *first;
        // SAFETY: chunks of the lists are alive and have a free block.
        unsafe {
            let block = Chunk::take(chunk, size);
            if (*chunk).is_full(size) {
                *first = (*chunk).next;
                if let Some(second) = first.as_mut() {
                    second.previous = null_mut();
                }
            }
            block
        }
    })
}

/// # Safety
/// The block is of [`take`] with the same size, and nobody uses it any more.
unsafe fn put(block: *mut u8, size: usize) {
    let (class, size) = class(size);
    locked(|lists| {
        let first = &mut lists[class];
        let chunk = Chunk::of(block);
        // SAFETY: a block's chunk is alive; those in the list are, too.
        unsafe {
            let was_full = (*chunk).is_full(size);
            Chunk::put(chunk, block);
            if was_full {
                (*chunk).next = *first;
                (*chunk).previous = null_mut();
                if let Some(second) = first.as_mut() {
                    second.previous = chunk;
                }
                *first = chunk;
            } else if (*chunk).used == 0 && !((*chunk).next.is_null() && (*chunk).previous.is_null()) {
                // Empty, and not the only one of its class: that one stays, for who frees and allocates in turn.
                let (next, previous) = ((*chunk).next, (*chunk).previous);
                match previous.as_mut() {
                    Some(previous) => previous.next = next,
                    None => *first = next,
                }
                if let Some(next) = next.as_mut() {
                    next.previous = previous;
                }
                sys::unmap(chunk.cast(), chunk::SIZE);
            }
        }
    });
}

// SAFETY: blocks of a chunk do not overlap, and lie at multiples of their size from the chunk's end, so that they are
// aligned as `class` says; mappings are the kernel's.
unsafe impl GlobalAlloc for System {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = rounded(layout);
        match size {
            0..=LARGEST => take(size),
            _ if layout.align() <= 4096 => sys::map(size),
            _ => map_aligned(size, layout.align().max(chunk::SIZE)),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() && rounded(layout) <= LARGEST {
            // SAFETY: it has so many bytes. What the kernel maps is zero already.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let size = rounded(layout);
        // SAFETY: the caller's block, of the same layout as it was made with.
        unsafe {
            match size {
                0..=LARGEST => put(block, size),
                _ => sys::unmap(block, size),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        // SAFETY: the caller's size fits a layout of this alignment.
        let target = unsafe { Layout::from_size_align_unchecked(new, layout.align()) };
        let (old_size, new_size) = (rounded(layout), rounded(target));
        if old_size > LARGEST && new_size > LARGEST && layout.align() <= 4096 {
            // SAFETY: a whole mapping; the caller no longer uses the old one if it moved.
            return unsafe { sys::remap(block, old_size, new_size) };
        }
        if old_size.max(new_size) <= LARGEST && class(old_size) == class(new_size) {
            return block;
        }
        // SAFETY: two distinct blocks, of which the smaller size is copied.
        unsafe {
            let fresh = self.alloc(target);
            if !fresh.is_null() {
                block.copy_to_nonoverlapping(fresh, layout.size().min(new));
                self.dealloc(block, layout);
            }
            fresh
        }
    }
}
