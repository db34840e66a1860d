//! Null, unaligned and garbage arguments to each of the 21 functions of the host's table.

use std::ptr;
use std::sync::Arc;

use polyplug::Runtime;
use polyplug_abi::identity::guest_contract_id;
use polyplug_abi::types::{LogLevel, StringView, Version};
use polyplug_abi::{
    AbiErrorCode, BundleDependency, BundleDescriptor, GuestContractHandle, GuestContractInterface, GuestInstance,
    HostApi, HostContractHandle, HostContractInterface, LoaderInterface, PluginDescriptor,
};

use crate::support::*;

/// A function with arguments that are good, but for the table. What it returns is a code; where it returns something
/// else, that is made one: 7 for nothing.
type Call = fn(&HostApi, *const HostApi) -> u32;

const NOTHING: u32 = AbiErrorCode::InvalidPointer as u32;
const TEXT: StringView = StringView::new("x");

#[rustfmt::skip]
const FUNCTIONS: [(&str, Call); 21] = [
    ("register_guest_contract", |api, this| {
        let descriptor = PluginDescriptor { name: TEXT, contract_name: TEXT, version: Version::new(1, 0, 0) };
        unsafe { (api.register_guest_contract)(this, &raw const descriptor, &interface("x", Version::new(1, 0, 0))) }
    }),
    ("alloc", |api, this| if unsafe { (api.alloc)(this, 8, 8) }.is_null() { NOTHING } else { 0 }),
    ("free", |api, this| unsafe { (api.free)(this, ptr::null_mut(), 8, 8) }),
    ("find_guest_contract", |api, this| unsafe {
        (api.find_guest_contract)(this, guest_contract_id("t.Thing", 1), 0, &mut GuestContractHandle::default())
    }),
    ("find_all_guest_contracts", |api, this| unsafe {
        (api.find_all_guest_contracts)(this, 1, 0, ptr::null_mut(), 0, &mut 0)
    }),
    ("resolve_guest_contract", |api, this| unsafe {
        (api.resolve_guest_contract)(this, GuestContractHandle::default(), &mut ptr::null())
    }),
    ("get_host_contract", |api, this| unsafe {
        (api.get_host_contract)(this, 1, 0, &mut HostContractHandle::default())
    }),
    ("resolve_host_contract_interface", |api, this| unsafe {
        (api.resolve_host_contract_interface)(this, HostContractHandle::default(), &mut ptr::null())
    }),
    ("list_bundles", |api, this| unsafe { (api.list_bundles)(this, ptr::null_mut(), 0, &mut 0) }),
    ("get_dependencies", |api, this| unsafe { (api.get_dependencies)(this, 1, ptr::null_mut(), 0, &mut 0) }),
    ("load_bundle", |api, this| unsafe { (api.load_bundle)(this, TEXT, ptr::null_mut()) }),
    ("reload_bundle", |api, this| unsafe { (api.reload_bundle)(this, 1) }),
    ("register_host_contract", |api, this| unsafe {
        (api.register_host_contract)(this, TEXT, &interface("x", Version::new(1, 0, 0)))
    }),
    ("register_loader", |api, this| unsafe { (api.register_loader)(this, &loader()) }),
    ("get_last_error", |api, this| unsafe { (api.get_last_error)(this, ptr::null_mut(), 0, &mut 0) }),
    ("get_error_len", |api, this| if unsafe { (api.get_error_len)(this) } == 0 { NOTHING } else { 0 }),
    ("unload_bundle", |api, this| unsafe { (api.unload_bundle)(this, 1, 0) }),
    ("log", |api, this| unsafe { (api.log)(this, 1, TEXT, TEXT) }),
    ("create_guest_instance", |api, this| unsafe {
        (api.create_guest_instance)(this, GuestContractHandle::default(), &mut instance())
    }),
    ("destroy_guest_instance", |api, this| unsafe { (api.destroy_guest_instance)(this, &instance()) }),
    ("revision_counter", |api, this| if unsafe { (api.revision_counter)(this) }.is_null() { NOTHING } else { 0 }),
];

