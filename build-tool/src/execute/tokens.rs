//! Tokens of the one jobserver that everything side by side shares: our steps
//! hold one each, cargo takes what is left. Waiting for one ends when the run
//! is cancelled, which the jobserver's own blocking call does not.

use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use jobserver::{Acquired, Client, HelperThread};

/// How often a waiting step looks whether the run was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// How long a token that is said to be free may take to come.
const AT_ONCE: Duration = Duration::from_millis(5);

/// The steps' way to tokens.
pub(crate) struct Tokens {
    client: Client,
    helper: Mutex<HelperThread>,
    arriving: Receiver<io::Result<Acquired>>,
    /// Requests that nobody waits for any more.
    abandoned: AtomicUsize,
}

impl Tokens {
    /// Hands out tokens of `client`.
    pub(crate) fn new(client: Client) -> io::Result<Self> {
        let (sender, arriving) = unbounded();
        let helper = client.clone().into_helper_thread(move |token| {
            // Nobody listens once the run is over: the token goes back.
            let _over = sender.send(token);
        })?;
        Ok(Self { client, helper: Mutex::new(helper), arriving, abandoned: AtomicUsize::new(0) })
    }

    /// Waits for one token; `None` once `cancelled` says so.
    pub(crate) fn one(&self, cancelled: impl Fn() -> bool) -> io::Result<Option<Acquired>> {
        self.request();
        loop {
            if cancelled() {
                self.abandoned.fetch_add(1, Ordering::SeqCst);
                return Ok(None);
            }
            if let Ok(token) = self.arriving.recv_timeout(LOOK) {
                return token.map(Some);
            }
        }
    }

    /// The tokens that are free at this moment.
    pub(crate) fn spare(&self) -> Vec<Acquired> {
        let mut tokens = Vec::new();
        for _ in 0..self.client.available().unwrap_or(0) {
            self.request();
            match self.arriving.recv_timeout(AT_ONCE) {
                Ok(Ok(token)) => tokens.push(token),
                Ok(Err(_)) => break,
                Err(_) => {
                    self.abandoned.fetch_add(1, Ordering::SeqCst);
                    break;
                }
            }
        }
        tokens
    }

    /// Gives back what came after its waiter had gone.
    pub(crate) fn give_back(&self) {
        while self.abandoned.load(Ordering::SeqCst) > 0 && self.arriving.try_recv().is_ok() {
            self.abandoned.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn request(&self) {
        self.helper.lock().unwrap_or_else(PoisonError::into_inner).request_token();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_return_and_waiting_ends_when_cancelled() {
        let tokens = Tokens::new(Client::new(2).unwrap()).unwrap();
        let first = tokens.one(|| false).unwrap().unwrap();
        let spare = tokens.spare();
        assert_eq!(spare.len(), 1);
        assert!(tokens.one(|| true).unwrap().is_none());
        drop((first, spare));
        // The abandoned request may take one of the two: it comes back.
        std::thread::sleep(Duration::from_millis(50));
        tokens.give_back();
        assert_eq!(tokens.client.available().unwrap(), 2);
    }
}
