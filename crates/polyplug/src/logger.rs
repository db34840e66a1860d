//! Where the runtime writes its log: to a Rust closure or to a callback of C. Messages are made only if somebody reads
//! them, and neither a reader that panics nor one that logs again does any harm.

// The host's callback is a pointer; what keeps it valid is the promise of whoever made the handle.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;

use polyplug_abi::runtime::{LogCallback, RuntimeConfig};
use polyplug_abi::types::{LogLevel, StringView};

use crate::panics::caught;
use crate::runtime::gate::Gate;

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
        /// Closed when the callback need not be there any more.
        gate: Arc<Gate>,
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
    /// this handle or a clone of it is there. (A runtime calls it no more once it is dropped.)
    #[must_use]
    pub unsafe fn from_config(config: &RuntimeConfig) -> Self {
        let target = match config.log {
            Some(call) => Target::Callback { call, user_data: config.log_user_data, gate: Arc::default() },
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
        if !self.wants(level) || WITHIN.replace(true) {
            return;
        }
        let _ = caught(|| self.write(level, scope, message().as_ref()));
        WITHIN.set(false);
    }

    /// From now on the host's callback is not called, by this or any clone of it, and no call of another thread is under
    /// way. A closure is the runtime's own and stays.
    pub(crate) fn close(&self) {
        if let Target::Callback { gate, .. } = &self.target {
            gate.close(None);
        }
    }

    fn write(&self, level: LogLevel, scope: &str, message: &str) {
        match &self.target {
            Target::Nobody => {}
            Target::Closure(closure) => (closure.0)(level, scope, message),
            Target::Callback { call, user_data, gate } => {
                let Some(_inside) = gate.enter() else { return };
                // SAFETY: `from_config`'s caller promised that this may be called as long as the gate is open; the views are of strings that are
                // borrowed until after the call.
                unsafe { call(*user_data, level as u32, StringView::new(scope), StringView::new(message)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A reader that keeps what it is told, and the handle to it.
    fn kept(max_level: LogLevel) -> (Arc<Mutex<Vec<String>>>, LoggerHandle) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&lines);
        let closure = LoggerClosure::new(move |level, scope, message| {
            to.lock().unwrap().push(format!("{level:?} {scope}: {message}"));
        });
        (lines, LoggerHandle::from_closure(closure, max_level))
    }

    #[test]
    fn a_closure_gets_level_scope_and_message() {
        let (lines, logger) = kept(LogLevel::Trace);
        logger.log(LogLevel::Warn, "scan", || "a manifest is broken");
        logger.log(LogLevel::Trace, "loader.lua", || format!("{} bundles", 2));
        assert_eq!(*lines.lock().unwrap(), ["Warn scan: a manifest is broken", "Trace loader.lua: 2 bundles"]);
    }

    #[test]
    fn a_message_that_nobody_wants_is_not_made() {
        let (lines, logger) = kept(LogLevel::Warn);
        logger.log(LogLevel::Info, "graph", || -> &str { panic!("made") });
        LoggerHandle::none().log(LogLevel::Error, "graph", || -> &str { panic!("made") });
        assert!(lines.lock().unwrap().is_empty());
        assert!(logger.wants(LogLevel::Error) && !LoggerHandle::none().wants(LogLevel::Error));
    }

    #[test]
    fn a_closure_that_panics_does_no_harm_and_is_asked_again() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("and once more");
            }
        }
        let calls = Arc::new(Mutex::new(0));
        let count = Arc::clone(&calls);
        let closure = LoggerClosure::new(move |_, _, _| {
            *count.lock().unwrap() += 1;
            std::panic::panic_any(Bomb);
        });
        let logger = LoggerHandle::from_closure(closure, LogLevel::Trace);
        logger.log(LogLevel::Error, "test", || "one");
        logger.log(LogLevel::Error, "test", || -> &str { panic!("while the message is made") });
        logger.log(LogLevel::Error, "test", || "two");
        assert_eq!(*calls.lock().unwrap(), 2);
    }

    #[test]
    fn what_panics_whenever_it_is_dropped_does_no_harm() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                std::panic::panic_any(Self);
            }
        }
        let logger =
            LoggerHandle::from_closure(LoggerClosure::new(|_, _, _| std::panic::panic_any(Bomb)), LogLevel::Trace);
        logger.log(LogLevel::Error, "test", || "one");
    }

    #[test]
    fn a_closure_that_logs_is_not_called_by_itself() {
        let handle = Arc::new(Mutex::new(LoggerHandle::none()));
        let calls = Arc::new(Mutex::new(0));
        let (again, count) = (Arc::clone(&handle), Arc::clone(&calls));
        let closure = LoggerClosure::new(move |_, _, _| {
            *count.lock().unwrap() += 1;
            let logger = again.lock().unwrap().clone();
            logger.log(LogLevel::Error, "test", || "from within");
        });
        let logger = LoggerHandle::from_closure(closure, LogLevel::Trace);
        *handle.lock().unwrap() = logger.clone();
        logger.log(LogLevel::Error, "test", || "one");
        logger.log(LogLevel::Error, "test", || "two");
        assert_eq!(*calls.lock().unwrap(), 2);
        // The closure holds a handle to itself.
        *handle.lock().unwrap() = LoggerHandle::none();
    }

    #[test]
    fn a_callback_gets_its_user_data_and_views() {
        unsafe extern "C" fn keep(user_data: *mut c_void, level: u32, scope: StringView, message: StringView) {
            // SAFETY: the test below hands over a list that outlives the handle; the views live for the call.
            unsafe {
                let lines = &*user_data.cast::<Mutex<Vec<String>>>();
                lines.lock().unwrap().push(format!("{level} {} {}", scope.as_str(), message.as_str()));
            }
        }
        let lines: Mutex<Vec<String>> = Mutex::default();
        let mut config = RuntimeConfig {
            log: Some(keep),
            log_user_data: (&raw const lines).cast_mut().cast(),
            log_max_level: LogLevel::Info as u32,
            ..RuntimeConfig::default()
        };
        // SAFETY: `keep` may be called from any thread with this list, which outlives the handles.
        let logger = unsafe { LoggerHandle::from_config(&config) };
        logger.log(LogLevel::Info, "graph", || "read");
        logger.log(LogLevel::Debug, "graph", || "left out");
        config.log_max_level = 0;
        // SAFETY: as above.
        let silent = unsafe { LoggerHandle::from_config(&config) };
        silent.log(LogLevel::Error, "graph", || "left out");
        config.log_max_level = u32::MAX;
        // SAFETY: as above.
        let all = unsafe { LoggerHandle::from_config(&config) };
        all.log(LogLevel::Trace, "graph", || "all");
        assert_eq!(*lines.lock().unwrap(), ["3 graph read", "5 graph all"]);
    }
}
