//! std's results of locking.
use core::error::Error;
use core::fmt;

/// A lock's guard; never an error here.
pub type LockResult<T> = Result<T, PoisonError<T>>;
/// A lock's guard, or why there is none.
pub type TryLockResult<T> = Result<T, TryLockError<T>>;

/// Somebody panicked while it was locked; nobody goes on after that here.
pub struct PoisonError<T>(T);

impl<T> PoisonError<T> {
    /// The guard.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for PoisonError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoisonError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for PoisonError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("poisoned lock: another task failed inside")
    }
}

impl<T> Error for PoisonError<T> {}

/// Why there is no guard.
pub enum TryLockError<T> {
    /// See [`PoisonError`].
    Poisoned(PoisonError<T>),
    /// It is locked.
    WouldBlock,
}

impl<T> fmt::Debug for TryLockError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Poisoned(_) => "Poisoned(..)",
            Self::WouldBlock => "WouldBlock",
        })
    }
}

impl<T> fmt::Display for TryLockError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Poisoned(error) => error.fmt(f),
            Self::WouldBlock => f.write_str("try_lock failed because the operation would block"),
        }
    }
}

impl<T> Error for TryLockError<T> {}
