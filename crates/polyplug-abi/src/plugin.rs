//! What a bundle of plugins and the runtime tell each other: the entry point and its context, descriptors, dependencies.

use crate::arena::CallArena;
use crate::host::HostApi;
use crate::types::{StringView, Version};

/// The version of this ABI. A runtime takes plugins of its own version only.
pub const ABI_VERSION: u32 = 1;

/// The function that every native bundle exports: a [`PluginInit`].
pub const ENTRY_SYMBOL: &str = "polyplug_init";
/// The function with which a native bundle says which ABI it was built for: an [`AbiVersion`]. A library without it is of
/// version 1.
pub const ABI_VERSION_SYMBOL: &str = "polyplug_abi_version";

/// Registers what the bundle provides, and returns a code. `host` is this bundle's own: through it the runtime knows who
/// calls. It stays valid until the bundle is unloaded; `context` until the call returns.
pub type PluginInit = unsafe extern "C" fn(host: *const HostApi, context: *const BundleInitContext) -> u32;
/// Returns [`ABI_VERSION`] as it was when the bundle was built.
pub type AbiVersion = unsafe extern "C" fn() -> u32;

/// What a bundle is told when it starts. 40 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BundleInitContext {
    /// [`bundle_id`](crate::identity::bundle_id) of its name.
    pub bundle_id: u64,
    /// The folder that its manifest is in.
    pub bundle_path: StringView,
    /// [`ABI_VERSION`] of the runtime.
    pub abi_version: u32,
    /// Zero.
    pub reserved: u32,
    /// For the message of an initialisation that fails.
    pub arena: *mut CallArena,
}

/// Which plugin of a bundle registers a contract. 40 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PluginDescriptor {
    /// The plugin's name, unique in its bundle.
    pub name: StringView,
    /// The contract's name without its version, as in `image.Decoder`; the runtime holds its hash against the
    /// interface's id.
    pub contract_name: StringView,
    /// The plugin's version.
    pub version: Version,
}

/// A loaded bundle. 32 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct BundleDescriptor {
    /// Its id.
    pub id: u64,
    /// Its name; this view lives as long as the runtime.
    pub name: StringView,
    /// Its version.
    pub version: Version,
}

/// What a dependency is on.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DependencyKind {
    /// A contract of another bundle.
    #[default]
    GuestContract = 0,
    /// A contract of the host.
    HostContract = 1,
}

/// A dependency that a bundle declares. 40 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct BundleDependency {
    /// The contract's id.
    pub contract_id: u64,
    /// The contract's name without its version; this view lives as long as the runtime.
    pub contract: StringView,
    /// The bundle that has to provide it; 0 for any.
    pub bundle_id: u64,
    /// The least version, packed; 0 for any.
    pub min_version: u32,
    /// A [`DependencyKind`].
    pub kind: u32,
}
