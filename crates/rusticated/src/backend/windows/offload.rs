//! Calls that may block and have no overlapped form, on a thread of the system's pool. Their end is posted to the
//! port. One that nobody waits for any more is told to stop, and what it gave is dropped where it is.
#![allow(unsafe_code, reason = "shares an operation's block with another thread")]
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::api::{self, Bool, Handle, Owned, SwitchToThread};
use super::driver::{Kernel, Stop, Stopped, post};
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Begun, Operation, Outcome, Payload, result};

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
}

/// States of work; any other is the number of the thread that does it, a multiple of four.
const QUEUED: u32 = 0;
/// Its thread is being told to stop, and must not go on to other work until that is done.
const STOPPING: u32 = 1;
const FINISHED: u32 = 2;
/// It was told to stop before it began.
const CANCELLED: u32 = 3;

/// Whether anybody still waits for the work.
pub(super) struct Token(AtomicBool);

impl Token {
    pub(super) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

type Call = Box<dyn FnOnce(&Token) + Send>;

struct Work {
    state: AtomicU32,
    token: Token,
    call: Option<Call>,
    kernel: NonNull<Kernel>,
    port: Handle,
}

impl Payload for Work {}

/// Where the work leaves what it gave.
struct Place<R>(UnsafeCell<Option<R>>);

// SAFETY: the work's thread writes before it posts the end, and the runtime's thread reads after that came in.
unsafe impl<R: Send> Sync for Place<R> {}

/// Calls the function on a thread of the system's pool.
pub(super) async fn offload<R: Send + 'static>(
    function: impl FnOnce(&Token) -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    let place = Arc::new(Place(UnsafeCell::new(None)));
    let theirs = place.clone();
    let call = move |token: &Token| {
        let given = function(token);
        // SAFETY: see Place.
        unsafe { *theirs.0.get() = Some(given) };
    };
    result(run(Box::new(call)).await)?;
    // SAFETY: see Place.
    let given = unsafe { (*place.0.get()).take() };
    given.unwrap_or_else(|| Err(io::Error::message(io::ErrorKind::Other, "work was not done")))
}

async fn run(call: Call) -> Outcome {
    const WT_EXECUTELONGFUNCTION: u32 = 0x10;
    let driver = Runtime::with(|runtime| runtime.driver().clone());
    let work = Work {
        state: AtomicU32::new(QUEUED),
        token: Token(AtomicBool::new(false)),
        call: Some(call),
        kernel: NonNull::dangling(),
        port: driver.port(),
    };
    let kernel = Kernel::new(0, Stop::Call(stop, 0));
    let operation = Operation::start(driver, kernel, work, |driver, begin| {
        // SAFETY: the block lives until the end was posted and taken in. Nobody else knows it yet.
        unsafe {
            (*begin.payload.as_ptr()).kernel = begin.kernel;
            Kernel::set_stop(begin.kernel, Stop::Call(stop, begin.payload.as_ptr() as usize));
            if QueueUserWorkItem(work_on, begin.payload.as_ptr().cast(), WT_EXECUTELONGFUNCTION) == 0 {
                return Begun::Done(-Outcome::from(api::last_error()));
            }
        }
        driver.pending()
    });
    operation.await.0
}

/// Does the work, on a thread of the pool.
unsafe extern "system" fn work_on(work: *mut c_void) -> u32 {
    let work = work.cast::<Work>();
    // SAFETY: the block is alive until its end is posted below. The runtime's thread touches atomic fields only,
    // and this thread alone takes the call out.
    let (call, kernel, port) = unsafe { ((*work).call.take(), (*work).kernel, (*work).port) };
    {
        // SAFETY: as above.
        let (state, token) = unsafe { (&(*work).state, &(*work).token) };
        let thread = GetCurrentThreadId();
        if let Some(call) = call
            && state.compare_exchange(QUEUED, thread, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            call(token);
            while state.compare_exchange(thread, FINISHED, Ordering::AcqRel, Ordering::Relaxed).is_err() {
                SwitchToThread();
            }
        }
    }
    // SAFETY: this is the end, and nothing of the block is touched after it.
    unsafe { post(port, kernel, 0) };
    0
}

/// Tells work to stop: what waits in a call of the system is called back, and what has not begun does not.
unsafe fn stop(work: usize) -> Stopped {
    const THREAD_TERMINATE: u32 = 1;
    /// The thread may be just before the call that is to be called back.
    const ATTEMPTS: usize = 100;
    // SAFETY: the block is alive, since its end is taken in on this thread.
    let (state, token) = unsafe {
        let work = work as *const Work;
        (&(*work).state, &(*work).token)
    };
    token.0.store(true, Ordering::Relaxed);
    let thread = match state.compare_exchange(QUEUED, CANCELLED, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) | Err(FINISHED) => return Stopped::Ending,
        Err(thread) => thread,
    };
    if state.compare_exchange(thread, STOPPING, Ordering::AcqRel, Ordering::Relaxed).is_err() {
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
            if unsafe { CancelSynchronousIo(handle.raw()) } != 0 {
                stopped = Stopped::Ending;
                break;
            }
            SwitchToThread();
        }
    }
    state.store(thread, Ordering::Release);
    stopped
}
