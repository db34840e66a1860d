//! What a virtual machine has to do with the runtime: its table of functions, and what is to be given back to it.
// It calls through the table of the C ABI.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::{LogLevel, StringView, Version};
use polyplug_abi::{
    AbiErrorCode, BundleDescriptor, GuestContractInterface, GuestInstance, HostApi, HostContractInterface,
    PluginDescriptor,
};

use crate::fault::Fault;
use crate::memory::Arenas;

/// The runtime, for one bundle or one host program.
#[derive(Debug)]
pub struct Connection {
    host: *const HostApi,
    revision: *const AtomicU64,
    /// Instances that scripts hold, by numbers of their own.
    held: Mutex<HashMap<u64, Held>>,
    last_held: AtomicU64,
    /// Whether scripts may still call out.
    closed: AtomicBool,
    /// Instances that nobody uses any more. Giving them back runs foreign code, so it waits until the script is left.
    unused: Mutex<Vec<Held>>,
    any_unused: AtomicBool,
    pub(crate) arenas: Arenas,
}

/// An instance that was made for a script.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held {
    /// By the runtime.
    Guest(GuestInstance),
    /// By the host contract itself.
    Host {
        /// The contract.
        interface: *const HostContractInterface,
        /// What it made.
        instance: *mut c_void,
    },
}

impl Held {
    pub(crate) fn interface(&self) -> *const GuestContractInterface {
        match self {
            Self::Guest(held) => held.interface,
            Self::Host { interface, .. } => *interface,
        }
    }

    pub(crate) fn instance(&self) -> *mut c_void {
        match self {
            Self::Guest(held) => held.instance,
            Self::Host { instance, .. } => *instance,
        }
    }
}

// SAFETY: the table may be used from any thread, and so may instances.
unsafe impl Send for Connection {}
// SAFETY: as above.
unsafe impl Sync for Connection {}

/// A bundle that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
}

impl Connection {
    /// A connection through a table.
    ///
    /// # Safety
    ///
    /// `host` is a runtime's table that is valid as long as the connection is there.
    #[must_use]
    pub unsafe fn new(host: *const HostApi) -> Self {
        // SAFETY: the caller's promise. What the counter's address is of is atomic on the runtime's side, too.
        let revision = unsafe { ((*host).revision_counter)(host) };
        Self {
            host,
            revision: revision.cast(),
            held: Mutex::default(),
            last_held: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            unused: Mutex::default(),
            any_unused: AtomicBool::new(false),
            arenas: Arenas::default(),
        }
    }

    pub(crate) fn table(&self) -> &HostApi {
        // SAFETY: valid as long as the connection, as `new` was promised.
        unsafe { &*self.host }
    }

    pub(crate) fn host(&self) -> *const HostApi {
        self.host
    }

    /// The number that changes with every load, reload and unload.
    pub(crate) fn revision(&self) -> u64 {
        // SAFETY: the address is valid as long as the runtime, or null.
        unsafe { self.revision.as_ref() }.map_or(0, |revision| revision.load(Ordering::Acquire))
    }

    /// The fault of a call of the runtime that ended with this code: the runtime's last error.
    pub(crate) fn fault(&self, code: u32, what: &str) -> Fault {
        let message = self.last_error().unwrap_or_else(|| match AbiErrorCode::from_u32(code) {
            Some(code) => format!("{code:?}"),
            None => format!("code {code}"),
        });
        Fault { code, message }.at(what)
    }

    fn last_error(&self) -> Option<String> {
        // SAFETY: the table is valid.
        let mut bytes = vec![0; unsafe { (self.table().get_error_len)(self.host) }];
        loop {
            let mut written = 0;
            // SAFETY: the table is valid, and the buffer has that many bytes.
            let code =
                unsafe { (self.table().get_last_error)(self.host, bytes.as_mut_ptr(), bytes.len(), &raw mut written) };
            if code == AbiErrorCode::BufferTooSmall.as_u32() && written > bytes.len() {
                // Another thread's error came between.
                bytes.resize(written, 0);
                continue;
            }
            bytes.truncate(if code == 0 { written } else { 0 });
            return Some(String::from_utf8_lossy(&bytes).into_owned()).filter(|message| !message.is_empty());
        }
    }

    fn checked(&self, code: u32, what: &str) -> Result<(), Fault> {
        if code == 0 { Ok(()) } else { Err(self.fault(code, what)) }
    }

    /// Writes to the host's log.
    pub fn log(&self, level: LogLevel, scope: &str, message: &str) {
        if self.open().is_err() {
            return;
        }
        // SAFETY: the table is valid, and the views live for the call. A log that fails has nowhere to say so.
        unsafe { (self.table().log)(self.host, level as u32, StringView::new(scope), StringView::new(message)) };
    }

