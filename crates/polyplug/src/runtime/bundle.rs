//! A bundle as it was loaded once, and its uses. Loading it again makes another; each stays until its last use ends.

// Interfaces hold functions of plugins, which are called here.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::{Arc, Weak};

use polyplug_abi::{ContractInterface, SINGLETON};

use super::core::Core;
use super::registration::Registered;
use super::scope::Scope;
use super::singleton::Singleton;
use super::teardown::Teardown;
use crate::arena::Arena;
use crate::error::Failure;
use crate::loader::{LoadedBundle, ManifestData};

/// A bundle that was loaded.
pub(crate) struct Bundle {
    pub(crate) manifest: ManifestData,
    pub(crate) contracts: Vec<Contract>,
    /// Its table.
    pub(crate) scope: Arc<Scope>,
    /// What the loader made of it; dropping that ends it.
    pub(crate) running: Option<Box<dyn LoadedBundle>>,
    pub(crate) core: Weak<Core>,
}

/// A contract that a bundle provides.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) registered: Registered,
    singleton: Singleton<Address>,
}

/// What a plugin calls an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) *mut c_void);

// SAFETY: functions of contracts may be called from any thread, with what they are called on.
unsafe impl Send for Address {}

impl Contract {
    pub(crate) fn new(registered: Registered) -> Self {
        Self { registered, singleton: Singleton::new() }
    }

    pub(crate) fn interface(&self) -> &ContractInterface {
        &self.registered.interface
    }

    /// Whether there is one instance for all.
    pub(crate) fn is_singleton(&self) -> bool {
        self.interface().flags & SINGLETON != 0
    }

    /// The room for that one.
    pub(crate) fn singleton(&self) -> &Singleton<Address> {
        &self.singleton
    }

    /// Takes the one out, if it was made.
    pub(crate) fn take_singleton(&mut self) -> Option<Address> {
        self.singleton.take()
    }

    /// Has the plugin make an instance.
    pub(crate) fn create(&self, bundle: &Bundle) -> Result<Address, Failure> {
        let interface = self.interface();
        let Some(create) = interface.create else { return Ok(Address(interface.context)) };
        let mut arena = Arena::new();
        let mut out = std::ptr::null_mut();
        // SAFETY: the bundle registered this function with this context, and is there as long as `self` is; its table
        // is open, and the arena and `out` are valid for the call.
        let code = unsafe { create(interface.context, bundle.scope.table(), arena.as_mut_ptr(), &raw mut out) };
        if code == 0 {
            return Ok(Address(out));
        }
        // SAFETY: the bundle's code is there.
        let message = unsafe { arena.message() };
        let why = message.map_or(String::new(), |message| format!(": {message}"));
        let Registered { reference, plugin, .. } = &self.registered;
        let name = &bundle.manifest.name;
        let message =
            format!("plugin `{plugin}` of bundle `{name}` made no instance of `{reference}`, code {code}{why}");
        Err(Failure { code, message })
    }

    /// Has the plugin end an instance.
    ///
    /// # Safety
    ///
    /// `create` made it, it was not ended before, and nobody uses it.
    pub(crate) unsafe fn destroy(&self, instance: Address) {
        let interface = self.interface();
        if let (Some(_), Some(destroy)) = (interface.create, interface.destroy) {
            // SAFETY: the bundle registered this function with this context, and is there; otherwise the caller's
            // promise.
            unsafe { destroy(interface.context, instance.0) };
        }
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("manifest", &self.manifest).field("contracts", &self.contracts).finish()
    }
}

/// A use of a bundle: while there is one, its code is. The end of the last one ends the bundle.
#[derive(Debug)]
pub(crate) struct BundleUse(ManuallyDrop<Arc<Bundle>>);

impl BundleUse {
    /// The first use of a bundle.
    pub(crate) fn first(bundle: Bundle) -> Self {
        Self(ManuallyDrop::new(Arc::new(bundle)))
    }

    /// Another use of a bundle that was found somewhere.
    ///
    /// # Safety
    ///
    /// The address is from [`as_ptr`](Self::as_ptr) of a use that is there until this returns.
    pub(crate) unsafe fn another(bundle: *const Bundle) -> Self {
        // SAFETY: uses are counted by an `Arc`, and the caller promises that there is one.
        unsafe {
            Arc::increment_strong_count(bundle);
            Self(ManuallyDrop::new(Arc::from_raw(bundle)))
        }
    }

    /// The bundle's address, from which [`another`](Self::another) use can be made.
    pub(crate) fn as_ptr(&self) -> *const Bundle {
        Arc::as_ptr(&self.0)
    }

    /// Ends this use; if it was the last, the end of the bundle, which has begun.
    pub(crate) fn end(self) -> Option<Teardown> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used or dropped any more.
        Arc::into_inner(unsafe { ManuallyDrop::take(&mut this.0) }).map(Teardown::begin)
    }
}

impl Clone for BundleUse {
    fn clone(&self) -> Self {
        Self(ManuallyDrop::new(Arc::clone(&self.0)))
    }
}

impl Deref for BundleUse {
    type Target = Bundle;

    fn deref(&self) -> &Bundle {
        &self.0
    }
}

impl Drop for BundleUse {
    fn drop(&mut self) {
        // SAFETY: this is the only time that it is taken: `end` forgets `self`.
        if let Some(bundle) = Arc::into_inner(unsafe { ManuallyDrop::take(&mut self.0) }) {
            let core = bundle.core.upgrade();
            let teardown = Teardown::begin(bundle);
            if let Some(core) = core {
                core.teardowns.add(teardown);
            }
        }
    }
}
