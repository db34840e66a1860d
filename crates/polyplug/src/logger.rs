//! Where the runtime writes its log: to a Rust closure or to a callback of C. Messages are made only if somebody reads
//! them, and neither a reader that panics nor one that logs again does any harm.

// The host's callback is a pointer; what keeps it valid is the promise of whoever made the handle.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use polyplug_abi::runtime::{LogCallback, RuntimeConfig};
use polyplug_abi::types::{LogLevel, StringView};

/// A closure that takes the log. It may be called from any thread and from several at once, may not call the runtime,
/// and gets level, scope (`loader.lua`, `graph`) and message.
pub struct LoggerClosure(Box<Reader>);

type Reader = dyn Fn(LogLevel, &str, &str) + Send + Sync;

impl LoggerClosure {
    /// The closure.
    pub fn new(closure: impl Fn(LogLevel, &str, &str) + Send + Sync + 'static) -> Self {
        Self(Box::new(closure))
    }
}

impl std::fmt::Debug for LoggerClosure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoggerClosure")
    }
}

/// A way to the host's log. Cheap to clone; a clone keeps a closure alive.
#[derive(Clone, Debug, Default)]
pub struct LoggerHandle {
    target: Target,
    max_level: u32,
}

#[derive(Clone, Debug, Default)]
enum Target {
    #[default]
    Nobody,
    Closure(Arc<LoggerClosure>),
    Callback {
        call: LogCallback,
        user_data: *mut c_void,
    },
}

// SAFETY: closures are `Send` and `Sync`, and a callback may be called from any thread: whoever made the handle from a
// configuration promised that for its address, too.
unsafe impl Send for LoggerHandle {}
// SAFETY: as above.
unsafe impl Sync for LoggerHandle {}

thread_local! {
    /// Whether this thread is within a reader of the log: what that logs itself is dropped, since it would never end.
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

impl LoggerHandle {
    /// Nobody reads the log.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A closure reads it, up to `max_level`.
    #[must_use]
    pub fn from_closure(closure: LoggerClosure, max_level: LogLevel) -> Self {
        Self { target: Target::Closure(Arc::new(closure)), max_level: max_level as u32 }
    }

    /// Whom a configuration names.
    ///
    /// # Safety
    ///
    /// `config.log`, if there, is a function that may be called from any thread with `config.log_user_data`, as long as
    /// this handle or a clone of it is there.
    #[must_use]
    pub unsafe fn from_config(config: &RuntimeConfig) -> Self {
        let target = match config.log {
            Some(call) => Target::Callback { call, user_data: config.log_user_data },
            None => Target::Nobody,
        };
        Self { target, max_level: config.log_max_level }
    }

    /// Whether a message of this level is read by anybody.
    #[must_use]
    pub fn wants(&self, level: LogLevel) -> bool {
        level as u32 <= self.max_level && !matches!(self.target, Target::Nobody)
    }

    /// Writes a message, which is made only if it is wanted. A panic, of the reader or of `message`, ends here.
    pub fn log<M: AsRef<str>>(&self, level: LogLevel, scope: &str, message: impl FnOnce() -> M) {
        if !self.wants(level) || WITHIN.try_with(|within| within.replace(true)).unwrap_or(true) {
            return;
        }
        let written = catch_unwind(AssertUnwindSafe(|| self.write(level, scope, message().as_ref())));
        let _ = WITHIN.try_with(|within| within.set(false));
        if let Err(payload) = written {
            // What was thrown may panic again when it is dropped.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(again);
            }
        }
    }

    fn write(&self, level: LogLevel, scope: &str, message: &str) {
        match &self.target {
            Target::Nobody => {}
            Target::Closure(closure) => (closure.0)(level, scope, message),
            Target::Callback { call, user_data } => {
                // SAFETY: `from_config`'s caller promised that this may be called; the views are of strings that are
                // borrowed until after the call.
                unsafe { call(*user_data, level as u32, StringView::new(scope), StringView::new(message)) }
            }
        }
    }
}