    /// Registers a contract that this bundle provides.
    ///
    /// # Errors
    ///
    /// What the runtime has against it.
    ///
    /// # Safety
    ///
    /// What `interface` points at stays until the bundle is unloaded.
    pub unsafe fn register_guest_contract(
        &self,
        plugin: &str,
        version: Version,
        contract: &str,
        interface: &GuestContractInterface,
    ) -> Result<(), Fault> {
        let descriptor =
            PluginDescriptor { name: StringView::new(plugin), contract_name: StringView::new(contract), version };
        // SAFETY: the table is valid, and the rest is the caller's promise.
        let code = unsafe { (self.table().register_guest_contract)(self.host, &raw const descriptor, interface) };
        self.checked(code, &format!("plugin `{plugin}`, contract `{contract}`"))
    }

    /// Loads the bundle of a folder, and gives its name.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being loaded.
    pub fn load_bundle(&self, folder: &str) -> Result<String, Fault> {
        self.open()?;
        let mut id = 0;
        // SAFETY: the table is valid, and the view lives for the call.
        let code = unsafe { (self.table().load_bundle)(self.host, StringView::new(folder), &raw mut id) };
        self.checked(code, &format!("loading `{folder}`"))?;
        let loaded = self.bundles()?.into_iter().find(|bundle| bundle_id(&bundle.name) == id);
        loaded.map(|bundle| bundle.name).ok_or_else(|| {
            Fault::new(AbiErrorCode::NotFound, format!("loading `{folder}`: the bundle was unloaded at once"))
        })
    }

    /// Loads a bundle anew.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being loaded.
    pub fn reload_bundle(&self, name: &str) -> Result<(), Fault> {
        self.open()?;
        // SAFETY: the table is valid.
        let code = unsafe { (self.table().reload_bundle)(self.host, bundle_id(name)) };
        self.checked(code, &format!("reloading `{name}`"))
    }

    /// Withdraws a bundle.
    ///
    /// # Errors
    ///
    /// There is none, or others depend on it.
    pub fn unload_bundle(&self, name: &str, cascade: bool) -> Result<(), Fault> {
        self.open()?;
        // SAFETY: the table is valid.
        let code = unsafe { (self.table().unload_bundle)(self.host, bundle_id(name), cascade.into()) };
        self.checked(code, &format!("unloading `{name}`"))
    }

    /// The loaded bundles, in load order.
    ///
    /// # Errors
    ///
    /// The runtime does not tell.
    pub fn bundles(&self) -> Result<Vec<Bundle>, Fault> {
        self.open()?;
        let mut there = vec![BundleDescriptor::default(); 16];
        loop {
            let mut count = 0;
            // SAFETY: the table is valid, and there is room for so many.
            let code =
                unsafe { (self.table().list_bundles)(self.host, there.as_mut_ptr(), there.len(), &raw mut count) };
            if code == AbiErrorCode::BufferTooSmall.as_u32() && count > there.len() {
                there.resize(count, BundleDescriptor::default());
                continue;
            }
            self.checked(code, "listing the bundles")?;
            there.truncate(count);
            // SAFETY: the runtime's names are UTF-8 and live as long as it does.
            return Ok(there
                .iter()
                .map(|one| Bundle { name: unsafe { one.name.as_str() }.to_owned(), version: one.version })
                .collect());
        }
    }

    /// Notes an instance that a script holds.
    pub(crate) fn hold(&self, held: Held) -> u64 {
        let number = self.last_held.fetch_add(1, Ordering::Relaxed);
        self.held.lock().insert(number, held);
        number
    }

    /// Takes an instance that is no longer needed, to give it back when the script is left.
    pub(crate) fn no_longer_used(&self, number: u64) {
        if let Some(held) = self.held.lock().remove(&number) {
            self.unused.lock().push(held);
            self.any_unused.store(true, Ordering::Release);
        }
    }

    /// Ends all calling out: for a host program whose functions outlive it. No call may be under way.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let all: Vec<Held> = self.held.lock().drain().map(|(_, held)| held).collect();
        self.unused.lock().extend(all);
        self.any_unused.store(true, Ordering::Release);
    }

    /// Whether scripts may still call out.
    ///
    /// # Errors
    ///
    /// The host program has ended.
    pub(crate) fn open(&self) -> Result<(), Fault> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Fault::new(AbiErrorCode::NotFound, "the host program has ended"));
        }
        Ok(())
    }

    /// Gives back what is no longer used. To be called when no machine of this connection is entered.
    pub fn give_back(&self) {
        if self.any_unused.load(Ordering::Acquire) {
            self.give_back_now();
        }
    }

    #[cold]
    fn give_back_now(&self) {
        self.any_unused.store(false, Ordering::Release);
        for held in std::mem::take(&mut *self.unused.lock()) {
            match held {
                // SAFETY: the runtime made it for us, and none of its calls is under way. It can only refuse what it does
                // not know.
                Held::Guest(instance) => unsafe {
                    (self.table().destroy_guest_instance)(self.host, &raw const instance);
                },
                // SAFETY: host contracts stay as long as the runtime; it made the instance, and none of its calls is under
                // way.
                Held::Host { interface, instance } => unsafe {
                    if let Some(destroy) = (*interface).destroy {
                        destroy((*interface).context, instance);
                    }
                },
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.give_back_now();
        self.host = ptr::null();
    }
}
