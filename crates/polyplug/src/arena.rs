//! Memory for what calls give back, owned by a Rust caller. Some of it is kept from call to call, so that a caller who
//! makes the same calls again and again soon allocates nothing, and one large result is not paid for ever after.

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
/// From this size on chunks no longer double.
const LARGE_CHUNK: usize = 1 << 20;
/// So many bytes are kept for the next call: those of all chunks that double.
const KEPT: usize = 2 * LARGE_CHUNK;

/// An arena for calls. One call at a time uses it; [`reset`](Self::reset) gives back all that lies in it.
#[derive(Debug)]
pub struct Arena {
    /// What callees see. Its `owner` is `chunks`.
    raw: NonNull<CallArena>,
    /// Apart from `raw`, since callees hold that while they ask for more.
    chunks: NonNull<Chunks>,
}

#[derive(Debug, Default)]
struct Chunks {
    all: Vec<Chunk>,
    /// How many of them were entered since the last reset.
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
    /// An arena without memory for results. It allocates when a call first needs some.
    #[must_use]
    pub fn new() -> Self {
        let chunks = NonNull::from(Box::leak(Box::new(Chunks::default())));
        let raw = CallArena { grow: Some(grow), owner: chunks.as_ptr().cast(), ..CallArena::NONE };
        Self { raw: NonNull::from(Box::leak(Box::new(raw))), chunks }
    }

    /// What a call gets. Valid until the arena is dropped.
    pub fn as_mut_ptr(&mut self) -> *mut CallArena {
        self.raw.as_ptr()
    }

    /// Gives back all that lies in it, and keeps up to 2 MiB of the memory for the next call.
    pub fn reset(&mut self) {
        // SAFETY: `self` is borrowed mutably, so no call uses either.
        let (raw, chunks) = unsafe { (self.raw.as_mut(), self.chunks.as_mut()) };
        chunks.used = 0;
        chunks.shrink();
        raw.message = StringView::EMPTY;
        (raw.position, raw.end) = chunks.next().unwrap_or((ptr::null_mut(), ptr::null_mut()));
    }

    /// Why the last call that used it failed, if it said so in UTF-8.
    ///
    /// # Safety
    ///
    /// The code that was called is still there: the message may be a static text of it.
    #[must_use]
    pub unsafe fn message(&self) -> Option<&str> {
        // SAFETY: a callee sets a message that lies in the arena or is static; for the latter, the caller's promise.
        // Nobody changes it while `self` is borrowed.
        let bytes = unsafe { self.raw.as_ref().message.as_bytes() }?;
        str::from_utf8(bytes).ok().filter(|message| !message.is_empty())
    }

    /// How many bytes its chunks have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        // SAFETY: nobody changes it while `self` is borrowed.
        unsafe { self.chunks.as_ref() }.all.iter().map(|chunk| chunk.layout.size()).sum()
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: both came from boxes, and nobody uses them any more.
        drop(unsafe { (Box::from_raw(self.raw.as_ptr()), Box::from_raw(self.chunks.as_ptr())) });
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and freed once.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

impl Chunks {
    /// Frees what is more than is kept.
    fn shrink(&mut self) {
        let mut kept = 0_usize;
        self.all.retain(|chunk| {
            let size = chunk.layout.size();
            let stays = size <= KEPT - kept;
            kept += if stays { size } else { 0 };
            stays
        });
    }

    /// Enters the chunk after those that were used, and gives its bounds.
    fn next(&mut self) -> Option<(*mut u8, *mut u8)> {
        let Chunk { start, layout } = self.all.get(self.used)?;
        self.used += 1;
        let start = start.as_ptr();
        // SAFETY: the end of that very memory.
        Some((start, unsafe { start.add(layout.size()) }))
    }

    /// Enters a new chunk, with room for a request at any alignment.
    fn add(&mut self, size: usize, align: usize) -> Option<(*mut u8, *mut u8)> {
        let wanted = size.checked_add(align)?;
        let doubled = self.all.last().map_or(FIRST_CHUNK, |last| last.layout.size().saturating_mul(2));
        let layout = Layout::from_size_align(wanted.max(doubled.min(LARGE_CHUNK)), CHUNK_ALIGN).ok()?;
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc(layout) })?;
        self.all.insert(self.used, Chunk { start, layout });
        self.next()
    }
}

/// The start of a request within bounds, if it fits.
fn fit((position, end): (*mut u8, *mut u8), size: usize, align: usize) -> Option<*mut u8> {
    let skipped = position.addr().wrapping_neg() & (align - 1);
    let free = end.addr() - position.addr();
    // SAFETY: at most `end`, which is of the same memory.
    (skipped <= free && size <= free - skipped).then(|| unsafe { position.add(skipped) })
}

/// Makes room in an [`Arena`]; see [`GrowArena`](polyplug_abi::GrowArena).
unsafe extern "C" fn grow(arena: *mut CallArena, size: usize, align: usize) -> *mut u8 {
    if arena.is_null() || size == 0 || !align.is_power_of_two() {
        return ptr::null_mut();
    }
    // SAFETY: callees are given the arena that `Arena::new` made, and leave its `owner` alone; one call at a time uses
    // it.
    let Some(chunks) = (unsafe { (*arena).owner.cast::<Chunks>().as_mut() }) else { return ptr::null_mut() };
    loop {
        let Some(bounds) = chunks.next().or_else(|| chunks.add(size, align)) else { return ptr::null_mut() };
        if let Some(start) = fit(bounds, size, align) {
            // SAFETY: the arena is the caller's for this call; the request fits, so its end is at most the chunk's.
            unsafe {
                (*arena).position = start.add(size);
                (*arena).end = bounds.1;
            }
            return start;
        }
    }
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
        let requests = |arena: &mut Arena| {
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
    fn a_large_result_is_not_kept_for_ever() {
        let mut arena = Arena::new();
        for size in [100, 50 << 20, 3000] {
            assert!(!take(&mut arena, size, 8).is_null());
        }
        for _ in 0..100_000 {
            assert!(!take(&mut arena, 100, 8).is_null());
        }
        arena.reset();
        assert!(arena.capacity() <= KEPT, "{}", arena.capacity());
        assert!(!take(&mut arena, 50 << 20, 8).is_null());
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
