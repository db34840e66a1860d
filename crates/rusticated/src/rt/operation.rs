//! Operations that the kernel works on, and the one rule that makes cancelling them safe: what the kernel may touch
//! lies in a block on the heap, and the block lives until the kernel has said that it is done. A future that is
//! dropped earlier abandons its block; the driver asks the kernel to stop, and frees the block when its end is told.
//!
//! All of it happens on the thread of the runtime. Drivers whose ends come in on other threads hand them over first.
#![allow(unsafe_code, reason = "blocks are shared with the kernel")]
use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::{Cell, UnsafeCell};
use core::future::Future;
use core::mem::offset_of;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use crate::backend::driver::Driver;
use crate::io;

/// How an operation ended: what it gave if not negative, else the system's error, negated.
pub(crate) type Outcome = i64;

/// The outcome as a result.
pub(crate) fn result(outcome: Outcome) -> io::Result<u64> {
    u64::try_from(outcome).map_err(|_| io::Error::from_raw_os_error((-outcome) as i32))
}

/// What an operation keeps alive for the kernel: buffers, names, addresses.
pub(crate) trait Payload {
    /// Undoes a success that nobody waits for any more: closes what was opened.
    fn discard(&mut self, outcome: Outcome) {
        let _ = outcome;
    }
}

impl Payload for () {}
impl Payload for alloc::vec::Vec<u8> {}

enum State {
    InFlight,
    Abandoned,
    Done(Outcome),
}

/// The part of a block that is the same for all operations: a driver knows no more of it.
pub(crate) struct Header {
    state: Cell<State>,
    waker: Cell<Option<Waker>>,
    free: unsafe fn(NonNull<Header>, Option<Outcome>),
}

impl Header {
    /// Tells the end of an operation: wakes who waits for it, or frees what nobody waits for, and says so with true.
    ///
    /// # Safety
    /// The header is that of an operation in flight; this is its end, told once, on the runtime's thread; the kernel
    /// touches nothing of the block any more.
    pub(crate) unsafe fn complete(header: NonNull<Self>, outcome: Outcome) -> bool {
        // SAFETY: blocks in flight are alive.
        let this = unsafe { header.as_ref() };
        match this.state.replace(State::Done(outcome)) {
            State::InFlight => {
                if let Some(waker) = this.waker.take() {
                    waker.wake();
                }
                false
            }
            State::Abandoned => {
                // SAFETY: its future is gone, so that nobody else knows the block.
                unsafe { (this.free)(header, Some(outcome)) };
                true
            }
            State::Done(_) => unreachable!("an operation ends once"),
        }
    }

    /// The outcome, if there is one; else the waker that is woken when there is. For all operations one piece of code.
    fn poll(&self, waker: &Waker) -> Poll<Outcome> {
        match self.state.replace(State::InFlight) {
            State::Done(outcome) => Poll::Ready(outcome),
            _ => {
                let mut kept = self.waker.take();
                match &mut kept {
                    Some(known) => known.clone_from(waker),
                    None => kept = Some(waker.clone()),
                }
                self.waker.set(kept);
                Poll::Pending
            }
        }
    }

    /// Gives up an operation that nobody waits for any more: frees its block, or leaves that to its end.
    ///
    /// # Safety
    /// The header is that of a block, which its future uses no more.
    unsafe fn abandon(header: NonNull<Self>, driver: &Driver) {
        // SAFETY: the block is alive; only its header is borrowed, and not beyond the next lines.
        let this = unsafe { header.as_ref() };
        match this.state.replace(State::Abandoned) {
            State::Done(outcome) => {
                // SAFETY: it has ended, and its future goes away.
                unsafe { (this.free)(header, Some(outcome)) }
            }
            _ => {
                // The waker's task may be what is being dropped.
                drop(this.waker.take());
                driver.cancel(header);
            }
        }
    }

    /// The header that follows the kernel's part of a block.
    ///
    /// # Safety
    /// `kernel` is what [`Operation::start`] showed as the address of a block's part of this very type `K`.
    #[allow(dead_code, reason = "for backends whose kernel knows an operation by its own part")]
    pub(crate) unsafe fn behind<K>(kernel: NonNull<K>) -> NonNull<Self> {
        // SAFETY: the place of the header depends on K alone, since it comes second in a `repr(C)`.
        unsafe { kernel.byte_add(offset_of!(Block<K, ()>, header)).cast() }
    }

