//! What a WebAssembly host must offer, and how it tells the ends of what it does: [`Overlapped`], the functions of
//! [`imports`], and two functions that the module exports. On other platforms nothing here is used.
//!
//! # Protocol
//! Functions of [`imports`] whose last parameter is an [`Overlapped`] begin an operation. They give its outcome, or
//! [`PENDING`]. After `PENDING` the host works on, and may use the memory that it was lent, until it calls
//!
//! - `rusticated_complete(overlapped: i32, result: i64)`: exactly once for each, cancelled ones included. The host
//!   may call it at any time, from within an import, too; nothing of the program runs in it. Then, and after each
//!   other call into the module that may have begun or woken a task, it calls
//! - `rusticated_tick() -> i64`: runs what can be run. It tells in how many nanoseconds it wants to be called again
//!   at the latest: 0 is as soon as the host has looked for ends, and -1 is not before the next end.
//!
//! So a browser or Node on its main thread begins the program with [`crate::rt::spawn`] and calls the two.
//! [`crate::rt::block_on`] needs a host that can block: it calls the import `wait`, from within which the host calls
//! `rusticated_complete`. A host that cannot answers with the error 38 (ENOSYS), and `block_on` panics.
//!
//! # Conventions
//! An outcome is a number that is not negative, or an error: the number of Linux, negated. Handles are numbers that
//! the host chooses, from 3 on; 0, 1 and 2 are the standard streams. Texts and paths are bytes with a length, lists of
//! texts have a NUL byte after each. What a host does not have it answers with 38 (ENOSYS), which the program sees as
//! [`crate::io::ErrorKind::Unsupported`]. A function that a program does not use is not imported by its module.
//!
//! A module has one thread.
#[cfg(target_family = "wasm")]
mod call;
#[cfg(any(target_family = "wasm", doc))]
pub mod imports;
mod layout;

#[cfg(target_family = "wasm")]
pub use call::call;
pub use layout::{Address, Metadata, Spawn};

use core::cell::Cell;

/// The answer of an operation that goes on.
pub const PENDING: i64 = i64::MIN;
/// The offset of a read or write that begins at the file's own position.
pub const CURRENT: i64 = -1;
/// A time that the host does not know.
pub const UNKNOWN: i64 = i64::MIN;
/// Added to the number of a signal that ended a child.
pub const SIGNALED: i64 = 1 << 32;

/// Names an operation towards the host.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 8 | the outcome, once it has ended |
/// | 8 | 8 | the host's, for whatever it likes; 0 at first |
/// | 16 | 4 | [`Overlapped::IN_FLIGHT`] or [`Overlapped::ENDED`] |
/// | 20 | 4 | the module's: the next in its list of those that have ended |
#[derive(Debug)]
#[repr(C)]
pub struct Overlapped {
    pub(crate) result: Cell<i64>,
    user: Cell<u64>,
    pub(crate) state: Cell<u32>,
    pub(crate) next: Cell<*const Self>,
}

impl Overlapped {
    /// The host works on it.
    pub const IN_FLIGHT: u32 = 0;
    /// The host has told its end.
    pub const ENDED: u32 = 1;

    #[cfg(target_family = "wasm")]
    pub(crate) const fn new() -> Self {
        Self {
            result: Cell::new(0),
            user: Cell::new(0),
            state: Cell::new(Self::IN_FLIGHT),
            next: Cell::new(core::ptr::null()),
        }
    }

    /// The outcome, once it has ended.
    pub fn result(&self) -> i64 {
        self.result.get()
    }

    /// What the host keeps here.
    pub fn user(&self) -> u64 {
        self.user.get()
    }

    /// [`Overlapped::IN_FLIGHT`] or [`Overlapped::ENDED`].
    pub fn state(&self) -> u32 {
        self.state.get()
    }
}

#[cfg(target_family = "wasm")]
const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Overlapped, user) == 8);
    assert!(offset_of!(Overlapped, state) == 16);
    assert!(offset_of!(Overlapped, next) == 20);
    assert!(size_of::<Overlapped>() == 24);
};
