//! What the debug allocator remembers: the blocks that are live, and those that were freed last. All of it is used from
//! inside only.
#![allow(unsafe_code)] // gives freed blocks back to the system at last

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::ptr::NonNull;

use super::findings::{Leak, Misuse, Trace};
use crate::memory::Counts;

/// How many freed blocks are kept from the system.
const KEPT_BLOCKS: usize = 1024;
/// How large such a block may be, in bytes.
const KEPT_SIZE: usize = 4 << 10;
/// What freed blocks are overwritten with.
const FREED: u8 = 0xDE;

#[derive(Debug)]
pub(super) struct Block {
    pub(super) layout: Layout,
    pub(super) order: u64,
    pub(super) origin: Trace,
}

#[derive(Debug)]
struct Freed {
    memory: NonNull<u8>,
    block: Block,
    by: Trace,
}

#[derive(Debug)]
pub(super) struct Table {
    live: HashMap<usize, Block, BuildHasherDefault<AddressHasher>>,
    freed: VecDeque<Freed>,
    pub(super) misuses: Vec<Misuse>,
    pub(super) counts: Counts,
}

// SAFETY: the pointers are to blocks that nobody but the table has any more.
unsafe impl Send for Table {}

impl Table {
    pub(super) const fn new() -> Self {
        Self {
            live: HashMap::with_hasher(BuildHasherDefault::new()),
            freed: VecDeque::new(),
            misuses: Vec::new(),
            counts: Counts { live_bytes: 0, live_blocks: 0, peak_bytes: 0, blocks: 0 },
        }
    }

    /// Remembers a new block. False where there is no memory for that.
    pub(super) fn enter(&mut self, memory: NonNull<u8>, layout: Layout, origin: Trace) -> bool {
        if self.live.try_reserve(1).is_err() {
            return false;
        }
        let order = self.counts.blocks;
        self.live.insert(memory.addr().get(), Block { layout, order, origin });
        self.counts.add(layout.size());
        true
    }

    pub(super) fn live(&self, memory: NonNull<u8>) -> Option<&Block> {
        self.live.get(&memory.addr().get())
    }

    /// Takes a block out that is live, and lets the system have those back that were freed long ago.
    pub(super) fn remove(&mut self, memory: NonNull<u8>, by: Trace) {
        let Some(block) = self.live.remove(&memory.addr().get()) else { return };
        self.counts.remove(block.layout.size());
        if block.layout.size() > KEPT_SIZE || self.freed.try_reserve(1).is_err() {
            // SAFETY: the system gave it with this layout, and it was live until now.
            return unsafe { System.dealloc(memory.as_ptr(), block.layout) };
        }
        // SAFETY: it is memory of that size, and its owner has given it up.
        unsafe { memory.write_bytes(FREED, block.layout.size()) };
        self.freed.push_back(Freed { memory, block, by });
        if self.freed.len() > KEPT_BLOCKS {
            self.release_oldest();
        }
    }

    fn release_oldest(&mut self) {
        if let Some(oldest) = self.freed.pop_front() {
            // SAFETY: the system gave it with this layout, and the table alone has had it since it was freed.
            unsafe { System.dealloc(oldest.memory.as_ptr(), oldest.block.layout) };
        }
    }

    /// What to say of the free of a block that is not live.
    pub(super) fn not_live(&self, memory: NonNull<u8>, by: Trace) -> Misuse {
        let address = memory.addr().get();
        match self.freed.iter().rev().find(|freed| freed.memory == memory) {
            Some(freed) => Misuse::DoubleFree {
                address,
                size: freed.block.layout.size(),
                allocated: freed.block.origin.clone(),
                freed: freed.by.clone(),
                again: by,
            },
            None => Misuse::NotAllocated { address, by },
        }
    }

    pub(super) fn leaks(&self) -> Vec<Leak> {
        let leak = |block: &Block| Leak {
            size: block.layout.size(),
            alignment: block.layout.align(),
            order: block.order,
            allocated: block.origin.clone(),
        };
        let mut leaks: Vec<Leak> = self.live.values().map(leak).collect();
        leaks.sort_by_key(|leak| leak.order);
        leaks
    }
}

impl Drop for super::DebugAllocator {
    fn drop(&mut self) {
        let _inside = super::Inside::enter();
        // The live blocks stay: somebody may use them.
        let mut table = std::mem::replace(self.table.get_mut(), Table::new());
        while !table.freed.is_empty() {
            table.release_oldest();
        }
        drop(table);
    }
}

/// Addresses differ in their middle bits: one multiplication spreads them, and looks up faster than the standard hash.
#[derive(Debug, Default)]
pub(super) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn write_usize(&mut self, address: usize) {
        self.0 = (address as u64 >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}
