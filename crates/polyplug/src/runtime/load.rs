//! Loading a bundle: everything that can be wrong is found before anybody can see it, and a load that fails leaves
//! nothing behind.

use std::path::Path;
use std::sync::Arc;

use polyplug_abi::AbiErrorCode;
use polyplug_abi::runtime::Compatibility;
use polyplug_abi::types::{LogLevel, Version};

use super::bundle::{Bundle, BundleUse, Contract};
use super::contract_slots::{self, Handle, Tenant};
use super::core::{Core, lock};
use super::pin::READERS;
use super::scope::{Caller, CallingBundle, Scope};
use super::teardown::Teardown;
use super::turn::Taken;
use super::view::Provider;
use crate::compatibility::{RegisteredProvider, check_manifest};
use crate::error::{DuplicateBundle, Failure, GraphError, LoaderError, RuntimeError};
use crate::loader::{BundleLoader, Dependency, LoadRequest, LoadedBundle, ManifestData};
use crate::panics::caught;

impl Core {
    /// Loads the bundle in a folder.
    pub(crate) fn load_folder(self: &Arc<Self>, folder: &Path) -> Result<u64, RuntimeError> {
        let turn = self.take_lifecycle_turn("load_bundle")?;
        let manifest = ManifestData::read(folder)?;
        self.load_manifest(manifest, self.settings.compatibility, &turn)
    }

    /// Loads a bundle whose manifest was read.
    pub(crate) fn load_manifest(
        self: &Arc<Self>,
        manifest: ManifestData,
        compatibility: Compatibility,
        _turn: &Taken<'_>,
    ) -> Result<u64, RuntimeError> {
        self.check_is_new(&manifest)?;
        let bundle = self.start(manifest, compatibility)?;
        let (id, name) = (bundle.manifest.id, bundle.manifest.name.clone());
        let bundle = BundleUse::first(bundle);
        let handles = self.give_handles(&bundle)?;
        let mut registry = self.registry();
        if let Err(gone) = registry.check_open() {
            drop(registry);
            take_handles(handles);
            self.end_use(bundle, "loader");
            return Err(gone.into());
        }
        let replaced = self.change_view(|view| {
            for (contract_id, provider) in providers(&bundle, &handles) {
                view.add_guest(contract_id, provider);
            }
        });
        registry.add(bundle, handles);
        drop(registry);
        replaced.end(&READERS);
        self.raise_revision();
        self.log(LogLevel::Info, "loader", || format!("bundle `{name}` was loaded"));
        Ok(id)
    }

    fn check_is_new(&self, manifest: &ManifestData) -> Result<(), RuntimeError> {
        let registry = self.registry();
        registry.check_names(manifest)?;
        if let Some(first) = registry.bundle(manifest.id) {
            let folders = vec![first.bundle.manifest.path.clone(), manifest.path.clone()];
            let duplicates = vec![DuplicateBundle { name: manifest.name.clone(), folders }];
            return Err(GraphError::DuplicateBundle { duplicates }.into());
        }
        Ok(registry.check_providers(manifest)?)
    }

    /// Brings a bundle to life, unseen by others, and holds what it registers against its manifest.
    pub(crate) fn start(
        self: &Arc<Self>,
        manifest: ManifestData,
        compatibility: Compatibility,
    ) -> Result<Bundle, RuntimeError> {
        let registered = self.registered_for(&manifest);
        check_manifest(&manifest, |dependency| registered.of(dependency), compatibility, &self.settings.logger)?;
        let loader = self.loader_of(&manifest)?;
        let file = manifest.resolve_file()?;
        let scope = self.open_scope(Caller::Bundle(CallingBundle::new(&manifest, &self.names)))?;
        let request = LoadRequest { manifest: &manifest, folder: &manifest.path, file: &file, host: scope.table() };
        match load(&*loader, &request) {
            Ok(running) => self.verified(manifest, scope, running),
            Err(error) => {
                self.end_left_by(&scope);
                scope.retire();
                self.forget_scope(&scope);
                Err(error.into())
            }
        }
    }

