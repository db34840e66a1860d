//! Memory that is all given back at once.
#![allow(unsafe_code)] // an allocator on top of bumpalo

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bumpalo::Bump;

use super::Allocator;

/// Gives memory piece after piece and takes none back, until [`reset`](Self::reset) or its own end takes all of it. Any
/// thread may use it; for one thread alone [`ThreadLocalHeap`](super::ThreadLocalHeap) does without the lock.
#[derive(Debug, Default)]
pub struct ArenaAllocator(Mutex<Bump>);

impl ArenaAllocator {
    /// An arena that has no memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes all memory back. Pointers to it must not be used again; whoever makes a reference of one answers for that.
    pub fn reset(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).reset();
    }

    /// How many bytes it has from the system, used or not.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bump().allocated_bytes()
    }

    fn bump(&self) -> MutexGuard<'_, Bump> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: bumpalo's pieces are valid and apart from each other until it is reset or dropped; the lock keeps its
// bookkeeping to one thread at a time. Nothing in it unwinds.
unsafe impl Allocator for ArenaAllocator {
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        self.bump().try_alloc_layout(layout).ok()
    }

    unsafe fn release(&self, _memory: NonNull<u8>, _layout: Layout) {}

    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        if new.size() <= old.size() {
            return Some(memory);
        }
        let moved = self.bump().try_alloc_layout(new).ok()?;
        // SAFETY: the old memory has `old.size()` bytes as the caller promises, the new more, and they do not overlap.
        unsafe { moved.copy_from_nonoverlapping(memory, old.size()) };
        Some(moved)
    }

    unsafe fn resize_in_place(&self, _memory: NonNull<u8>, old: Layout, new: Layout) -> bool {
        new.size() <= old.size()
    }
}
