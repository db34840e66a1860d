//! JavaScript programs as hosts: their module `polyplug` acts for the host of a runtime.
// It promises the lock what that cannot see.
#![allow(unsafe_code)]

use std::path::Path;
use std::sync::Arc;

use polyplug::Runtime;
use polyplug_abi::AbiErrorCode;
use polyplug_script::Limits;
use polyplug_script::fault::Fault;
use polyplug_script::host::ScriptHost;

use crate::imports::Imports;
use crate::machine::JsMachine;
use crate::module::{self, Setting};

/// Runs programs that act for the host of a runtime: they load bundles, call what plugins provide, and provide host
/// contracts to them. Programs of one host share their global variables.
///
/// What they provide stays as long as the runtime, also when this is dropped; calling out ends with this.
pub struct JsHost {
    host: ScriptHost<JsMachine>,
}

impl std::fmt::Debug for JsHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsHost").finish_non_exhaustive()
    }
}

impl JsHost {
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
        // SAFETY: a runtime without thread-local parts, of which nothing is shared: its values are reached through it.
        let host = unsafe {
            ScriptHost::new(
                runtime,
                || JsMachine::new(limits),
                |machine, locked, connection, provide| {
                    let setting = Setting { connection, bundle: None, provide: Some(provide) };
                    module::fill(machine, locked, setting)
                        .map_err(|error| Fault::new(AbiErrorCode::LoadFailed, error.to_string()))
                },
            )
        }?;
        Ok(Self { host })
    }

    /// Runs a program. What it imports lies in its folder.
    ///
    /// # Errors
    ///
    /// There is no such file, and what the program throws, with its traceback.
    pub fn run(&self, path: &Path) -> Result<(), Fault> {
        self.host.run(path, |machine, folder, name, source| {
            let imports = Imports::default();
            imports.set_folder(folder);
            machine.runtime.set_loader(imports.clone(), imports);
            machine.run(name, source).map(drop)
        })
    }
}
