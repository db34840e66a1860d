//! A program that was started.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::collections::BTreeMap;
use core::ffi::c_void;
use core::ptr::NonNull;

use crate::backend::windows::api::{self, Bool, ERROR_ACCESS_DENIED, Handle as Raw, Owned};
use crate::backend::windows::driver::{Kernel, Stop, Stopped, post};
use crate::backend::windows::handle::Handle;
use crate::backend::windows::lock::Lock;
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Begun, Operation, Outcome, Payload, result};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn RegisterWaitForSingleObject(
        wait: *mut Raw,
        object: Raw,
        callback: unsafe extern "system" fn(*mut c_void, u8),
        context: *mut c_void,
        milliseconds: u32,
        flags: u32,
    ) -> Bool;
    fn UnregisterWaitEx(wait: Raw, completion: Raw) -> Bool;
    fn WaitForSingleObject(object: Raw, milliseconds: u32) -> u32;
    fn GetExitCodeProcess(process: Raw, code: *mut u32) -> Bool;
    fn TerminateProcess(process: Raw, code: u32) -> Bool;
}

/// A program that was started. Dropped, it goes on.
#[derive(Debug)]
pub(crate) struct Child {
    pub(super) process: Owned,
    pub(super) id: u32,
    pub(crate) stdin: Option<Handle>,
    pub(crate) stdout: Option<Handle>,
    pub(crate) stderr: Option<Handle>,
}

/// How a program ended: its code, which for a program that failed badly is the number of that failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExitStatus(u32);

impl ExitStatus {
    pub(crate) fn success(self) -> bool {
        self.0 == 0
    }

    #[allow(clippy::unnecessary_wraps, reason = "the platforms have it in common")]
    pub(crate) fn code(self) -> Option<i32> {
        Some(self.0 as i32)
    }

    /// Windows has no signals.
    #[allow(clippy::unused_self, reason = "the platforms have it in common")]
    pub(crate) fn signal(self) -> Option<i32> {
        None
    }
}

impl Child {
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        // A second handle of the process: the wait may outlive this child.
        let waiting = Waiting::new(api::duplicate(self.process.raw(), false)?);
        result(wait(waiting).await)?;
        self.status()
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        const WAIT_OBJECT: u32 = 0;
        const WAIT_TIMEOUT: u32 = 258;
        // SAFETY: only looks.
        match unsafe { WaitForSingleObject(self.process.raw(), 0) } {
            WAIT_OBJECT => self.status().map(Some),
            WAIT_TIMEOUT => Ok(None),
            _ => Err(api::last_os_error()),
        }
    }

    fn status(&self) -> io::Result<ExitStatus> {
        let mut code = 0;
        // SAFETY: writes to the place.
        api::check(unsafe { GetExitCodeProcess(self.process.raw(), &raw mut code) })?;
        Ok(ExitStatus(code))
    }

    pub(crate) fn kill(&mut self) -> io::Result<()> {
        // SAFETY: the process is one of our own children.
        if unsafe { TerminateProcess(self.process.raw(), 1) } != 0 {
            return Ok(());
        }
        match api::last_error() {
            // It is refused, too, where the process has ended.
            ERROR_ACCESS_DENIED if self.try_wait().is_ok_and(|status| status.is_some()) => Ok(()),
            code => Err(api::os_error(code)),
        }
    }
}

/// The waits whose end is neither told nor stopped. What the pool is given is the number of one and no address: it may
/// call back after a wait was unregistered (Wine 8 does, rarely), and must find nothing then.
static AWAITED: Lock<Awaited> = Lock::new(Awaited { last: 0, ends: BTreeMap::new() });

struct Awaited {
    /// The number given last; none is given twice.
    last: usize,
    ends: BTreeMap<usize, End>,
}

/// Where the end of a wait is told.
struct End {
    port: Raw,
    kernel: NonNull<Kernel>,
}

// SAFETY: other threads only post to it, as `post` allows them.
unsafe impl Send for End {}

impl Awaited {
    fn add(&mut self, end: End) -> usize {
        self.last += 1;
        self.ends.insert(self.last, end);
        self.last
    }
}

/// Whether the end of the wait was neither told nor stopped before. From now on it is not told.
fn forget(number: usize) -> bool {
    AWAITED.with(|awaited| awaited.ends.remove(&number).is_some())
}

/// A wait for the end of a process, by the system's pool.
struct Waiting {
    process: Owned,
    /// The registration; 0 if there is none.
    wait: Raw,
    /// Its number among those that are awaited.
    number: usize,
}

