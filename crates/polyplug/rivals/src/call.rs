//! `call`: additions, each of which may overlap the next; `chained`: each needs the result of the one before it.
//! Through a contract, checking the revision as callers do who keep what they found; and through a pointer of dlsym.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use polyplug::RuntimeBuilder;
use polyplug_abi::identity::guest_contract_id;
use polyplug_abi::{CallArena, GuestContractHandle, GuestInstance};
use polyplug_native::NativeLoader;

#[repr(C)]
struct Arguments {
    a: u32,
    b: u32,
}

pub(crate) fn through_contract(count: u64, folder: &Path, chained: bool) -> u64 {
    // SAFETY: the bundle is plugin.c.
    let loader = unsafe { NativeLoader::new() };
    let runtime = RuntimeBuilder::new().plugin_dir(folder.to_owned()).loader(loader).build().unwrap();
    let host = runtime.host_api();
    // SAFETY: the runtime's own table, and places to write to.
    unsafe {
        let (mut handle, mut guest) = (GuestContractHandle::default(), std::mem::zeroed::<GuestInstance>());
        assert_eq!(((*host).find_guest_contract)(host, guest_contract_id("bench.Adder", 1), 0, &raw mut handle), 0);
        assert_eq!(((*host).create_guest_instance)(host, handle, &raw mut guest), 0);
        let revision = AtomicU64::from_ptr(((*host).revision_counter)(host).cast_mut());
        let known = revision.load(Ordering::Acquire);
        let mut arena = CallArena::NONE;
        let mut sum = 0_u32;
        for index in 0..count {
            assert_eq!(revision.load(Ordering::Acquire), known);
            let arguments = Arguments { a: index as u32, b: if chained { sum } else { 1 } };
            let mut result = 0_u32;
            let add = *(*guest.interface).functions;
            let code = add(guest.instance, (&raw const arguments).cast(), (&raw mut result).cast(), &raw mut arena);
            assert_eq!(code, 0);
            sum = if chained { result } else { sum.wrapping_add(result) };
        }
        assert_eq!(((*host).destroy_guest_instance)(host, &raw const guest), 0);
        sum.into()
    }
}

pub(crate) fn through_pointer(count: u64, folder: &Path, chained: bool) -> u64 {
    // SAFETY: the library is plugin.c, whose function has this type.
    unsafe {
        let library = libloading::Library::new(folder.join("adder/libadder.so")).unwrap();
        let add = *library.get::<unsafe extern "C" fn(u32, u32) -> u32>("raw_add").unwrap();
        let mut sum = 0_u32;
        for index in 0..count {
            let result = add(index as u32, if chained { sum } else { 1 });
            sum = if chained { result } else { sum.wrapping_add(result) };
        }
        sum.into()
    }
}
