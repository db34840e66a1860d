//! Contracts of the host: registered by it, found by bundles that declare them, called from there.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex};

use polyplug::{HostContract, HostFunctions, Runtime};
use polyplug_abi::identity::host_contract_id;
use polyplug_abi::types::{StringView, Version};
use polyplug_abi::{AbiErrorCode, CallArena, ContractInterface, HostApi, HostContractHandle};

use crate::support::*;

const V12: Version = Version::new(1, 2, 0);

/// A contract whose first function doubles its argument, and whose second panics.
fn doubler() -> HostContract {
    let functions = unsafe {
        HostFunctions::new()
            .function(|args, out, _| {
                out.cast::<u32>().write(args.cast::<u32>().read() * 2);
                0
            })
            .function(|_, _, _| panic!("as tests do"))
    };
    HostContract::new("host.Doubler", V12, functions)
}

fn get(host: *const HostApi, min_version: u32) -> Result<*const ContractInterface, AbiErrorCode> {
    let mut handle = HostContractHandle::default();
    let id = host_contract_id("host.Doubler", 1);
    match unsafe { ((*host).get_host_contract)(host, id, min_version, &raw mut handle) } {
        0 => {}
        code => return Err(AbiErrorCode::from_u32(code).unwrap()),
    }
    let mut interface = ptr::null();
    let code = unsafe { ((*host).resolve_host_contract_interface)(host, handle, &raw mut interface) };
    assert_eq!(code, 0);
    Ok(interface)
}

fn call(interface: *const ContractInterface, function: u32, argument: u32) -> (u32, u32) {
    let mut out = 0_u32;
    let (args, result) = (ptr::from_ref(&argument).cast::<c_void>(), (&raw mut out).cast::<c_void>());
    let mut arena = CallArena::NONE;
    let context = unsafe { (*interface).context };
    let code = unsafe { (*interface).call.unwrap()(context, function, ptr::null_mut(), args, result, &raw mut arena) };
    if code != 0 {
        assert!(!unsafe { arena.message.as_str() }.is_empty() || code != AbiErrorCode::Panicked.as_u32());
    }
    (code, out)
}

#[test]
fn a_bundle_finds_and_calls_what_it_declares() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("caller", &(depends("host.Doubler@1") + "kind = \"host_contract\"\nmin_version = \"1.1\"\n"));
    let results = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&results);
    loader.on_init("caller", move |host| {
        let interface = get(host, Version::new(1, 1, 0).packed()).unwrap();
        kept.lock().unwrap().extend([call(interface, 0, 21), call(interface, 1, 0), call(interface, 2, 0)]);
        assert_eq!(get(host, Version::new(1, 3, 0).packed()).unwrap_err(), AbiErrorCode::VersionMismatch);
        0
    });
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader).host_contract(doubler());
    let _runtime = builder.build().unwrap();
    let (panicked, missing) = (AbiErrorCode::Panicked.as_u32(), AbiErrorCode::FunctionNotAvailable.as_u32());
    assert_eq!(*results.lock().unwrap(), [(0, 42), (panicked, 0), (missing, 0)]);
}

#[test]
fn a_bundle_that_needs_more_than_the_host_provides_is_not_loaded() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let needs = |version: &str| depends("host.Doubler@1") + "kind = \"host_contract\"\n" + version;
    let old = bundles.add("old", &needs(""));
    let new = bundles.add("new", &needs("min_version = \"1.3\"\n"));
    let runtime = Runtime::builder().loader(loader).build().unwrap();
    let error = runtime.load_bundle(&old).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::MissingCapability.as_u32(), "{error}");
    runtime.provide(doubler()).unwrap();
    runtime.load_bundle(&old).unwrap();
    let error = runtime.load_bundle(&new).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::VersionMismatch.as_u32(), "{error}");
}

#[test]
fn a_contract_of_the_host_is_registered_once() {
    let runtime = Runtime::builder().host_contract(doubler()).build().unwrap();
    let error = runtime.provide(doubler()).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::AlreadyRegistered.as_u32());
    assert!(get(runtime.host_api(), 0).is_ok(), "the first stays");
}

#[test]
fn a_host_in_c_registers_an_interface_whose_id_is_its_names() {
    let runtime = Runtime::builder().build().unwrap();
    let host = runtime.host_api();
    let good = ContractInterface { contract_id: host_contract_id("host.Thing", 1), ..interface("host.Thing", V12) };
    let register = |name: &str, interface: &ContractInterface| unsafe {
        ((*host).register_host_contract)(host, StringView::new(name), interface)
    };
    assert_eq!(register("host.Other", &good), AbiErrorCode::InvalidArgument.as_u32());
    let guest = interface("host.Thing", V12);
    assert_eq!(register("host.Thing", &guest), AbiErrorCode::InvalidArgument.as_u32(), "a bundle's id");
    assert_eq!(register("", &good), AbiErrorCode::InvalidArgument.as_u32());
    assert_eq!(
        register("host.Thing", &ContractInterface { dispatch: 9, ..good }),
        AbiErrorCode::InvalidArgument.as_u32()
    );
    assert_eq!(register("host.Thing", &good), 0, "{}", last_error(host));
    assert_eq!(register("host.Thing", &good), AbiErrorCode::AlreadyRegistered.as_u32());
}

#[test]
fn handles_of_host_and_guest_contracts_are_not_taken_for_each_other() {
    let bundles = Bundles::new();
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default());
    let runtime = builder.host_contract(doubler()).build().unwrap();
    let host = runtime.host_api();
    let guest = runtime.find("t.Thing", Version::new(1, 0, 0)).unwrap();
    let as_host = HostContractHandle { index: guest.index, generation: guest.generation };
    let mut out = ptr::null();
    let code = unsafe { ((*host).resolve_host_contract_interface)(host, as_host, &raw mut out) };
    assert_eq!(code, AbiErrorCode::StaleHandle.as_u32());
    let mut handle = HostContractHandle::default();
    let id = host_contract_id("host.Doubler", 1);
    assert_eq!(unsafe { ((*host).get_host_contract)(host, id, 0, &raw mut handle) }, 0);
    let as_guest = polyplug_abi::GuestContractHandle { index: handle.index, generation: handle.generation };
    assert_eq!(unsafe { ((*host).resolve_guest_contract)(host, as_guest, &raw mut out) }, code);
    assert_eq!(runtime.create(as_guest).unwrap_err().code(), code);
}

#[test]
fn keeping_something_more_does_not_let_go_of_the_functions() {
    let kept = Arc::new(());
    let contract = doubler().keeping(Arc::clone(&kept)).keeping(7);
    let runtime = Runtime::builder().host_contract(contract).build().unwrap();
    assert_eq!(call(get(runtime.host_api(), 0).unwrap(), 0, 4), (0, 8));
    assert_eq!(Arc::strong_count(&kept), 2);
    drop(runtime);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn a_function_that_throws_what_panics_when_it_is_dropped_is_an_error() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("and once more");
        }
    }
    let throw = |_: *const c_void, _: *mut c_void, _: *mut CallArena| -> u32 { std::panic::panic_any(Bomb) };
    // SAFETY: it has neither parameters nor a result.
    let functions = unsafe { HostFunctions::new().function(throw) };
    let runtime = Runtime::builder().build().unwrap();
    runtime.provide(HostContract::new("host.Doubler", V12, functions)).unwrap();
    let (code, _) = call(get(runtime.host_api(), 0).unwrap(), 0, 1);
    assert_eq!(code, AbiErrorCode::Panicked.as_u32());
}
