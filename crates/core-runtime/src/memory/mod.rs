//! Where memory comes from.
//!
//! | allocator | what it is for |
//! |---|---|
//! | [`GlobalAllocator`] | the program's own: mimalloc in release builds, [`DebugAllocator`] in debug builds |
//! | [`DEFAULT_ALLOCATOR`] | the same, for code that takes an [`Allocator`] |
//! | [`Z_ALLOCATOR`] | every byte is zero: what is written to disk as it lies in memory must not depend on chance |
//! | [`DebugAllocator`] | finds leaks, double frees and frees with the wrong size or alignment |
//! | [`ArenaAllocator`] | gives everything back at once |
//! | [`ThreadLocalHeap`] | an arena for one job of one thread |
//! | [`typed_allocator`], [`named_allocator`] | count what they give, for [`heap_report`] |
//!
//! What an allocator knows belongs to the whole process, so this module has state of its own: the counts behind names, and
//! what the debug allocator remembers.

mod allocator;
mod arena;
mod debug;
mod global;
mod job;
#[cfg(feature = "mimalloc")]
mod mimalloc;
mod named;
mod out_of_memory;
mod report;
mod system;
mod zeroing;

pub use allocator::{AllocationError, Allocator, layout};
pub use arena::ArenaAllocator;
pub use debug::{DebugAllocator, Leak, Misuse, Trace};
pub use global::GlobalAllocator;
pub use job::ThreadLocalHeap;
#[cfg(feature = "mimalloc")]
pub use mimalloc::MimallocAllocator;
pub use named::{NamedAllocator, named_allocator, typed_allocator};
pub use out_of_memory::exit_when_out_of_memory;
pub use report::{Counts, HeapReport, NamedCounts, ProcessMemory, heap_report};
pub use system::SystemAllocator;
pub use zeroing::ZeroingAllocator;

#[cfg(feature = "mimalloc")]
use MimallocAllocator as BEST;
#[cfg(not(feature = "mimalloc"))]
use SystemAllocator as BEST;

/// What to take memory from where nothing speaks for another: [`DEBUG_ALLOCATOR`] in debug builds, and mimalloc in others
/// (the system's allocator where the feature `mimalloc` is off).
#[cfg(debug_assertions)]
pub static DEFAULT_ALLOCATOR: &dyn Allocator = &DEBUG_ALLOCATOR;
/// What to take memory from where nothing speaks for another: the debug allocator in debug builds, and mimalloc in others
/// (the system's allocator where the feature `mimalloc` is off).
#[cfg(not(debug_assertions))]
pub static DEFAULT_ALLOCATOR: &dyn Allocator = &BEST;

/// Gives memory that is zero in every byte, and keeps it so where memory grows.
pub static Z_ALLOCATOR: &dyn Allocator = &ZeroingAllocator::new(BEST);

/// The debug build's allocator. It ends the process at a misuse, and remembers where memory came from when
/// [`DebugAllocator::trace`] says so.
#[cfg(debug_assertions)]
pub static DEBUG_ALLOCATOR: DebugAllocator = DebugAllocator::strict();
