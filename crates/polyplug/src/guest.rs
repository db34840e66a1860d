//! Instances of guest contracts in the hands of a Rust host.

// Calls functions of plugins by address.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;

use polyplug_abi::{AbiErrorCode, DispatchKind, GuestContractInterface, GuestInstance};

use crate::arena::Arena;
use crate::error::Failure;
use crate::runtime::Runtime;

/// An instance that can be called. While it is there, so are the runtime and the code of its bundle, even if that is
/// reloaded or unloaded meanwhile. Dropping it gives it back.
#[derive(Debug)]
pub struct Guest {
    runtime: Arc<Runtime>,
    instance: GuestInstance,
}

// SAFETY: functions of contracts may be called from any thread, and from several at once.
unsafe impl Send for Guest {}
// SAFETY: as above.
unsafe impl Sync for Guest {}

impl Guest {
    pub(crate) fn new(runtime: Arc<Runtime>, instance: GuestInstance) -> Self {
        Self { runtime, instance }
    }

    /// The runtime that it is of.
    #[must_use]
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// Its functions, as its plugin registered them. They stay as long as `self`.
    #[must_use]
    pub fn interface(&self) -> &GuestContractInterface {
        // SAFETY: the runtime keeps it until the instance is given back.
        unsafe { &*self.instance.interface }
    }

    /// What its functions get first.
    #[must_use]
    pub fn instance(&self) -> *mut c_void {
        self.instance.instance
    }

    /// Calls a function by its number.
    ///
    /// # Safety
    ///
    /// `args` points at the function's parameters and `out` at room for its result, laid out as the contract says, each
    /// null only if there is nothing; both are valid until this returns, as is what the parameters point at.
    ///
    /// # Errors
    ///
    /// What the plugin returns, with its message; or there is no such function.
    #[inline]
    pub unsafe fn call(
        &self,
        function: u32,
        args: *const c_void,
        out: *mut c_void,
        arena: &mut Arena,
    ) -> Result<(), Failure> {
        let interface = self.interface();
        if function >= interface.function_count {
            return Err(no_such_function(function, interface.function_count));
        }
        let instance = self.instance.instance;
        let code = match (interface.dispatch, interface.call) {
            (NATIVE, _) => {
                // SAFETY: a native contract has so many functions, none of them null; otherwise the caller's promise.
                unsafe {
                    let function = interface.functions.add(function as usize).read();
                    function(instance, args, out, arena.as_mut_ptr())
                }
            }
            // SAFETY: the caller's promise.
            (_, Some(call)) => unsafe { call(interface.context, function, instance, args, out, arena.as_mut_ptr()) },
            (_, None) => return Err(no_such_function(function, 0)),
        };
        if code == 0 { Ok(()) } else { Err(failed(code, arena)) }
    }
}

const NATIVE: u32 = DispatchKind::Native as u32;

#[cold]
fn no_such_function(function: u32, count: u32) -> Failure {
    let message = format!("the contract has no function {function}; there are {count}, counted from 0");
    Failure::new(AbiErrorCode::FunctionNotAvailable, message)
}

#[cold]
fn failed(code: u32, arena: &Arena) -> Failure {
    // SAFETY: the instance that was called is there, and with it the code.
    let message = unsafe { arena.message() }.map_or_else(
        || match AbiErrorCode::from_u32(code) {
            Some(known) => format!("the plugin returned {code} ({known:?}) and did not say why"),
            None => format!("the plugin returned {code} and did not say why"),
        },
        str::to_owned,
    );
    Failure { code, message }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let core = &self.runtime.core;
        if let Err(failure) = core.destroy_instance(core.host(), self.instance) {
            core.report("instances", failure);
        }
    }
}