    /// The kernel's part of the block that a header lies in: the opposite of [`Header::behind`].
    ///
    /// # Safety
    /// The block's part is of this very type `K`.
    #[allow(dead_code, reason = "for backends whose kernel knows an operation by its own part")]
    pub(crate) unsafe fn before<K>(header: NonNull<Self>) -> NonNull<K> {
        // SAFETY: as in `behind`.
        unsafe { header.byte_sub(offset_of!(Block<K, ()>, header)).cast() }
    }
}

#[repr(C)]
struct Block<K, T> {
    kernel: UnsafeCell<K>,
    header: Header,
    payload: UnsafeCell<T>,
}

/// What a driver is given to begin with.
pub(crate) struct Begin<K, T> {
    /// Names the operation towards [`Header::complete`] and [`Driver::cancel`].
    #[allow(dead_code, reason = "some find it from the kernel's part")]
    pub(crate) header: NonNull<Header>,
    /// The kernel's own part (an `OVERLAPPED`; `()` where it has none).
    pub(crate) kernel: NonNull<K>,
    /// What it works on; it moves no more.
    pub(crate) payload: NonNull<T>,
}

/// Whether an operation goes on.
pub(crate) enum Begun {
    /// Its end will be told through [`Header::complete`].
    Pending,
    /// It ended at once, and nothing will be told.
    Done(Outcome),
}

/// The future of an operation: its outcome, and the payload back.
pub(crate) struct Operation<K, T: Payload> {
    /// None once the payload was given back.
    block: Option<NonNull<Block<K, T>>>,
    driver: Rc<Driver>,
}

impl<K, T: Payload> Operation<K, T> {
    /// Begins an operation. `begin` hands the block to the kernel or to a queue before it.
    pub(crate) fn start(
        driver: Rc<Driver>,
        kernel: K,
        payload: T,
        begin: impl FnOnce(&Driver, Begin<K, T>) -> Begun,
    ) -> Self {
        let block = NonNull::from(Box::leak(Box::new(Block {
            kernel: UnsafeCell::new(kernel),
            header: Header { state: Cell::new(State::InFlight), waker: Cell::new(None), free: free::<K, T> },
            payload: UnsafeCell::new(payload),
        })));
        // All that the kernel and the driver see are raw pointers of the whole block, so that the header may be
        // read here while the kernel writes elsewhere in it.
        let begun = unsafe {
            // SAFETY: the block is alive; fields of it are named, nothing is read.
            begin(
                &driver,
                Begin {
                    header: NonNull::new_unchecked(&raw mut (*block.as_ptr()).header),
                    kernel: NonNull::new_unchecked((&raw mut (*block.as_ptr()).kernel).cast()),
                    payload: NonNull::new_unchecked((&raw mut (*block.as_ptr()).payload).cast()),
                },
            )
        };
        if let Begun::Done(outcome) = begun {
            // SAFETY: the block is alive.
            unsafe { (*block.as_ptr()).header.state.set(State::Done(outcome)) };
        }
        Self { block: Some(block), driver }
    }
}

impl<K, T: Payload> Future for Operation<K, T> {
    type Output = (Outcome, T);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let block = self.block.expect("an operation is not polled again after its end");
        // SAFETY: the block is alive while it is known here; only its header is borrowed.
        let header = unsafe { &(*block.as_ptr()).header };
        header.poll(context.waker()).map(|outcome| {
            self.block = None;
            // SAFETY: made by Box::new in start; the kernel is done with it, and this was the last to know it.
            let block = unsafe { Box::from_raw(block.as_ptr()) };
            (outcome, block.payload.into_inner())
        })
    }
}

impl<K, T: Payload> Drop for Operation<K, T> {
    fn drop(&mut self) {
        if let Some(block) = self.block {
            // SAFETY: the block is alive; its field is named, nothing is read. The future goes away.
            unsafe {
                Header::abandon(NonNull::new_unchecked(&raw mut (*block.as_ptr()).header), &self.driver);
            }
        }
    }
}

/// Frees a block, and undoes an outcome that nobody saw.
///
/// # Safety
/// The header is that of a `Block<K, T>` made in `start`, which nobody uses after this.
unsafe fn free<K, T: Payload>(header: NonNull<Header>, outcome: Option<Outcome>) {
    // SAFETY: the header's place in the block is the same for all its instances of these types.
    let mut block = unsafe {
        let block = header.as_ptr().byte_sub(offset_of!(Block<K, T>, header)).cast::<Block<K, T>>();
        Box::from_raw(block)
    };
    if let Some(outcome) = outcome {
        block.payload.get_mut().discard(outcome);
    }
}
