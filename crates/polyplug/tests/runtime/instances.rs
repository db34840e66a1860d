//! Instances: made, called, given back, counted.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use polyplug::{Arena, Runtime};
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::{StringView, Version};
use polyplug_abi::{
    AbiErrorCode, CallArena, ContractInterface, DispatchKind, GuestInstance, HostApi, InstanceHandle, SINGLETON,
};

use crate::support::*;

#[test]
fn a_contract_is_found_and_called_and_its_results_lie_in_the_arena() {
    let bundles = Bundles::new();
    bundles.add("greeter", &provides(&["text.Greeter@1.3"]));
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default()).build().unwrap();

    let handle = runtime.find("text.Greeter", Version::new(1, 2, 0)).unwrap();
    let guest = runtime.create(handle).unwrap();
    let mut arena = Arena::new();
    let (argument, mut sum) = (41_u32, 0_u32);
    let argument = ptr::from_ref(&argument).cast::<c_void>();
    unsafe { guest.call(0, argument, (&raw mut sum).cast(), &mut arena) }.unwrap();
    assert_eq!(sum, 42);

    let mut text = StringView::EMPTY;
    unsafe { guest.call(1, ptr::null(), (&raw mut text).cast(), &mut arena) }.unwrap();
    assert_eq!(unsafe { text.as_str() }, "good day, whoever you are");

    let failure = unsafe { guest.call(2, ptr::null(), ptr::null_mut(), &mut arena) }.unwrap_err();
    assert_eq!((failure.code, failure.message.as_str()), (300, "there is no tea"));
    let failure = unsafe { guest.call(4, ptr::null(), ptr::null_mut(), &mut arena) }.unwrap_err();
    assert_eq!(failure.message, "the contract has no function 4; there are 4, counted from 0");
}

/// A runtime with a bundle that provides `t.Thing@1` as this.
fn runtime_with(make: impl Fn() -> ContractInterface + Send + Sync + 'static) -> (Bundles, TestLoader, Arc<Runtime>) {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    loader.on_init("bundle", move |host| register(host, "t.Thing", make()));
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).build().unwrap();
    (bundles, loader, runtime)
}

const V1: Version = Version::new(1, 0, 0);

#[test]
fn instances_are_made_for_each_who_asks_and_ended_once() {
    let counts = Counts::leaked();
    let (_bundles, _, runtime) = runtime_with(|| counted("t.Thing", V1, counts));
    let handle = runtime.find("t.Thing", V1).unwrap();
    let guests: Vec<_> = (0..10).map(|_| runtime.create(handle).unwrap()).collect();
    assert_eq!(counts.get(), (10, 0));
    drop(guests);
    assert_eq!(counts.get(), (10, 10));
}

#[test]
fn a_contract_without_create_has_its_context_as_instance() {
    let context = ptr::without_provenance_mut(77);
    let (_bundles, _, runtime) = runtime_with(move || ContractInterface {
        context: ptr::without_provenance_mut(77),
        ..interface("t.Thing", V1)
    });
    let guest = runtime.create(runtime.find("t.Thing", V1).unwrap()).unwrap();
    assert_eq!(guest.instance(), context);
}

#[test]
fn a_singleton_is_made_once_by_sixteen_threads_and_ended_with_its_bundle() {
    let counts = Counts::leaked();
    let (_bundles, _, runtime) =
        runtime_with(|| ContractInterface { flags: SINGLETON, ..counted("t.Thing", V1, counts) });
    let handle = runtime.find("t.Thing", V1).unwrap();
    let start = Barrier::new(16);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    runtime.create(handle).unwrap().instance().addr()
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 1));
    });
    assert_eq!(counts.get(), (1, 0), "nobody uses it, and it is kept");
    runtime.unload_bundle(bundle_id("bundle"), false).unwrap();
    assert_eq!(counts.get(), (1, 1));
}