impl Waiting {
    fn new(process: Owned) -> Self {
        Self { process, wait: 0, number: 0 }
    }

    /// Ends the registration: the pool needs the process no more.
    fn unregister(&mut self) {
        if self.wait != 0 {
            // SAFETY: it was registered, and is unregistered once. Without an event the call waits for no callback:
            // one that still comes finds its number gone.
            unsafe { UnregisterWaitEx(self.wait, 0) };
            self.wait = 0;
        }
    }
}

impl Payload for Waiting {}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.unregister();
    }
}

async fn wait(waiting: Waiting) -> Outcome {
    const INFINITE: u32 = u32::MAX;
    const WT_EXECUTEINWAITTHREAD: u32 = 4;
    const WT_EXECUTEONLYONCE: u32 = 8;
    let driver = Runtime::with(|runtime| runtime.driver().clone());
    let kernel = Kernel::new(0, Stop::Call(stop, 0));
    let operation = Operation::start(driver, kernel, waiting, |driver, begin| {
        let waiting = begin.payload.as_ptr();
        let number = AWAITED.with(|awaited| awaited.add(End { port: driver.port(), kernel: begin.kernel }));
        // SAFETY: the block lives until the end was posted and taken in, or the wait was stopped; nobody else knows it
        // but `stop`, which runs on this thread.
        unsafe {
            (*waiting).number = number;
            Kernel::set_stop(begin.kernel, Stop::Call(stop, waiting as usize));
            let (place, process) = (&raw mut (*waiting).wait, (*waiting).process.raw());
            let flags = WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE;
            if RegisterWaitForSingleObject(place, process, ended, number as *mut c_void, INFINITE, flags) == 0 {
                let code = api::last_error();
                forget(number);
                return Begun::Done(-Outcome::from(code));
            }
        }
        driver.pending()
    });
    operation.await.0
}

/// Called by the pool when the process has ended.
unsafe extern "system" fn ended(number: *mut c_void, _timed_out: u8) {
    AWAITED.with(|awaited| {
        if let Some(End { port, kernel }) = awaited.ends.remove(&(number as usize)) {
            // SAFETY: who stops an operation takes it out first: it is in flight, and this is its end.
            unsafe { post(port, kernel, 0) };
        }
    });
}

/// Stops a wait.
unsafe fn stop(waiting: usize) -> Stopped {
    // SAFETY: the block is alive, and used on this thread only.
    let waiting = unsafe { &mut *(waiting as *mut Waiting) };
    let stopped = if forget(waiting.number) { Stopped::Ended } else { Stopped::Ending };
    waiting.unregister();
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::{Runtime, block_on, select, yield_now};
    use crate::time::{self, Duration};
    use core::pin::Pin;
    use std::boxed::Box;
    use std::vec::Vec;

    #[link(name = "kernel32", kind = "raw-dylib")]
    unsafe extern "system" {
        fn CreateEventW(security: *const c_void, manual: Bool, set: Bool, name: *const u16) -> Raw;
        fn SetEvent(event: Raw) -> Bool;
    }

    #[test]
    fn a_wait_can_be_stopped_while_the_pool_tells_its_end() {
        // As many as one thread of the pool waits for.
        const WAITS: usize = 60;
        let driver = Runtime::with(|runtime| runtime.driver().clone());
        block_on(async {
            for round in 0..200 {
                // SAFETY: the arguments are as the function wants them; an event is waited for as a process is.
                let event = unsafe { Owned::new(CreateEventW(core::ptr::null(), 1, 0, core::ptr::null())) };
                let mut waits: Vec<Pin<Box<dyn Future<Output = Outcome>>>> = Vec::new();
                for _ in 0..WAITS {
                    let mut waiting: Pin<Box<dyn Future<Output = Outcome>>> =
                        Box::pin(wait(Waiting::new(api::duplicate(event.raw(), false).unwrap())));
                    select(waiting.as_mut(), yield_now()).await;
                    waits.push(waiting);
                }
                // SAFETY: the handle is that of an event.
                api::check(unsafe { SetEvent(event.raw()) }).unwrap();
                // Some of them a little later, each round others.
                (0..round * 50).for_each(|_| core::hint::spin_loop());
                drop(waits);
                // Ends that were told before they could be stopped come in yet.
                for _ in 0..1000 {
                    if driver.is_idle() {
                        break;
                    }
                    time::sleep(Duration::from_millis(1)).await;
                }
                assert!(driver.is_idle());
            }
        });
    }
}
