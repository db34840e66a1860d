//! A chunk: 64 KiB of the kernel's memory that lie at a multiple of their size, cut into blocks of one size. So a
//! block's chunk is found from its address. Free blocks are linked through their own first word; those behind `fresh`
//! were never handed out, and their pages are not touched before.
use core::ptr::{NonNull, null_mut};

use crate::sys;

pub(super) const SIZE: usize = 64 * 1024;

/// What a chunk begins with.
pub(super) struct Chunk {
    /// The next and the last chunk of the same class that have free blocks.
    pub(super) next: *mut Chunk,
    pub(super) previous: *mut Chunk,
    free: *mut *mut u8,
    /// Bytes of the chunk that were never handed out, from its header up; blocks are cut off at their end.
    fresh: usize,
    pub(super) used: usize,
}

/// Memory that lies at a multiple of a power of two, at least a chunk's size.
pub(super) fn map_aligned(length: usize, align: usize) -> *mut u8 {
    let place = sys::map(length);
    if place.addr().is_multiple_of(align) {
        return place; // null, too
    }
    // SAFETY: it was just made.
    unsafe { sys::unmap(place, length) };
    let Some(room) = length.checked_add(align) else { return null_mut() };
    let place = sys::map(room);
    if place.is_null() {
        return place;
    }
    let before = place.align_offset(align);
    // SAFETY: what lies before and behind the aligned part of the mapping, whole pages both.
    unsafe {
        if before > 0 {
            sys::unmap(place, before);
        }
        let after = length.next_multiple_of(4096);
        if before + after < room {
            sys::unmap(place.add(before + after), room - before - after);
        }
        place.add(before)
    }
}

impl Chunk {
    pub(super) fn new() -> Option<NonNull<Self>> {
        let chunk = NonNull::new(map_aligned(SIZE, SIZE).cast::<Self>())?;
        // SAFETY: fresh memory, larger and better aligned than needed.
        unsafe { chunk.write(Self { next: null_mut(), previous: null_mut(), free: null_mut(), fresh: SIZE, used: 0 }) };
        Some(chunk)
    }

    /// The chunk that a block lies in.
    pub(super) fn of(block: *mut u8) -> *mut Self {
        block.map_addr(|address| address & !(SIZE - 1)).cast()
    }

    /// Whether there is no free block of that size.
    pub(super) fn is_full(&self, size: usize) -> bool {
        self.free.is_null() && self.fresh < size_of::<Self>() + size
    }

    /// Takes a block.
    ///
    /// # Safety
    /// `chunk` has one of that size, which is its class's.
    pub(super) unsafe fn take(chunk: *mut Self, size: usize) -> *mut u8 {
        // SAFETY: free blocks hold the address of the next; the fresh ones end where `fresh` says.
        unsafe {
            (*chunk).used += 1;
            let block = (*chunk).free;
            if block.is_null() {
                (*chunk).fresh -= size;
                return chunk.cast::<u8>().add((*chunk).fresh);
            }
            (*chunk).free = (*block).cast();
            block.cast()
        }
    }

    /// Puts a block back.
    ///
    /// # Safety
    /// It is of this chunk, and nobody uses it any more.
    pub(super) unsafe fn put(chunk: *mut Self, block: *mut u8) {
        // SAFETY: a block has room for an address, and is aligned for it.
        unsafe {
            let block = block.cast::<*mut u8>();
            *block = (*chunk).free.cast();
            (*chunk).free = block;
            (*chunk).used -= 1;
        }
    }
}
