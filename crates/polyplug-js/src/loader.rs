//! The loader of bundles that are written in JavaScript: a context of its own for each.
// It promises the lock what that cannot see.
#![allow(unsafe_code)]

use std::sync::Arc;

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug_abi::AbiErrorCode;
use polyplug_script::fault::Fault;
use polyplug_script::{Limits, bundle, description};

use crate::imports::Imports;
use crate::machine::JsMachine;
use crate::module::{self, Setting};

/// Loads bundles whose manifest says `loader = "js"`. They can be reloaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsLoader {
    limits: Limits,
}

impl JsLoader {
    /// A loader with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A loader with these limits for each bundle.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits }
    }
}

impl BundleLoader for JsLoader {
    fn loader_name(&self) -> &str {
        "js"
    }

    fn can_reload(&self) -> bool {
        true
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        // SAFETY: a runtime without thread-local parts, of which nothing is shared: its values are reached through it.
        // The request is a runtime's.
        unsafe {
            bundle::load(
                request,
                || JsMachine::new(self.limits),
                |machine, locked, start| {
                    let imports = Imports::default();
                    imports.set_folder(start.folder);
                    machine.runtime.set_loader(imports.clone(), imports);
                    let setting = Setting { connection: start.connection, bundle: Some(start.bundle), provide: None };
                    module::fill(machine, &Arc::downgrade(locked), setting)
                        .map_err(|error| Fault::new(AbiErrorCode::LoadFailed, error.to_string()))?;
                    let list = machine.run(&start.name, &start.source)?;
                    // Reading it may run accessors of the script.
                    machine.within_load_time(|| description::plugins(machine, &list))
                },
            )
        }
    }
}
