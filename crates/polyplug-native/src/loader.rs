//! Opens a bundle's library, checks that it is for this ABI, and starts it.

#![allow(unsafe_code)] // Running what a bundle brings is what this is for.

use std::path::Path;

use polyplug::Arena;
use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug_abi::types::StringView;
use polyplug_abi::{
    ABI_VERSION, ABI_VERSION_SYMBOL, AbiErrorCode, AbiVersion, BundleInitContext, ENTRY_SYMBOL, HostApi, PluginInit,
};

use crate::bundle::NativeBundle;

/// Loads shared libraries. See the [crate](crate) for when it copies them.
#[derive(Debug)]
pub struct NativeLoader {
    copies_always: bool,
}

impl NativeLoader {
    /// A loader for libraries that stay as they are.
    ///
    /// # Safety
    ///
    /// Every library that it is asked to load keeps to the ABI: it is run in this process, with all that this process
    /// may do. Whoever calls its contracts declares them as they are, scripts in the same runtime included: nobody can
    /// check that. Its files are not changed while they are loaded. And it is asked by a runtime, whose
    /// [`host`](LoadRequest::host) is what its documentation says.
    #[must_use]
    pub unsafe fn new() -> Self {
        Self { copies_always: false }
    }

    /// A loader for libraries that are replaced while they are loaded, for runtimes with hot reload.
    ///
    /// # Safety
    ///
    /// As for [`new`](Self::new), but that the files may change whenever they like.
    #[must_use]
    pub unsafe fn for_reloading() -> Self {
        Self { copies_always: true }
    }
}

impl BundleLoader for NativeLoader {
    fn loader_name(&self) -> &str {
        "native"
    }

    fn can_reload(&self) -> bool {
        true
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        let name = || request.manifest.name.clone();
        // SAFETY: `new`'s caller promised that what is loaded may be run.
        let bundle = unsafe { NativeBundle::open(request.file, self.copies_always) }
            .map_err(|error| LoaderError::LoadFailed { bundle: name(), file: request.file.to_owned(), error })?;

        // SAFETY: the symbol is a function of this type in a library that keeps to the ABI.
        if let Some(version) = unsafe { bundle.symbol::<AbiVersion>(ABI_VERSION_SYMBOL) } {
            // SAFETY: as above; it has no arguments.
            let found = unsafe { version() };
            if found != ABI_VERSION {
                return Err(LoaderError::AbiMismatch { bundle: name(), found, expected: ABI_VERSION });
            }
        }
        // SAFETY: as above.
        let init = unsafe { bundle.symbol::<PluginInit>(ENTRY_SYMBOL) }.ok_or_else(|| LoaderError::EntryMissing {
            bundle: name(),
            file: request.file.to_owned(),
            symbol: ENTRY_SYMBOL.to_owned(),
        })?;

        let mut arena = Arena::new();
        let folder = path_text(request.folder);
        let context = BundleInitContext {
            bundle_id: request.manifest.id,
            bundle_path: StringView::new(&folder),
            abi_version: ABI_VERSION,
            reserved: 0,
            arena: arena.as_mut_ptr(),
        };
        // SAFETY: `host` is valid as `LoadRequest` says, the context until the call returns.
        let code = unsafe { init(request.host, &raw const context) };
        if code != AbiErrorCode::Ok.as_u32() {
            // Copied while the library is open: its words may lie in it.
            // SAFETY: it is.
            let words = unsafe { arena.message() }.map(str::to_owned);
            // SAFETY: as for `init`.
            let error = words.unwrap_or_else(|| unsafe { silent_failure(code, request.host) });
            return Err(LoaderError::InitFailed { bundle: name(), error, code });
        }
        Ok(Box::new(bundle))
    }
}

/// What there is to say of an initialisation that did not say why it failed. As a rule it passes on what a function of the
/// runtime returned: those leave their words behind.
///
/// # Safety
///
/// `host` is a runtime's table, or null.
unsafe fn silent_failure(code: u32, host: *const HostApi) -> String {
    let known = AbiErrorCode::from_u32(code).map(|known| format!(" ({known:?})")).unwrap_or_default();
    // SAFETY: the caller's promise.
    match unsafe { last_error(host) } {
        Some(error) => format!("`{ENTRY_SYMBOL}` returned {code}{known}; the last error was: {error}"),
        None => format!("`{ENTRY_SYMBOL}` returned {code}{known} and did not say why"),
    }
}

/// # Safety
///
/// As for [`silent_failure`].
unsafe fn last_error(host: *const HostApi) -> Option<String> {
    // SAFETY: the caller's promise.
    let api = unsafe { host.as_ref() }?;
    // SAFETY: the table itself.
    let mut text = vec![0; unsafe { (api.get_error_len)(host) }];
    let mut written = 0;
    // SAFETY: the table itself, room of this size, and a place for the number.
    let code = unsafe { (api.get_last_error)(host, text.as_mut_ptr(), text.len(), &raw mut written) };
    text.truncate(written);
    (code == AbiErrorCode::Ok.as_u32() && written > 0).then(|| String::from_utf8_lossy(&text).into_owned())
}

/// A path as it crosses the boundary. One that is not Unicode loses what is not.
fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
