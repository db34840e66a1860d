//! Lua programs as hosts: their module `polyplug` acts for the host of a runtime.
// It promises the lock what that cannot see.
#![allow(unsafe_code)]

use std::path::Path;
use std::sync::Arc;

use polyplug::Runtime;
use polyplug_script::Limits;
use polyplug_script::fault::Fault;
use polyplug_script::folder::Folder;
use polyplug_script::host::ScriptHost;

use crate::error::library_fault;
use crate::machine::LuaMachine;
use crate::module::{self, Setting};

/// Runs programs that act for the host of a runtime: they load bundles, call what plugins provide, and provide host
/// contracts to them. Programs of one host share their global variables.
///
/// What they provide stays as long as the runtime, also when this is dropped; calling out ends with this.
pub struct LuaHost {
    host: ScriptHost<LuaMachine>,
    /// Where `require` looks: the folder of the program that runs.
    folder: Arc<parking_lot::Mutex<Option<Folder>>>,
}

impl std::fmt::Debug for LuaHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LuaHost").finish_non_exhaustive()
    }
}

impl LuaHost {
    /// A host for programs without a limit of time.
    ///
    /// # Errors
    ///
    /// No memory.
    pub fn new(runtime: &Arc<Runtime>) -> Result<Self, Fault> {
        Self::with_limits(runtime, Limits { load_time: None, ..Limits::default() })
    }

    /// A host with limits for its programs; `load_time` is that of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// No memory.
    pub fn with_limits(runtime: &Arc<Runtime>, limits: Limits) -> Result<Self, Fault> {
        let folder = Arc::default();
        // SAFETY: a state without thread-local parts, of which nothing is shared: its values are reached through it.
        let host = unsafe {
            ScriptHost::new(
                runtime,
                || LuaMachine::new(limits),
                |machine, locked, connection, provide| {
                    let setting =
                        Setting { connection, folder: Arc::clone(&folder), bundle: None, provide: Some(provide) };
                    module::fill(machine, locked, setting).map_err(|error| library_fault(&error))
                },
            )
        }?;
        Ok(Self { host, folder })
    }

    /// Runs a program. What it requires lies in its folder.
    ///
    /// # Errors
    ///
    /// There is no such file, and what the program throws, with its traceback.
    pub fn run(&self, path: &Path) -> Result<(), Fault> {
        self.host.run(path, |machine, folder, name, source| {
            *self.folder.lock() = Some(folder);
            machine.run(name, source).map(drop)
        })
    }
}
