//! Making runtimes and ending them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use polyplug::RuntimeBuilder;
use polyplug_abi::runtime::ReloadPhase;
use polyplug_abi::{AbiErrorCode, HostApi};
use polyplug_native::NativeLoader;

use crate::error::RuntimeError;
use crate::options::{Checked, Refused, RuntimeOptions, checked};
use crate::runtimes;

/// Builds a runtime: scans the folders, and loads all bundles that are in them. Null if that fails; then `error`, which may
/// be null, says why. What it returns is valid until `polyplug_runtime_destroy`.
///
/// # Safety
///
/// `options` is null, or as `polyplug_runtime_options_init` and the documentation of its fields say; the callbacks and
/// what they get stay until the runtime is destroyed. `error` is null or may be written. Every library in the folders
/// keeps to the ABI: it is run in this process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn polyplug_runtime_create(
    options: *const RuntimeOptions,
    error: *mut RuntimeError,
) -> *const HostApi {
    // SAFETY: the caller's promise.
    let made = catch_unwind(AssertUnwindSafe(|| unsafe { create(options) }));
    let (code, message) = match made {
        Ok(Ok(host)) => return host,
        Ok(Err(failure)) => failure,
        Err(_) => (AbiErrorCode::Panicked.as_u32(), "the runtime panicked; this is a bug of its own".to_owned()),
    };
    if !error.is_null() && error.is_aligned() {
        // SAFETY: the caller's promise. Of plain numbers, any bytes are values.
        unsafe { (*error).set(code, &message) };
    }
    std::ptr::null()
}

/// Ends a runtime and all that it loaded. Callbacks of the host that are under way are waited for, and no more come.
/// Returns an [`AbiErrorCode`]: 0, `InvalidPointer` if `host` is none that `polyplug_runtime_create` gave out, or
/// `TimedOut`: the runtime is gone, but a plugin did not end in time, and may still call contracts and loaders of the host.
///
/// # Safety
///
/// Nothing of the runtime is used any more: no call through `host`, of an instance or of a function that was found through
/// it is under way, or comes later. Not to be called by a plugin, and not from within a callback of the runtime.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn polyplug_runtime_destroy(host: *const HostApi) -> u32 {
    let Some(runtime) = runtimes::forget(host) else {
        return AbiErrorCode::InvalidPointer.as_u32();
    };
    match catch_unwind(AssertUnwindSafe(|| runtime.end())) {
        Ok(Ok(())) => AbiErrorCode::Ok.as_u32(),
        Ok(Err(error)) => error.code(),
        Err(_) => AbiErrorCode::Panicked.as_u32(),
    }
}

/// # Safety
///
/// As for [`polyplug_runtime_create`].
unsafe fn create(options: *const RuntimeOptions) -> Result<*const HostApi, (u32, String)> {
    // SAFETY: the caller's promise.
    let options = unsafe { checked(options) }.map_err(|Refused(code, words)| (code, words))?;
    let runtime = builder(options).build().map_err(|error| (error.code(), error.to_string()))?;
    Ok(runtimes::keep(runtime))
}

fn builder(options: Checked) -> RuntimeBuilder {
    // SAFETY: the caller of `polyplug_runtime_create` promised that libraries keep to the ABI; they are not replaced while
    // they are loaded, unless reloading is on.
    let native = unsafe {
        if options.config.hot_reload_enabled == 0 { NativeLoader::new() } else { NativeLoader::for_reloading() }
    };
    // SAFETY: the caller of `polyplug_runtime_create` promised that its callbacks stay.
    let mut builder = unsafe { RuntimeBuilder::new().config(options.config) }
        .compatibility(options.compatibility)
        .host_language(options.host_language)
        .loader(native);
    #[cfg(feature = "lua")]
    {
        builder = builder.loader(polyplug_lua::LuaLoader::new());
    }
    #[cfg(feature = "js")]
    {
        builder = builder.loader(polyplug_js::JsLoader::new());
    }
    for folder in options.plugin_folders {
        builder = builder.plugin_dir(folder);
    }
    for contract in options.host_contracts {
        builder = builder.host_contract(contract);
    }
    if let Some(on_reload) = options.on_reload {
        builder = builder.on_reload(move |user_data, phase: ReloadPhase| {
            // SAFETY: the host's own function, with what it asked to get.
            unsafe { on_reload(user_data, &raw const phase) };
        });
    }
    builder
}
