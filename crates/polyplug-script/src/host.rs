//! A script that acts for the host of a runtime: its machine, its way to the runtime, and the contracts that it provides.
//! Loaders say how their language's machine is made and how a program is run; the rest is here.
// It promises the runtime and the lock what they cannot see.
#![allow(unsafe_code)]

use std::path::Path;
use std::sync::{Arc, Weak};

use polyplug::{HostContract, Runtime};
use polyplug_abi::AbiErrorCode;

use crate::connection::Connection;
use crate::description;
use crate::fault::Fault;
use crate::folder::Folder;
use crate::lock::Locked;
use crate::served::Served;
use crate::virtual_machine::{ValueOf, VirtualMachine};

/// Takes the description of a host contract from a program.
pub type Provide<V> = Box<dyn Fn(&Arc<Locked<V>>, &ValueOf<V>) -> Result<(), Fault>>;

/// A machine whose programs act for the host of a runtime. What they provide stays as long as the runtime, also when this
/// is dropped; calling out ends with this.
pub struct ScriptHost<V: VirtualMachine> {
    machine: Arc<Locked<V>>,
    connection: Arc<Connection>,
    /// The connection is through its table.
    _runtime: Arc<Runtime>,
}

impl<V: VirtualMachine> ScriptHost<V> {
    /// Puts a machine behind its lock, and has `fill` give it its module, which gets the way to the runtime and what
    /// takes the contracts that programs provide.
    ///
    /// # Errors
    ///
    /// `machine` and `fill` fail.
    ///
    /// # Safety
    ///
    /// What `machine` makes may be put behind a [`Locked`].
    pub unsafe fn new(
        runtime: &Arc<Runtime>,
        machine: impl FnOnce() -> Result<V, Fault>,
        fill: impl FnOnce(&V, &Weak<Locked<V>>, Arc<Connection>, Provide<V>) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        // SAFETY: the table is the runtime's, which is kept; where the machine stays longer than this, the connection is
        // closed.
        let connection = Arc::new(unsafe { Connection::new(runtime.host_api()) });
        // SAFETY: the caller's promise; what is kept of it is kept by `Served`, which goes through the lock, too.
        let machine = Arc::new(unsafe { Locked::new(machine()?) });
        let provide = {
            let (runtime, connection) = (Arc::downgrade(runtime), Arc::downgrade(&connection));
            move |locked: &Arc<Locked<V>>, description: &ValueOf<V>| provide(&runtime, &connection, locked, description)
        };
        let inside = machine.enter().map_err(|fault| *fault)?;
        fill(&inside, &Arc::downgrade(&machine), Arc::clone(&connection), Box::new(provide))?;
        drop(inside);
        Ok(Self { machine, connection, _runtime: Arc::clone(runtime) })
    }

    /// Reads a program, and has `run` run it inside of the machine's lock: with the folder that it lies in, its name for
    /// messages, and its text.
    ///
    /// # Errors
    ///
    /// There is no such file, and what `run` says.
    pub fn run(&self, path: &Path, run: impl FnOnce(&V, Folder, &str, &str) -> Result<(), Fault>) -> Result<(), Fault> {
        let unreadable = |why: &str| Fault::new(AbiErrorCode::Io, format!("{}: {why}", path.display()));
        let file = path.canonicalize().map_err(|error| unreadable(&error.to_string()))?;
        let folder = Folder::new(file.parent().ok_or_else(|| unreadable("it is no file"))?)?;
        let source = folder.text_of(&file)?;
        let name = folder.shown(&file);
        let entered = self.machine.enter().map_err(|fault| *fault);
        let ran = entered.and_then(|inside| run(&inside, folder, &name, &source));
        self.connection.give_back();
        ran
    }
}

/// Registers what a program describes.
fn provide<V: VirtualMachine>(
    runtime: &Weak<Runtime>,
    connection: &Weak<Connection>,
    locked: &Arc<Locked<V>>,
    value: &ValueOf<V>,
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

impl<V: VirtualMachine> Drop for ScriptHost<V> {
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
