//! A loader that is not written in Rust, as a [`BundleLoader`].

// Calls functions of the host by address.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, BundleView, LoadBundle, LoaderInterface, UnloadBundle};

use super::{BundleLoader, LoadRequest, LoadedBundle};
use crate::arena::Arena;
use crate::error::{Failure, LoaderError};
use crate::runtime::registration::text;
use crate::runtime::turn::Turn;

/// A loader behind a [`LoaderInterface`].
pub(crate) struct ForeignLoader {
    name: String,
    can_reload: bool,
    load: LoadBundle,
    shared: Arc<Shared>,
    /// How long a load waits for a bundle that is being unloaded.
    limit: Duration,
}

/// What its bundles need of it.
struct Shared {
    context: *mut c_void,
    unload: UnloadBundle,
    /// One call of a loader at a time.
    turn: Turn,
}

// SAFETY: a loader's functions may be called from any thread with its context, one call at a time, which `turn` sees to.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl fmt::Debug for ForeignLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignLoader").field("name", &self.name).field("can_reload", &self.can_reload).finish()
    }
}

impl ForeignLoader {
    /// The loader.
    ///
    /// # Safety
    ///
    /// Its name can be read, and its functions and its context are what [`LoaderInterface`] says, until the runtime is
    /// gone.
    pub(crate) unsafe fn new(interface: LoaderInterface, limit: Duration) -> Result<Self, Failure> {
        // SAFETY: the caller's promise.
        let name = unsafe { text(interface.name, "the loader's name") }?.to_owned();
        let (Some(load), Some(unload)) = (interface.load, interface.unload) else {
            let message = format!("the loader `{name}` needs both `load` and `unload`; one of them is null");
            return Err(Failure::new(AbiErrorCode::InvalidPointer, message));
        };
        if interface.can_reload > 1 || interface.reserved != 0 {
            let message = format!("the loader `{name}`: `can_reload` is 0 or 1, and `reserved` is 0");
            return Err(Failure::new(AbiErrorCode::InvalidArgument, message));
        }
        let shared = Arc::new(Shared { context: interface.context, unload, turn: Turn::default() });
        Ok(Self { name, can_reload: interface.can_reload == 1, load, shared, limit })
    }
}

impl BundleLoader for ForeignLoader {
    fn loader_name(&self) -> &str {
        &self.name
    }

    fn can_reload(&self) -> bool {
        self.can_reload
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        let name = &request.manifest.name;
        let failed = |code: u32, error: String| LoaderError::InitFailed { bundle: name.clone(), error, code };
        let _turn = self.shared.turn.take(Some(Instant::now() + self.limit)).map_err(|_| {
            let error = format!("its loader `{}` is still busy with another bundle", self.name);
            failed(AbiErrorCode::TimedOut.as_u32(), error)
        })?;
        let (folder, file) = (request.folder.to_string_lossy(), request.file.to_string_lossy());
        let view = BundleView {
            id: request.manifest.id,
            name: StringView::new(name),
            folder: StringView::new(&folder),
            file: StringView::new(&file),
            version: request.manifest.version,
        };
        let mut arena = Arena::new();
        let mut bundle = std::ptr::null_mut();
        // SAFETY: as `new` was promised; what the views are of, the arena and `bundle` live for the call.
        let code = unsafe {
            (self.load)(self.shared.context, request.host, &raw const view, arena.as_mut_ptr(), &raw mut bundle)
        };
        if code == AbiErrorCode::Ok.as_u32() {
            return Ok(Box::new(ForeignBundle { bundle, loader: Arc::clone(&self.shared) }));
        }
        let loader = &self.name;
        // SAFETY: as `new` was promised: the loader's code stays.
        let why = unsafe { arena.message() }.map_or_else(
            || format!("its loader `{loader}` returned {code} and did not say why"),
            |message| format!("its loader `{loader}` says: {message}"),
        );
        Err(failed(code, why))
    }
}

/// A bundle that such a loader has loaded.
struct ForeignBundle {
    bundle: *mut c_void,
    loader: Arc<Shared>,
}

// SAFETY: it is only handed back to the loader, whose functions may be called from any thread.
unsafe impl Send for ForeignBundle {}
// SAFETY: as above.
unsafe impl Sync for ForeignBundle {}

impl LoadedBundle for ForeignBundle {}

impl Drop for ForeignBundle {
    fn drop(&mut self) {
        // This is a thread on which things may take their time. A loader that unloads within a load has the turn already.
        let _turn = self.loader.turn.take(None);
        // SAFETY: as `ForeignLoader::new` was promised; the loader made this bundle, and gets it back once.
        unsafe { (self.loader.unload)(self.loader.context, self.bundle) };
    }
}
