//! Loaders that are not written in Rust: what a host hands to `register_loader`.

use core::ffi::c_void;

use crate::arena::CallArena;
use crate::host::HostApi;
use crate::types::{StringView, Version};

/// The bundle that a loader is to load. 64 bytes on 64-bit targets. Views live for the call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BundleView {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: StringView,
    /// The folder that its manifest is in.
    pub folder: StringView,
    /// The file that its manifest names for this platform, absolute; it is there, and in the folder.
    pub file: StringView,
    /// Its version.
    pub version: Version,
}

/// Loads a bundle: starts it, lets it register its contracts through `host`, and writes what `unload` is to get to `out`.
/// The message of a failure goes to the arena. `host` is the bundle's own, valid until its `unload` has returned.
pub type LoadBundle = unsafe extern "C" fn(
    context: *mut c_void,
    host: *const HostApi,
    bundle: *const BundleView,
    arena: *mut CallArena,
    out: *mut *mut c_void,
) -> u32;

/// Lets go of a loaded bundle: nobody calls it any more.
pub type UnloadBundle = unsafe extern "C" fn(context: *mut c_void, bundle: *mut c_void);

/// A loader. 48 bytes on 64-bit targets. The runtime copies it; `context` has to stay until the runtime is gone.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoaderInterface {
    /// What manifests call it in `loader`.
    pub name: StringView,
    /// The loader's own.
    pub context: *mut c_void,
    /// 1 if a bundle may be loaded again while its old self is there; otherwise 0.
    pub can_reload: u32,
    /// Zero.
    pub reserved: u32,
    /// Loads.
    pub load: Option<LoadBundle>,
    /// Unloads.
    pub unload: Option<UnloadBundle>,
}

// SAFETY: plain addresses; `load` and `unload` may be called from any thread, one call of a loader at a time.
unsafe impl Send for LoaderInterface {}
// SAFETY: as above.
unsafe impl Sync for LoaderInterface {}
