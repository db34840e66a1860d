//! An allocator that knows every block it gave, and says what was done wrong with them.
//!
//! What it remembers is kept beside the blocks, never in them, so that a wrong pointer is looked up and not followed. It
//! can be the program's own allocator: what it needs itself (its table, backtraces) comes straight from the system, see
//! [`inside`].
#![allow(unsafe_code)] // an allocator on top of the system's

mod findings;
mod inside;
mod table;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

pub use findings::{Leak, Misuse, Trace};

use self::inside::{Inside, Locked};
use self::table::{Block, Table};
use super::{Allocator, Counts};

/// Finds every leak with the place that it came from, frees of what is not live, and frees with another size or alignment
/// than the block has. Freed blocks are overwritten and kept for a while before the system gets them back, so that a second
/// free is told from the free of a new block at the same address.
///
/// It is slow: for debug builds and tests.
#[derive(Debug)]
pub struct DebugAllocator {
    table: Locked<Table>,
    tracing: AtomicBool,
    strict: bool,
}

impl DebugAllocator {
    /// Remembers where every block came from, and collects [`misuses`](Self::misuses).
    #[must_use]
    pub const fn new() -> Self {
        Self { table: Locked::new(Table::new()), tracing: AtomicBool::new(true), strict: false }
    }

    /// Ends the process at the first misuse, with a message on standard error, and does not remember where blocks came from
    /// until [`trace`](Self::trace) says so: for use as the program's own allocator.
    #[must_use]
    pub const fn strict() -> Self {
        Self { table: Locked::new(Table::new()), tracing: AtomicBool::new(false), strict: true }
    }

    /// Whether to remember from now on where blocks come from. That takes some microseconds a block.
    pub fn trace(&self, on: bool) {
        self.tracing.store(on, Ordering::Relaxed);
    }

    /// All blocks that were not freed so far, the oldest first.
    #[must_use]
    pub fn leaks(&self) -> Vec<Leak> {
        self.table.with_copied(|table| table.leaks())
    }

    /// What was done wrong so far, the oldest first.
    #[must_use]
    pub fn misuses(&self) -> Vec<Misuse> {
        self.table.with_copied(|table| table.misuses.clone())
    }

    /// How much it gave.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.table.with(|table| table.counts)
    }

    fn origin(&self) -> Trace {
        if self.tracing.load(Ordering::Relaxed) { Trace::here() } else { Trace::default() }
    }

    /// Enters a block that the system gave; gives it back where there is no memory for the entry.
    fn enter(&self, memory: *mut u8, layout: Layout) -> Option<NonNull<u8>> {
        let memory = NonNull::new(memory)?;
        let _inside = Inside::enter();
        let origin = self.origin();
        if self.table.with(|table| table.enter(memory, layout, origin)) {
            return Some(memory);
        }
        // SAFETY: the system gave it with this layout just now, and nobody has seen it.
        unsafe { System.dealloc(memory.as_ptr(), layout) };
        None
    }

    fn wrong(&self, misuse: Misuse) {
        if self.strict {
            // Unwinding out of an allocator is not allowed, and going on would only hide it.
            eprintln!("{misuse}");
            std::process::abort();
        }
        let _inside = Inside::enter();
        self.table.with(|table| table.misuses.push(misuse));
    }

    /// What the block at this address really is; says so where that is something else.
    fn check(&self, memory: NonNull<u8>, given: Layout) -> Option<Layout> {
        let live = {
            let _inside = Inside::enter();
            self.table.with(|table| table.live(memory).map(|block| (block.layout, block.wrong(memory, given))))
        };
        match live {
            Some((actual, None)) => Some(actual),
            Some((actual, Some(misuse))) => {
                self.wrong(misuse);
                Some(actual)
            }
            None => {
                let by = Trace::here();
                let misuse = self.table.with(|table| table.not_live(memory, by));
                self.wrong(misuse);
                None
            }
        }
    }
}

impl Default for DebugAllocator {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: all blocks are the system's, which keeps these promises; a block is handed back to it once, when it was live.
unsafe impl Allocator for DebugAllocator {
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as the caller promises.
        let memory = unsafe { System.alloc(layout) };
        if Inside::is_entered() { NonNull::new(memory) } else { self.enter(memory, layout) }
    }

    unsafe fn obtain_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as the caller promises.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if Inside::is_entered() { NonNull::new(memory) } else { self.enter(memory, layout) }
    }

    unsafe fn release(&self, memory: NonNull<u8>, layout: Layout) {
        if Inside::is_entered() {
            // SAFETY: what is freed in here was got in here, straight from the system.
            return unsafe { System.dealloc(memory.as_ptr(), layout) };
        }
        // A block that is not live is left alone; one whose layout is another is freed as what it is.
        if self.check(memory, layout).is_none() {
            return;
        }
        let _inside = Inside::enter();
        let freed = self.origin();
        self.table.with(|table| table.remove(memory, freed));
    }

    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        if Inside::is_entered() {
            // SAFETY: as for `release`.
            return NonNull::new(unsafe { System.realloc(memory.as_ptr(), old, new.size()) });
        }
        let actual = self.check(memory, old)?;
        // Always to another place: whoever kept the old pointer is found out.
        // SAFETY: the size is not zero.
        let moved = unsafe { self.obtain(new) }?;
        // SAFETY: both have at least so many bytes, and are apart from each other.
        unsafe { moved.copy_from_nonoverlapping(memory, actual.size().min(new.size())) };
        let _inside = Inside::enter();
        let freed = self.origin();
        self.table.with(|table| table.remove(memory, freed));
        Some(moved)
    }
}

// SAFETY: as for `Allocator`; nothing in it unwinds: where there is no memory for its own table, the result is null.
unsafe impl GlobalAlloc for DebugAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the size is not zero, as the caller promises.
        unsafe { self.obtain(layout) }.map_or(std::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the size is not zero, as the caller promises.
        unsafe { self.obtain_zeroed(layout) }.map_or(std::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if let Some(memory) = NonNull::new(memory) {
            // SAFETY: the caller's promise.
            unsafe { self.release(memory, layout) };
        }
    }

    unsafe fn realloc(&self, memory: *mut u8, old: Layout, new_size: usize) -> *mut u8 {
        let (Some(memory), Ok(new)) = (NonNull::new(memory), Layout::from_size_align(new_size, old.align())) else {
            return std::ptr::null_mut();
        };
        // SAFETY: the caller's promise.
        unsafe { self.resize(memory, old, new) }.map_or(std::ptr::null_mut(), NonNull::as_ptr)
    }
}

impl Block {
    /// What is wrong with this layout for it.
    fn wrong(&self, memory: NonNull<u8>, given: Layout) -> Option<Misuse> {
        (self.layout != given).then(|| Misuse::WrongLayout {
            address: memory.addr().get(),
            size: self.layout.size(),
            alignment: self.layout.align(),
            given_size: given.size(),
            given_alignment: given.align(),
            allocated: self.origin.clone(),
        })
    }
}
