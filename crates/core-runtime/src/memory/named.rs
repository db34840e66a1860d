//! Allocators that count what they give under a name.
#![allow(unsafe_code)] // an allocator on top of another

use std::alloc::Layout;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::{Allocator, Counts, DEFAULT_ALLOCATOR};

/// What is counted under one name. It is never freed: names are few, and fixed when the program is written.
#[derive(Debug, Default)]
pub(super) struct Tally {
    live_bytes: AtomicUsize,
    live_blocks: AtomicUsize,
    peak_bytes: AtomicUsize,
    blocks: AtomicU64,
}

impl Tally {
    pub(super) fn add(&self, size: usize) {
        let live = self.live_bytes.fetch_add(size, Relaxed) + size;
        self.peak_bytes.fetch_max(live, Relaxed);
        self.live_blocks.fetch_add(1, Relaxed);
        self.blocks.fetch_add(1, Relaxed);
    }

    pub(super) fn remove(&self, size: usize) {
        self.live_bytes.fetch_sub(size, Relaxed);
        self.live_blocks.fetch_sub(1, Relaxed);
    }

    fn counts(&self) -> Counts {
        Counts {
            live_bytes: self.live_bytes.load(Relaxed),
            live_blocks: self.live_blocks.load(Relaxed),
            peak_bytes: self.peak_bytes.load(Relaxed),
            blocks: self.blocks.load(Relaxed),
        }
    }
}

static TALLIES: Mutex<BTreeMap<&str, &Tally>> = Mutex::new(BTreeMap::new());

/// The one tally of this name.
pub(super) fn tally(name: &'static str) -> &'static Tally {
    let mut tallies = TALLIES.lock().unwrap_or_else(PoisonError::into_inner);
    tallies.entry(name).or_insert_with(|| Box::leak(Box::default()))
}

/// All names and their counts, by name.
pub(super) fn all() -> Vec<(&'static str, Counts)> {
    let tallies = TALLIES.lock().unwrap_or_else(PoisonError::into_inner);
    tallies.iter().map(|(name, tally)| (*name, tally.counts())).collect()
}

/// [`DEFAULT_ALLOCATOR`], counted under a name for [`heap_report`](super::heap_report). All of one name are the same.
#[derive(Clone, Copy, Debug)]
pub struct NamedAllocator(&'static Tally);

/// An allocator that counts under `name`, for profiling.
#[must_use]
pub fn named_allocator(name: &'static str) -> NamedAllocator {
    NamedAllocator(tally(name))
}

/// An allocator that counts under the name of a type, for a breakdown of the heap.
#[must_use]
pub fn typed_allocator<T: ?Sized>() -> NamedAllocator {
    named_allocator(std::any::type_name::<T>())
}

impl NamedAllocator {
    /// What was counted so far, by all of this name.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }
}

// SAFETY: the memory and the promises are the default allocator's.
unsafe impl Allocator for NamedAllocator {
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let memory = unsafe { DEFAULT_ALLOCATOR.obtain(layout) }?;
        self.0.add(layout.size());
        Some(memory)
    }

    unsafe fn obtain_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let memory = unsafe { DEFAULT_ALLOCATOR.obtain_zeroed(layout) }?;
        self.0.add(layout.size());
        Some(memory)
    }

    unsafe fn release(&self, memory: NonNull<u8>, layout: Layout) {
        self.0.remove(layout.size());
        // SAFETY: the caller's promise.
        unsafe { DEFAULT_ALLOCATOR.release(memory, layout) };
    }

    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let memory = unsafe { DEFAULT_ALLOCATOR.resize(memory, old, new) }?;
        self.0.remove(old.size());
        self.0.add(new.size());
        Some(memory)
    }

    unsafe fn resize_in_place(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> bool {
        // SAFETY: the caller's promise.
        let done = unsafe { DEFAULT_ALLOCATOR.resize_in_place(memory, old, new) };
        if done {
            self.0.remove(old.size());
            self.0.add(new.size());
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Token;

    #[test]
    fn names_are_counted_apart_and_one_name_together() {
        let layout = Layout::new::<[u64; 4]>();
        let (one, other) = (named_allocator("one"), typed_allocator::<Token>());
        let memory = one.allocate(layout).unwrap();
        let second = named_allocator("one").allocate(layout).unwrap();
        // SAFETY: got above with this layout.
        unsafe { one.deallocate(second, layout) };
        let counts = Counts { live_bytes: 32, live_blocks: 1, peak_bytes: 64, blocks: 2 };
        assert_eq!(one.counts(), counts);
        assert_eq!(other.counts(), Counts::default());
        let names: Vec<_> = all().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"one") && names.iter().any(|name| name.ends_with("::Token")), "{names:?}");
        // SAFETY: as above.
        unsafe { one.deallocate(memory, layout) };
        assert_eq!(one.counts().live_blocks, 0);
    }

    #[test]
    fn a_resized_block_is_counted_with_its_new_size() {
        let named = named_allocator("resized");
        let old = Layout::new::<u64>();
        let memory = named.allocate(old).unwrap();
        // SAFETY: got above with this layout; freed with its new one.
        unsafe {
            let memory = named.reallocate(memory, old, 100).unwrap();
            assert_eq!(named.counts().live_bytes, 100);
            named.deallocate(memory, Layout::from_size_align(100, 8).unwrap());
        }
        assert_eq!(named.counts().live_bytes, 0);
    }
}
