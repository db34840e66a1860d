//! What is loaded, for those who change it. Readers have the view.

use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::Arc;

use polyplug_abi::{DependencyKind, HostContractInterface};

use super::bundle::BundleUse;
use super::contract_slots::Handle;
use super::core::gone;
use crate::compatibility::RegisteredProvider;
use crate::error::{DuplicateProvider, Failure, GraphError};
use crate::host_contract::Owner;
use crate::loader::{Dependency, ManifestData};

/// What is loaded.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    bundles: HashMap<u64, Loaded>,
    /// Ids by when they were loaded.
    order: BTreeMap<u64, u64>,
    loads: u64,
    /// Providers of each contract of bundles: bundle ids in load order.
    providers: HashMap<u64, Vec<u64>>,
    /// The contracts of the host.
    pub(crate) hosts: HashMap<u64, HostContract>,
    /// Every name that was ever registered, by its id.
    names: HashMap<u64, String>,
    /// The runtime has ended: nothing is added any more.
    closed: bool,
}

/// A bundle that is loaded.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) bundle: BundleUse,
    /// Of its contracts, in their order.
    pub(crate) handles: Vec<Handle>,
    /// When it was first loaded; a reload changes nothing in that.
    pub(crate) place: u64,
}

/// A contract of the host.
#[derive(Debug)]
pub(crate) struct HostContract {
    pub(crate) handle: Handle,
    /// Stays where it is as long as the runtime.
    pub(crate) interface: Arc<HostContractInterface>,
    /// What the interface points at, if it is the runtime's.
    pub(crate) _owner: Owner,
}

impl Registry {
    /// Adds nothing any more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Whether something may be added.
    pub(crate) fn check_open(&self) -> Result<(), Failure> {
        if self.closed { Err(gone()) } else { Ok(()) }
    }

    /// A loaded bundle.
    pub(crate) fn bundle(&self, id: u64) -> Option<&Loaded> {
        self.bundles.get(&id)
    }

    /// All of them in load order.
    pub(crate) fn bundles(&self) -> impl DoubleEndedIterator<Item = &Loaded> {
        self.order.values().filter_map(|id| self.bundles.get(id))
    }

    /// Adds a bundle behind all others.
    pub(crate) fn add(&mut self, bundle: BundleUse, handles: Vec<Handle>) {
        self.loads += 1;
        let id = bundle.manifest.id;
        for (_, id, name) in names_of(&bundle.manifest) {
            self.keep_name(id, name);
        }
        self.order.insert(self.loads, id);
        for contract in &bundle.contracts {
            self.providers.entry(contract.interface().contract_id).or_default().push(id);
        }
        self.bundles.insert(id, Loaded { bundle, handles, place: self.loads });
    }

    /// Puts a bundle where its old self was, and gives that.
    pub(crate) fn replace(&mut self, bundle: BundleUse, handles: Vec<Handle>) -> Option<Loaded> {
        let id = bundle.manifest.id;
        let place = self.bundles.get(&id)?.place;
        for (_, id, name) in names_of(&bundle.manifest) {
            self.keep_name(id, name);
        }
        let new: Vec<u64> = bundle.contracts.iter().map(|contract| contract.interface().contract_id).collect();
        let old = self.bundles.insert(id, Loaded { bundle, handles, place })?;
        for contract in &old.bundle.contracts {
            let contract_id = contract.interface().contract_id;
            if !new.contains(&contract_id) {
                self.forget_provider(contract_id, id);
            }
        }
        for contract_id in new {
            let providers = self.providers.entry(contract_id).or_default();
            if !providers.contains(&id) {
                providers.push(id);
            }
        }
        Some(old)
    }

    /// Removes a bundle.
    pub(crate) fn remove(&mut self, id: u64) -> Option<Loaded> {
        let loaded = self.bundles.remove(&id)?;
        self.order.remove(&loaded.place);
        for contract in &loaded.bundle.contracts {
            self.forget_provider(contract.interface().contract_id, id);
        }
        Some(loaded)
    }

    fn forget_provider(&mut self, contract_id: u64, bundle: u64) {
        if let Some(providers) = self.providers.get_mut(&contract_id) {
            providers.retain(|id| *id != bundle);
            if providers.is_empty() {
                self.providers.remove(&contract_id);
            }
        }
    }

