//! Memory that one side gets and the other gives back. What is out is written down, so that a wrong address, size or
//! alignment is an error and not a crash, and so that nothing is left when the runtime goes.

// This is an allocator.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::collections::HashMap;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Threads that allocate at once rarely meet in one of so many tables.
const SHARDS: usize = 16;

/// What is out.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    shards: [Mutex<HashMap<usize, Block>>; SHARDS],
    /// Something may still use it: it is not freed.
    keep: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a block is memory that belongs to whoever has its address, in any thread.
unsafe impl Send for Block {}

/// Why memory is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOurs {
    /// It was never given out, or was given back before.
    Unknown,
    /// It was given out with another size or alignment.
    Other(Layout),
}

impl Memory {
    /// Memory, or null: for a size of 0, an alignment that is no power of two, or if there is none.
    pub(crate) fn allocate(&self, size: usize, align: usize) -> *mut u8 {
        let Ok(layout) = Layout::from_size_align(size, align) else { return ptr::null_mut() };
        if size == 0 {
            return ptr::null_mut();
        }
        // SAFETY: the size is not zero.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { return ptr::null_mut() };
        self.shard(start.addr().get())
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(start.addr().get(), Block { start, layout });
        start.as_ptr()
    }

    /// Takes memory back. Null is nothing.
    pub(crate) fn free(&self, address: usize, size: usize, align: usize) -> Result<(), NotOurs> {
        if address == 0 {
            return Ok(());
        }
        let mut shard = self.shard(address).lock().unwrap_or_else(PoisonError::into_inner);
        let block = *shard.get(&address).ok_or(NotOurs::Unknown)?;
        if (block.layout.size(), block.layout.align()) != (size, align) {
            return Err(NotOurs::Other(block.layout));
        }
        shard.remove(&address);
        drop(shard);
        // SAFETY: it was allocated with this layout, and whoever took it out of the table frees it, once.
        unsafe { dealloc(block.start.as_ptr(), block.layout) };
        Ok(())
    }

    /// From now on nothing is freed with the runtime: a plugin that did not end may still use it.
    pub(crate) fn keep(&self) {
        self.keep.store(true, Ordering::Relaxed);
    }

    /// Whether [`keep`](Self::keep) was called.
    pub(crate) fn is_kept(&self) -> bool {
        self.keep.load(Ordering::Relaxed)
    }

    fn shard(&self, address: usize) -> &Mutex<HashMap<usize, Block>> {
        // The low bits are the alignment's.
        &self.shards[(address >> 4) % SHARDS]
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if *self.keep.get_mut() {
            return;
        }
        for shard in &mut self.shards {
            for (_, block) in shard.get_mut().unwrap_or_else(PoisonError::into_inner).drain() {
                // SAFETY: it was allocated with this layout and not freed; its users are gone with the runtime.
                unsafe { dealloc(block.start.as_ptr(), block.layout) };
            }
        }
    }
}
