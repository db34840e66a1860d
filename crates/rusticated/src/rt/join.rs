//! Waiting for two futures at once.
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

/// Runs both side by side, and gives both outputs.
///
/// ```
/// use rusticated::rt;
///
/// assert_eq!(rt::block_on(rt::join(async { 1 }, async { 2 })), (1, 2));
/// ```
pub async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            first = Some(output);
        }
        if second.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            second = Some(output);
        }
        match (first.take(), second.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (first, second) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}
