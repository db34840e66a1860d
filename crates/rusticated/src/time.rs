//! Clocks, and waiting for them.
use core::cell::Cell;
use core::fmt;
use core::future::Future;
use core::ops::{Add, AddAssign, Sub, SubAssign};
use core::pin::Pin;
use core::task::{Context, Poll};

pub use core::time::Duration;

use crate::backend::clock;
use crate::rt::timers::TimerId;
use crate::rt::{Either, Runtime, select};

/// A moment of a clock that only goes forward.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Nanoseconds since some moment before the process began.
    nanoseconds: u64,
}

impl Instant {
    /// The moment of the call.
    pub fn now() -> Self {
        Self { nanoseconds: clock::monotonic() }
    }

    /// How long after an earlier moment this is; zero if it is not.
    pub fn duration_since(&self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanoseconds.saturating_sub(earlier.nanoseconds))
    }

    /// How long after an earlier moment this is, if it is.
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.nanoseconds.checked_sub(earlier.nanoseconds).map(Duration::from_nanos)
    }

    /// How long ago it was.
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// A later moment, if the clock reaches so far: it ends 584 years after it began.
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        let nanoseconds = self.nanoseconds.checked_add(duration.as_nanos().try_into().ok()?)?;
        Some(Self { nanoseconds })
    }

    /// An earlier moment, if the clock reaches so far.
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        let nanoseconds = self.nanoseconds.checked_sub(duration.as_nanos().try_into().ok()?)?;
        Some(Self { nanoseconds })
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&Duration::from_nanos(self.nanoseconds)).finish()
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}

/// 1970-01-01 00:00:00 UTC.
pub const UNIX_EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

/// A moment of the calendar's clock, which can be set forward and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemTime {
    /// Since 1970; negative before.
    seconds: i64,
    /// Always below a second, and forward.
    nanoseconds: u32,
}

impl SystemTime {
    /// 1970-01-01 00:00:00 UTC.
    pub const UNIX_EPOCH: Self = Self { seconds: 0, nanoseconds: 0 };

    /// The moment of the call.
    pub fn now() -> Self {
        let (seconds, nanoseconds) = clock::realtime();
        Self::from_parts(seconds, nanoseconds)
    }

    /// Seconds since 1970, and nanoseconds after that second.
    pub(crate) fn from_parts(seconds: i64, nanoseconds: u32) -> Self {
        Self { seconds, nanoseconds: nanoseconds.min(999_999_999) }
    }

    /// See [`SystemTime::from_parts`].
    pub(crate) fn parts(&self) -> (i64, u32) {
        (self.seconds, self.nanoseconds)
    }

    /// How long after an earlier moment this is.
    ///
    /// # Errors
    /// How long before it this is.
    pub fn duration_since(&self, earlier: Self) -> Result<Duration, SystemTimeError> {
        let difference = |late: &Self, early: &Self| {
            let seconds = late.seconds.abs_diff(early.seconds);
            match late.nanoseconds.checked_sub(early.nanoseconds) {
                Some(nanoseconds) => Duration::new(seconds, nanoseconds),
                None => Duration::new(seconds - 1, late.nanoseconds + 1_000_000_000 - early.nanoseconds),
            }
        };
        if *self >= earlier { Ok(difference(self, &earlier)) } else { Err(SystemTimeError(difference(&earlier, self))) }
    }

    /// How long ago it was.
    ///
    /// # Errors
    /// How long until it is.
    pub fn elapsed(&self) -> Result<Duration, SystemTimeError> {
        Self::now().duration_since(*self)
    }

    /// A later moment, if it can be told.
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        let nanoseconds = self.nanoseconds + duration.subsec_nanos();
        let seconds = self.seconds.checked_add_unsigned(duration.as_secs())?;
        let seconds = seconds.checked_add(i64::from(nanoseconds / 1_000_000_000))?;
        Some(Self { seconds, nanoseconds: nanoseconds % 1_000_000_000 })
    }

    /// An earlier moment, if it can be told.
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        let seconds = self.seconds.checked_sub_unsigned(duration.as_secs())?;
        match self.nanoseconds.checked_sub(duration.subsec_nanos()) {
            Some(nanoseconds) => Some(Self { seconds, nanoseconds }),
            None => Some(Self {
                seconds: seconds.checked_sub(1)?,
                nanoseconds: self.nanoseconds + 1_000_000_000 - duration.subsec_nanos(),
            }),
        }
    }
}

