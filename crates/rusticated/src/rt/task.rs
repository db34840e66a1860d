//! Tasks: a future on the heap, its waker, and the handle that waits for it.
//!
//! The future and its output are touched on the runtime's thread only. What wakers share is the task's memory: they
//! count references atomically and may be cloned and dropped anywhere, but wake only on the runtime's own thread.
#![allow(unsafe_code, reason = "wakers are raw, and tasks of all types lie in one queue")]
use alloc::boxed::Box;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering, fence};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use super::Runtime;

/// What is the same for tasks of all types.
struct Header {
    references: AtomicUsize,
    /// The number of the runtime that it belongs to.
    runtime: usize,
    /// Whether it lies in the queue of what is to be polled.
    queued: Cell<bool>,
    state: Cell<State>,
    /// Whether it is to be cancelled when it returns from being polled.
    cancelled: Cell<bool>,
    /// Whether nobody holds its handle any more.
    detached: Cell<bool>,
    /// Its place in the runtime's list of tasks.
    place: Cell<usize>,
    /// Who waits for its end.
    joiner: Cell<Option<Waker>>,
    poll: unsafe fn(NonNull<Header>, &mut Context<'_>) -> bool,
    drop_stage: unsafe fn(NonNull<Header>),
    free: unsafe fn(NonNull<Header>),
}

/// What happens to the stage; each but `Ended` and `Waiting` lasts while code of the future's own runs, which may come
/// back here through a handle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Polled,
    Dropped,
    Ended,
}

enum Stage<F: Future> {
    Running(F),
    Finished(F::Output),
    Empty,
}

#[repr(C)]
struct Block<F: Future> {
    header: Header,
    stage: UnsafeCell<Stage<F>>,
}

/// A counted reference to a task.
pub(crate) struct TaskRef(NonNull<Header>);

impl TaskRef {
    /// Puts a future on the heap, for the runtime of that number.
    pub(crate) fn new<F: Future>(runtime: usize, future: F) -> Self {
        let block = Box::new(Block {
            header: Header {
                references: AtomicUsize::new(1),
                runtime,
                queued: Cell::new(false),
                state: Cell::new(State::Waiting),
                cancelled: Cell::new(false),
                detached: Cell::new(false),
                place: Cell::new(usize::MAX),
                joiner: Cell::new(None),
                poll: poll::<F>,
                drop_stage: drop_stage::<F>,
                free: free::<F>,
            },
            stage: UnsafeCell::new(Stage::Running(future)),
        });
        Self(NonNull::from(Box::leak(block)).cast())
    }

    fn header(&self) -> &Header {
        // SAFETY: a counted reference keeps the block alive.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    pub(crate) fn place(&self) -> &Cell<usize> {
        &self.header().place
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.header().state.get() == State::Ended
    }

    /// Says that it left the queue.
    pub(crate) fn dequeued(&self) {
        self.header().queued.set(false);
    }

    /// Polls the future once, if it is there; true when that was its end.
    pub(crate) fn poll(&self) -> bool {
        if self.header().state.get() != State::Waiting {
            return false;
        }
        self.header().state.set(State::Polled);
        let waker = ManuallyDrop::new(self.borrowed_waker());
        // SAFETY: the function is that of the block's own type; the state says that nobody else is at the stage.
        let finished = unsafe { (self.header().poll)(self.0, &mut Context::from_waker(&waker)) };
        self.header().state.set(State::Waiting);
        if finished {
            self.end();
            return true;
        }
        self.header().cancelled.get() && self.cancel()
    }

    /// Drops the future, and says whether that was its end: it is not where it has ended or is being dropped, and
    /// one that is being polled is cancelled when it returns.
    pub(crate) fn cancel(&self) -> bool {
        match self.header().state.get() {
            State::Waiting => {
                let ending = Ending(self);
                self.drop_stage();
                drop(ending);
                true
            }
            State::Polled => {
                self.header().cancelled.set(true);
                false
            }
            State::Dropped | State::Ended => false,
        }
    }

    /// Makes a task whose poll unwound one that waits, so that it can be cancelled.
    pub(crate) fn unwound(&self) {
        self.header().state.set(State::Waiting);
    }

    fn drop_stage(&self) {
        self.header().state.set(State::Dropped);
        // SAFETY: the function is that of the block's own type; the state says that nobody else is at the stage.
        unsafe { (self.header().drop_stage)(self.0) };
    }

    fn end(&self) {
        if self.header().detached.get() {
            self.drop_stage(); // the output: it must not be left to a waker on another thread
        }
        self.header().state.set(State::Ended);
        if let Some(joiner) = self.header().joiner.take() {
            joiner.wake();
        }
    }

    /// A waker that counts as one reference.
    pub(crate) fn waker(&self) -> Waker {
        core::mem::forget(self.clone());
        self.borrowed_waker()
    }

    /// A waker for which no reference was counted: it must not be dropped.
    fn borrowed_waker(&self) -> Waker {
        // SAFETY: the functions of the table keep RawWaker's contract: see each.
        unsafe { Waker::new(self.0.as_ptr().cast_const().cast(), &WAKER) }
    }
}

