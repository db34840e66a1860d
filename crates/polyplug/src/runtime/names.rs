//! Names that callers are shown and may keep as long as the runtime: each is stored once and stays.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// All names that were ever shown. They are those of manifests, so loading a bundle again adds none.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<HashSet<Arc<str>>>);

impl Names {
    /// The name, stored.
    pub(crate) fn keep(&self, name: &str) -> Arc<str> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match names.get(name) {
            Some(kept) => Arc::clone(kept),
            None => {
                let kept: Arc<str> = name.into();
                names.insert(Arc::clone(&kept));
                kept
            }
        }
    }
}
