//! The runtime as a Rust host sees it. Other languages, and the bundles, see the same through
//! [`HostApi`](polyplug_abi::HostApi).

pub(crate) mod bundle;
pub(crate) mod contract_slots;
pub(crate) mod core;
pub(crate) mod gate;
mod host_contracts;
mod instance_calls;
mod instances;
mod last_error;
mod load;
pub(crate) mod lookup;
pub(crate) mod memory;
mod names;
mod pin;
mod published;
mod readers;
pub(crate) mod registration;
mod registry;
mod reload;
pub(crate) mod scope;
mod singleton;
mod slab;
mod teardown;
pub(crate) mod turn;
pub(crate) mod unload;
mod view;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use polyplug_abi::runtime::Compatibility;
use polyplug_abi::types::{LogLevel, Version};
use polyplug_abi::{AbiErrorCode, GuestContractHandle, HostApi, SupportedLanguage, identity};

use self::contract_slots::Handle;
use self::core::{Core, lock};
use crate::builder::RuntimeBuilder;
use crate::error::{Failure, LoaderError, RuntimeError};
use crate::guest::Guest;
use crate::host_contract::HostContract;
use crate::loader::{BundleLoader, ManifestData};

/// A runtime. Dropping it ends its bundles, and waits for each as long as the configuration says.
#[derive(Debug)]
pub struct Runtime {
    pub(crate) core: Arc<Core>,
}

/// A bundle that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleInfo {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
}

