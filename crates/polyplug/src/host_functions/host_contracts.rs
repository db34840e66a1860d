//! Contracts of the host: registering and finding them.

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, DependencyKind, HostApi, HostContractHandle, HostContractInterface};

use super::{answer, check_in, check_out};
use crate::error::Failure;
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
    let found = match scope::read(this, |core, scope, pin| core.find_host(scope, contract_id, min_version, pin)) {
        Ok(found) => found,
        Err(code) => return code.as_u32(),
    };
    answer(this, "registry", |call| {
        check_out(out, "the handle")?;
        let Handle { index, generation } =
            found.map_err(|miss| miss.describe(&call.scope, Some(contract_id), min_version))?;
        // SAFETY: it is not null and aligned; the caller has room for a handle there.
        unsafe { out.write(HostContractHandle { index, generation }) };
        Ok(())
    })
}

/// See [`HostApi::resolve_host_contract_interface`].
pub(super) unsafe extern "C" fn resolve_host_contract_interface(
    this: *const HostApi,
    handle: HostContractHandle,
    out: *mut *const HostContractInterface,
) -> u32 {
    let handle = Handle { index: handle.index, generation: handle.generation };
    answer(this, "registry", |call| {
        check_out(out, "the interface")?;
        let tenant = call
            .core
            .tenant(&call.scope, handle, DependencyKind::HostContract)
            .map_err(|miss| miss.describe(&call.scope, None, 0))?;
        // SAFETY: it is not null and aligned; the caller has room for an address there.
        unsafe { out.write(tenant.interface) };
        Ok(())
    })
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
        call.core.add_host_contract(name, interface, None)
    })
}