    /// The bundles that provide a contract.
    pub(crate) fn providers_of(&self, contract_id: u64) -> impl Iterator<Item = &Loaded> {
        self.providers.get(&contract_id).into_iter().flatten().filter_map(|id| self.bundles.get(id))
    }

    /// Who provides what a dependency is on, as far as it is registered.
    pub(crate) fn registered(&self, dependency: &Dependency) -> Vec<RegisteredProvider<'_>> {
        match dependency.kind {
            DependencyKind::GuestContract => self
                .providers_of(dependency.id())
                .flat_map(|loaded| loaded.bundle.contracts.iter().map(move |contract| (loaded, contract.interface())))
                .filter(|(_, interface)| interface.contract_id == dependency.id())
                .map(|(loaded, interface)| RegisteredProvider {
                    bundle: &loaded.bundle.manifest.name,
                    version: interface.version,
                })
                .collect(),
            DependencyKind::HostContract => self
                .hosts
                .get(&dependency.id())
                .map(|host| RegisteredProvider { bundle: "host", version: host.interface.version })
                .into_iter()
                .collect(),
        }
    }

    /// The bundles that depend on a bundle, in load order.
    pub(crate) fn dependents_of(&self, provider: &ManifestData) -> Vec<&Loaded> {
        self.bundles().filter(|loaded| depends(&loaded.bundle.manifest, provider)).collect()
    }

    /// Whether a bundle may be there along with the others that are; one of its own name does not count.
    pub(crate) fn check_providers(&self, manifest: &ManifestData) -> Result<(), GraphError> {
        for provided in &manifest.provides {
            let others: Vec<&Loaded> =
                self.providers_of(provided.id()).filter(|loaded| loaded.bundle.manifest.id != manifest.id).collect();
            let all = others.iter().map(|loaded| &loaded.bundle.manifest).chain([manifest]);
            let exclusive: Vec<String> = all
                .clone()
                .filter(|manifest| !manifest.provides.iter().any(|it| it.id() == provided.id() && it.multiple))
                .map(|manifest| manifest.name.clone())
                .collect();
            if !others.is_empty() && !exclusive.is_empty() {
                let bundles = all.map(|manifest| manifest.name.clone()).collect();
                let duplicates = vec![DuplicateProvider { contract: provided.reference(), bundles, exclusive }];
                return Err(GraphError::DuplicateProvider { duplicates });
            }
        }
        Ok(())
    }

    /// Whether none of a bundle's names has the id of another name.
    pub(crate) fn check_names(&self, manifest: &ManifestData) -> Result<(), GraphError> {
        names_of(manifest).try_for_each(|(what, id, name)| self.check_name(what, id, &name))
    }

    /// Whether a name has the id of no other.
    pub(crate) fn check_name(&self, what: &'static str, id: u64, name: &str) -> Result<(), GraphError> {
        match self.names.get(&id) {
            Some(first) if first != name => {
                let (first, second) = (first.clone(), name.to_owned());
                Err(GraphError::ContractIdCollision { what, first, second, id })
            }
            _ => Ok(()),
        }
    }

    /// Writes a name down.
    pub(crate) fn keep_name(&mut self, id: u64, name: String) {
        self.names.entry(id).or_insert(name);
    }
}

/// The names that a manifest uses: what they are of, their ids, themselves.
fn names_of(manifest: &ManifestData) -> impl Iterator<Item = (&'static str, u64, String)> {
    let provided = manifest.provides.iter().map(|provided| ("contracts", provided.id(), provided.reference()));
    let dependencies =
        manifest.dependencies.iter().map(|dependency| ("contracts", dependency.id(), dependency.reference()));
    iter::once(("bundles", manifest.id, manifest.name.clone())).chain(provided).chain(dependencies)
}

/// Whether a bundle depends on another, directly.
pub(crate) fn depends(dependent: &ManifestData, provider: &ManifestData) -> bool {
    let on_it = |dependency: &Dependency| {
        dependency.kind == DependencyKind::GuestContract
            && dependency.bundle.as_ref().is_none_or(|bundle| *bundle == provider.name)
            && provider.provides.iter().any(|provided| provided.id() == dependency.id())
    };
    dependent.id != provider.id && dependent.dependencies.iter().any(on_it)
}
