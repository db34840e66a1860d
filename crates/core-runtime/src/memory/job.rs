//! A heap for one job of one thread.

use std::cell::Cell;
use std::sync::OnceLock;

use bumpalo::Bump;

use super::named;

/// How many bytes a thread keeps from one job to its next.
const KEPT: usize = 256 << 10;

/// A heap that only one thread uses, for as long as one job takes: all that the job put there is freed at its end at once,
/// and no earlier. Values in it are not dropped: what owns anything outside of the heap does not belong there.
///
/// ```
/// use core_runtime::memory::ThreadLocalHeap;
/// let words = ThreadLocalHeap::job(|heap| {
///     let copy = heap.arena().alloc_str("one two three");
///     copy.split(' ').count()
/// });
/// assert_eq!(words, 3);
/// ```
///
/// What is in the heap cannot be taken out of the job:
/// ```compile_fail
/// let kept = core_runtime::memory::ThreadLocalHeap::job(|heap| heap.arena().alloc(7));
/// ```
///
/// nor given to another thread, which might outlive it or use the heap at the same time:
/// ```compile_fail
/// core_runtime::memory::ThreadLocalHeap::job(|heap| {
///     std::thread::scope(|scope| scope.spawn(|| *heap.arena().alloc(7)));
/// });
/// ```
#[derive(Debug)]
pub struct ThreadLocalHeap(Bump);

/// Where a finished job's heap is counted.
static TALLY: OnceLock<&named::Tally> = OnceLock::new();

thread_local! {
    /// What this thread's last job left for its next one.
    static LEFT: Cell<Option<Bump>> = const { Cell::new(None) };
}

impl ThreadLocalHeap {
    /// Does `work` with a heap of its own, which is freed when `work` is over, by a panic, too. A job within a job has
    /// another heap.
    pub fn job<T>(work: impl FnOnce(&Self) -> T) -> T {
        let heap = Self(LEFT.take().unwrap_or_default());
        work(&heap)
    }

    /// Where to put values.
    #[must_use]
    pub fn arena(&self) -> &Bump {
        &self.0
    }
}

impl Drop for ThreadLocalHeap {
    fn drop(&mut self) {
        let mut bump = std::mem::take(&mut self.0);
        let used = bump.allocated_bytes();
        let tally = TALLY.get_or_init(|| named::tally("heaps of jobs"));
        tally.add(used);
        tally.remove(used);
        bump.reset();
        // One small piece stays, so that a thread with many small jobs does not ask the system for each.
        if bump.allocated_bytes() <= KEPT {
            // The thread may be ending, then nothing is left for anybody.
            let _ending = LEFT.try_with(|left| left.set(Some(bump)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_freed_when_the_job_ends() {
        let first = ThreadLocalHeap::job(|heap| {
            heap.arena().alloc_slice_fill_copy(8 << 20, 1_u8);
            heap.arena().allocated_bytes()
        });
        assert!(first >= 8 << 20);
        assert!(ThreadLocalHeap::job(|heap| heap.arena().allocated_bytes()) <= KEPT);
    }

    #[test]
    fn a_small_piece_serves_the_next_job() {
        let place = || ThreadLocalHeap::job(|heap| std::ptr::from_ref(heap.arena().alloc(1_u64)).addr());
        assert_eq!(place(), place());
    }

    #[test]
    fn a_job_that_panics_frees_too_and_a_nested_one_has_its_own() {
        let panicked = std::panic::catch_unwind(|| {
            ThreadLocalHeap::job(|heap| {
                heap.arena().alloc_slice_fill_copy(4 << 20, 1_u8);
                panic!("in the job");
            });
        });
        assert!(panicked.is_err());
        ThreadLocalHeap::job(|outer| {
            assert!(outer.arena().allocated_bytes() <= KEPT);
            let kept = outer.arena().alloc(1_u32);
            ThreadLocalHeap::job(|inner| *inner.arena().alloc(2_u32));
            assert_eq!(*kept, 1);
        });
    }
}
