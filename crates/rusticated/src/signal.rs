//! What the system tells a process from outside: Ctrl-C and its kin.
use crate::backend;
use crate::io;

/// What came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// Ctrl-C: `SIGINT`, or Windows' `CTRL_C_EVENT`.
    Interrupt,
    /// A request to end: `SIGTERM`, or the close, log-off and shutdown events of Windows.
    Terminate,
    /// The terminal is gone: `SIGHUP`. Windows has none.
    Hangup,
    /// Ctrl-\: `SIGQUIT`, or Ctrl-Break on Windows.
    Quit,
    /// `SIGUSR1`. Windows has none.
    User1,
    /// `SIGUSR2`. Windows has none.
    User2,
    /// The terminal's size has changed: `SIGWINCH`. Windows tells it with the console's input instead.
    WindowChange,
}

/// A set of signals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals(u8);

impl Signals {
    /// None.
    pub const fn new() -> Self {
        Self(0)
    }

    /// These, and one more.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | 1 << signal as u8)
    }

    /// Whether a signal is one of them.
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & 1 << signal as u8 != 0
    }
}

/// Waits for Ctrl-C. While somebody waits, it does not end the process.
///
/// ```
/// use rusticated::time::{Duration, timeout};
/// use rusticated::{rt, signal};
///
/// let waiting = timeout(Duration::from_millis(1), signal::ctrl_c());
/// assert!(rt::block_on(waiting).is_err(), "nobody has pressed it");
/// ```
pub async fn ctrl_c() -> io::Result<()> {
    signal_wait(Signals::new().with(Signal::Interrupt)).await.map(drop)
}

/// Waits for one of some signals, and says which it was. While somebody waits for a signal, it does not do what it
/// does by default. A signal that comes in while nobody waits does that again; on Linux so does one that came in during
/// the wait and was not told, because another was, or the wait was dropped.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for an empty set; [`io::ErrorKind::Unsupported`] where the system has none of them.
pub async fn signal_wait(signals: Signals) -> io::Result<Signal> {
    if signals == Signals::new() {
        return Err(io::Error::message(io::ErrorKind::InvalidInput, "no signal to wait for"));
    }
    backend::signal::wait(signals).await
}
