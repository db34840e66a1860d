//! The words for the last call that failed, until somebody reads them.

use std::sync::{Mutex, PoisonError};

/// The last error; empty if there is none.
#[derive(Debug, Default)]
pub(crate) struct LastError(Mutex<String>);

impl LastError {
    /// Replaces it.
    pub(crate) fn set(&self, message: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = message;
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Hands it to `read`, and clears it if that says so.
    pub(crate) fn read_out(&self, read: impl FnOnce(&str) -> bool) {
        let mut message = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if read(&message) {
            message.clear();
        }
    }

    /// Takes it.
    pub(crate) fn take(&self) -> Option<String> {
        let message = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (!message.is_empty()).then_some(message)
    }
}