/// Tells a task's end, also when its destructor unwinds.
struct Ending<'a>(&'a TaskRef);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Clone for TaskRef {
    fn clone(&self) -> Self {
        self.header().references.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl Drop for TaskRef {
    fn drop(&mut self) {
        if self.header().references.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            // SAFETY: this was the last reference.
            unsafe { (self.header().free)(self.0) }
        }
    }
}

/// # Safety
/// The header is that of a `Block<F>`.
unsafe fn stage<F: Future>(header: NonNull<Header>) -> *mut Stage<F> {
    // SAFETY: names a field, reads nothing.
    UnsafeCell::raw_get(unsafe { &raw const (*header.cast::<Block<F>>().as_ptr()).stage })
}

/// # Safety
/// The header is that of a `Block<F>`, and nobody else has its stage borrowed.
unsafe fn poll<F: Future>(header: NonNull<Header>, context: &mut Context<'_>) -> bool {
    // SAFETY: as asked above. The future does not move before it is dropped in its place.
    unsafe {
        let stage = stage::<F>(header);
        let Stage::Running(future) = &mut *stage else { return true };
        match Pin::new_unchecked(future).poll(context) {
            Poll::Pending => false,
            Poll::Ready(output) => {
                *stage = Stage::Finished(output);
                true
            }
        }
    }
}

/// # Safety
/// As [`poll`].
unsafe fn drop_stage<F: Future>(header: NonNull<Header>) {
    // SAFETY: as asked above; dropped in its place.
    unsafe { *stage::<F>(header) = Stage::Empty }
}

/// # Safety
/// The header is that of a `Block<F>` that nobody knows any more. Its stage was emptied on the runtime's thread, or
/// holds an output only where the last reference goes away there: see [`JoinHandle`].
unsafe fn free<F: Future>(header: NonNull<Header>) {
    // SAFETY: made by Box::new in TaskRef::new.
    drop(unsafe { Box::from_raw(header.cast::<Block<F>>().as_ptr()) });
}

static WAKER: RawWakerVTable = RawWakerVTable::new(clone_waker, wake, wake_by_ref, drop_waker);

/// Gives back the reference that a raw waker stands for, without counting it.
///
/// # Safety
/// `data` is the address of a task that is alive.
unsafe fn borrow(data: *const ()) -> ManuallyDrop<TaskRef> {
    // SAFETY: it came from a NonNull.
    ManuallyDrop::new(TaskRef(unsafe { NonNull::new_unchecked(data.cast_mut().cast()) }))
}

unsafe fn clone_waker(data: *const ()) -> RawWaker {
    // SAFETY: a waker keeps its task alive.
    core::mem::forget(TaskRef::clone(&*unsafe { borrow(data) }));
    RawWaker::new(data, &WAKER)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the reference of this waker ends here.
    let task = ManuallyDrop::into_inner(unsafe { borrow(data) });
    schedule(&task);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: a waker keeps its task alive.
    schedule(&*unsafe { borrow(data) });
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the reference of this waker ends here.
    drop(ManuallyDrop::into_inner(unsafe { borrow(data) }));
}

/// Panics unless a waker was woken on its own thread.
pub(super) fn assert_own_thread(own: Option<bool>) {
    assert!(own == Some(true), "a waker was woken on a thread that is not its runtime's");
}

/// Puts a task into its runtime's queue, if it is not there.
fn schedule(task: &TaskRef) {
    let here = Runtime::with_existing(|runtime| {
        // Only the runtime's own thread may look at the cells of the header.
        if runtime.number() != task.header().runtime {
            return false;
        }
        if !task.has_ended() && !task.header().queued.replace(true) {
            runtime.enqueue(task.clone());
        }
        true
    });
    assert_own_thread(here);
}

/// Waits for a task; dropped, it lets the task go on alone.
pub struct JoinHandle<T> {
    task: TaskRef,
    /// Takes the output out of the block.
    take: unsafe fn(NonNull<Header>) -> Option<T>,
    /// The output belongs to one thread.
    output: PhantomData<*mut T>,
}

/// Why a task has no output: it was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was cancelled")
    }
}

impl core::error::Error for Cancelled {}

impl<T> JoinHandle<T> {
    pub(crate) fn new<F: Future<Output = T>>(task: TaskRef) -> Self {
        Self { task, take: take::<F>, output: PhantomData }
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.task.has_ended()
    }

    /// Drops the task's future, unless it has ended: at once, or as soon as it returns if it is the one that runs.
    pub fn cancel(&self) {
        Runtime::with(|runtime| runtime.cancel(&self.task));
    }
}

/// # Safety
/// The header is that of a `Block<F>` that has ended, on the runtime's thread.
unsafe fn take<F: Future>(header: NonNull<Header>) -> Option<F::Output> {
    // SAFETY: as asked above.
    let stage = unsafe { &mut *stage::<F>(header) };
    match core::mem::replace(stage, Stage::Empty) {
        Stage::Finished(output) => Some(output),
        _ => None,
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Cancelled>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let header = self.task.header();
        if self.task.has_ended() {
            // SAFETY: it has ended, and a handle never leaves the runtime's thread.
            return Poll::Ready(unsafe { (self.take)(self.task.0) }.ok_or(Cancelled));
        }
        header.joiner.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        drop(self.task.header().joiner.take());
        if self.task.has_ended() {
            // SAFETY: it has ended; its output must not be left to a waker on another thread.
            drop(unsafe { (self.take)(self.task.0) });
        } else {
            self.task.header().detached.set(true);
        }
    }
}