/// A moment is later than it was taken to be: by how much.
#[derive(Clone, Debug)]
pub struct SystemTimeError(Duration);

impl SystemTimeError {
    /// By how much.
    pub fn duration(&self) -> Duration {
        self.0
    }
}

impl fmt::Display for SystemTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("second time provided was later than self")
    }
}

impl core::error::Error for SystemTimeError {}

macro_rules! arithmetic {
    ($($type:ident),*) => {
        $(
            impl Add<Duration> for $type {
                type Output = Self;

                fn add(self, duration: Duration) -> Self {
                    self.checked_add(duration).expect("overflow when adding duration to instant")
                }
            }

            impl AddAssign<Duration> for $type {
                fn add_assign(&mut self, duration: Duration) {
                    *self = *self + duration;
                }
            }

            impl Sub<Duration> for $type {
                type Output = Self;

                fn sub(self, duration: Duration) -> Self {
                    self.checked_sub(duration).expect("overflow when subtracting duration from instant")
                }
            }

            impl SubAssign<Duration> for $type {
                fn sub_assign(&mut self, duration: Duration) {
                    *self = *self - duration;
                }
            }
        )*
    };
}

arithmetic!(Instant, SystemTime);

/// Waits for a time, and never less; what the clock cannot reach, for ever.
///
/// ```
/// use rusticated::rt;
/// use rusticated::time::{Duration, Instant, sleep};
///
/// let before = Instant::now();
/// rt::block_on(sleep(Duration::from_millis(2)));
/// assert!(before.elapsed() >= Duration::from_millis(2));
/// ```
pub fn sleep(duration: Duration) -> Sleep {
    let far = Instant { nanoseconds: u64::MAX };
    sleep_until(Instant::now().checked_add(duration).unwrap_or(far))
}

/// Waits until a moment.
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { deadline, timer: Cell::new(None) }
}

/// The future of [`sleep`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sleep {
    deadline: Instant,
    /// Set while the timer is the runtime's, and with it this future belongs to the runtime's thread.
    timer: Cell<Option<(usize, TimerId)>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Runtime::with(|runtime| {
            if let Some((number, timer)) = self.timer.get() {
                assert!(number == runtime.number(), "a sleep goes on in the runtime where it began");
                if runtime.timers().borrow().has_fired(timer) {
                    runtime.timers().borrow_mut().remove(timer);
                    self.timer.set(None);
                    return Poll::Ready(());
                }
                let waker = context.waker().clone();
                let old = runtime.timers().borrow_mut().set_waker(timer, waker);
                drop(old);
                return Poll::Pending;
            }
            if self.deadline <= Instant::now() {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            let timer = runtime.timers().borrow_mut().add(self.deadline.nanoseconds, waker);
            self.timer.set(Some((runtime.number(), timer)));
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some((number, timer)) = self.timer.get() else { return };
        Runtime::with_existing(|runtime| {
            if runtime.number() == number {
                let waker = runtime.timers().borrow_mut().remove(timer);
                drop(waker);
            }
        });
    }
}

/// What [`timeout`] gives when the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is over")
    }
}

impl core::error::Error for Elapsed {}

/// Waits for a future, but no longer than this; the future is dropped then.
///
/// ```
/// use rusticated::rt;
/// use rusticated::time::{Duration, Elapsed, timeout};
///
/// let never = core::future::pending::<()>();
/// assert_eq!(rt::block_on(timeout(Duration::from_millis(1), never)), Err(Elapsed));
/// ```
pub async fn timeout<F: Future>(duration: Duration, future: F) -> Result<F::Output, Elapsed> {
    match select(future, sleep(duration)).await {
        Either::Left(output) => Ok(output),
        Either::Right(()) => Err(Elapsed),
    }
}