fn loader() -> LoaderInterface {
    LoaderInterface { name: TEXT, context: ptr::null_mut(), can_reload: 0, reserved: 0, load: None, unload: None }
}

fn instance() -> GuestInstance {
    unsafe { std::mem::zeroed() }
}

/// A copy of a table, at an address that is not one.
fn copy(api: *const HostApi) -> Box<HostApi> {
    let mut copy = Box::<HostApi>::new_uninit();
    unsafe {
        copy.as_mut_ptr().copy_from_nonoverlapping(api, 1);
        copy.assume_init()
    }
}

#[test]
fn a_table_that_is_null_unaligned_or_made_up_is_an_invalid_pointer_for_every_function() {
    let runtime = Runtime::builder().build().unwrap();
    let api = unsafe { &*runtime.host_api() };
    let copied = copy(api);
    let bad = [
        ptr::null(),
        ptr::without_provenance(1),
        ptr::without_provenance(0x1000),
        ptr::without_provenance(usize::MAX - 7),
        ptr::from_ref(api).wrapping_byte_add(1),
        ptr::from_ref(api).wrapping_byte_add(8),
        &raw const *copied,
    ];
    for (name, call) in FUNCTIONS {
        for this in bad {
            assert_eq!(call(api, this), AbiErrorCode::InvalidPointer.as_u32(), "{name} {this:p}");
        }
    }
    assert_eq!(unsafe { (api.get_error_len)(api) }, 0, "there was no runtime whose last error it could be");
}

#[test]
fn a_table_of_a_runtime_that_is_gone_is_stale_for_every_function() {
    let runtime = Runtime::builder().build().unwrap();
    // The place of a table is never freed.
    let api = unsafe { &*runtime.host_api() };
    drop(runtime);
    for (name, call) in FUNCTIONS {
        let code = call(api, api);
        let expected = match name {
            "alloc" | "get_error_len" | "revision_counter" => NOTHING,
            _ => AbiErrorCode::StaleHandle.as_u32(),
        };
        assert_eq!(code, expected, "{name}");
    }
}

/// A runtime with a bundle, and its log.
fn runtime() -> (Bundles, Log, Arc<Runtime>) {
    let (bundles, log) = (Bundles::new(), Log::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default());
    let runtime = builder.logger(log.closure()).build().unwrap();
    (bundles, log, runtime)
}

/// An address that is not aligned to anything.
fn odd<T>() -> *mut T {
    static ROOM: [u64; 64] = [0; 64];
    ROOM.as_ptr().cast::<T>().cast_mut().wrapping_byte_add(1)
}