impl Runtime {
    /// What makes one.
    #[must_use]
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::new()
    }

    /// Ends it as dropping it does, and tells whether all of it has ended. While others hold it, nothing happens.
    ///
    /// # Errors
    ///
    /// `TimedOut`: something did not end in time. It may still run, and call what the host has provided.
    pub fn end(self: Arc<Self>) -> Result<(), RuntimeError> {
        let Some(runtime) = Arc::into_inner(self) else { return Ok(()) };
        let core = Arc::clone(&runtime.core);
        drop(runtime);
        if core.memory.is_kept() {
            let message = "something of the runtime did not end in time and may still run; the log says what";
            return Err(Failure::new(AbiErrorCode::TimedOut, message).into());
        }
        Ok(())
    }

    /// The host's table of functions: what a host in another language has of this runtime. Valid until this is dropped;
    /// then its functions end with a code.
    #[must_use]
    pub fn host_api(&self) -> *const HostApi {
        self.core.host().table()
    }

    /// What the host is written in.
    #[must_use]
    pub fn host_language(&self) -> SupportedLanguage {
        self.core.settings.host_language
    }

    /// How strictly versions are compared.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        self.core.settings.compatibility
    }

    /// A number that changes with every load, reload and unload.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.core.revision.load(Ordering::Acquire)
    }

    /// Loads the bundle in a folder, and gives its id.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being loaded. Nothing of it is left then.
    pub fn load_bundle(&self, folder: &Path) -> Result<u64, RuntimeError> {
        self.reported("loader", self.core.load_folder(folder))
    }

    /// Loads a bundle whose manifest was read. The builder and [`load_bundle`](Self::load_bundle) both end here.
    pub(crate) fn load_manifest(
        &self,
        manifest: ManifestData,
        compatibility: Compatibility,
    ) -> Result<u64, RuntimeError> {
        let loaded = self
            .core
            .take_lifecycle_turn("load_bundle")
            .and_then(|turn| self.core.load_manifest(manifest, compatibility, &turn));
        self.reported("loader", loaded)
    }

    /// Loads a bundle anew and swaps it in. Handles of its old self are stale from then on; its instances stay as they
    /// are. Bundles that depend on it and ask for that are reloaded, too.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being reloaded; the old one serves on. With `TimedOut` alone it is the other way round:
    /// the new one serves, and the old one did not end.
    pub fn reload_bundle(&self, id: u64) -> Result<(), RuntimeError> {
        self.reported("reload", self.core.reload(id))
    }

    /// Withdraws a bundle; with `cascade` those that depend on it, too, before it. What it holds is freed with its last
    /// instance.
    ///
    /// # Errors
    ///
    /// It is not there, or others depend on it. With `TimedOut` it is withdrawn, but did not end.
    pub fn unload_bundle(&self, id: u64, cascade: bool) -> Result<(), RuntimeError> {
        self.reported("loader", self.core.unload(id, cascade))
    }

    /// The bundles that are loaded, in load order.
    #[must_use]
    pub fn bundles(&self) -> Vec<BundleInfo> {
        let registry = self.core.registry();
        let manifests = registry.bundles().map(|loaded| &loaded.bundle.manifest);
        let info = |manifest: &ManifestData| BundleInfo {
            id: manifest.id,
            name: manifest.name.clone(),
            version: manifest.version,
        };
        manifests.map(info).collect()
    }

    /// The manifest of a loaded bundle.
    #[must_use]
    pub fn manifest(&self, id: u64) -> Option<ManifestData> {
        self.core.registry().bundle(id).map(|loaded| loaded.bundle.manifest.clone())
    }

    /// The first loaded provider of a contract, as in `image.Decoder` with the least version that does.
    ///
    /// # Errors
    ///
    /// Nobody provides it, or only in versions that do not do.
    pub fn find(&self, contract: &str, min_version: Version) -> Result<GuestContractHandle, RuntimeError> {
        self.find_by_id(identity::guest_contract_id(contract, min_version.major), min_version.packed())
    }

    /// The same by the contract's id; the version is packed, 0 for any.
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    #[inline]
    pub fn find_by_id(&self, contract_id: u64, min_version: u32) -> Result<GuestContractHandle, RuntimeError> {
        let scope = self.core.host();
        let found = self.core.find(scope, contract_id, min_version, &pin::pin());
        match found {
            Ok(Handle { index, generation }) => Ok(GuestContractHandle { index, generation }),
            Err(miss) => {
                let failure = miss.describe(scope, Some(contract_id), min_version);
                self.core.report_at(LogLevel::Debug, "registry", failure.clone());
                Err(failure.into())
            }
        }
    }

    /// All loaded providers of a contract, in load order.
    #[must_use]
    pub fn find_all(&self, contract_id: u64, min_version: u32) -> Vec<GuestContractHandle> {
        // What is found is counted first: nothing is allocated while others wait for this thread to have read.
        loop {
            let count = self.each(contract_id, min_version, |_| {});
            let mut handles = Vec::with_capacity(count);
            let now = self.each(contract_id, min_version, |handle| {
                if handles.len() < handles.capacity() {
                    handles.push(handle);
                }
            });
            if now <= handles.capacity() {
                return handles;
            }
        }
    }

    fn each(&self, contract_id: u64, min_version: u32, mut take: impl FnMut(GuestContractHandle)) -> usize {
        let mut count = 0;
        let take = |Handle { index, generation }| {
            count += 1;
            take(GuestContractHandle { index, generation });
        };
        // The host may see everything.
        let _ = self.core.find_all(self.core.host(), contract_id, min_version, &pin::pin(), take);
        count
    }

    /// Makes an instance, or gives a singleton's. It keeps the runtime, and its bundle's code, until it is dropped.
    ///
    /// # Errors
    ///
    /// The handle is stale, or the plugin made none.
    pub fn create(self: &Arc<Self>, handle: GuestContractHandle) -> Result<Guest, RuntimeError> {
        let handle = Handle { index: handle.index, generation: handle.generation };
        let created = self.core.create_instance(self.core.host(), handle).map_err(RuntimeError::from);
        Ok(Guest::new(Arc::clone(self), self.reported("instances", created)?))
    }

    /// Registers a contract that the host provides.
    ///
    /// # Errors
    ///
    /// It was registered before, or its name has the id of another.
    pub fn provide(&self, contract: HostContract) -> Result<(), RuntimeError> {
        let HostContract { name, interface, owner } = contract;
        let added = self.core.add_host_contract(&name, interface, owner);
        self.reported("registry", added.map_err(RuntimeError::from))
    }

    /// Registers a loader.
    ///
    /// # Errors
    ///
    /// There is one with its name.
    pub fn register_loader(&self, loader: impl BundleLoader + 'static) -> Result<(), RuntimeError> {
        self.reported("loader", self.core.add_loader(Box::new(loader)).map_err(RuntimeError::from))
    }

    /// Takes the last error.
    #[must_use]
    pub fn take_last_error(&self) -> Option<String> {
        self.core.last_error.take()
    }

    /// What fails is the last error, and is logged, whichever way it was called.
    fn reported<T>(&self, scope: &str, result: Result<T, RuntimeError>) -> Result<T, RuntimeError> {
        if let Err(error) = &result {
            self.core.report(scope, Failure { code: error.code(), message: error.to_string() });
        }
        result
    }
}

impl Core {
    /// Adds a loader.
    pub(crate) fn add_loader(&self, loader: Box<dyn BundleLoader>) -> Result<(), LoaderError> {
        let name = loader.loader_name().to_owned();
        let mut loaders = lock(&self.loaders);
        if loaders.contains_key(&name) {
            drop(loaders);
            return Err(LoaderError::DuplicateLoader { loader_name: name });
        }
        loaders.insert(name, loader.into());
        Ok(())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.core.shut_down();
    }
}
