//! The runtimes that hosts were given: by the address of their table, which says nothing of what it is part of.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use polyplug::Runtime;
use polyplug_abi::HostApi;

static RUNTIMES: LazyLock<Mutex<HashMap<usize, Arc<Runtime>>>> = LazyLock::new(Mutex::default);

/// Keeps a runtime until it is forgotten.
pub(crate) fn keep(runtime: Arc<Runtime>) -> *const HostApi {
    let host = runtime.host_api();
    RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner).insert(host.addr(), runtime);
    host
}

/// The runtime of a table, if it is one that was kept.
pub(crate) fn forget(host: *const HostApi) -> Option<Arc<Runtime>> {
    RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner).remove(&host.addr())
}
