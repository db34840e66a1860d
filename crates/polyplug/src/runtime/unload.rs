//! Unloading a bundle, and the end of the runtime: what is withdrawn can no longer be found, and ends with its last use.

use std::collections::HashSet;
use std::sync::Arc;

use polyplug_abi::runtime::ReloadPhaseType;
use polyplug_abi::types::LogLevel;

use super::contract_slots;
use super::core::Core;
use super::pin::READERS;
use super::registry::{Loaded, Registry};
use super::teardown::Teardown;
use crate::error::RuntimeError;
use crate::loader::ManifestData;

impl Core {
    /// Withdraws a bundle, and with `cascade` those that depend on it, first.
    pub(crate) fn unload(self: &Arc<Self>, id: u64, cascade: bool) -> Result<(), RuntimeError> {
        let _turn = self.take_lifecycle_turn("unload_bundle")?;
        let leaving = {
            let registry = self.registry();
            let loaded = registry.bundle(id).ok_or_else(|| unknown(id))?;
            let leaving = with_dependents(&registry, &loaded.bundle.manifest);
            if leaving.len() > 1 && !cascade {
                let direct = registry.dependents_of(&loaded.bundle.manifest);
                return Err(RuntimeError::InUse {
                    bundle: loaded.bundle.manifest.name.clone(),
                    dependents: direct.iter().map(|dependent| dependent.bundle.manifest.name.clone()).collect(),
                });
            }
            leaving
        };
        let mut result = Ok(());
        for (id, name) in leaving {
            self.tell_phase(ReloadPhaseType::Unloading, id, &name, "");
            let Some(loaded) = self.withdraw(id) else { continue };
            self.log(LogLevel::Info, "loader", || format!("bundle `{name}` was unloaded"));
            if let Some(Err(failure)) = loaded.bundle.end().map(|teardown| teardown.wait(self)) {
                result = result.and(Err(failure));
            }
        }
        Ok(result?)
    }

    /// Takes a bundle out of everything by which it can be found.
    fn withdraw(&self, id: u64) -> Option<Loaded> {
        let mut registry = self.registry();
        let loaded = registry.remove(id)?;
        let replaced = self.change_view(|view| {
            for (contract, handle) in loaded.bundle.contracts.iter().zip(&loaded.handles) {
                view.remove_guest(contract.interface().contract_id, *handle);
            }
        });
        drop(registry);
        loaded.handles.iter().copied().for_each(contract_slots::vacate);
        replaced.end(&READERS);
        self.raise_revision();
        Some(loaded)
    }

    /// Ends everything. Bundles end one by one, dependents before what they depend on; what does not end is left.
    pub(crate) fn shut_down(self: &Arc<Self>) {
        let turn = self.take_last_lifecycle_turn();
        if turn.is_err() {
            // What is being loaded may still call the host's contracts and use its memory.
            self.memory.keep();
            self.log(LogLevel::Error, "teardown", || {
                "the runtime ends within a load, a reload or an unload".to_owned()
            });
        }
        let leaving: Vec<u64> = {
            let mut registry = self.registry();
            registry.close();
            registry.bundles().rev().map(|loaded| loaded.bundle.manifest.id).collect()
        };
        let left = self.instances.take_all_of(Some(self.host().place()));
        if !left.is_empty() {
            self.log(LogLevel::Warn, "instances", || format!("the host did not give {} instances back", left.len()));
            self.teardowns.add(Teardown::of_instances(left, self));
            self.teardowns.wait_for_all(self);
        }
        for id in leaving {
            if let Some(loaded) = self.withdraw(id) {
                self.end_use(loaded.bundle, "teardown");
            }
        }
        self.teardowns.wait_for_all(self);
        if !self.memory.is_kept() {
            // Bundles that hold instances of themselves, or of each other: all others have ended.
            let left = self.instances.take_all_of(None);
            if !left.is_empty() {
                self.teardowns.add(Teardown::of_instances(left, self));
                self.teardowns.wait_for_all(self);
            }
        }
        drop(turn);
        self.close_scopes();
        let hosts = std::mem::take(&mut self.registry().hosts);
        for host in hosts.values() {
            contract_slots::vacate(host.handle);
        }
        if self.memory.is_kept() {
            // A plugin that did not end may still call them.
            std::mem::forget(hosts);
        }
        self.leave_host_alone();
    }
}

/// A bundle and all that depend on it, however indirectly: dependents before what they depend on.
pub(crate) fn with_dependents(registry: &Registry, provider: &ManifestData) -> Vec<(u64, String)> {
    let mut ids = HashSet::from([provider.id]);
    let mut next = vec![provider];
    while let Some(provider) = next.pop() {
        for dependent in registry.dependents_of(provider) {
            let manifest = &dependent.bundle.manifest;
            if ids.insert(manifest.id) {
                next.push(manifest);
            }
        }
    }
    // What is loaded later depends on what was there before, not the other way round.
    let manifests = registry.bundles().rev().map(|loaded| &loaded.bundle.manifest);
    manifests
        .filter(|manifest| ids.contains(&manifest.id))
        .map(|manifest| (manifest.id, manifest.name.clone()))
        .collect()
}

/// There is no such bundle.
pub(crate) fn unknown(id: u64) -> RuntimeError {
    RuntimeError::BundleNotFound { bundle: format!("{id:#018x}") }
}
