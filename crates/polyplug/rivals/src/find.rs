//! `find`: the provider of a contract by its id, in turn, among all bundles of a folder; and the same in a `HashMap`.
//! `resolve`: the interface behind a handle.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;

use polyplug_abi::GuestContractHandle;
use polyplug_abi::identity::guest_contract_id;

use crate::bundles::contract;
use crate::chain::runtime;

/// Ids in an order that a processor does not foresee.
fn ids(folder: &Path) -> Vec<u64> {
    let count = std::fs::read_dir(folder).unwrap().count() as u64;
    let mut ids: Vec<u64> = (0..count).map(|index| guest_contract_id(&contract(index), 1)).collect();
    ids.sort_by_key(|id| id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    ids
}

fn in_turn(count: u64, folder: &Path, mut found: impl FnMut(u64) -> u32) -> u64 {
    let ids = ids(folder);
    let mut sum = 0_u64;
    for index in (0..ids.len()).cycle().take(count as usize) {
        sum += u64::from(found(black_box(ids[index])));
    }
    sum
}

pub(crate) fn by_runtime(count: u64, folder: &Path) -> u64 {
    let runtime = runtime(folder);
    let host = runtime.host_api();
    in_turn(count, folder, |id| {
        let mut handle = GuestContractHandle::default();
        // SAFETY: the runtime's own table, and a place to write to.
        assert_eq!(unsafe { ((*host).find_guest_contract)(host, id, 0, &raw mut handle) }, 0);
        handle.generation
    })
}

pub(crate) fn by_map(count: u64, folder: &Path) -> u64 {
    let map: HashMap<u64, GuestContractHandle> =
        ids(folder).into_iter().zip((0..).map(|index| GuestContractHandle { index, generation: 1 })).collect();
    in_turn(count, folder, |id| map[&id].generation)
}

pub(crate) fn resolved(count: u64, folder: &Path) -> u64 {
    let runtime = runtime(folder);
    let host = runtime.host_api();
    let handles: Vec<GuestContractHandle> = ids(folder)
        .into_iter()
        .map(|id| {
            let mut handle = GuestContractHandle::default();
            // SAFETY: the runtime's own table, and a place to write to.
            assert_eq!(unsafe { ((*host).find_guest_contract)(host, id, 0, &raw mut handle) }, 0);
            handle
        })
        .collect();
    let mut sum = 0_u64;
    for index in (0..handles.len()).cycle().take(count as usize) {
        let mut interface = std::ptr::null();
        // SAFETY: as above; nobody unloads.
        sum += unsafe {
            assert_eq!(((*host).resolve_guest_contract)(host, black_box(handles[index]), &raw mut interface), 0);
            u64::from((*interface).version.major)
        };
    }
    sum
}
