//! Channels. Nobody else can send while one waits, so that waiting for an empty one is an error.
use core::cell::{Cell, RefCell};
use core::error::Error;
use core::fmt;

use super::Arc;
use crate::collections::VecDeque;

struct Channel<T> {
    queue: RefCell<VecDeque<T>>,
    /// Whether there is somebody to receive.
    received: Cell<bool>,
}

// SAFETY: there is one thread.
unsafe impl<T: Send> Send for Channel<T> {}
// SAFETY: there is one thread.
unsafe impl<T: Send> Sync for Channel<T> {}

/// The end that is sent to.
pub struct Sender<T>(Arc<Channel<T>>);

/// The end that is received from.
pub struct Receiver<T>(Arc<Channel<T>>);

/// A channel without a limit.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Arc::new(Channel { queue: RefCell::default(), received: Cell::new(true) });
    (Sender(channel.clone()), Receiver(channel))
}

/// The receiver is gone; this was to be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// The senders are gone, and the channel is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecvError;

/// Why nothing was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is nothing yet.
    Empty,
    /// There will be nothing any more.
    Disconnected,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Sender<T> {
    /// Sends.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if !self.0.received.get() {
            return Err(SendError(value));
        }
        self.0.queue.borrow_mut().push_back(value);
        Ok(())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.received.set(false);
        drop(self.0.queue.take());
    }
}

impl<T> Receiver<T> {
    /// Receives what is there.
    ///
    /// # Panics
    /// When nothing is there and somebody could send: that would be waited for without an end.
    pub fn recv(&self) -> Result<T, RecvError> {
        match self.try_recv() {
            Ok(value) => Ok(value),
            Err(TryRecvError::Disconnected) => Err(RecvError),
            Err(TryRecvError::Empty) => panic!("an empty channel is waited for by the only thread"),
        }
    }

    /// Receives what is there.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let next = self.0.queue.borrow_mut().pop_front();
        // All who hold the channel but this one are senders.
        next.ok_or(match Arc::strong_count(&self.0) {
            1 => TryRecvError::Disconnected,
            _ => TryRecvError::Empty,
        })
    }

    /// All that is there.
    pub fn try_iter(&self) -> impl Iterator<Item = T> + '_ {
        core::iter::from_fn(|| self.try_recv().ok())
    }

    /// All, until the senders are gone.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        core::iter::from_fn(|| self.recv().ok())
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sending on a closed channel")
    }
}

impl<T> Error for SendError<T> {}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("receiving on a closed channel")
    }
}

impl Error for RecvError {}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "receiving on an empty channel",
            Self::Disconnected => "receiving on a closed channel",
        })
    }
}

impl Error for TryRecvError {}
