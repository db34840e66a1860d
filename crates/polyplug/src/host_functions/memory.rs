//! Memory that goes over the boundary.

use std::ptr;

use polyplug_abi::{AbiErrorCode, HostApi};

use super::answer;
use crate::error::Failure;
use crate::runtime::memory::NotOurs;
use crate::runtime::scope;

/// See [`HostApi::alloc`].
pub(super) unsafe extern "C" fn alloc(this: *const HostApi, size: usize, align: usize) -> *mut u8 {
    match scope::enter(this) {
        Ok(call) => call.core.memory.allocate(size, align),
        Err(_) => ptr::null_mut(),
    }
}

/// See [`HostApi::free`].
pub(super) unsafe extern "C" fn free(this: *const HostApi, ptr: *mut u8, size: usize, align: usize) -> u32 {
    answer(this, "memory", |call| {
        call.core.memory.free(ptr.addr(), size, align).map_err(|why| {
            let message = match why {
                NotOurs::Unknown => {
                    format!("the memory at {ptr:p} was not given out by this runtime, or was given back before")
                }
                NotOurs::Other(layout) => format!(
                    "the memory at {ptr:p} was given out with a size of {} and an alignment of {}; it was to be freed with \
                     {size} and {align}",
                    layout.size(),
                    layout.align()
                ),
            };
            Failure::new(AbiErrorCode::InvalidPointer, message)
        })
    })
}