    /// Ends a bundle again that is not what its manifest says.
    fn verified(
        self: &Arc<Self>,
        manifest: ManifestData,
        scope: Arc<Scope>,
        running: Box<dyn LoadedBundle>,
    ) -> Result<Bundle, RuntimeError> {
        let registrations = match &scope.caller {
            Caller::Bundle(bundle) => bundle.take_registrations(),
            Caller::Host => unreachable!("it was opened for a bundle"),
        };
        let name = manifest.name.clone();
        let (contracts, error) = match registrations.complete(&name) {
            Ok(registered) => (registered.into_iter().map(Contract::new).collect(), None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let bundle = Bundle { manifest, contracts, scope, running: Some(running), core: Arc::downgrade(self) };
        let Some(error) = error else { return Ok(bundle) };
        self.end_use(BundleUse::first(bundle), "loader");
        Err(error)
    }

    /// Ends a use, and waits if that ends the bundle. What goes wrong is reported.
    pub(crate) fn end_use(&self, bundle: BundleUse, scope: &str) {
        if let Some(Err(failure)) = bundle.end().map(|teardown| teardown.wait(self)) {
            self.report(scope, failure);
        }
    }

    /// Who provides what a bundle depends on, copied: what is made of it is logged, by the host's code.
    pub(crate) fn registered_for(&self, manifest: &ManifestData) -> RegisteredFor {
        let registry = self.registry();
        RegisteredFor(
            manifest
                .dependencies
                .iter()
                .flat_map(|dependency| {
                    let providers = registry.registered(dependency).into_iter();
                    providers.map(|it| (dependency.id(), it.bundle.to_owned(), it.version))
                })
                .collect(),
        )
    }

    /// Ends the instances that a bundle has left, which has not come to life; they may take their time.
    fn end_left_by(self: &Arc<Self>, scope: &Scope) {
        let left = self.instances.take_all_of(Some(scope.place()));
        if left.is_empty() {
            return;
        }
        let ending = Teardown::of_instances(left, self);
        if let Err(failure) = ending.wait(self) {
            self.report("loader", failure);
        }
    }

    /// The loader that a manifest names.
    pub(crate) fn loader_of(&self, manifest: &ManifestData) -> Result<Arc<dyn BundleLoader>, LoaderError> {
        let loaders = lock(&self.loaders);
        loaders.get(&manifest.loader).map(Arc::clone).ok_or_else(|| {
            let mut there: Vec<String> = loaders.keys().cloned().collect();
            there.sort();
            LoaderError::LoaderNotFound { bundle: manifest.name.clone(), loader_name: manifest.loader.clone(), there }
        })
    }

    /// Gives each contract of a bundle its handle.
    pub(crate) fn give_handles(&self, bundle: &BundleUse) -> Result<Vec<Handle>, Failure> {
        let mut handles = Vec::new();
        for (ordinal, contract) in (0..).zip(&bundle.contracts) {
            let tenant = Tenant {
                runtime: self.id,
                contract_id: contract.interface().contract_id,
                interface: contract.interface(),
                bundle: bundle.as_ptr(),
                provider: bundle.manifest.id,
                ordinal,
            };
            match contract_slots::occupy(tenant) {
                Some(handle) => handles.push(handle),
                None => {
                    take_handles(handles);
                    return Err(Failure::new(
                        AbiErrorCode::OutOfMemory,
                        "there are too many contracts in this process",
                    ));
                }
            }
        }
        Ok(handles)
    }
}

/// Takes handles away again that were not shown to anybody.
pub(crate) fn take_handles(handles: Vec<Handle>) {
    handles.into_iter().for_each(contract_slots::vacate);
    READERS.wait();
}

/// Providers of contracts: the contract's id, the provider's name, the version.
pub(crate) struct RegisteredFor(Vec<(u64, String, Version)>);

impl RegisteredFor {
    /// Those of a dependency's contract.
    pub(crate) fn of(&self, dependency: &Dependency) -> Vec<RegisteredProvider<'_>> {
        let Self(providers) = self;
        let its = providers.iter().filter(|(id, ..)| *id == dependency.id());
        its.map(|(_, bundle, version)| RegisteredProvider { bundle, version: *version }).collect()
    }
}

/// What the view shows of a bundle.
pub(crate) fn providers(bundle: &Bundle, handles: &[Handle]) -> impl Iterator<Item = (u64, Provider)> {
    bundle.contracts.iter().zip(handles).map(|(contract, handle)| {
        let interface = contract.interface();
        (interface.contract_id, Provider { handle: *handle, version: interface.version, bundle: bundle.manifest.id })
    })
}

/// Has the loader load. A panic of it is an error.
fn load(loader: &dyn BundleLoader, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
    caught(|| loader.load(request)).unwrap_or_else(|| {
        Err(LoaderError::InitFailed {
            bundle: request.manifest.name.clone(),
            error: format!("its loader `{}` panicked", request.manifest.loader),
            code: AbiErrorCode::Panicked.as_u32(),
        })
    })
}
