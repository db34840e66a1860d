//! What handles of contracts are numbers of: one table for all runtimes, which is read without a lock and without
//! depending on any runtime's life. A slot has one tenant after another; an odd generation is a tenant's.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

use polyplug_abi::ContractInterface;

use super::bundle::Bundle;
use super::slab::{Place, Slab};

/// All slots of this process.
static SLOTS: Slab<ContractSlot> = Slab::new();

/// A place for a contract. It is on one cache line.
#[derive(Debug)]
#[repr(align(64))]
struct ContractSlot {
    generation: AtomicU32,
    /// Which of the bundle's contracts it is.
    ordinal: AtomicU32,
    runtime: AtomicU64,
    contract_id: AtomicU64,
    interface: AtomicPtr<ContractInterface>,
    /// Null for a contract of the host.
    bundle: AtomicPtr<Bundle>,
    provider: AtomicU64,
}

/// Which slot, and which of its tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// A contract that somebody provides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tenant {
    /// The number of the runtime.
    pub(crate) runtime: u64,
    pub(crate) contract_id: u64,
    pub(crate) interface: *const ContractInterface,
    /// The bundle that provides it; null for the host. While a thread that found it is pinned, it is there.
    pub(crate) bundle: *const Bundle,
    /// The bundle's id; 0 for the host.
    pub(crate) provider: u64,
    /// Which of the bundle's contracts it is.
    pub(crate) ordinal: u32,
}

impl Place for ContractSlot {
    fn vacant(_: *const Self) -> Self {
        Self {
            generation: AtomicU32::new(0),
            ordinal: AtomicU32::new(0),
            runtime: AtomicU64::new(0),
            contract_id: AtomicU64::new(0),
            interface: AtomicPtr::new(ptr::null_mut()),
            bundle: AtomicPtr::new(ptr::null_mut()),
            provider: AtomicU64::new(0),
        }
    }
}

/// Gives a contract a slot. `None` if there are four billion of them already.
pub(crate) fn occupy(tenant: Tenant) -> Option<Handle> {
    let index = SLOTS.take()?;
    let slot = SLOTS.get(index)?;
    let generation = slot.generation.load(Ordering::Relaxed) + 1;
    // A reader of the tenant before sees that one's generation gone if it sees anything of the new one.
    fence(Ordering::Release);
    slot.ordinal.store(tenant.ordinal, Ordering::Relaxed);
    slot.runtime.store(tenant.runtime, Ordering::Relaxed);
    slot.contract_id.store(tenant.contract_id, Ordering::Relaxed);
    slot.interface.store(tenant.interface.cast_mut(), Ordering::Relaxed);
    slot.bundle.store(tenant.bundle.cast_mut(), Ordering::Relaxed);
    slot.provider.store(tenant.provider, Ordering::Relaxed);
    slot.generation.store(generation, Ordering::SeqCst);
    Some(Handle { index, generation })
}

/// Takes the slot away again: its handles are stale from now on. Who was pinned before may still have read it.
pub(crate) fn vacate(handle: Handle) {
    let Some(slot) = SLOTS.get(handle.index) else { return };
    let next = handle.generation.wrapping_add(1);
    slot.generation.store(next, Ordering::SeqCst);
    // A slot whose numbers are used up rests for ever.
    if next < u32::MAX - 1 {
        SLOTS.give_back(handle.index);
    }
}

/// Who has the slot, if it is still the one that the handle means.
#[inline]
pub(crate) fn read(handle: Handle) -> Option<Tenant> {
    let slot = SLOTS.get(handle.index)?;
    if handle.generation.is_multiple_of(2) || slot.generation.load(Ordering::SeqCst) != handle.generation {
        return None;
    }
    let tenant = Tenant {
        runtime: slot.runtime.load(Ordering::Relaxed),
        contract_id: slot.contract_id.load(Ordering::Relaxed),
        interface: slot.interface.load(Ordering::Relaxed),
        bundle: slot.bundle.load(Ordering::Relaxed),
        provider: slot.provider.load(Ordering::Relaxed),
        ordinal: slot.ordinal.load(Ordering::Relaxed),
    };
    fence(Ordering::Acquire);
    (slot.generation.load(Ordering::Relaxed) == handle.generation).then_some(tenant)
}
