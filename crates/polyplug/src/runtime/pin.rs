//! The readers of this process, and each thread's place among them.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::AtomicPtr;

use super::readers::{Pin, Readers, Record};

/// One for all runtimes, so that a thread needs one record, and so that reading depends on no runtime's life.
pub(crate) static READERS: Readers = Readers { first: AtomicPtr::new(ptr::null_mut()) };

thread_local! {
    static RECORD: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static AT_THREAD_END: AtThreadEnd = const { AtThreadEnd };
}

/// Gives the thread's record back.
struct AtThreadEnd;

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        if let Some(record) = RECORD.replace(None) {
            record.give_back();
        }
    }
}

/// From now on this thread reads, until the pin is dropped. No foreign code, no lock and no wait in between.
#[inline]
pub(crate) fn pin() -> Pin<'static> {
    match RECORD.get() {
        Some(record) => record.pin(),
        None => first_pin(),
    }
}

#[cold]
fn first_pin() -> Pin<'static> {
    let record = READERS.take_record();
    match AT_THREAD_END.try_with(|_| ()) {
        Ok(()) => {
            RECORD.set(Some(record));
            record.pin()
        }
        // Called by another destructor while the thread ends: nobody would give the record back later.
        Err(_) => record.pin().giving_back(),
    }
}
