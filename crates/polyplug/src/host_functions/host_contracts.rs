//! Contracts of the host: registering and finding them.

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, DependencyKind, HostApi, HostContractHandle, HostContractInterface};

use super::{answer, check_in, check_out, missed};
use crate::error::Failure;
use crate::host_contract::Owner;
use crate::runtime::contract_slots::Handle;
use crate::runtime::registration::{check_interface, text};
use crate::runtime::scope::{self, Caller};

/// See [`HostApi::get_host_contract`].
pub(super) unsafe extern "C" fn get_host_contract(
    this: *const HostApi,
    contract_id: u64,
    min_version: u32,
    out: *mut HostContractHandle,
) -> u32 {
    if out.is_null() || !out.is_aligned() {
        return answer(this, "registry", |_| check_out(out, "the handle"));
    }
    match scope::read(this, |core, scope, pin| core.find_host(scope, contract_id, min_version, pin)) {
        Ok(Ok(Handle { index, generation })) => {
            // SAFETY: it is not null and aligned; the caller has room for a handle there.
            unsafe { out.write(HostContractHandle { index, generation }) };
            AbiErrorCode::Ok.as_u32()
        }
        Ok(Err(miss)) => missed(this, miss, Some(contract_id), min_version),
        Err(code) => code.as_u32(),
    }
}

/// See [`HostApi::resolve_host_contract_interface`].
pub(super) unsafe extern "C" fn resolve_host_contract_interface(
    this: *const HostApi,
    handle: HostContractHandle,
    out: *mut *const HostContractInterface,
) -> u32 {
    let handle = Handle { index: handle.index, generation: handle.generation };
    if out.is_null() || !out.is_aligned() {
        return answer(this, "registry", |_| check_out(out, "the interface"));
    }
    match scope::read(this, |core, scope, _| core.tenant(scope, handle, DependencyKind::HostContract)) {
        Ok(Ok(tenant)) => {
            // SAFETY: it is not null and aligned; the caller has room for an address there.
            unsafe { out.write(tenant.interface) };
            AbiErrorCode::Ok.as_u32()
        }
        Ok(Err(miss)) => missed(this, miss, None, 0),
        Err(code) => code.as_u32(),
    }
}

/// See [`HostApi::register_host_contract`].
pub(super) unsafe extern "C" fn register_host_contract(
    this: *const HostApi,
    name: StringView,
    interface: *const HostContractInterface,
) -> u32 {
    answer(this, "registry", |call| {
        if let Caller::Bundle(bundle) = &call.scope.caller {
            let message = format!("bundle `{}` cannot register contracts of the host", bundle.name);
            return Err(Failure::new(AbiErrorCode::Reentrant, message));
        }
        check_in(interface, "the contract's interface")?;
        // SAFETY: the interface is not null or unaligned; the host keeps what it hands over for the call.
        let (name, interface) = unsafe {
            let name = text(name, "the contract's name")?;
            let interface = interface.read();
            check_interface(&interface, name)?;
            (name, interface)
        };
        call.core.add_host_contract(name, interface, Owner::default())
    })
}
