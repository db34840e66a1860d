//! The table of functions through which everybody calls the runtime.

use core::ffi::c_void;

use crate::contract::{GuestContractInterface, HostContractInterface};
use crate::handle::{GuestContractHandle, GuestInstance, HostContractHandle};
use crate::loader::LoaderInterface;
use crate::plugin::{BundleDependency, BundleDescriptor, PluginDescriptor};
use crate::types::StringView;

/// The runtime, seen from outside: 23 fields, 184 bytes on 64-bit targets, frozen for ABI version 1.
///
/// Every function gets the table itself first, may be called from any thread, and checks what it gets: null, unaligned
/// and impossible arguments end with a code. (An aligned address of memory that is not there cannot be told from a good
/// one.) Functions that return `u32` return an [`AbiErrorCode`](crate::AbiErrorCode); the words for it are the last error
/// then. Each bundle has a table of its own, so the runtime knows who calls: a bundle is shown only what its manifest
/// declares.
#[repr(C)]
#[derive(Debug)]
pub struct HostApi {
    /// The runtime's own.
    pub runtime: *mut c_void,
    /// Registers a contract that the calling bundle provides; while it is being loaded only.
    pub register_guest_contract: unsafe extern "C" fn(
        this: *const HostApi,
        descriptor: *const PluginDescriptor,
        interface: *const GuestContractInterface,
    ) -> u32,
    /// Memory that may be handed to the other side. Null if `size` is 0, `align` is no power of two, or there is none.
    pub alloc: unsafe extern "C" fn(this: *const HostApi, size: usize, align: usize) -> *mut u8,
    /// Gives memory of `alloc` back, with the very size and alignment. Null is ignored; anything else that `alloc` did not
    /// give out, or gave out otherwise, is `InvalidPointer` and left alone.
    pub free: unsafe extern "C" fn(this: *const HostApi, ptr: *mut u8, size: usize, align: usize) -> u32,
    /// The first loaded provider of a contract, of at least `min_version` (packed; 0 for any).
    pub find_guest_contract: unsafe extern "C" fn(
        this: *const HostApi,
        contract_id: u64,
        min_version: u32,
        out: *mut GuestContractHandle,
    ) -> u32,
    /// All of them, in load order: writes up to `capacity` handles, and to `count` how many there are; more than
    /// `capacity` is `BufferTooSmall`. `out` may be null if `capacity` is 0.
    pub find_all_guest_contracts: unsafe extern "C" fn(
        this: *const HostApi,
        contract_id: u64,
        min_version: u32,
        out: *mut GuestContractHandle,
        capacity: usize,
        count: *mut usize,
    ) -> u32,
    /// The interface behind a handle. Without an instance of it, it may be read only while nobody unloads or reloads its
    /// bundle.
    pub resolve_guest_contract: unsafe extern "C" fn(
        this: *const HostApi,
        handle: GuestContractHandle,
        out: *mut *const GuestContractInterface,
    ) -> u32,
    /// A contract of the host, of at least `min_version`.
    pub get_host_contract: unsafe extern "C" fn(
        this: *const HostApi,
        contract_id: u64,
        min_version: u32,
        out: *mut HostContractHandle,
    ) -> u32,
    /// The interface behind it, valid as long as the runtime.
    pub resolve_host_contract_interface: unsafe extern "C" fn(
        this: *const HostApi,
        handle: HostContractHandle,
        out: *mut *const HostContractInterface,
    ) -> u32,
    /// The loaded bundles in load order; `capacity` and `count` as for `find_all_guest_contracts`.
    pub list_bundles: unsafe extern "C" fn(
        this: *const HostApi,
        out: *mut BundleDescriptor,
        capacity: usize,
        count: *mut usize,
    ) -> u32,
    /// What a bundle declares that it depends on; `capacity` and `count` as above.
    pub get_dependencies: unsafe extern "C" fn(
        this: *const HostApi,
        bundle_id: u64,
        out: *mut BundleDependency,
        capacity: usize,
        count: *mut usize,
    ) -> u32,
    /// Loads the bundle whose manifest lies in the folder `path`, and writes its id. `out` may be null.
    pub load_bundle: unsafe extern "C" fn(this: *const HostApi, path: StringView, out: *mut u64) -> u32,
    /// Loads a bundle anew and swaps it in; the old one serves until then, and on if that fails.
    pub reload_bundle: unsafe extern "C" fn(this: *const HostApi, bundle_id: u64) -> u32,
    /// Registers a contract that the host provides. Not for bundles.
    pub register_host_contract:
        unsafe extern "C" fn(this: *const HostApi, name: StringView, interface: *const HostContractInterface) -> u32,
    /// Registers a loader. Not for bundles.
    pub register_loader: unsafe extern "C" fn(this: *const HostApi, loader: *const LoaderInterface) -> u32,
    /// Copies the last error out and clears it: writes up to `capacity` bytes of UTF-8, and to `written` how many. If it
    /// does not fit, `written` is the needed size, nothing is copied or cleared, and the code is `BufferTooSmall`.
    pub get_last_error:
        unsafe extern "C" fn(this: *const HostApi, buffer: *mut u8, capacity: usize, written: *mut usize) -> u32,
    /// How many bytes the last error has; 0 if there is none.
    pub get_error_len: unsafe extern "C" fn(this: *const HostApi) -> usize,
    /// Withdraws a bundle. With `cascade` 1 those that depend on it go first; with 0 they make it `InUse`. What it holds
    /// is freed with its last instance.
    pub unload_bundle: unsafe extern "C" fn(this: *const HostApi, bundle_id: u64, cascade: u32) -> u32,
    /// Writes to the host's log. An unknown level counts as an error.
    pub log: unsafe extern "C" fn(this: *const HostApi, level: u32, scope: StringView, message: StringView) -> u32,
    /// Makes an instance, or gives a singleton's. It counts: give it back with `destroy_guest_instance`.
    pub create_guest_instance:
        unsafe extern "C" fn(this: *const HostApi, handle: GuestContractHandle, out: *mut GuestInstance) -> u32,
    /// Gives an instance back. None of its calls may be under way.
    pub destroy_guest_instance: unsafe extern "C" fn(this: *const HostApi, instance: *const GuestInstance) -> u32,
    /// A number that changes with every load, reload and unload; read it atomically (acquire). As long as it stands,
    /// what was found and resolved holds. The address is valid as long as the runtime; null for a bad `this`.
    pub revision_counter: unsafe extern "C" fn(this: *const HostApi) -> *const u64,
    /// Null.
    pub reserved: *const c_void,
}

// SAFETY: the functions may be called from any thread; `runtime` is the runtime's own, which is shared by all of them.
unsafe impl Send for HostApi {}
// SAFETY: as above.
unsafe impl Sync for HostApi {}
