//! Reloading a bundle: the new is loaded beside the old, and takes its place at once for all who look. The old ends with
//! its last use. Handles of the old are stale from then on: whoever keeps handles looks at the revision.

use std::sync::Arc;

use polyplug_abi::runtime::ReloadPhaseType;
use polyplug_abi::types::LogLevel;

use super::bundle::{Bundle, BundleUse};
use super::contract_slots;
use super::core::Core;
use super::load::{providers, take_handles};
use super::pin::READERS;
use super::registry::Loaded;
use super::turn::Taken;
use super::unload::{unknown, with_dependents};
use crate::compatibility::{RegisteredProvider, check_manifest};
use crate::error::{Failure, LoaderError, RuntimeError};
use crate::loader::ManifestData;
use crate::logger::LoggerHandle;

impl Core {
    /// Reloads a bundle, and then those that depend on it and ask for that.
    pub(crate) fn reload(self: &Arc<Self>, id: u64) -> Result<(), RuntimeError> {
        let turn = self.take_lifecycle_turn("reload_bundle")?;
        let (dependents, old) = {
            let registry = self.registry();
            let loaded = registry.bundle(id).ok_or_else(|| unknown(id))?;
            let mut dependents = with_dependents(&registry, &loaded.bundle.manifest);
            dependents.reverse();
            dependents.retain(|(dependent, _)| *dependent != id);
            (dependents, loaded.bundle.manifest.clone())
        };
        let result = self.reload_one(&old, &turn);
        let mut reloaded = vec![old];
        if matches!(result, Err(NotReloaded::Kept(_))) {
            return result.map_err(NotReloaded::into_error);
        }
        for (dependent, _) in dependents {
            let manifest = match self.registry().bundle(dependent) {
                Some(loaded) => loaded.bundle.manifest.clone(),
                None => continue,
            };
            if !asks_for_it(&manifest, &reloaded) {
                continue;
            }
            match self.reload_one(&manifest, &turn) {
                Err(NotReloaded::Kept(error)) => {
                    self.report("reload", Failure { code: error.code(), message: error.to_string() });
                }
                Err(NotReloaded::OldDidNotEnd(failure)) => {
                    self.report("reload", failure);
                    reloaded.push(manifest);
                }
                Ok(()) => reloaded.push(manifest),
            }
        }
        result.map_err(NotReloaded::into_error)
    }

    /// Reloads one bundle, with its phases.
    fn reload_one(self: &Arc<Self>, old: &ManifestData, turn: &Taken<'_>) -> Result<(), NotReloaded> {
        self.check_reloadable(old).map_err(NotReloaded::Kept)?;
        let (id, name) = (old.id, old.name.as_str());
        self.tell_phase(ReloadPhaseType::Preparing, id, name, "");
        let swapped = self.start_anew(old).and_then(|new| self.swap(new, turn));
        match swapped {
            Ok(old) => {
                self.tell_phase(ReloadPhaseType::Reloaded, id, name, "");
                match old.bundle.end().map(|teardown| teardown.wait(self)) {
                    Some(Err(failure)) => Err(NotReloaded::OldDidNotEnd(failure)),
                    _ => Ok(()),
                }
            }
            Err(error) => {
                self.tell_phase(ReloadPhaseType::Failed, id, name, &error.to_string());
                Err(NotReloaded::Kept(error))
            }
        }
    }

    fn check_reloadable(&self, manifest: &ManifestData) -> Result<(), RuntimeError> {
        if self.settings.config.hot_reload_enabled == 0 {
            return Err(RuntimeError::ReloadDisabled { bundle: manifest.name.clone() });
        }
        if !self.loader_of(manifest)?.can_reload() {
            let (bundle, loader) = (manifest.name.clone(), manifest.loader.clone());
            return Err(RuntimeError::ReloadUnsupported { bundle, loader });
        }
        Ok(())
    }

