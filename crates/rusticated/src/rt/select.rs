//! Waiting for whichever of two futures ends first.
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

/// Which of two it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Either<A, B> {
    /// The first.
    Left(A),
    /// The second.
    Right(B),
}

/// Waits for the one that ends first, the first if both have, and drops the other. What that one was doing is
/// cancelled: an operation's buffer stays alive until the kernel has let go of it.
///
/// ```
/// use core::time::Duration;
/// use rusticated::rt::{self, Either};
/// use rusticated::time;
///
/// let first = rt::block_on(rt::select(
///     time::sleep(Duration::from_secs(3600)),
///     async { "at once" },
/// ));
/// assert_eq!(first, Either::Right("at once"));
/// ```
pub async fn select<A: Future, B: Future>(a: A, b: B) -> Either<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|context| {
        if let Poll::Ready(output) = a.as_mut().poll(context) {
            return Poll::Ready(Either::Left(output));
        }
        b.as_mut().poll(context).map(Either::Right)
    })
    .await
}
