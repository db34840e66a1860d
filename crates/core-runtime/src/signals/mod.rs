//! What reaches us from outside while programs run, and how we end when that is the reason.
//!
//! On Unix: SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1 and SIGUSR2 go to the child that runs, which decides what they mean:
//! it ends, and we pass its end on; it reloads at SIGHUP, and we go on waiting. What the terminal itself sent (Ctrl-C, Ctrl-\,
//! a hang-up) has reached a child in our process group already and is not sent twice. Where no child runs, a signal does
//! to us what it does to any program. One that was ignored when we started (`nohup`) stays ignored, for children, too.
//! After a signal that means the end, nothing further is started: see [`ending`].
//!
//! On Windows: Ctrl-C and Ctrl-Break reach every program of the console, ours outlives them while a child runs. When the
//! console is closed, or the user logs off, the child has the time that the system gives.
//!
//! A handler belongs to the whole process, so this module has state of its own: whether children run, and which signal
//! came last.

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

#[cfg(unix)]
pub(crate) use platform::Received;
pub(crate) use platform::{Listener, STOP};
pub use platform::{end_by, ending};