#[test]
fn a_singleton_that_asks_for_itself_gets_a_code_and_one_that_failed_is_tried_again() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    unsafe extern "C" fn create(
        _: *mut c_void,
        host: *const HostApi,
        arena: *mut CallArena,
        _: *mut *mut c_void,
    ) -> u32 {
        let handle = find(host, guest_contract_id("t.Thing", 1), 0).unwrap();
        let mut again = unsafe { std::mem::zeroed() };
        ASKED.store(unsafe { ((*host).create_guest_instance)(host, handle, &raw mut again) }, Ordering::SeqCst);
        unsafe { (*arena).message = StringView::new("not today") };
        500
    }
    let (_bundles, _, runtime) =
        runtime_with(|| ContractInterface { flags: SINGLETON, create: Some(create), ..interface("t.Thing", V1) });
    let handle = runtime.find("t.Thing", V1).unwrap();
    for _ in 0..2 {
        ASKED.store(0, Ordering::SeqCst);
        let error = runtime.create(handle).unwrap_err();
        assert_eq!(error.code(), 500);
        assert!(error.to_string().contains("not today") && error.to_string().contains("`t.Thing@1`"), "{error}");
        assert_eq!(ASKED.load(Ordering::SeqCst), AbiErrorCode::Reentrant.as_u32());
    }
    runtime.unload_bundle(bundle_id("bundle"), false).unwrap();
}

#[test]
fn an_instance_is_given_back_once_and_by_its_own_handle() {
    let counts = Counts::leaked();
    let (_bundles, _, runtime) = runtime_with(|| counted("t.Thing", V1, counts));
    let host = runtime.host_api();
    let handle = runtime.find("t.Thing", V1).unwrap();
    let mut instance = unsafe { std::mem::zeroed::<GuestInstance>() };
    assert_eq!(unsafe { ((*host).create_guest_instance)(host, handle, &raw mut instance) }, 0);
    let destroy = |instance: GuestInstance| unsafe { ((*host).destroy_guest_instance)(host, &raw const instance) };

    let mixed = [
        GuestInstance { interface: ptr::null(), ..instance },
        GuestInstance { instance: ptr::without_provenance_mut(99), ..instance },
    ];
    for wrong in mixed {
        assert_eq!(destroy(wrong), AbiErrorCode::InvalidArgument.as_u32());
    }
    let stale = [
        InstanceHandle::default(),
        InstanceHandle { generation: instance.handle.generation + 1, ..instance.handle },
        InstanceHandle { generation: instance.handle.generation + 2, ..instance.handle },
        InstanceHandle { index: u32::MAX, ..instance.handle },
    ];
    for handle in stale {
        assert_eq!(destroy(GuestInstance { handle, ..instance }), AbiErrorCode::StaleHandle.as_u32());
    }
    assert_eq!(counts.get(), (1, 0));
    assert_eq!(destroy(instance), 0);
    assert_eq!(destroy(instance), AbiErrorCode::StaleHandle.as_u32());
    assert_eq!(counts.get(), (1, 1));
}

#[test]
fn instances_that_a_host_did_not_give_back_end_with_the_runtime() {
    let counts = Counts::leaked();
    let (_bundles, loader, runtime) = runtime_with(|| counted("t.Thing", V1, counts));
    let host = runtime.host_api();
    let handle = runtime.find("t.Thing", V1).unwrap();
    let mut instance = unsafe { std::mem::zeroed::<GuestInstance>() };
    assert_eq!(unsafe { ((*host).create_guest_instance)(host, handle, &raw mut instance) }, 0);
    drop(runtime);
    assert_eq!(counts.get(), (1, 1));
    assert_eq!(loader.dropped(), ["bundle"]);
    let code = unsafe { ((*host).destroy_guest_instance)(host, &raw const instance) };
    assert_eq!(code, AbiErrorCode::StaleHandle.as_u32());
}

#[test]
fn a_contract_of_a_virtual_machine_is_called_with_the_functions_number() {
    unsafe extern "C" fn call(
        context: *mut c_void,
        function: u32,
        _: *mut c_void,
        _: *const c_void,
        out: *mut c_void,
        _: *mut CallArena,
    ) -> u32 {
        unsafe { out.cast::<usize>().write(context.addr() + function as usize) };
        0
    }
    let (_bundles, _, runtime) = runtime_with(|| ContractInterface {
        dispatch: DispatchKind::Vm as u32,
        call: Some(call),
        context: ptr::without_provenance_mut(1000),
        functions: ptr::null(),
        ..interface("t.Thing", V1)
    });
    let guest = runtime.create(runtime.find("t.Thing", V1).unwrap()).unwrap();
    let mut out = 0_usize;
    unsafe { guest.call(3, ptr::null(), (&raw mut out).cast(), &mut Arena::new()) }.unwrap();
    assert_eq!(out, 1003);
}
