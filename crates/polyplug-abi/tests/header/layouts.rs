//! Every struct of the ABI with its size and offsets, as Rust has them.

use std::mem::{offset_of, size_of};

use polyplug_abi::runtime::{ReloadPhase, RuntimeConfig};
use polyplug_abi::types::{ArrayView, Buffer, StringView, Version};
use polyplug_abi::*;

pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) fields: Vec<(&'static str, usize)>,
}

macro_rules! layouts {
    ($($type:ident { $($field:ident),* $(,)? })*) => {
        vec![$(Layout {
            name: stringify!($type),
            size: size_of::<$type>(),
            fields: vec![$((stringify!($field), offset_of!($type, $field))),*],
        }),*]
    };
}

pub(crate) fn layouts() -> Vec<Layout> {
    layouts! {
        StringView { ptr, len }
        Buffer { ptr, len }
        ArrayView { items, len }
        Version { major, minor, patch, reserved }
        GuestContractHandle { index, generation }
        HostContractHandle { index, generation }
        InstanceHandle { index, generation }
        GuestInstance { handle, interface, instance }
        ContractInterface { contract_id, version, dispatch, function_count, flags, reserved, functions, call, context, create, destroy }
        CallArena { position, end, grow, owner, message }
        BundleInitContext { bundle_id, bundle_path, abi_version, reserved, arena }
        PluginDescriptor { name, contract_name, version }
        BundleDescriptor { id, name, version }
        BundleDependency { contract_id, contract, bundle_id, min_version, kind }
        BundleView { id, name, folder, file, version }
        LoaderInterface { name, context, can_reload, reserved, load, unload }
        RuntimeConfig { log, log_user_data, log_max_level, hot_reload_enabled, on_reload_user_data, teardown_timeout_ms, reserved }
        ReloadPhase { phase_type, bundle_id, bundle_name, reason }
        HostApi { runtime, register_guest_contract, alloc, free, find_guest_contract, find_all_guest_contracts, resolve_guest_contract, get_host_contract, resolve_host_contract_interface, list_bundles, get_dependencies, load_bundle, reload_bundle, register_host_contract, register_loader, get_last_error, get_error_len, unload_bundle, log, create_guest_instance, destroy_guest_instance, revision_counter, reserved }
    }
}