    /// Reads the manifest anew, and starts the bundle beside its old self.
    fn start_anew(self: &Arc<Self>, old: &ManifestData) -> Result<Bundle, RuntimeError> {
        let manifest = ManifestData::read(&old.path)?;
        if manifest.name != old.name {
            let error =
                format!("its manifest now has the name `{}`; unload it and load that one instead", manifest.name);
            let code = polyplug_abi::AbiErrorCode::InvalidManifest.as_u32();
            return Err(LoaderError::InitFailed { bundle: old.name.clone(), error, code }.into());
        }
        {
            let registry = self.registry();
            registry.check_names(&manifest)?;
            registry.check_providers(&manifest)?;
        }
        self.check_dependents(&manifest)?;
        self.start(manifest, self.settings.compatibility)
    }

    /// Whether those that depend on a bundle can depend on its new self.
    fn check_dependents(&self, new: &ManifestData) -> Result<(), RuntimeError> {
        let registry = self.registry();
        let Some(old) = registry.bundle(new.id) else { return Ok(()) };
        for dependent in registry.dependents_of(&old.bundle.manifest) {
            let providers = |dependency: &crate::loader::Dependency| {
                let others = registry.registered(dependency).into_iter().filter(|it| it.bundle != new.name);
                let own = new.provides.iter().filter(|provided| {
                    dependency.kind == polyplug_abi::DependencyKind::GuestContract && provided.id() == dependency.id()
                });
                own.map(|provided| RegisteredProvider { bundle: &new.name, version: provided.version })
                    .chain(others)
                    .collect()
            };
            let manifest = &dependent.bundle.manifest;
            check_manifest(manifest, providers, self.settings.compatibility, &LoggerHandle::none())?;
        }
        Ok(())
    }

    /// Puts a bundle in the place of its old self, all contracts at once, and gives that.
    fn swap(self: &Arc<Self>, new: Bundle, _turn: &Taken<'_>) -> Result<Loaded, RuntimeError> {
        let new = BundleUse::first(new);
        let handles = self.give_handles(&new)?;
        let mut registry = self.registry();
        if let Err(gone) = registry.check_open() {
            drop(registry);
            take_handles(handles);
            self.end_use(new, "reload");
            return Err(gone.into());
        }
        let replaced = self.change_view(|view| {
            let old = registry.bundle(new.manifest.id).map(|old| (&old.bundle, &old.handles));
            let mut leaving: Vec<_> =
                old.into_iter().flat_map(|(bundle, handles)| providers(bundle, handles)).collect();
            for (contract_id, provider) in providers(&new, &handles) {
                match leaving.iter().position(|(id, _)| *id == contract_id) {
                    Some(place) => {
                        let (_, old) = leaving.swap_remove(place);
                        view.replace_guest(contract_id, old.handle, provider);
                    }
                    None => view.add_guest(contract_id, provider),
                }
            }
            for (contract_id, old) in leaving {
                view.remove_guest(contract_id, old.handle);
            }
        });
        let id = new.manifest.id;
        let old = registry.replace(new, handles);
        drop(registry);
        for handle in old.iter().flat_map(|old| &old.handles) {
            contract_slots::vacate(*handle);
        }
        replaced.end(&READERS);
        self.raise_revision();
        self.log(LogLevel::Debug, "reload", || format!("bundle {id:#018x} was swapped"));
        old.ok_or_else(|| unknown(id))
    }
}

/// Why a bundle is not there anew, or not as it should be.
enum NotReloaded {
    /// The old one serves on.
    Kept(RuntimeError),
    /// The new one serves; the old one did not end.
    OldDidNotEnd(Failure),
}

impl NotReloaded {
    fn into_error(self) -> RuntimeError {
        match self {
            Self::Kept(error) => error,
            Self::OldDidNotEnd(failure) => failure.into(),
        }
    }
}

/// Whether a bundle is to be started anew after these were.
fn asks_for_it(manifest: &ManifestData, reloaded: &[ManifestData]) -> bool {
    manifest.needs_reinit_on_dep_reload && reloaded.iter().any(|provider| super::registry::depends(manifest, provider))
}
