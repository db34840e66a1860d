//! The loader of bundles that are written in Lua: a state of its own for each.
// It promises the lock what that cannot see.
#![allow(unsafe_code)]

use std::sync::Arc;

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug_script::{Limits, bundle, description};

use crate::error::library_fault;
use crate::machine::LuaMachine;
use crate::module::{self, Setting};

/// Loads bundles whose manifest says `loader = "lua"`. They can be reloaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct LuaLoader {
    limits: Limits,
}

impl LuaLoader {
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

impl BundleLoader for LuaLoader {
    fn loader_name(&self) -> &str {
        "lua"
    }

    fn can_reload(&self) -> bool {
        true
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        // SAFETY: a state without thread-local parts, of which nothing is shared: its values are reached through it.
        // The request is a runtime's.
        unsafe {
            bundle::load(
                request,
                || LuaMachine::new(self.limits),
                |machine, locked, start| {
                    let setting = Setting {
                        connection: start.connection,
                        folder: Arc::new(parking_lot::Mutex::new(Some(start.folder))),
                        bundle: Some(start.bundle),
                        provide: None,
                    };
                    module::fill(machine, &Arc::downgrade(locked), setting).map_err(|error| library_fault(&error))?;
                    let list = machine.run(&start.name, &start.source)?;
                    description::plugins(machine, &list)
                },
            )
        }
    }
}
