//! The executor: one a thread, made when it is first needed. It runs tasks, keeps their timers, and sleeps in its
//! backend's driver while there is nothing to run.
mod executor;
mod join;
mod nudge;
pub(crate) mod operation;
mod select;
mod task;
pub(crate) mod timers;
mod yield_now;

use core::future::Future;

pub(crate) use executor::Runtime;
pub use join::join;
pub use select::{Either, select};
pub use task::{Cancelled, JoinHandle};
pub use yield_now::yield_now;

/// Runs a future to its end on this thread, and the tasks that it spawns as long as that takes.
///
/// Tasks that have not ended by then stay, and go on with the next call on this thread; at its end they are dropped,
/// when `thread_local!` values of std are gone already: see [`cancel_all`].
///
/// # Panics
/// Inside of another `block_on` of the same thread, which could not go on meanwhile. What is first used of this crate
/// on a thread, here or elsewhere, makes the thread's runtime: it panics if the system has no descriptor left for that.
///
/// Wakers of futures that run here belong to this thread. They may be cloned and dropped anywhere, but a `wake` on
/// another thread panics there.
///
/// ```
/// assert_eq!(rusticated::rt::block_on(async { 6 * 7 }), 42);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    Runtime::with(|runtime| runtime.block_on(future))
}

/// Runs one future to its end on this thread, and no task meanwhile: what a blocking call does. Other than
/// [`block_on`], it may be called inside of a task; that one and all others stand still then. A future that waits for
/// a task waits for ever.
///
/// ```
/// use rusticated::{rt, time};
///
/// rt::block_on(async {
///     rt::wait(time::sleep(time::Duration::from_millis(1)));
/// });
/// ```
pub fn wait<F: Future>(future: F) -> F::Output {
    Runtime::with(|runtime| runtime.wait(future))
}

/// Starts a task beside the one that runs. It begins when that one waits.
///
/// ```
/// use rusticated::rt;
///
/// let sum = rt::block_on(async {
///     let one = rt::spawn(async { 1 });
///     let two = rt::spawn(async { 2 });
///     one.await.unwrap() + two.await.unwrap()
/// });
/// assert_eq!(sum, 3);
/// ```
pub fn spawn<F: Future + 'static>(future: F) -> JoinHandle<F::Output> {
    Runtime::with(|runtime| runtime.spawn(future))
}

/// Drops all tasks of this thread that have not ended; the one that runs, if it is one, when it waits next.
///
/// ```
/// use rusticated::rt;
///
/// let task = rt::spawn(core::future::pending::<()>());
/// rt::cancel_all();
/// assert_eq!(rt::block_on(task), Err(rt::Cancelled));
/// ```
pub fn cancel_all() {
    Runtime::with(Runtime::cancel_all);
}

/// Takes in what the host has told, and runs each task once that can be run. The time is that after which it wants to be
/// called again at the latest; None is not before the host has more to tell. The module's export `rusticated_tick` does
/// the same: see [`crate::abi`].
#[cfg(target_family = "wasm")]
pub fn tick() -> Option<core::time::Duration> {
    Runtime::with(Runtime::tick)
}

/// What this thread's runtime waits with: `io_uring`, `epoll`, `IOCP`, `kqueue` or `host functions`.
pub fn backend_name() -> &'static str {
    Runtime::with(|runtime| runtime.driver().name())
}