#[test]
fn other_pointers_that_are_null_or_unaligned_are_refused_by_every_function_that_has_some() {
    let (_bundles, log, runtime) = runtime();
    let this = runtime.host_api();
    let api = unsafe { &*this };
    let id = guest_contract_id("t.Thing", 1);
    let handle = runtime.find_by_id(id, 0).unwrap();
    let (mut count, mut room) = (0_usize, [0_u8; 8]);
    let count: *mut usize = &raw mut count;
    let long = usize::MAX / 2;
    let mut handles = [GuestContractHandle::default()];
    let null_text = StringView { ptr: ptr::null(), len: 1 };
    let endless = StringView { ptr: room.as_ptr(), len: usize::MAX };

    #[rustfmt::skip]
    let codes: Vec<(&str, u32)> = unsafe { vec![
        ("find, null", (api.find_guest_contract)(this, id, 0, ptr::null_mut())),
        ("find, unaligned", (api.find_guest_contract)(this, id, 0, odd())),
        ("find_all, null count", (api.find_all_guest_contracts)(this, id, 0, ptr::null_mut(), 0, ptr::null_mut())),
        ("find_all, unaligned count", (api.find_all_guest_contracts)(this, id, 0, ptr::null_mut(), 0, odd())),
        ("find_all, null out", (api.find_all_guest_contracts)(this, id, 0, ptr::null_mut(), 1, count)),
        ("find_all, unaligned out", (api.find_all_guest_contracts)(this, id, 0, odd(), 1, count)),
        ("find_all, endless", (api.find_all_guest_contracts)(this, id, 0, handles.as_mut_ptr(), long, count)),
        ("resolve, null", (api.resolve_guest_contract)(this, handle, ptr::null_mut())),
        ("resolve, unaligned", (api.resolve_guest_contract)(this, handle, odd())),
        ("get_host, null", (api.get_host_contract)(this, id, 0, ptr::null_mut())),
        ("get_host, unaligned", (api.get_host_contract)(this, id, 0, odd())),
        ("resolve_host, null", (api.resolve_host_contract_interface)(this, HostContractHandle::default(), ptr::null_mut())),
        ("resolve_host, unaligned", (api.resolve_host_contract_interface)(this, HostContractHandle::default(), odd())),
        ("list, null count", (api.list_bundles)(this, ptr::null_mut(), 0, ptr::null_mut())),
        ("list, null out", (api.list_bundles)(this, ptr::null_mut(), 1, count)),
        ("list, unaligned out", (api.list_bundles)(this, odd::<BundleDescriptor>(), 1, count)),
        ("list, endless", (api.list_bundles)(this, ptr::dangling_mut(), long, count)),
        ("dependencies, null count", (api.get_dependencies)(this, runtime.bundles()[0].id, ptr::null_mut(), 0, ptr::null_mut())),
        ("dependencies, unaligned out", (api.get_dependencies)(this, runtime.bundles()[0].id, odd::<BundleDependency>(), 1, count)),
        ("load, null text", (api.load_bundle)(this, null_text, ptr::null_mut())),
        ("load, endless text", (api.load_bundle)(this, endless, ptr::null_mut())),
        ("load, unaligned out", (api.load_bundle)(this, TEXT, odd())),
        ("register_host, null text", (api.register_host_contract)(this, null_text, &interface("x", Version::default()))),
        ("register_host, null", (api.register_host_contract)(this, TEXT, ptr::null())),
        ("register_host, unaligned", (api.register_host_contract)(this, TEXT, odd::<HostContractInterface>())),
        ("register_loader, null", (api.register_loader)(this, ptr::null())),
        ("register_loader, unaligned", (api.register_loader)(this, odd())),
        ("register_loader, no functions", (api.register_loader)(this, &loader())),
        ("log, null scope", (api.log)(this, 1, null_text, TEXT)),
        ("log, endless message", (api.log)(this, 1, TEXT, endless)),
        ("create, null", (api.create_guest_instance)(this, handle, ptr::null_mut())),
        ("create, unaligned", (api.create_guest_instance)(this, handle, odd())),
        ("destroy, null", (api.destroy_guest_instance)(this, ptr::null())),
        ("destroy, unaligned", (api.destroy_guest_instance)(this, odd())),
        ("free, garbage", (api.free)(this, room.as_mut_ptr(), 8, 1)),
    ] };
    for (name, code) in &codes {
        assert_eq!(*code, AbiErrorCode::InvalidPointer.as_u32(), "{name}");
    }
    assert_eq!(log.of(LogLevel::Error).len(), codes.len(), "each is in the log");
    assert!(!last_error(this).is_empty());
    // Asking for the last error leaves it as it is.
    assert_eq!(unsafe { (api.free)(this, room.as_mut_ptr(), 8, 1) }, AbiErrorCode::InvalidPointer.as_u32());
    for (buffer, capacity, written) in
        [(ptr::null_mut(), 1, count), (room.as_mut_ptr(), 8, ptr::null_mut()), (room.as_mut_ptr(), 8, odd())]
    {
        let code = unsafe { (api.get_last_error)(this, buffer, capacity, written) };
        assert_eq!(code, AbiErrorCode::InvalidPointer.as_u32());
    }
    assert!(!last_error(this).is_empty());
    // And all of it did no harm.
    assert!(runtime.create(handle).is_ok());
}

