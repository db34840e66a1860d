//! Lua programs as hosts: their module `polyplug` acts for the host of a runtime.
// It promises the runtime and the lock what they cannot see.
#![allow(unsafe_code)]

use std::path::Path;
use std::sync::{Arc, Weak};

use polyplug::{HostContract, Runtime};
use polyplug_abi::AbiErrorCode;
use polyplug_script::Limits;
use polyplug_script::connection::Connection;
use polyplug_script::description;
use polyplug_script::fault::Fault;
use polyplug_script::folder::Folder;
use polyplug_script::lock::Locked;
use polyplug_script::served::Served;

use crate::error::library_fault;
use crate::machine::LuaMachine;
use crate::module::{self, Setting};

/// Runs programs that act for the host of a runtime: they load bundles, call what plugins provide, and provide host
/// contracts to them. Programs of one host share their global variables.
///
/// What they provide stays as long as the runtime, also when this is dropped; calling out ends with this.
pub struct LuaHost {
    machine: Arc<Locked<LuaMachine>>,
    connection: Arc<Connection>,
    /// Where `require` looks: the folder of the program that runs.
    folder: Arc<parking_lot::Mutex<Option<Folder>>>,
    /// The connection is through its table.
    _runtime: Arc<Runtime>,
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
        // SAFETY: the table is the runtime's, which is kept; where the machine stays longer than this, the connection is
        // closed.
        let connection = Arc::new(unsafe { Connection::new(runtime.host_api()) });
        // SAFETY: a machine without thread-local parts, of which nothing is shared: its values are reached through it, or
        // kept by `Served`, which goes through the lock, too.
        let machine = Arc::new(unsafe { Locked::new(LuaMachine::new(limits)?) });
        let folder = Arc::default();
        let provide = {
            let (runtime, connection) = (Arc::downgrade(runtime), Arc::downgrade(&connection));
            move |locked: &Arc<Locked<LuaMachine>>, description: &mlua::Value| {
                provide(&runtime, &connection, locked, description)
            }
        };
        let setting = Setting {
            connection: Arc::clone(&connection),
            folder: Arc::clone(&folder),
            bundle: None,
            provide: Some(Box::new(provide)),
        };
        module::fill(&*machine.enter().map_err(|fault| *fault)?, &Arc::downgrade(&machine), setting)
            .map_err(|error| library_fault(&error))?;
        Ok(Self { machine, connection, folder, _runtime: Arc::clone(runtime) })
    }

    /// Runs a program. What it requires lies in its folder.
    ///
    /// # Errors
    ///
    /// There is no such file, and what the program throws, with its traceback.
    pub fn run(&self, path: &Path) -> Result<(), Fault> {
        let unreadable = |why: &str| Fault::new(AbiErrorCode::Io, format!("{}: {why}", path.display()));
        let file = path.canonicalize().map_err(|error| unreadable(&error.to_string()))?;
        let folder = Folder::new(file.parent().ok_or_else(|| unreadable("it is no file"))?)?;
        let source = folder.text_of(&file)?;
        let name = folder.shown(&file);
        let ran = self.machine.enter().map_err(|fault| *fault).and_then(|inside| {
            *self.folder.lock() = Some(folder);
            inside.run(&name, &source).map(drop)
        });
        self.connection.give_back();
        ran
    }
}

/// Registers what a program describes.
fn provide(
    runtime: &Weak<Runtime>,
    connection: &Weak<Connection>,
    locked: &Arc<Locked<LuaMachine>>,
    value: &mlua::Value,
) -> Result<(), Fault> {
    let (Some(runtime), Some(connection)) = (runtime.upgrade(), connection.upgrade()) else {
        return Err(Fault::new(AbiErrorCode::NotFound, "the host program has ended"));
    };
    let inside = locked.enter().map_err(|fault| *fault)?;
    let description = description::host_contract(&*inside, value)?;
    // SAFETY: inside of the lock of the very machine.
    let served = unsafe { Served::new(Arc::clone(locked), connection, description) };
    let interface = served.interface(true);
    let name = served.contract().to_owned();
    // SAFETY: what the interface points at is kept with the contract.
    let contract = unsafe { HostContract::from_interface(&name, interface) }
        .map_err(|failure| Fault { code: failure.code, message: failure.message })?
        .keeping(served);
    runtime.provide(contract).map_err(|error| Fault { code: error.code(), message: error.to_string() })
}

impl Drop for LuaHost {
    fn drop(&mut self) {
        // Inside, so that no call is under way. Where that cannot be, one is: then its end gives back what it holds.
        if let Ok(inside) = self.machine.enter()
            && inside.depth() == 1
        {
            self.connection.close();
            drop(inside);
        }
        self.connection.give_back();
    }
}
