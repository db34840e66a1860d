//! Calls that may block and have no overlapped form, on a thread of the system's pool. Their end is posted to the
//! port. One that nobody waits for any more is told to stop, and what it gave is dropped where it is.
#![allow(unsafe_code, reason = "shares work with another thread")]
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use core::task::{Context, Poll};

use super::api::{self, Bool, Handle, Overlapped, Owned, SwitchToThread};
use super::driver::{Kernel, Stop, Stopped, post};
use super::lock::Lock;
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{self, Operation, Outcome, Payload, result};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn QueueUserWorkItem(
        function: unsafe extern "system" fn(*mut c_void) -> u32,
        context: *mut c_void,
        flags: u32,
    ) -> Bool;
    safe fn GetCurrentThreadId() -> u32;
    fn OpenThread(access: u32, inherit: Bool, id: u32) -> Handle;
    fn CancelSynchronousIo(thread: Handle) -> Bool;
    fn CancelIoEx(file: Handle, overlapped: *mut Overlapped) -> Bool;
}

/// States of work; any other is the number of the thread that does it, a multiple of four.
const QUEUED: u32 = 0;
/// Its thread is being told to stop, and must not go on to other work until that is done.
const STOPPING: u32 = 1;
const FINISHED: u32 = 2;
/// It was told to stop before it began.
const CANCELLED: u32 = 3;

/// Whether anybody still waits for the work, and what the work itself waits for.
pub(super) struct Token {
    cancelled: AtomicBool,
    /// An overlapped operation: a handle and an address, which are good while they are here.
    operation: Lock<Option<(Handle, usize)>>,
}

impl Token {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Calls a function that waits for an overlapped operation to end, which is stopped if the work is.
    ///
    /// # Safety
    /// The operation was begun with this handle and at this address, and has ended when the function returns.
    pub(super) unsafe fn wait_for<R>(
        &self,
        handle: Handle,
        overlapped: *mut Overlapped,
        wait: impl FnOnce() -> R,
    ) -> R {
        self.operation.with(|operation| *operation = Some((handle, overlapped as usize)));
        if self.is_cancelled() {
            // Perhaps who cancelled came too early to see the operation.
            self.stop_operation();
        }
        let result = wait();
        self.operation.with(|operation| *operation = None);
        result
    }

    /// Stops the operation that the work waits for; false if there is none.
    fn stop_operation(&self) -> bool {
        self.operation.with(|operation| {
            // SAFETY: the lock is held, so that the operation's place is still good.
            operation.map(|(handle, overlapped)| unsafe { CancelIoEx(handle, overlapped as *mut Overlapped) }).is_some()
        })
    }
}

type Call = Box<dyn FnOnce(&Token) + Send>;

/// Work that a thread of the pool knows, too: one that has not started yet is not waited for, since it may be that it
/// cannot start while the thread of the runtime ends.
struct Work {
    state: AtomicU32,
    token: Token,
    /// Taken out by who has set the state first: the thread that does the work, or who cancels it.
    call: UnsafeCell<Option<Call>>,
    kernel: NonNull<Kernel>,
    port: Handle,
}

// SAFETY: the call may go to another thread, and one thread takes it; the operation's block is posted, not looked into.
unsafe impl Send for Work {}
// SAFETY: as above.
unsafe impl Sync for Work {}

/// What an operation keeps of its work.
struct Begun(Option<Arc<Work>>);

impl Payload for Begun {}

/// Where the work leaves what it gave.
struct Place<R>(UnsafeCell<Option<R>>);

// SAFETY: the work's thread writes before it posts the end, and the runtime's thread reads after that came in.
unsafe impl<R: Send> Sync for Place<R> {}

/// Calls the function on a thread of the system's pool: at once, also before the future is polled.
pub(super) fn offload<R: Send + 'static>(
    function: impl FnOnce(&Token) -> io::Result<R> + Send + 'static,
) -> Offload<R> {
    let place = Arc::new(Place(UnsafeCell::new(None)));
    let theirs = place.clone();
    let call = move |token: &Token| {
        let given = function(token);
        // SAFETY: see Place.
        unsafe { *theirs.0.get() = Some(given) };
    };
    Offload { operation: begin(Box::new(call)), place }
}

/// The future of [`offload`]. Dropped, it tells the work to stop.
pub(super) struct Offload<R> {
    operation: Operation<Kernel, Begun>,
    place: Arc<Place<io::Result<R>>>,
}

impl<R> Future for Offload<R> {
    type Output = io::Result<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<R>> {
        let Poll::Ready((outcome, _)) = Pin::new(&mut self.operation).poll(context) else { return Poll::Pending };
        // SAFETY: see Place.
        let given = unsafe { (*self.place.0.get()).take() };
        // Nothing is given where the pool has refused the work.
        Poll::Ready(given.unwrap_or_else(|| {
            let refused = io::Error::message(io::ErrorKind::Other, "work was not done");
            Err(result(outcome).err().unwrap_or(refused))
        }))
    }
}

