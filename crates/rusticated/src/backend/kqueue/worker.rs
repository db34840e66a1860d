//! What the pool of workers needs of the system: threads, a lock to wait at, and a bell that wakes the driver.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::ptr::{null, null_mut};

use super::call::Call;
use super::handle::set_refuses;
use super::system::{self, ALL_SIGNALS, Condition, Mutex, NO_SIGNALS, SIG_SETMASK, SignalSet};
use crate::io;
use crate::rt::operation::Outcome;

/// A lock, and waiting for what somebody who has it notifies. It does not move once it is used.
pub(crate) struct Monitor {
    mutex: UnsafeCell<Mutex>,
    condition: UnsafeCell<Condition>,
}

// SAFETY: that is what a mutex and a condition are for.
unsafe impl Sync for Monitor {}

impl Monitor {
    pub(crate) const fn new() -> Self {
        Self { mutex: UnsafeCell::new(Mutex::new()), condition: UnsafeCell::new(Condition::new()) }
    }

    pub(crate) fn lock(&self) {
        // SAFETY: initialised in `new`; so below.
        unsafe { system::pthread_mutex_lock(self.mutex.get()) };
    }

    pub(crate) fn unlock(&self) {
        // SAFETY: the caller has locked it.
        unsafe { system::pthread_mutex_unlock(self.mutex.get()) };
    }

    /// Unlocks, waits for a notification, and locks again; may return without one.
    pub(crate) fn wait(&self) {
        // SAFETY: the caller has locked it.
        unsafe { system::pthread_cond_wait(self.condition.get(), self.mutex.get()) };
    }

    /// Lets one who waits go on.
    pub(crate) fn notify(&self) {
        // SAFETY: as above.
        unsafe { system::pthread_cond_signal(self.condition.get()) };
    }

    /// Lets all who wait go on.
    pub(crate) fn notify_all(&self) {
        // SAFETY: as above.
        unsafe { system::pthread_cond_broadcast(self.condition.get()) };
    }
}

/// What wakes the driver: a pipe, since not all of these systems have EVFILT_USER.
pub(crate) struct Bell {
    heard: c_int,
    rung: c_int,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        let [heard, rung] = super::make::pipe()?;
        set_refuses(heard, true);
        set_refuses(rung, true);
        Ok(Self { heard, rung })
    }

    pub(crate) fn descriptor(&self) -> c_int {
        self.heard
    }

    pub(crate) fn ring(&self) {
        // SAFETY: reads one byte. A pipe that is full was rung already.
        unsafe { system::write(self.rung, [1u8].as_ptr().cast(), 1) };
    }

    /// Makes it ready to be heard again.
    pub(crate) fn reset(&self) {
        let mut bytes = [0u8; 64];
        // SAFETY: writes no more than that.
        while unsafe { system::read(self.heard, bytes.as_mut_ptr().cast(), bytes.len()) } == bytes.len() as isize {}
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // SAFETY: its own descriptors.
        unsafe {
            system::close(self.heard);
            system::close(self.rung);
        }
    }
}

/// Undoes what a call did that nobody waits for: closes what it opened.
pub(crate) fn discard(call: &Call, outcome: Outcome) {
    if call.gives_descriptor() && outcome >= 0 {
        // SAFETY: nobody else knows the descriptor.
        unsafe { system::close(outcome as c_int) };
    }
}

/// Puts a value into memory that [`free`] can free on any thread.
pub(crate) fn allocate<T>(value: T) -> io::Result<*mut T> {
    // SAFETY: takes nothing.
    let place = unsafe { system::malloc(size_of::<T>()) }.cast::<T>();
    if place.is_null() {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // SAFETY: new memory, large enough, and aligned for everything that has no alignment of its own.
    unsafe { place.write(value) };
    Ok(place)
}

/// Frees what [`allocate`] gave; the value in it must have been dropped.
///
/// # Safety
/// Nobody uses it any more.
pub(crate) unsafe fn free<T>(place: *mut T) {
    // SAFETY: as asked above.
    unsafe { system::free(place.cast()) };
}

/// What a thread begins with.
struct Beginning {
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
}

unsafe extern "C" fn begin(beginning: *mut c_void) -> *mut c_void {
    let place = beginning.cast::<Beginning>();
    // SAFETY: `start` made it for this thread.
    let Beginning { function, argument } = unsafe { place.read() };
    // SAFETY: read above, and not used again; the function is what the caller of `start` said.
    unsafe {
        free(place);
        function(argument);
    }
    null_mut()
}

/// Starts a thread that calls the function and ends. Signals are blocked there: they are other threads'.
///
/// # Safety
/// The function can be called with the argument on any thread, and does not unwind.
pub(crate) unsafe fn start(function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) -> io::Result<()> {
    let beginning = allocate(Beginning { function, argument })?;
    let (mut thread, mut before): (*mut c_void, SignalSet) = (null_mut(), NO_SIGNALS);
    // SAFETY: reads and writes the two sets only.
    unsafe { system::pthread_sigmask(SIG_SETMASK, &ALL_SIGNALS, &raw mut before) };
    // SAFETY: the thread takes the beginning over.
    let number = unsafe { system::pthread_create(&raw mut thread, null(), begin, beginning.cast()) };
    // SAFETY: as above.
    unsafe { system::pthread_sigmask(SIG_SETMASK, &before, null_mut()) };
    if number != 0 {
        // SAFETY: no thread has it.
        unsafe { free(beginning) };
        return Err(io::Error::from_raw_os_error(number));
    }
    // SAFETY: nobody joins it.
    unsafe { system::pthread_detach(thread) };
    Ok(())
}
