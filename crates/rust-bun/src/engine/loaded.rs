//! A polyplug runtime with the engine's bundle in it, and with those that it depends on.

use std::path::PathBuf;
use std::sync::Arc;

use polyplug::error::RuntimeError;
use polyplug::{Runtime, RuntimeBuilder};
use polyplug_abi::DependencyKind;
use polyplug_native::NativeLoader;

use super::host::{CallError, EngineCaller, Host};
use crate::bundles::{Bundle, Listing};

/// The runtime. While it is there, so is the engine's code.
#[derive(Debug)]
pub(super) struct Loaded {
    runtime: Arc<Runtime>,
}

impl Loaded {
    /// Loads a bundle, after those that it depends on.
    pub(super) fn new(listing: &Listing, bundle: &Bundle) -> Result<Self, RuntimeError> {
        let mut order = Vec::new();
        collect(listing, bundle, &mut order);
        // SAFETY: whoever put a bundle into one of the folders wants its code to be run in this program: they belong to
        // the program, to the user, or are named in the process's own environment. Nobody else uses the loader.
        let loader = unsafe { NativeLoader::new() };
        let runtime = RuntimeBuilder::new().loader(loader).build()?;
        for folder in order.iter().rev() {
            runtime.load_bundle(folder)?;
        }
        Ok(Self { runtime })
    }

    /// The engine.
    pub(super) fn open(&self) -> Result<EngineCaller<'_>, CallError> {
        // SAFETY: the table is the runtime's, which stays as long as `self` is borrowed.
        unsafe { Host::from_raw(self.runtime.host_api()) }?.open()
    }
}

/// The folders to load, the last first; each is in front of what needs it. What is missing or goes in circles, the
/// runtime says better when it is loaded.
fn collect(listing: &Listing, bundle: &Bundle, order: &mut Vec<PathBuf>) {
    if order.contains(&bundle.path) {
        return;
    }
    order.push(bundle.path.clone());
    let Some(manifest) = bundle.taken() else { return };
    for dependency in manifest.dependencies.iter().filter(|one| one.kind == DependencyKind::GuestContract) {
        let by_name = |name: &String| {
            listing.bundles().find(|other| other.taken().is_some_and(|manifest| manifest.name == *name))
        };
        let by_contract = || listing.provider_of(&dependency.contract, dependency.min_version.major);
        if let Some(provider) = dependency.bundle.as_ref().map_or_else(by_contract, by_name) {
            collect(listing, provider, order);
        }
    }
}
