//! Instances of guest contracts.

use polyplug_abi::{GuestContractHandle, GuestInstance, HostApi};

use super::{answer, check_in, check_out};
use crate::runtime::contract_slots::Handle;

/// See [`HostApi::create_guest_instance`].
pub(super) unsafe extern "C" fn create_guest_instance(
    this: *const HostApi,
    handle: GuestContractHandle,
    out: *mut GuestInstance,
) -> u32 {
    answer(this, "instances", |call| {
        check_out(out, "the instance")?;
        let handle = Handle { index: handle.index, generation: handle.generation };
        let instance = call.core.create_instance(&call.scope, handle)?;
        // SAFETY: it is not null and aligned; the caller has room for an instance there.
        unsafe { out.write(instance) };
        Ok(())
    })
}

/// See [`HostApi::destroy_guest_instance`].
pub(super) unsafe extern "C" fn destroy_guest_instance(this: *const HostApi, instance: *const GuestInstance) -> u32 {
    answer(this, "instances", |call| {
        check_in(instance, "the instance")?;
        // SAFETY: it is not null and aligned; the caller keeps it for the call.
        let instance = unsafe { instance.read() };
        call.core.destroy_instance(&call.scope, instance)
    })
}