#[test]
fn pointers_are_refused_while_a_bundle_registers() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    loader.on_init("bundle", |host| {
        let descriptor = PluginDescriptor { name: TEXT, contract_name: TEXT, version: Version::new(1, 0, 0) };
        let interface = interface("t.Thing", Version::new(1, 0, 0));
        let register = |descriptor: *const PluginDescriptor, interface: *const GuestContractInterface| {
            let code = unsafe { ((*host).register_guest_contract)(host, descriptor, interface) };
            assert_eq!(code, AbiErrorCode::InvalidPointer.as_u32());
            assert!(last_error(host).contains("bundle `bundle`"));
        };
        register(ptr::null(), &raw const interface);
        register(odd(), &raw const interface);
        register(&raw const descriptor, ptr::null());
        register(&raw const descriptor, odd());
        super::support::register(host, "t.Thing", interface)
    });
    let runtime = Runtime::builder().loader(loader).build().unwrap();
    assert!(runtime.load_bundle(&bundles.path().join("bundle")).is_ok(), "what was refused was no registration");
}

#[test]
fn garbage_that_is_no_pointer_ends_with_a_code() {
    let (_bundles, log, runtime) = runtime();
    let this = runtime.host_api();
    let api = unsafe { &*this };
    let garbage = [0, 1, 0xdead_beef, u32::MAX];
    let (mut interface, mut out) = (ptr::null(), instance());
    for index in garbage {
        for generation in garbage {
            let handle = GuestContractHandle { index, generation };
            if runtime.find_by_id(guest_contract_id("t.Thing", 1), 0).unwrap() == handle {
                continue;
            }
            let host = HostContractHandle { index, generation };
            let stale = AbiErrorCode::StaleHandle.as_u32();
            assert_eq!(unsafe { (api.resolve_guest_contract)(this, handle, &raw mut interface) }, stale);
            assert_eq!(unsafe { (api.create_guest_instance)(this, handle, &raw mut out) }, stale);
            assert_eq!(unsafe { (api.resolve_host_contract_interface)(this, host, &raw mut interface) }, stale);
        }
    }
    for id in [0, 1, u64::MAX] {
        let not_found = AbiErrorCode::NotFound.as_u32();
        let mut handle = GuestContractHandle::default();
        assert_eq!(unsafe { (api.find_guest_contract)(this, id, 0, &raw mut handle) }, not_found);
        assert_eq!(unsafe { (api.reload_bundle)(this, id) }, not_found);
        assert_eq!(unsafe { (api.unload_bundle)(this, id, 1) }, not_found);
        let mut count = 7;
        assert_eq!(unsafe { (api.get_dependencies)(this, id, ptr::null_mut(), 0, &raw mut count) }, not_found);
        assert_eq!(unsafe { (api.find_all_guest_contracts)(this, id, 0, ptr::null_mut(), 0, &raw mut count) }, 0);
        assert_eq!(count, 0);
    }
    assert_eq!(unsafe { (api.unload_bundle)(this, 1, 2) }, AbiErrorCode::InvalidArgument.as_u32());
    let invalid = StringView { ptr: b"\xff".as_ptr(), len: 1 };
    assert_eq!(unsafe { (api.log)(this, 1, invalid, TEXT) }, AbiErrorCode::InvalidUtf8.as_u32());
    assert_eq!(unsafe { (api.load_bundle)(this, invalid, ptr::null_mut()) }, AbiErrorCode::InvalidUtf8.as_u32());
    assert!(!log.of(LogLevel::Error).is_empty());
}

