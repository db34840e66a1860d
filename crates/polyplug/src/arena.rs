//! Memory for what calls give back, owned by a Rust caller. Its chunks are kept from call to call, so that a caller who
//! makes the same calls again and again soon allocates nothing.

// This is an allocator.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::{self, NonNull};
use std::str;

use polyplug_abi::CallArena;
use polyplug_abi::types::StringView;

/// The first chunk has this size; each after it twice that of the one before, or as much as is asked for.
const FIRST_CHUNK: usize = 1024;
/// Chunks are aligned to this, so that few requests need more.
const CHUNK_ALIGN: usize = 16;

/// An arena for calls. One call at a time uses it; [`reset`](Self::reset) gives back all that lies in it.
#[derive(Debug)]
pub struct Arena(NonNull<Inner>);

#[derive(Debug)]
struct Inner {
    /// What callees see. Its `owner` is this struct.
    raw: CallArena,
    chunks: Vec<Chunk>,
    /// How many of the chunks were entered since the last reset.
    used: usize,
}

#[derive(Debug)]
struct Chunk {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: it owns its memory; that is used by one call at a time, since calls need the arena mutably.
unsafe impl Send for Arena {}
// SAFETY: shared, it can only be read.
unsafe impl Sync for Arena {}

impl Arena {
    /// An arena without memory. It allocates when a call first needs some.
    #[must_use]
    pub fn new() -> Self {
        let inner = Box::into_raw(Box::new(Inner { raw: CallArena::NONE, chunks: Vec::new(), used: 0 }));
        // SAFETY: it was just made, and nobody else has it.
        unsafe {
            (*inner).raw.grow = Some(grow);
            (*inner).raw.owner = inner.cast();
            Self(NonNull::new_unchecked(inner))
        }
    }

    /// What a call gets. Valid until the arena is dropped.
    pub fn as_mut_ptr(&mut self) -> *mut CallArena {
        // SAFETY: `Inner` is there as long as `self`; only an address is made.
        unsafe { &raw mut (*self.0.as_ptr()).raw }
    }

    /// Gives back all that lies in it, and keeps the memory for the next call.
    pub fn reset(&mut self) {
        // SAFETY: `self` is borrowed mutably, so no call uses it.
        let inner = unsafe { self.0.as_mut() };
        inner.used = 0;
        inner.raw.message = StringView::EMPTY;
        inner.enter_next();
    }

    /// Why the last call that used it failed, if it said so in UTF-8.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        // SAFETY: a callee sets a message that lies in the arena or is static, and nobody changes it while `self` is
        // borrowed.
        let bytes = unsafe { self.0.as_ref().raw.message.as_bytes() }?;
        str::from_utf8(bytes).ok().filter(|message| !message.is_empty())
    }

    /// How many bytes its chunks have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        // SAFETY: nobody changes it while `self` is borrowed.
        unsafe { self.0.as_ref() }.chunks.iter().map(|chunk| chunk.layout.size()).sum()
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and nobody uses it any more.
        let inner = unsafe { Box::from_raw(self.0.as_ptr()) };
        for chunk in &inner.chunks {
            // SAFETY: allocated with this layout, and freed once.
            unsafe { dealloc(chunk.start.as_ptr(), chunk.layout) };
        }
    }
}

impl Inner {
    /// Goes to the chunk after those that were used; without one, there is no room.
    fn enter_next(&mut self) {
        match self.chunks.get(self.used) {
            Some(chunk) => {
                self.used += 1;
                self.raw.position = chunk.start.as_ptr();
                // SAFETY: the end of that very memory.
                self.raw.end = unsafe { chunk.start.as_ptr().add(chunk.layout.size()) };
            }
            None => (self.raw.position, self.raw.end) = (ptr::null_mut(), ptr::null_mut()),
        }
    }

    /// Puts a new chunk behind those that were used, with room for a request at any alignment.
    fn add_chunk(&mut self, size: usize, align: usize) -> Option<()> {
        let wanted = size.checked_add(align)?;
        let doubled = self.chunks.last().map_or(FIRST_CHUNK, |last| last.layout.size().saturating_mul(2));
        let layout = Layout::from_size_align(wanted.max(doubled.min(1 << 20)), CHUNK_ALIGN).ok()?;
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc(layout) })?;
        self.chunks.insert(self.used, Chunk { start, layout });
        Some(())
    }

    /// Takes a request out of the current chunk, if it fits.
    fn take(&mut self, size: usize, align: usize) -> Option<*mut u8> {
        let position = self.raw.position;
        let skipped = position.addr().wrapping_neg() & (align - 1);
        let free = self.raw.end.addr() - position.addr();
        if position.is_null() || skipped > free || size > free - skipped {
            return None;
        }
        // SAFETY: both sums are at most `end`, which is of the same memory.
        unsafe {
            let start = position.add(skipped);
            self.raw.position = start.add(size);
            Some(start)
        }
    }
}

/// Makes room in an [`Arena`]; see [`GrowArena`](polyplug_abi::GrowArena).
unsafe extern "C" fn grow(arena: *mut CallArena, size: usize, align: usize) -> *mut u8 {
    if arena.is_null() || size == 0 || !align.is_power_of_two() {
        return ptr::null_mut();
    }
    // SAFETY: callees are given the arena that `Arena::new` made, and leave its `owner` alone; one call at a time uses
    // it.
    let Some(inner) = (unsafe { (*arena).owner.cast::<Inner>().as_mut() }) else { return ptr::null_mut() };
    while inner.used < inner.chunks.len() {
        inner.enter_next();
        if let Some(start) = inner.take(size, align) {
            return start;
        }
    }
    if inner.add_chunk(size, align).is_none() {
        return ptr::null_mut();
    }
    inner.enter_next();
    inner.take(size, align).unwrap_or(ptr::null_mut())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(arena: &mut Arena, size: usize, align: usize) -> *mut u8 {
        // SAFETY: the arena is ours.
        unsafe { (*arena.as_mut_ptr()).alloc(size, align) }
    }

    #[test]
    fn what_is_taken_is_aligned_apart_and_writable() {
        let mut arena = Arena::new();
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for (number, size) in (0_u8..).zip([1, 7, 100, 3000, 1, 50_000, 16, 2]) {
            for align in [1, 2, 8, 64, 4096] {
                let start = take(&mut arena, size, align);
                assert!(!start.is_null() && start.addr().is_multiple_of(align));
                // SAFETY: fresh memory of that size.
                unsafe { start.write_bytes(number, size) };
                let range = (start.addr(), start.addr() + size);
                assert!(taken.iter().all(|other| range.1 <= other.0 || other.1 <= range.0));
                taken.push(range);
            }
        }
    }

    #[test]
    fn after_a_reset_the_same_requests_need_no_new_memory() {
        let mut arena = Arena::new();
        let mut requests = |arena: &mut Arena| {
            for size in [1, 1000, 5000, 20, 70_000] {
                assert!(!take(arena, size, 8).is_null());
            }
        };
        requests(&mut arena);
        let capacity = arena.capacity();
        for _ in 0..100 {
            arena.reset();
            requests(&mut arena);
        }
        assert_eq!(arena.capacity(), capacity);
    }

    #[test]
    fn impossible_requests_get_nothing() {
        let mut arena = Arena::new();
        for (size, align) in [(0, 1), (1, 0), (1, 3), (usize::MAX, 1), (usize::MAX - 8, 16), (1, 1 << 63)] {
            assert!(take(&mut arena, size, align).is_null());
        }
        assert!(!take(&mut arena, 1, 1).is_null());
    }
}
