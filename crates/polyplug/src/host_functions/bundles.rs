//! Bundles: what is loaded, loading, reloading, unloading, loaders.

use std::path::Path;
use std::ptr;

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, BundleDependency, BundleDescriptor, HostApi, LoaderInterface, identity};

use super::{answer, check_alignment, check_in, write_all};
use crate::error::{Failure, RuntimeError};
use crate::loader::ForeignLoader;
use crate::runtime::registration::text;
use crate::runtime::scope::{self, Caller};
use crate::runtime::unload::unknown;

/// See [`HostApi::list_bundles`].
pub(super) unsafe extern "C" fn list_bundles(
    this: *const HostApi,
    out: *mut BundleDescriptor,
    capacity: usize,
    count: *mut usize,
) -> u32 {
    list(this, |call| {
        let descriptors: Vec<BundleDescriptor> = call
            .core
            .registry()
            .bundles()
            .map(|loaded| {
                let manifest = &loaded.bundle.manifest;
                let name = StringView::new(&call.core.names.keep(&manifest.name));
                BundleDescriptor { id: manifest.id, name, version: manifest.version }
            })
            .collect();
        // SAFETY: the caller has room for so many descriptors and for a number.
        unsafe { write_all(descriptors.into_iter(), out, capacity, count) }
    })
}

/// See [`HostApi::get_dependencies`].
pub(super) unsafe extern "C" fn get_dependencies(
    this: *const HostApi,
    bundle_id: u64,
    out: *mut BundleDependency,
    capacity: usize,
    count: *mut usize,
) -> u32 {
    list(this, |call| {
        let manifest = {
            let registry = call.core.registry();
            let loaded = registry.bundle(bundle_id).ok_or_else(|| unknown(bundle_id))?;
            loaded.bundle.manifest.clone()
        };
        let dependencies = manifest.dependencies.iter().map(|dependency| BundleDependency {
            contract_id: dependency.id(),
            contract: StringView::new(&call.core.names.keep(&dependency.contract)),
            bundle_id: dependency.bundle.as_deref().map_or(0, identity::bundle_id),
            min_version: dependency.min_version.packed(),
            kind: dependency.kind as u32,
        });
        // SAFETY: the caller has room for so many dependencies and for a number.
        unsafe { write_all(dependencies, out, capacity, count) }
    })
}

/// A call that writes a list. That there is no room for all of it is no error: the number of items says it.
fn list(this: *const HostApi, run: impl FnOnce(&scope::Call) -> Result<bool, Failure>) -> u32 {
    let mut fits = true;
    let code = answer(this, "registry", |call| {
        fits = run(call)?;
        Ok(())
    });
    if fits { code } else { AbiErrorCode::BufferTooSmall.as_u32() }
}

/// See [`HostApi::load_bundle`].
pub(super) unsafe extern "C" fn load_bundle(this: *const HostApi, path: StringView, out: *mut u64) -> u32 {
    answer(this, "loader", |call| {
        // SAFETY: the caller's view lives for the call.
        let path = unsafe { text(path, "the bundle's folder") }?;
        check_alignment(out, "the bundle's id")?;
        let id = call.core.load_folder(Path::new(path))?;
        if !out.is_null() {
            // SAFETY: it is not null and aligned; the caller has room for an id there.
            unsafe { out.write(id) };
        }
        Ok(())
    })
}

/// See [`HostApi::reload_bundle`].
pub(super) unsafe extern "C" fn reload_bundle(this: *const HostApi, bundle_id: u64) -> u32 {
    answer(this, "reload", |call| Ok(call.core.reload(bundle_id)?))
}

/// See [`HostApi::unload_bundle`].
pub(super) unsafe extern "C" fn unload_bundle(this: *const HostApi, bundle_id: u64, cascade: u32) -> u32 {
    answer(this, "loader", |call| {
        let cascade = match cascade {
            0 => false,
            1 => true,
            other => {
                let message = format!("`cascade` is 0 or 1, not {other}");
                return Err(Failure::new(AbiErrorCode::InvalidArgument, message));
            }
        };
        Ok(call.core.unload(bundle_id, cascade)?)
    })
}

/// See [`HostApi::register_loader`].
pub(super) unsafe extern "C" fn register_loader(this: *const HostApi, loader: *const LoaderInterface) -> u32 {
    answer(this, "loader", |call| {
        if let Caller::Bundle(bundle) = &call.scope.caller {
            let message = format!("bundle `{}` cannot register loaders", bundle.name);
            return Err(Failure::new(AbiErrorCode::Reentrant, message));
        }
        check_in(loader, "the loader")?;
        // SAFETY: it is not null or unaligned; the host keeps it for the call, and what it points at for longer.
        let loader = unsafe { ForeignLoader::new(loader.read(), call.core.teardown_timeout()) }?;
        Ok(call.core.add_loader(Box::new(loader)).map_err(RuntimeError::from)?)
    })
}

/// See [`HostApi::revision_counter`].
pub(super) unsafe extern "C" fn revision_counter(this: *const HostApi) -> *const u64 {
    scope::enter(this).map_or(ptr::null(), |call| call.core.revision.as_ptr().cast_const())
}
