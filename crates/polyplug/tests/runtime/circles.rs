//! Threads that would wait for each other for ever.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};

use polyplug::Runtime;
use polyplug_abi::identity::guest_contract_id;
use polyplug_abi::types::Version;
use polyplug_abi::{AbiErrorCode, CallArena, ContractInterface, GuestInstance, HostApi, SINGLETON};

use crate::support::*;

const V1: Version = Version::new(1, 0, 0);

static BOTH_ARE_BEING_MADE: Barrier = Barrier::new(2);
static CODES: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Makes an instance that needs another contract's, and does without if it cannot be had.
fn make(host: *const HostApi, other: &str, first: &AtomicBool) -> u32 {
    if !first.swap(true, Ordering::SeqCst) {
        BOTH_ARE_BEING_MADE.wait();
    }
    let handle = find(host, guest_contract_id(other, 1), 0).unwrap();
    let mut instance: GuestInstance = unsafe { std::mem::zeroed() };
    let code = unsafe { ((*host).create_guest_instance)(host, handle, &raw mut instance) };
    CODES.lock().unwrap().push(code);
    0
}

unsafe extern "C" fn make_left(_: *mut c_void, host: *const HostApi, _: *mut CallArena, _: *mut *mut c_void) -> u32 {
    static FIRST: AtomicBool = AtomicBool::new(false);
    make(host, "t.Right", &FIRST)
}

unsafe extern "C" fn make_right(_: *mut c_void, host: *const HostApi, _: *mut CallArena, _: *mut *mut c_void) -> u32 {
    static FIRST: AtomicBool = AtomicBool::new(false);
    make(host, "t.Left", &FIRST)
}

#[test]
fn singletons_that_ask_for_each_other_from_two_threads_do_not_wait_for_ever() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Left@1", "t.Right@1"]));
    loader.on_init("bundle", |host| {
        let singleton =
            |name, create| ContractInterface { flags: SINGLETON, create: Some(create), ..interface(name, V1) };
        register(host, "t.Left", singleton("t.Left", make_left))
            | register(host, "t.Right", singleton("t.Right", make_right))
    });
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader).build().unwrap();
    std::thread::scope(|scope| {
        for name in ["t.Left", "t.Right"] {
            let runtime = &runtime;
            scope.spawn(move || drop(runtime.create(runtime.find(name, V1).unwrap()).unwrap()));
        }
    });
    let mut codes = CODES.lock().unwrap().clone();
    codes.sort_unstable();
    assert_eq!(codes, [0, AbiErrorCode::Reentrant.as_u32()], "one of both is told");
}
