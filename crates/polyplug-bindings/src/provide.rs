//! The provider's side of contracts: instances, registration, the entry of a bundle.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polyplug_abi::identity::{guest_contract_id, host_contract_id};
use polyplug_abi::types::{StringView, Version};
use polyplug_abi::{
    BundleInitContext, CallArena, ContractInterface, DispatchKind, Function, HostApi, PluginDescriptor, SINGLETON,
};

use crate::serve::guarded;
use crate::{CallError, Host};

/// What is made for each instance of a plugin's contracts. It may be called from several threads at once.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// Makes an instance. Callers of what the bundle depends on may be opened here or later.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being made; whoever asked for it is told.
    fn new(host: Host<'static>) -> Result<Self, CallError>;
}

/// A [`CreateInstance`](polyplug_abi::CreateInstance) of a plugin.
///
/// # Safety
///
/// As the ABI says: `host` is the bundle's own table; `arena` is one, and `out` has room for a pointer, for the call.
pub unsafe extern "C" fn create<T: Plugin>(
    _context: *mut c_void,
    host: *const HostApi,
    arena: *mut CallArena,
    out: *mut *mut c_void,
) -> u32 {
    // SAFETY: the caller's promise. The table stays until the bundle is unloaded, and with it the code that has the
    // `Host`, so for that code it is there always.
    unsafe {
        guarded(arena, |_| {
            let instance = Box::new(T::new(Host::from_raw(host)?)?);
            if out.is_null() || !out.is_aligned() {
                return Err(CallError::abi(
                    polyplug_abi::AbiErrorCode::InvalidPointer,
                    format!("the room for the instance cannot be at {out:p}"),
                ));
            }
            out.write(Box::into_raw(instance).cast());
            Ok(())
        })
    }
}

/// A [`DestroyInstance`](polyplug_abi::DestroyInstance) of a plugin.
///
/// # Safety
///
/// `instance` is from [`create`] of the same type, and this is its one end.
pub unsafe extern "C" fn destroy<T: Plugin>(_context: *mut c_void, instance: *mut c_void) {
    if !instance.is_null() {
        // SAFETY: the caller's promise.
        let instance = unsafe { Box::from_raw(instance.cast::<T>()) };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(instance))) {
            // Nobody asked, and there is nobody to tell; dropping what was thrown might panic again.
            std::mem::forget(panic);
        }
    }
}

/// Registers a contract of a bundle that is being loaded.
///
/// # Errors
///
/// The runtime does not take it.
///
/// # Safety
///
/// What `interface` points at stays until the bundle is unloaded, and is what the contract declares.
pub unsafe fn register(
    host: Host<'_>,
    (plugin, version): (&str, Version),
    contract: &str,
    interface: &ContractInterface,
) -> Result<(), CallError> {
    let descriptor =
        PluginDescriptor { name: StringView::new(plugin), contract_name: StringView::new(contract), version };
    // SAFETY: the table is a runtime's; the views live for the call; the rest is the caller's promise.
    host.check(unsafe { (host.api().register_guest_contract)(host.as_ptr(), &raw const descriptor, interface) })
}

/// The interface of a contract that a plugin provides natively.
#[must_use]
pub fn guest_interface<T: Plugin>(
    contract: &str,
    version: Version,
    singleton: bool,
    functions: &'static [Function],
) -> ContractInterface {
    ContractInterface {
        contract_id: guest_contract_id(contract, version.major),
        version,
        dispatch: DispatchKind::Native as u32,
        function_count: u32::try_from(functions.len()).unwrap_or(u32::MAX),
        flags: if singleton { SINGLETON } else { 0 },
        reserved: 0,
        functions: functions.as_ptr(),
        call: None,
        context: std::ptr::null_mut(),
        create: Some(create::<T>),
        destroy: Some(destroy::<T>),
    }
}

/// The interface of a contract that a host provides natively. `implementation` becomes the one instance, and stays for
/// good: nobody can tell when the last plugin has called it.
#[must_use]
pub fn host_interface<T: Send + Sync + 'static>(
    contract: &str,
    version: Version,
    functions: &'static [Function],
    implementation: T,
) -> ContractInterface {
    ContractInterface {
        contract_id: host_contract_id(contract, version.major),
        version,
        dispatch: DispatchKind::Native as u32,
        function_count: u32::try_from(functions.len()).unwrap_or(u32::MAX),
        flags: 0,
        reserved: 0,
        functions: functions.as_ptr(),
        call: None,
        context: Box::into_raw(Box::new(implementation)).cast(),
        create: None,
        destroy: None,
    }
}

/// Registers a contract of the host.
///
/// # Errors
///
/// The runtime does not take it.
///
/// # Safety
///
/// What `interface` points at stays until the runtime is gone, and is what the contract declares.
pub unsafe fn provide(host: Host<'_>, contract: &str, interface: &ContractInterface) -> Result<(), CallError> {
    let name = StringView::new(contract);
    // SAFETY: the table is a runtime's; the view lives for the call; the rest is the caller's promise.
    host.check(unsafe { (host.api().register_host_contract)(host.as_ptr(), name, interface) })
}

/// Starts a bundle: lets `work` register its contracts.
///
/// # Safety
///
/// As the ABI says of `polyplug_init`.
pub unsafe fn initialise(
    host: *const HostApi,
    context: *const BundleInitContext,
    work: impl FnOnce(Host<'static>) -> Result<(), CallError>,
) -> u32 {
    if context.is_null() || !context.is_aligned() {
        return polyplug_abi::AbiErrorCode::InvalidPointer.as_u32();
    }
    // SAFETY: the caller's promise; as in `create`, the table stays as long as the code.
    unsafe { guarded((*context).arena, |_| work(Host::from_raw(host)?)) }
}

/// Exports the entry of a bundle: `export_bundle!(guest::bundle::<Painter>)`, with the generated function `bundle` and,
/// for each plugin of `bundle.toml`, the type that is it.
#[macro_export]
macro_rules! export_bundle {
    ($bundle:expr) => {
        #[allow(unsafe_code)]
        const _: () = {
            const BUNDLE: $crate::abi::PluginInit = $bundle;

            #[unsafe(no_mangle)]
            unsafe extern "C" fn polyplug_init(
                host: *const $crate::abi::HostApi,
                context: *const $crate::abi::BundleInitContext,
            ) -> u32 {
                // SAFETY: the runtime keeps to what the ABI says.
                unsafe { BUNDLE(host, context) }
            }

            #[unsafe(no_mangle)]
            extern "C" fn polyplug_abi_version() -> u32 {
                $crate::abi::ABI_VERSION
            }
        };
    };
}
