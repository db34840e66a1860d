//! A bundle that registers nothing and starts once: for the tests of the loader that run on every platform.

#![allow(unsafe_code)] // Exports functions by name.

use std::sync::atomic::{AtomicBool, Ordering};

use polyplug_abi::{ABI_VERSION, AbiErrorCode, BundleInitContext, HostApi};

static STARTED: AtomicBool = AtomicBool::new(false);

/// Which ABI it was built for.
#[unsafe(no_mangle)]
pub extern "C" fn polyplug_abi_version() -> u32 {
    ABI_VERSION
}

/// Starts, unless it did before.
#[unsafe(no_mangle)]
pub extern "C" fn polyplug_init(_: *const HostApi, _: *const BundleInitContext) -> u32 {
    let code = if STARTED.swap(true, Ordering::Relaxed) { AbiErrorCode::AlreadyRegistered } else { AbiErrorCode::Ok };
    code.as_u32()
}
