//! Sizes, alignments and offsets of everything that crosses the boundary, on 64-bit targets. They are what plugins that
//! were built yesterday believe: a test here that needs a change means a new ABI version.

#![cfg(target_pointer_width = "64")]

use core::mem::{align_of, offset_of, size_of};

use crate::runtime::{ReloadPhase, RuntimeConfig};
use crate::types::{ArrayView, Buffer, StringView, Version};
use crate::*;

/// Holds size, alignment and every offset of a struct against what is written.
macro_rules! layout {
    ($name:ident: $type:ty, $size:literal, $align:literal, { $($field:ident = $offset:literal),* $(,)? }) => {
        #[test]
        fn $name() {
            assert_eq!((size_of::<$type>(), align_of::<$type>()), ($size, $align), "size and alignment");
            $(assert_eq!(offset_of!($type, $field), $offset, stringify!($field));)*
        }
    };
}

layout!(string_view: StringView, 16, 8, { ptr = 0, len = 8 });
layout!(buffer: Buffer, 16, 8, { ptr = 0, len = 8 });
layout!(array_view: ArrayView, 16, 8, { items = 0, len = 8 });
layout!(version: Version, 8, 2, { major = 0, minor = 2, patch = 4, reserved = 6 });
layout!(guest_contract_handle: GuestContractHandle, 8, 4, { index = 0, generation = 4 });
layout!(host_contract_handle: HostContractHandle, 8, 4, { index = 0, generation = 4 });
layout!(instance_handle: InstanceHandle, 8, 4, { index = 0, generation = 4 });
layout!(guest_instance: GuestInstance, 24, 8, { handle = 0, interface = 8, instance = 16 });
layout!(contract_interface: ContractInterface, 72, 8, {
    contract_id = 0, version = 8, dispatch = 16, function_count = 20, flags = 24, reserved = 28, functions = 32,
    call = 40, context = 48, create = 56, destroy = 64,
});
layout!(call_arena: CallArena, 48, 8, { position = 0, end = 8, grow = 16, owner = 24, message = 32 });
layout!(bundle_init_context: BundleInitContext, 40, 8, {
    bundle_id = 0, bundle_path = 8, abi_version = 24, reserved = 28, arena = 32,
});
layout!(plugin_descriptor: PluginDescriptor, 40, 8, { name = 0, contract_name = 16, version = 32 });
layout!(bundle_descriptor: BundleDescriptor, 32, 8, { id = 0, name = 8, version = 24 });
layout!(bundle_dependency: BundleDependency, 40, 8, {
    contract_id = 0, contract = 8, bundle_id = 24, min_version = 32, kind = 36,
});
layout!(bundle_view: BundleView, 64, 8, { id = 0, name = 8, folder = 24, file = 40, version = 56 });
layout!(loader_interface: LoaderInterface, 48, 8, {
    name = 0, context = 16, can_reload = 24, reserved = 28, load = 32, unload = 40,
});
layout!(runtime_config: RuntimeConfig, 40, 8, {
    log = 0, log_user_data = 8, log_max_level = 16, hot_reload_enabled = 20, on_reload_user_data = 24,
    teardown_timeout_ms = 32, reserved = 36,
});
layout!(reload_phase: ReloadPhase, 48, 8, { phase_type = 0, bundle_id = 8, bundle_name = 16, reason = 32 });
layout!(host_api: HostApi, 184, 8, {
    runtime = 0, register_guest_contract = 8, alloc = 16, free = 24, find_guest_contract = 32,
    find_all_guest_contracts = 40, resolve_guest_contract = 48, get_host_contract = 56,
    resolve_host_contract_interface = 64, list_bundles = 72, get_dependencies = 80, load_bundle = 88,
    reload_bundle = 96, register_host_contract = 104, register_loader = 112, get_last_error = 120,
    get_error_len = 128, unload_bundle = 136, log = 144, create_guest_instance = 152,
    destroy_guest_instance = 160, revision_counter = 168, reserved = 176,
});
