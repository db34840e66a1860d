//! Memory for calls that a script makes: for arguments and results, and an arena that grows as needed, is emptied after each
//! call, and keeps what it has for the next one.
// It hands out raw memory through a table of the C ABI.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

use polyplug_abi::CallArena;
use polyplug_abi::types::StringView;

/// The first chunk; the next are twice as large each.
const FIRST: usize = 4 * 1024;
/// What is kept for the next call.
const KEPT: usize = 1024 * 1024;
const ALIGN: usize = 16;

/// A growing arena. Boxed, because the table that callees get points back at it.
#[derive(Debug)]
pub struct Scratch {
    arena: CallArena,
    /// Start and size of each.
    chunks: Vec<(*mut u8, usize)>,
}

impl Scratch {
    /// One that has no memory yet.
    #[must_use]
    pub fn new() -> Box<Self> {
        let mut made = Box::new(Self { arena: CallArena::NONE, chunks: Vec::new() });
        made.arena.grow = Some(grow);
        made
    }

    /// The table for a callee. What is in it stays until [`reset`](Self::reset).
    pub fn arena(&mut self) -> *mut CallArena {
        let this: *mut Self = self;
        // SAFETY: `this` is of a live reference. The address of the whole is renewed here, for the reference that it came
        // from may be a new one; the caller gets a pointer from the same.
        unsafe {
            (*this).arena.owner = this.cast();
            &raw mut (*this).arena
        }
    }

    /// Empties it.
    pub fn reset(&mut self) {
        let keep = self.chunks.pop_if(|(_, size)| *size <= KEPT);
        self.release();
        self.arena.message = StringView::EMPTY;
        self.arena.position = ptr::null_mut();
        self.arena.end = ptr::null_mut();
        if let Some((start, size)) = keep {
            self.chunks.push((start, size));
            self.arena.position = start;
            // SAFETY: the end of the same allocation.
            self.arena.end = unsafe { start.add(size) };
        }
    }

    fn release(&mut self) {
        for (start, size) in self.chunks.drain(..) {
            // SAFETY: made by `grow` with this layout, which it checked.
            unsafe { dealloc(start, Layout::from_size_align_unchecked(size, ALIGN)) };
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.release();
    }
}

// SAFETY: it owns its chunks; `owner` is set anew before each use.
unsafe impl Send for Scratch {}

/// [`polyplug_abi::GrowArena`]: a new chunk that has room for what is asked, and this at its start.
unsafe extern "C" fn grow(arena: *mut CallArena, size: usize, align: usize) -> *mut u8 {
    if size == 0 || !align.is_power_of_two() {
        return ptr::null_mut();
    }
    let room = || -> Option<usize> {
        let needed = size.checked_add(align.saturating_sub(ALIGN))?;
        Some(needed.max(FIRST))
    };
    let Some(needed) = room() else { return ptr::null_mut() };
    // SAFETY: `arena` is the table that `Scratch::arena` gave out, and `owner` the scratch that it lies in. Nobody else
    // uses it during the call that the table was given to.
    unsafe {
        let scratch: *mut Scratch = (*arena).owner.cast::<c_void>().cast();
        let chunks = &mut (*scratch).chunks;
        let wanted = chunks.last().map_or(needed, |(_, last)| needed.max(last.saturating_mul(2).min(KEPT)));
        let Ok(layout) = Layout::from_size_align(wanted, ALIGN) else { return ptr::null_mut() };
        let start = alloc(layout);
        if start.is_null() {
            return start;
        }
        chunks.push((start, wanted));
        (*arena).end = start.add(wanted);
        let skipped = start.addr().wrapping_neg() & (align - 1);
        let given = start.add(skipped);
        (*arena).position = given.add(size);
        given
    }
}

/// Memory for arguments or a result, at the largest alignment of the ABI; small ones without an allocation.
pub(crate) struct Memory {
    small: [MaybeUninit<u128>; 8],
    large: Vec<u128>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self { small: [MaybeUninit::uninit(); 8], large: Vec::new() }
    }

    /// So many zeroed bytes: whoever is to write to it may leave some out.
    pub(crate) fn of(&mut self, size: usize) -> *mut u8 {
        let words = size.div_ceil(size_of::<u128>());
        if words > self.small.len() {
            self.large.resize(words, 0);
            return self.large.as_mut_ptr().cast();
        }
        self.small[..words].fill(MaybeUninit::new(0));
        self.small.as_mut_ptr().cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_what_is_asked_and_keeps_its_memory_for_the_next_call() {
        let mut scratch = Scratch::new();
        let mut starts = Vec::new();
        for _ in 0..3 {
            let arena = scratch.arena();
            for (size, align) in [(1, 1), (8, 8), (3, 1), (64, 64), (4_000, 4_096), (100_000, 16)] {
                // SAFETY: the arena is the scratch's own.
                let given = unsafe { (*arena).alloc(size, align) };
                assert!(!given.is_null() && given.addr().is_multiple_of(align), "{size} at {align}");
                // SAFETY: fresh memory of that size.
                unsafe { given.write_bytes(0xAB, size) };
                starts.push(given);
            }
            // SAFETY: as above.
            assert!(unsafe { (*arena).alloc(usize::MAX, 1) }.is_null());
            scratch.reset();
            assert_eq!(scratch.chunks.len(), 1);
        }
    }
}
