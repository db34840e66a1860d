//! Tables whose places never move and are never freed, only used again: an address or a number that was good once can
//! always be looked at, by any thread and without a lock, to see whether it still is.
//!
//! They grow by doubling, to the most places that were ever in use at once and a few; a place rests a while before it
//! has its next tenant, so that what is stale meets an empty place for as long as can be had.

// Places are shared by address.
#![allow(unsafe_code)]

use std::collections::VecDeque;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many places the first chunk has; each one after it has twice as many as the one before.
const FIRST: u32 = 64;
/// So many chunks are more than four billion places.
const CHUNKS: usize = 26;
/// So many other places become free before one is used again.
const REST: usize = 64;

/// What a table consists of.
pub(crate) trait Place: Sync + 'static {
    /// The place without a tenant, at the address where it is to stay.
    fn vacant(address: *const Self) -> Self;
}

/// A table.
#[derive(Debug)]
pub(crate) struct Slab<T: 'static> {
    chunks: [AtomicPtr<T>; CHUNKS],
    free: Mutex<Free>,
}

#[derive(Debug)]
struct Free {
    /// From here on nothing was ever used.
    unused: u32,
    /// In the order in which they became free.
    rested: VecDeque<u32>,
}

impl<T: Place> Slab<T> {
    /// A table without places.
    pub(crate) const fn new() -> Self {
        Self {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            free: Mutex::new(Free { unused: 0, rested: VecDeque::new() }),
        }
    }

    /// The place with a number, if there is one.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&'static T> {
        let (chunk, offset) = locate(index);
        let first = self.chunks.get(chunk)?.load(Ordering::Acquire);
        if first.is_null() {
            return None;
        }
        // SAFETY: chunks have so many places, all filled before the chunk was shown, and are never freed.
        Some(unsafe { &*first.add(offset) })
    }

    /// The place at an address, if there is one. The address may be anything.
    #[inline]
    pub(crate) fn at_address(&self, address: usize) -> Option<&'static T> {
        for (number, chunk) in self.chunks.iter().enumerate() {
            let first = chunk.load(Ordering::Acquire);
            if first.is_null() {
                return None;
            }
            let offset = address.wrapping_sub(first.addr());
            if offset < places_of(number) * size_of::<T>() {
                // SAFETY: as for `get`; the offset is within the chunk.
                return offset.is_multiple_of(size_of::<T>()).then(|| unsafe { &*first.add(offset / size_of::<T>()) });
            }
        }
        None
    }

    /// The number of a place that nobody has. `None` if there are too many.
    pub(crate) fn take(&self) -> Option<u32> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.rested.len() > REST {
            return free.rested.pop_front();
        }
        let index = free.unused;
        let (number, _) = locate(index);
        let chunk = self.chunks.get(number)?;
        if chunk.load(Ordering::Relaxed).is_null() {
            let mut places = Box::<[T]>::new_uninit_slice(places_of(number));
            for place in &mut places {
                let address = place.as_ptr();
                place.write(T::vacant(address));
            }
            // SAFETY: each was written.
            let places = Box::leak(unsafe { places.assume_init() });
            chunk.store(places.as_mut_ptr(), Ordering::Release);
        }
        free.unused = index.checked_add(1)?;
        Some(index)
    }

    /// Others may have it.
    pub(crate) fn give_back(&self, index: u32) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).rested.push_back(index);
    }

    /// How many places were ever used.
    #[cfg(test)]
    pub(crate) fn places(&self) -> u32 {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).unused
    }
}

/// How many places the chunk with this number has.
const fn places_of(chunk: usize) -> usize {
    (FIRST as usize) << chunk
}

/// In which chunk a place is, and where in it.
#[inline]
fn locate(index: u32) -> (usize, usize) {
    let scaled = index / FIRST + 1;
    let chunk = scaled.ilog2();
    let before = u64::from(FIRST) * ((1 << chunk) - 1);
    (chunk as usize, (u64::from(index) - before) as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    struct Number(usize);

    impl Place for Number {
        fn vacant(address: *const Self) -> Self {
            Self(address.addr())
        }
    }

    #[test]
    fn every_place_is_found_by_number_and_by_address_and_is_where_it_was_made() {
        static TABLE: Slab<Number> = Slab::new();
        assert!(TABLE.get(0).is_none() && TABLE.at_address(0).is_none());
        let mut seen = HashSet::new();
        for expected in 0..if cfg!(miri) { 200 } else { 1000 } {
            let index = TABLE.take().unwrap();
            assert_eq!(index, expected);
            let place = TABLE.get(index).unwrap();
            let address = ptr::from_ref(place).addr();
            assert_eq!(place.0, address);
            assert!(ptr::eq(TABLE.at_address(address).unwrap(), place));
            assert!(TABLE.at_address(address + 1).is_none());
            assert!(seen.insert(address));
        }
        assert!(TABLE.get(u32::MAX).is_none() && TABLE.get(5000).is_none());
        assert!(TABLE.at_address(usize::MAX).is_none() && TABLE.at_address(1).is_none());
    }

    #[test]
    fn a_place_rests_before_it_is_used_again_and_the_table_stops_growing() {
        static TABLE: Slab<Number> = Slab::new();
        let mut last_use = std::collections::HashMap::new();
        for turn in 0..if cfg!(miri) { 500 } else { 10_000_usize } {
            let index = TABLE.take().unwrap();
            if let Some(before) = last_use.insert(index, turn) {
                assert!(turn - before > REST);
            }
            TABLE.give_back(index);
        }
        assert!(TABLE.places() as usize <= REST + 2);
    }
}
