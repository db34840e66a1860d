//! Contracts of bundles: registering and finding them.

use polyplug_abi::{
    AbiErrorCode, DependencyKind, GuestContractHandle, GuestContractInterface, HostApi, PluginDescriptor,
};

use super::{answer, check_in, check_list, check_out, missed};
use crate::error::Failure;
use crate::runtime::contract_slots::Handle;
use crate::runtime::core::lock;
use crate::runtime::lookup::{Miss, resolve};
use crate::runtime::scope::{self, Caller};

/// See [`HostApi::register_guest_contract`].
pub(super) unsafe extern "C" fn register_guest_contract(
    this: *const HostApi,
    descriptor: *const PluginDescriptor,
    interface: *const GuestContractInterface,
) -> u32 {
    answer(this, "registry", |call| {
        let Caller::Bundle(bundle) = &call.scope.caller else {
            let message = "the host cannot register a contract as a bundle does; its own go to register_host_contract";
            return Err(Failure::new(AbiErrorCode::Reentrant, message));
        };
        let mut registrations = lock(&bundle.registrations);
        let Some(registrations) = registrations.as_mut() else {
            let message = format!("bundle `{}` may register contracts only while it is being loaded", bundle.name);
            return Err(Failure::new(AbiErrorCode::Reentrant, message));
        };
        check_in(descriptor, "the plugin's descriptor")
            .and_then(|()| check_in(interface, "the contract's interface"))
            // SAFETY: neither is null or unaligned; the bundle keeps both, and what they point at, for the call.
            .and_then(|()| unsafe { registrations.register(descriptor.read(), interface.read()) })
            .map_err(|failure| Failure {
                code: failure.code,
                message: format!("bundle `{}`: {}", bundle.name, failure.message),
            })
    })
}

/// See [`HostApi::find_guest_contract`].
pub(super) unsafe extern "C" fn find_guest_contract(
    this: *const HostApi,
    contract_id: u64,
    min_version: u32,
    out: *mut GuestContractHandle,
) -> u32 {
    if out.is_null() || !out.is_aligned() {
        return answer(this, "registry", |_| check_out(out, "the handle"));
    }
    match scope::read(this, |core, scope, pin| core.find(scope, contract_id, min_version, pin)) {
        Ok(Ok(Handle { index, generation })) => {
            // SAFETY: it is not null and aligned; the caller has room for a handle there.
            unsafe { out.write(GuestContractHandle { index, generation }) };
            AbiErrorCode::Ok.as_u32()
        }
        Ok(Err(miss)) => missed(this, miss, Some(contract_id), min_version),
        Err(code) => code.as_u32(),
    }
}

/// See [`HostApi::find_all_guest_contracts`].
pub(super) unsafe extern "C" fn find_all_guest_contracts(
    this: *const HostApi,
    contract_id: u64,
    min_version: u32,
    out: *mut GuestContractHandle,
    capacity: usize,
    count: *mut usize,
) -> u32 {
    if let Err(failure) = check_list(out, capacity, count) {
        return answer(this, "registry", |_| Err(failure));
    }
    let mut written = 0;
    let found = scope::read(this, |core, scope, pin| {
        core.find_all(scope, contract_id, min_version, pin, |Handle { index, generation }| {
            if written < capacity {
                // SAFETY: it is not null and aligned; the caller has room for so many handles there.
                unsafe { out.add(written).write(GuestContractHandle { index, generation }) };
            }
            written += 1;
        })
    });
    match found {
        Ok(Ok(())) => {
            // SAFETY: it is not null and aligned; the caller has room for a number there.
            unsafe { count.write(written) };
            let fits = if written > capacity { AbiErrorCode::BufferTooSmall } else { AbiErrorCode::Ok };
            fits.as_u32()
        }
        Ok(Err(miss)) => missed(this, miss, Some(contract_id), min_version),
        Err(code) => code.as_u32(),
    }
}

/// See [`HostApi::resolve_guest_contract`].
pub(super) unsafe extern "C" fn resolve_guest_contract(
    this: *const HostApi,
    handle: GuestContractHandle,
    out: *mut *const GuestContractInterface,
) -> u32 {
    if out.is_null() || !out.is_aligned() {
        return answer(this, "registry", |_| check_out(out, "the interface"));
    }
    let handle = Handle { index: handle.index, generation: handle.generation };
    let found = match scope::runtime_of_host(this) {
        // The host may see everything, so nothing has to be looked up that could be freed meanwhile.
        Ok(Some(runtime)) => Ok(resolve(runtime, handle, DependencyKind::GuestContract).ok_or(Miss::Stale)),
        Ok(None) => scope::read(this, |core, scope, _| core.tenant(scope, handle, DependencyKind::GuestContract)),
        Err(code) => Err(code),
    };
    match found {
        Ok(Ok(tenant)) => {
            // SAFETY: it is not null and aligned; the caller has room for an address there.
            unsafe { out.write(tenant.interface) };
            AbiErrorCode::Ok.as_u32()
        }
        Ok(Err(miss)) => missed(this, miss, None, 0),
        Err(code) => code.as_u32(),
    }
}
