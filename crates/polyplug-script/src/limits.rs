//! What a script may use.

use std::time::Duration;

/// What a script may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory for its machine; `None`: as many as there are.
    pub memory: Option<usize>,
    /// How long loading may take; `None`: for ever.
    pub load_time: Option<Duration>,
    /// How long a call from outside may take, with all that it calls; `None`: for ever.
    pub call_time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: Some(256 * 1024 * 1024), load_time: Some(Duration::from_secs(10)), call_time: None }
    }
}
