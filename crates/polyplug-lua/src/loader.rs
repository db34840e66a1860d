//! The loader of bundles that are written in Lua: a state of its own for each.
// It promises the runtime and the lock what they cannot see.
#![allow(unsafe_code)]

use std::sync::Arc;

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug_script::Limits;
use polyplug_script::connection::{Bundle, Connection};
use polyplug_script::description;
use polyplug_script::fault::Fault;
use polyplug_script::folder::Folder;
use polyplug_script::lock::Locked;
use polyplug_script::served::Served;

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

    fn start(&self, request: &LoadRequest<'_>) -> Result<LuaBundle, Fault> {
        let manifest = request.manifest;
        let bundle = Bundle { name: manifest.name.clone(), version: manifest.version };
        // SAFETY: the table is valid until the loaded bundle is dropped, and the connection goes with it.
        let connection = Arc::new(unsafe { Connection::new(request.host) });
        let folder = Folder::new(request.folder)?;
        let source = folder.text_of(request.file)?;
        let name = folder.shown(request.file);
        // SAFETY: a state without thread-local parts, of which nothing is shared: its values are reached through it, or
        // kept by `Served`, which goes through the lock, too.
        let machine = Arc::new(unsafe { Locked::new(LuaMachine::new(self.limits)?) });
        let served = (|| {
            let inside = machine.enter().map_err(|fault| *fault)?;
            let setting = Setting {
                connection: Arc::clone(&connection),
                folder: Arc::new(parking_lot::Mutex::new(Some(folder))),
                bundle: Some(bundle),
                provide: None,
            };
            module::fill(&inside, &Arc::downgrade(&machine), setting).map_err(|error| library_fault(&error))?;
            let list = inside.run(&name, &source)?;
            let plugins = description::plugins(&*inside, &list)?;
            let mut served = Vec::new();
            for plugin in plugins {
                let version = plugin.version.unwrap_or(manifest.version);
                // SAFETY: inside of the lock of the very machine.
                let one = unsafe { Served::new(Arc::clone(&machine), Arc::clone(&connection), plugin.contract) };
                // SAFETY: what the interface points at is in the bundle, which goes when nobody calls it any more.
                unsafe {
                    connection.register_guest_contract(&plugin.name, version, one.contract(), &one.interface(false))
                }?;
                served.push(one);
            }
            Ok(served)
        })();
        connection.give_back();
        Ok(LuaBundle { _served: served?, _machine: machine, _connection: connection })
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
        match self.start(request) {
            Ok(bundle) => Ok(Box::new(bundle)),
            Err(fault) => Err(LoaderError::InitFailed {
                bundle: request.manifest.name.clone(),
                error: fault.message,
                code: fault.code,
            }),
        }
    }
}

/// A bundle that runs. Its parts go in this order.
struct LuaBundle {
    #[expect(clippy::vec_box, reason = "callers have the address of what is in the box")]
    _served: Vec<Box<Served<LuaMachine>>>,
    _machine: Arc<Locked<LuaMachine>>,
    _connection: Arc<Connection>,
}

impl LoadedBundle for LuaBundle {}
