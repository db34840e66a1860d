//! What the pool of workers needs of the system: threads, a lock to wait at, and a bell that wakes the driver.
#![allow(unsafe_code, reason = "futexes and mapped memory")]
#[cfg_attr(own_std, path = "worker/kernel.rs")]
#[cfg_attr(not(own_std), path = "worker/libc.rs")]
mod thread;

use core::sync::atomic::{AtomicU32, Ordering};

use super::call::Call;
use super::syscall::{self, syscall};
use crate::io;
use crate::rt::operation::Outcome;

pub(crate) use thread::start;

const FUTEX_WAIT_PRIVATE: usize = 128;
const FUTEX_WAKE_PRIVATE: usize = 1 | 128;

/// A lock, and waiting under it until somebody notifies.
pub(crate) struct Monitor {
    /// 0 free, 1 locked, 2 locked and somebody may wait for it.
    lock: AtomicU32,
    /// Moves with each notification.
    notified: AtomicU32,
}

impl Monitor {
    pub(crate) const fn new() -> Self {
        Self { lock: AtomicU32::new(0), notified: AtomicU32::new(0) }
    }

    pub(crate) fn lock(&self) {
        if self.lock.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok() {
            return;
        }
        while self.lock.swap(2, Ordering::Acquire) != 0 {
            futex_wait(&self.lock, 2);
        }
    }

    /// As soon as the lock is free, who has it next may free the monitor: waking uses its address only.
    pub(crate) fn unlock(&self) {
        if self.lock.swap(0, Ordering::Release) == 2 {
            futex_wake(&self.lock, 1);
        }
    }

    /// Unlocks, waits for a notification, and locks again; may return without one.
    pub(crate) fn wait(&self) {
        let notified = self.notified.load(Ordering::Relaxed);
        self.unlock();
        futex_wait(&self.notified, notified);
        self.lock();
    }

    /// Lets one who waits go on.
    pub(crate) fn notify(&self) {
        self.notified.fetch_add(1, Ordering::Relaxed);
        futex_wake(&self.notified, 1);
    }

    /// Lets all who wait go on.
    pub(crate) fn notify_all(&self) {
        self.notified.fetch_add(1, Ordering::Relaxed);
        futex_wake(&self.notified, i32::MAX as usize);
    }
}

fn futex_wait(word: &AtomicU32, value: u32) {
    // SAFETY: reads the word only.
    unsafe { syscall!(syscall::FUTEX, word.as_ptr(), FUTEX_WAIT_PRIVATE, value, 0) };
}

fn futex_wake(word: &AtomicU32, count: usize) {
    // SAFETY: uses the address only.
    unsafe { syscall!(syscall::FUTEX, word.as_ptr(), FUTEX_WAKE_PRIVATE, count) };
}

/// What wakes the driver: an eventfd.
pub(crate) struct Bell(i32);

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        const CLOEXEC_NONBLOCK: usize = 0o2_000_000 | 0o4_000;
        // SAFETY: makes a descriptor.
        let descriptor = syscall::check(unsafe { syscall!(syscall::EVENTFD2, 0, CLOEXEC_NONBLOCK) })?;
        Ok(Self(descriptor as i32))
    }

    pub(crate) fn descriptor(&self) -> i32 {
        self.0
    }

    pub(crate) fn ring(&self) {
        let one = 1u64;
        // SAFETY: reads the number only.
        unsafe { syscall!(syscall::WRITE, self.0, &raw const one, 8) };
    }

    /// Makes it ready to be heard again.
    pub(crate) fn reset(&self) {
        let mut count = 0u64;
        // SAFETY: writes the number only.
        unsafe { syscall!(syscall::READ, self.0, &raw mut count, 8) };
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // SAFETY: its own descriptor.
        unsafe { syscall!(syscall::CLOSE, self.0) };
    }
}

/// Undoes what a call did that nobody waits for: closes what it opened.
pub(crate) fn discard(call: &Call, outcome: Outcome) {
    if call.opens() && outcome >= 0 {
        // SAFETY: nobody else knows the descriptor.
        unsafe { syscall!(syscall::CLOSE, outcome) };
    }
}

const READ_AND_WRITE: usize = 1 | 2;
const PRIVATE_ANONYMOUS: usize = 2 | 0x20;

fn map(length: usize) -> io::Result<usize> {
    // SAFETY: a new mapping, wherever there is room.
    syscall::check(unsafe { syscall!(syscall::MMAP, 0, length, READ_AND_WRITE, PRIVATE_ANONYMOUS, -1isize, 0) })
}

/// Puts a value into memory that [`free`] can free without an allocator.
pub(crate) fn allocate<T>(value: T) -> io::Result<*mut T> {
    let place = map(size_of::<T>())? as *mut T;
    // SAFETY: new memory, large enough and aligned to a page.
    unsafe { place.write(value) };
    Ok(place)
}

/// Frees what [`allocate`] gave; the value in it must have been dropped.
///
/// # Safety
/// Nobody uses it any more.
pub(crate) unsafe fn free<T>(place: *mut T) {
    // SAFETY: as asked above.
    unsafe { syscall!(syscall::MUNMAP, place, size_of::<T>()) };
}