fn begin(call: Call) -> Operation<Kernel, Begun> {
    const WT_EXECUTELONGFUNCTION: u32 = 0x10;
    let driver = Runtime::with(|runtime| runtime.driver().clone());
    let kernel = Kernel::new(0, Stop::Call(stop, 0));
    Operation::start(driver, kernel, Begun(None), |driver, begin| {
        let work = Arc::new(Work {
            state: AtomicU32::new(QUEUED),
            token: Token { cancelled: AtomicBool::new(false), operation: Lock::new(None) },
            call: UnsafeCell::new(Some(call)),
            kernel: begin.kernel,
            port: driver.port(),
        });
        // SAFETY: the block is there, and nobody else knows it yet. It keeps the work for as long as it may be
        // stopped, and the pool has a reference of its own, which it gives back if it refuses.
        unsafe {
            (*begin.payload.as_ptr()).0 = Some(work.clone());
            Kernel::set_stop(begin.kernel, Stop::Call(stop, Arc::as_ptr(&work) as usize));
            let theirs = Arc::into_raw(work);
            if QueueUserWorkItem(work_on, theirs.cast_mut().cast(), WT_EXECUTELONGFUNCTION) == 0 {
                let code = api::last_error();
                drop(Arc::from_raw(theirs));
                return operation::Begun::Done(-Outcome::from(code));
            }
        }
        driver.pending()
    })
}

/// Does the work, on a thread of the pool.
unsafe extern "system" fn work_on(work: *mut c_void) -> u32 {
    // SAFETY: it is the reference that was given to the pool.
    let work = unsafe { Arc::from_raw(work.cast::<Work>().cast_const()) };
    let thread = GetCurrentThreadId();
    if work.state.compare_exchange(QUEUED, thread, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return 0;
    }
    // SAFETY: this thread has set the state first.
    if let Some(call) = unsafe { (*work.call.get()).take() } {
        call(&work.token);
    }
    while work.state.compare_exchange(thread, FINISHED, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        SwitchToThread();
    }
    // SAFETY: the operation is in flight until this is taken in, as it was not cancelled before it began.
    unsafe { post(work.port, work.kernel, 0) };
    0
}

/// Tells work to stop: what waits in a call of the system is called back, and what has not begun does not.
unsafe fn stop(work: usize) -> Stopped {
    const THREAD_TERMINATE: u32 = 1;
    /// The thread may be just before the call that is to be called back.
    const ATTEMPTS: usize = 100;
    // SAFETY: the operation keeps it, and does not end before this returns.
    let work = unsafe { &*(work as *const Work) };
    work.token.cancelled.store(true, Ordering::Relaxed);
    let thread = match work.state.compare_exchange(QUEUED, CANCELLED, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            // SAFETY: this thread has set the state first.
            drop(unsafe { (*work.call.get()).take() });
            return Stopped::Ended;
        }
        Err(FINISHED) => return Stopped::Ending,
        Err(thread) => thread,
    };
    if work.state.compare_exchange(thread, STOPPING, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return Stopped::Ending;
    }
    // SAFETY: the number is that of a thread that waits for the state to change at the latest.
    let handle = unsafe { OpenThread(THREAD_TERMINATE, 0, thread) };
    let mut stopped = Stopped::Stubborn;
    if handle != 0 {
        // SAFETY: it was just opened.
        let handle = unsafe { Owned::new(handle) };
        for _ in 0..ATTEMPTS {
            // SAFETY: the thread does nothing but our work.
            if work.token.stop_operation() || unsafe { CancelSynchronousIo(handle.raw()) } != 0 {
                stopped = Stopped::Ending;
                break;
            }
            SwitchToThread();
        }
    }
    work.state.store(thread, Ordering::Release);
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::{block_on, select, yield_now};

    #[test]
    fn work_that_is_dropped_lets_go_of_what_it_holds() {
        let held = Arc::new(());
        let thread = {
            let held = held.clone();
            std::thread::spawn(move || {
                block_on(async {
                    for round in 0..500 {
                        let mine = held.clone();
                        let work = offload(move |_| Ok(mine));
                        if round % 2 == 0 {
                            select(work, yield_now()).await;
                        } else {
                            drop(work.await.unwrap());
                        }
                    }
                });
            })
        };
        // With its thread ends all that it began.
        thread.join().unwrap();
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn errors_of_work_are_told() {
        let work = offload(|_| Err::<(), _>(api::os_error(api::ERROR_DIRECTORY)));
        assert_eq!(block_on(work).unwrap_err().raw_os_error(), Some(267));
    }

    #[test]
    fn work_of_many_is_done_side_by_side() {
        // Each waits for the other: one thread for both would wait for ever.
        let barrier = Arc::new(std::sync::Barrier::new(2));
        let meet = || {
            let barrier = barrier.clone();
            offload(move |_| Ok(barrier.wait().is_leader()))
        };
        let (one, other) = block_on(crate::rt::join(meet(), meet()));
        assert!(one.unwrap() != other.unwrap());
    }
}
