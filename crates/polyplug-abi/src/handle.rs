//! Handles: a place in a table of the runtime, and which of its tenants is meant. A handle of something that is gone is
//! told as stale; the number of a tenant is never used again for a place.

use core::ffi::c_void;

use crate::contract::GuestContractInterface;

/// A guest contract that a loaded bundle provides. 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GuestContractHandle {
    /// The place in the runtime's table.
    pub index: u32,
    /// Which tenant of the place: odd while there is one. A zeroed handle is never valid.
    pub generation: u32,
}

/// A host contract. 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HostContractHandle {
    /// The place in the runtime's table.
    pub index: u32,
    /// Which tenant of the place: odd while there is one. A zeroed handle is never valid.
    pub generation: u32,
}

/// An instance that the runtime made. 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InstanceHandle {
    /// The place in the runtime's table.
    pub index: u32,
    /// Which tenant of the place: odd while there is one. A zeroed handle is never valid.
    pub generation: u32,
}

/// An instance of a guest contract, ready to be called. 24 bytes.
///
/// It counts: until `destroy_guest_instance` has it, `interface`, all that it points at and the code behind it stay where
/// they are, even if its bundle is reloaded or unloaded meanwhile; calls then still reach the code that they were made
/// for.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GuestInstance {
    /// What the runtime knows it by.
    pub handle: InstanceHandle,
    /// The functions.
    pub interface: *const GuestContractInterface,
    /// What every function gets first: the plugin's own.
    pub instance: *mut c_void,
}
