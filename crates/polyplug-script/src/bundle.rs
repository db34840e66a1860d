//! A bundle that is a script: a machine of its own, the contracts that it serves, and its way to the runtime. Loaders say
//! how their language's machine is made and how its script is run; the rest is here.
// It promises the runtime and the lock what they cannot see.
#![allow(unsafe_code)]

use std::sync::Arc;

use polyplug::error::LoaderError;
use polyplug::loader::{LoadRequest, LoadedBundle};

use crate::connection::{Bundle, Connection};
use crate::description::Plugin;
use crate::fault::Fault;
use crate::folder::Folder;
use crate::lock::Locked;
use crate::served::Served;
use crate::virtual_machine::VirtualMachine;

/// What a script that is a bundle starts with.
pub struct Start {
    /// Its way to the runtime.
    pub connection: Arc<Connection>,
    /// Where it and what it loads lie.
    pub folder: Folder,
    /// The bundle.
    pub bundle: Bundle,
    /// The name of its file, for messages.
    pub name: String,
    /// Its text.
    pub source: String,
}

/// A bundle that runs. Its parts go in this order.
struct ScriptBundle<V: VirtualMachine> {
    /// Boxes, since callers have the addresses.
    _served: Vec<Box<Served<V>>>,
    _machine: Arc<Locked<V>>,
    _connection: Arc<Connection>,
}

impl<V: VirtualMachine> LoadedBundle for ScriptBundle<V> {}

/// Loads a bundle into a machine of its own: `run`, which is inside of the machine's lock, runs the script and gives the
/// plugins that it describes.
///
/// # Errors
///
/// The script cannot be read; `machine` and `run` fail; the runtime refuses what the plugins provide.
///
/// # Safety
///
/// What `machine` makes may be put behind a [`Locked`]. [`LoadRequest::host`] is what its documentation says.
pub unsafe fn load<V: VirtualMachine>(
    request: &LoadRequest<'_>,
    machine: impl FnOnce() -> Result<V, Fault>,
    run: impl FnOnce(&V, &Arc<Locked<V>>, Start) -> Result<Vec<Plugin<V::Kept>>, Fault>,
) -> Result<Box<dyn LoadedBundle>, LoaderError> {
    // SAFETY: the caller's promises.
    match unsafe { start(request, machine, run) } {
        Ok(bundle) => Ok(Box::new(bundle)),
        Err(fault) => Err(LoaderError::InitFailed {
            bundle: request.manifest.name.clone(),
            error: fault.message,
            code: fault.code,
        }),
    }
}

/// # Safety
///
/// As [`load`].
unsafe fn start<V: VirtualMachine>(
    request: &LoadRequest<'_>,
    machine: impl FnOnce() -> Result<V, Fault>,
    run: impl FnOnce(&V, &Arc<Locked<V>>, Start) -> Result<Vec<Plugin<V::Kept>>, Fault>,
) -> Result<ScriptBundle<V>, Fault> {
    let manifest = request.manifest;
    let bundle = Bundle { name: manifest.name.clone(), version: manifest.version };
    // SAFETY: the table is valid until the loaded bundle is dropped, and the connection goes with it.
    let connection = Arc::new(unsafe { Connection::new(request.host) });
    let folder = Folder::new(request.folder)?;
    let source = folder.text_of(request.file)?;
    let name = folder.shown(request.file);
    // SAFETY: the caller's promise; what is kept of it is kept by `Served`, which goes through the lock, too.
    let machine = Arc::new(unsafe { Locked::new(machine()?) });
    let served = (|| {
        let inside = machine.enter().map_err(|fault| *fault)?;
        let start = Start { connection: Arc::clone(&connection), folder, bundle, name, source };
        let mut served = Vec::new();
        for plugin in run(&inside, &machine, start)? {
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
    Ok(ScriptBundle { _served: served?, _machine: machine, _connection: connection })
}
