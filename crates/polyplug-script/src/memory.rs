//! Memory for calls that a script makes: for arguments and results, and arenas that are kept for the next call.

use std::mem::MaybeUninit;
use std::ptr;

use parking_lot::Mutex;
use polyplug::Arena;
use polyplug_abi::CallArena;

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

/// Arenas that no call uses.
#[derive(Debug, Default)]
pub(crate) struct Arenas(Mutex<Vec<Arena>>);

impl Arenas {
    /// One for a call.
    pub(crate) fn borrow(&self) -> Borrowed<'_> {
        let arena = self.0.lock().pop().unwrap_or_default();
        Borrowed { arenas: self, arena: Some(arena) }
    }
}

/// The arena of one call, until it is dropped.
pub(crate) struct Borrowed<'a> {
    arenas: &'a Arenas,
    /// There until then.
    arena: Option<Arena>,
}

impl Borrowed<'_> {
    /// What the callee gets.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut CallArena {
        self.arena.as_mut().map_or(ptr::null_mut(), Arena::as_mut_ptr)
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(mut arena) = self.arena.take() {
            arena.reset();
            self.arenas.0.lock().push(arena);
        }
    }
}