#[test]
fn lists_say_how_many_there_are_and_write_as_many_as_there_is_room_for() {
    let (bundles, _, runtime) = runtime();
    runtime.load_bundle(&bundles.add("user", &depends("t.Thing@1"))).unwrap();
    let this = runtime.host_api();
    let api = unsafe { &*this };
    let mut count = 0;
    let mut out = [BundleDescriptor::default(); 3];
    let small = AbiErrorCode::BufferTooSmall.as_u32();
    assert_eq!(unsafe { (api.list_bundles)(this, ptr::null_mut(), 0, &raw mut count) }, small);
    assert_eq!(count, 2);
    assert_eq!(unsafe { (api.list_bundles)(this, out.as_mut_ptr(), 1, &raw mut count) }, small);
    assert_eq!((count, out[1].id), (2, 0));
    assert_eq!(unsafe { (api.list_bundles)(this, out.as_mut_ptr(), 3, &raw mut count) }, 0);
    let names: Vec<&str> = out[..count].iter().map(|bundle| unsafe { bundle.name.as_str() }).collect();
    assert_eq!(names, ["bundle", "user"]);
    let mut dependencies = [BundleDependency::default(); 2];
    let code = unsafe { (api.get_dependencies)(this, out[1].id, dependencies.as_mut_ptr(), 2, &raw mut count) };
    assert_eq!((code, count), (0, 1));
    assert_eq!(unsafe { dependencies[0].contract.as_str() }, "t.Thing");
    assert_eq!(dependencies[0].contract_id, guest_contract_id("t.Thing", 1));
    runtime.unload_bundle(out[1].id, false).unwrap();
    assert_eq!(unsafe { out[1].name.as_str() }, "user", "names live as long as the runtime");
    assert_eq!(unsafe { (api.get_error_len)(this) }, 0, "asking how many there are is no error");
}

#[test]
fn all_providers_are_written_as_far_as_there_is_room() {
    let bundles = Bundles::new();
    for name in ["one", "two", "three"] {
        bundles.add(name, &(provides(&["t.Thing@1"]) + "multiple = [\"t.Thing@1\"]\n"));
    }
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default()).build().unwrap();
    let this = runtime.host_api();
    let id = guest_contract_id("t.Thing", 1);
    let (mut out, mut count) = ([GuestContractHandle::default(); 3], 0);
    let mut find_all = |capacity: usize| {
        let code =
            unsafe { ((*this).find_all_guest_contracts)(this, id, 0, out.as_mut_ptr(), capacity, &raw mut count) };
        (code, count, out)
    };
    let (code, count, found) = find_all(2);
    assert_eq!((code, count), (AbiErrorCode::BufferTooSmall.as_u32(), 3));
    assert_eq!(found[2], GuestContractHandle::default());
    let (code, count, found) = find_all(3);
    assert_eq!((code, count), (0, 3));
    assert_eq!(found.to_vec(), runtime.find_all(id, 0));
    assert_eq!(runtime.find_all(id, Version::new(1, 1, 0).packed()), []);
}

#[test]
fn the_last_error_is_copied_out_whole_and_cleared() {
    let (_bundles, _, runtime) = runtime();
    let this = runtime.host_api();
    let api = unsafe { &*this };
    unsafe { (api.unload_bundle)(this, 1, 2) };
    let len = unsafe { (api.get_error_len)(this) };
    assert!(len > 8);
    let (mut room, mut written) = ([0_u8; 8], 0);
    let code = unsafe { (api.get_last_error)(this, room.as_mut_ptr(), 8, &raw mut written) };
    assert_eq!((code, written, room), (AbiErrorCode::BufferTooSmall.as_u32(), len, [0; 8]));
    assert_eq!(last_error(this), "`cascade` is 0 or 1, not 2");
    assert_eq!(last_error(this), "");
}

#[test]
fn the_revision_can_be_read_where_it_is() {
    let (bundles, _, runtime) = runtime();
    let this = runtime.host_api();
    let counter = unsafe { ((*this).revision_counter)(this) };
    let read =
        || unsafe { (*counter.cast::<std::sync::atomic::AtomicU64>()).load(std::sync::atomic::Ordering::Acquire) };
    let before = read();
    assert_eq!(before, runtime.revision());
    runtime.load_bundle(&bundles.add("other", "")).unwrap();
    assert_ne!(read(), before);
}
