//! Why a call ended without a result: a code for the boundary, and words.
// It writes messages to arenas of the C ABI.
#![allow(unsafe_code)]

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, CallArena};

/// The first code that is a plugin's own.
pub const FIRST_OWN_CODE: u32 = 256;

/// Why a call ended without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// An [`AbiErrorCode`], or a plugin's own.
    pub code: u32,
    /// Why.
    pub message: String,
}

impl Fault {
    /// A fault with one of the defined codes.
    pub fn new(code: AbiErrorCode, message: impl Into<String>) -> Self {
        Self { code: code.as_u32(), message: message.into() }
    }

    /// The same, with where it happened in front of the words.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

/// Runs a function of the boundary: its fault, or panic, becomes a code and a message in the arena. The fault is boxed,
/// so that what succeeds carries no room for it around.
///
/// # Safety
///
/// `arena` is null, or a table that this call may use.
#[inline]
pub unsafe fn at_boundary(arena: *mut CallArena, run: impl FnOnce() -> Result<(), Box<Fault>>) -> u32 {
    // What a panic leaves half done is the script's business, and its machine checks every step.
    let fault = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => return AbiErrorCode::Ok.as_u32(),
        Ok(Err(fault)) => fault,
        Err(panic) => panicked(&*panic),
    };
    // SAFETY: the caller's promise.
    unsafe { fault.write(arena) }
}

impl Fault {
    /// Writes the message to the arena and gives the code.
    ///
    /// # Safety
    ///
    /// As [`at_boundary`].
    #[cold]
    unsafe fn write(&self, arena: *mut CallArena) -> u32 {
        // SAFETY: the caller's promise; a table that is not aligned is no table.
        if let Some(arena) = unsafe { usable(arena) } {
            // SAFETY: the caller's promise.
            arena.message = unsafe { arena.copy_str(&self.message) };
            if arena.message.len == 0 && !self.message.is_empty() {
                arena.message = StringView::new("a call failed, and there was no room to say why");
            }
        }
        if self.code == 0 { AbiErrorCode::Failed.as_u32() } else { self.code }
    }
}

/// The arena, if there is one.
///
/// # Safety
///
/// As [`at_boundary`]; the result lives for the call.
pub(crate) unsafe fn usable<'a>(arena: *mut CallArena) -> Option<&'a mut CallArena> {
    // SAFETY: the caller's promise.
    if arena.is_aligned() { unsafe { arena.as_mut() } } else { None }
}

#[cold]
fn panicked(panic: &(dyn Any + Send)) -> Box<Fault> {
    Box::new(Fault::new(AbiErrorCode::Panicked, panic_message(panic)))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("(without words)"))
}
