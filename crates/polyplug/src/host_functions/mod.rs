//! The functions behind [`HostApi`]: what comes over the boundary is checked, handed to the runtime, and ends with a code.
//! No panic leaves them.

// Other languages call these, with addresses.
#![allow(unsafe_code)]

mod bundles;
mod errors;
mod guest_contracts;
mod host_contracts;
mod instances;
mod memory;

use std::ffi::c_void;
use std::ptr;

use polyplug_abi::types::LogLevel;
use polyplug_abi::{AbiErrorCode, HostApi};

use crate::error::{Failure, RuntimeError};
use crate::panics::caught;
use crate::runtime::lookup::Miss;
use crate::runtime::scope::{self, Call};

/// A table for a caller; `runtime` is what the runtime finds there.
pub(crate) fn table(runtime: *mut c_void) -> HostApi {
    HostApi {
        runtime,
        register_guest_contract: guest_contracts::register_guest_contract,
        alloc: memory::alloc,
        free: memory::free,
        find_guest_contract: guest_contracts::find_guest_contract,
        find_all_guest_contracts: guest_contracts::find_all_guest_contracts,
        resolve_guest_contract: guest_contracts::resolve_guest_contract,
        get_host_contract: host_contracts::get_host_contract,
        resolve_host_contract_interface: host_contracts::resolve_host_contract_interface,
        list_bundles: bundles::list_bundles,
        get_dependencies: bundles::get_dependencies,
        load_bundle: bundles::load_bundle,
        reload_bundle: bundles::reload_bundle,
        register_host_contract: host_contracts::register_host_contract,
        register_loader: bundles::register_loader,
        get_last_error: errors::get_last_error,
        get_error_len: errors::get_error_len,
        unload_bundle: bundles::unload_bundle,
        log: errors::log,
        create_guest_instance: instances::create_guest_instance,
        destroy_guest_instance: instances::destroy_guest_instance,
        revision_counter: bundles::revision_counter,
        reserved: ptr::null(),
    }
}

/// Runs a call, and makes a code of how it ends. `scope` is where the log says that it was.
fn answer(this: *const HostApi, scope: &str, run: impl FnOnce(&Call) -> Result<(), Failure>) -> u32 {
    answer_at(LogLevel::Error, this, scope, run)
}

/// Ends a search that found nothing, which callers may well expect.
#[cold]
fn missed(this: *const HostApi, miss: Miss, contract_id: Option<u64>, min_version: u32) -> u32 {
    let level = if miss == Miss::Undeclared { LogLevel::Error } else { LogLevel::Debug };
    answer_at(level, this, "registry", |call| Err(miss.describe(&call.scope, contract_id, min_version)))
}

fn answer_at(
    level: LogLevel,
    this: *const HostApi,
    scope: &str,
    run: impl FnOnce(&Call) -> Result<(), Failure>,
) -> u32 {
    let call = match scope::enter(this) {
        Ok(call) => call,
        Err(code) => return code.as_u32(),
    };
    let failure = match caught(|| run(&call)) {
        Some(Ok(())) => return AbiErrorCode::Ok.as_u32(),
        Some(Err(failure)) => failure,
        None => Failure::new(AbiErrorCode::Panicked, "the runtime panicked in this call"),
    };
    let code = failure.code;
    call.core.report_at(level, scope, failure);
    code
}

/// Whether a result can be written there.
fn check_out<T>(out: *mut T, what: &str) -> Result<(), Failure> {
    if out.is_null() {
        return Err(Failure::new(AbiErrorCode::InvalidPointer, format!("the pointer for {what} is null")));
    }
    check_alignment(out, what)
}

/// Whether something can be read from there.
fn check_in<T>(pointer: *const T, what: &str) -> Result<(), Failure> {
    check_out(pointer.cast_mut(), what)
}

fn check_alignment<T>(pointer: *mut T, what: &str) -> Result<(), Failure> {
    if pointer.is_aligned() {
        return Ok(());
    }
    let message = format!("the pointer for {what} is not aligned to {} bytes", align_of::<T>());
    Err(Failure::new(AbiErrorCode::InvalidPointer, message))
}

/// Writes as many items as there is room for, and how many there are. Whether all of them had room.
///
/// # Safety
///
/// `out` and `count`, if not null and aligned, are for so many items and for a number.
unsafe fn write_all<T>(
    items: impl Iterator<Item = T>,
    out: *mut T,
    capacity: usize,
    count: *mut usize,
) -> Result<bool, Failure> {
    check_list(out, capacity, count)?;
    let mut written = 0_usize;
    for item in items {
        if written < capacity {
            // SAFETY: the caller's promise, with room for `capacity` items.
            unsafe { out.add(written).write(item) };
        }
        written += 1;
    }
    // SAFETY: the caller's promise.
    unsafe { count.write(written) };
    Ok(written <= capacity)
}

/// Whether a list can be written there.
fn check_list<T>(out: *mut T, capacity: usize, count: *mut usize) -> Result<(), Failure> {
    check_out(count, "the number of items")?;
    if capacity > 0 {
        check_out(out, "the items")?;
        let most = isize::MAX as usize / size_of::<T>();
        if capacity > most || out.addr().checked_add(capacity * size_of::<T>()).is_none() {
            let message = format!("there is no room for {capacity} items anywhere");
            return Err(Failure::new(AbiErrorCode::InvalidPointer, message));
        }
    }
    Ok(())
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        match error {
            RuntimeError::Failed(failure) => failure,
            other => Self { code: other.code(), message: other.to_string() },
        }
    }
}
