//! Many threads at once: calls during reloads and unloads.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use polyplug::{Arena, Runtime};
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::Version;
use polyplug_abi::{AbiErrorCode, CallArena, ContractInterface, Function};

use crate::support::*;

const V1: Version = Version::new(1, 0, 0);
const RELOADS: usize = if cfg!(miri) { 3 } else { 40 };
const THREADS: usize = if cfg!(miri) { 3 } else { 16 };

/// A bundle whose contracts `t.A` and `t.B` both have the number of its load as instance.
fn pair() -> (Bundles, TestLoader, Arc<AtomicUsize>) {
    let (bundles, loader, loads) = (Bundles::new(), TestLoader::default(), Arc::new(AtomicUsize::new(0)));
    bundles.add("bundle", &provides(&["t.A@1", "t.B@1"]));
    let counter = Arc::clone(&loads);
    loader.on_load("bundle", move |request| {
        let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
        for contract in ["t.A", "t.B"] {
            let context = ptr::without_provenance_mut(number);
            assert_eq!(register(request.host, contract, ContractInterface { context, ..interface(contract, V1) }), 0);
        }
        Ok(OnDrop::boxed(|| {}))
    });
    (bundles, loader, loads)
}

#[test]
fn sixteen_threads_call_through_reloads() {
    let (bundles, loader, _) = pair();
    let builder = Runtime::builder().hot_reload(true).plugin_dir(bundles.path()).loader(loader);
    let runtime = builder.build().unwrap();
    let (done, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut arena = Arena::new();
                let mut last = 0;
                while !done.load(Ordering::SeqCst) {
                    let guest = match runtime.find("t.A", V1).and_then(|handle| runtime.create(handle)) {
                        Ok(guest) => guest,
                        // Between the two it was swapped.
                        Err(error) => {
                            assert_eq!(error.code(), AbiErrorCode::StaleHandle.as_u32(), "{error}");
                            continue;
                        }
                    };
                    let mut out: *mut c_void = ptr::null_mut();
                    unsafe { guest.call(3, ptr::null(), (&raw mut out).cast(), &mut arena) }.unwrap();
                    assert_eq!(out, guest.instance());
                    assert!(out.addr() >= last, "nobody sees an older one after a newer one");
                    last = out.addr();
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let id = bundle_id("bundle");
        for reload in 1..=RELOADS {
            // Some calls are made between any two.
            while calls.load(Ordering::SeqCst) < reload {
                thread::yield_now();
            }
            runtime.reload_bundle(id).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_reload_is_seen_for_all_contracts_or_for_none() {
    let (bundles, loader, _) = pair();
    let builder = Runtime::builder().hot_reload(true).plugin_dir(bundles.path()).loader(loader);
    let runtime = builder.build().unwrap();
    let done = AtomicBool::new(false);
    let (a, b) = (guest_contract_id("t.A", 1), guest_contract_id("t.B", 1));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    // Whoever has seen the new A finds no old B after it.
                    let first = runtime.find_by_id(a, 0).and_then(|handle| runtime.create(handle));
                    let second = runtime.find_by_id(b, 0).and_then(|handle| runtime.create(handle));
                    if let (Ok(first), Ok(second)) = (first, second) {
                        assert!(second.instance() >= first.instance());
                    }
                }
            });
        }
        for _ in 0..RELOADS {
            runtime.reload_bundle(bundle_id("bundle")).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
}

/// Where a call waits: it says that it is there, and goes on when it may.
static CALL: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

unsafe extern "C" fn wait(_: *mut c_void, _: *const c_void, _: *mut c_void, _: *mut CallArena) -> u32 {
    let (there, go_on) = CALL.lock().unwrap().take().unwrap();
    there.send(()).unwrap();
    go_on.recv().unwrap();
    7000
}

static WAIT: [Function; 1] = [wait];

#[test]
fn an_unload_while_a_call_is_under_way_lets_it_end() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    loader.on_init("bundle", |host| {
        let functions = WAIT.as_ptr();
        register(host, "t.Thing", ContractInterface { functions, function_count: 1, ..interface("t.Thing", V1) })
    });
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).build().unwrap();
    let (there, is_there) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    *CALL.lock().unwrap() = Some((there, may_go_on));
    thread::scope(|scope| {
        let guest = runtime.create(runtime.find("t.Thing", V1).unwrap()).unwrap();
        let call = scope
            .spawn(move || unsafe { guest.call(0, ptr::null(), ptr::null_mut(), &mut Arena::new()).unwrap_err().code });
        is_there.recv().unwrap();
        runtime.unload_bundle(bundle_id("bundle"), false).unwrap();
        assert!(runtime.find("t.Thing", V1).is_err());
        assert!(loader.dropped().is_empty(), "its code is running");
        go_on.send(()).unwrap();
        assert_eq!(call.join().unwrap(), 7000);
    });
    assert_eq!(loader.dropped(), ["bundle"]);
}

#[test]
fn loads_reloads_and_unloads_of_many_threads_come_one_after_the_other() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let folders: Vec<_> = (0..THREADS).map(|number| bundles.add(&format!("b{number}"), "")).collect();
    let running = Arc::new(AtomicUsize::new(0));
    for number in 0..THREADS {
        let running = Arc::clone(&running);
        loader.on_load(&format!("b{number}"), move |_| {
            assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
            thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(OnDrop::boxed(|| {}))
        });
    }
    let runtime = Runtime::builder().hot_reload(true).loader(loader).build().unwrap();
    thread::scope(|scope| {
        for folder in &folders {
            scope.spawn(|| {
                for _ in 0..3 {
                    let id = runtime.load_bundle(folder).unwrap();
                    runtime.reload_bundle(id).unwrap();
                    runtime.unload_bundle(id, false).unwrap();
                }
            });
        }
    });
    assert!(runtime.bundles().is_empty());
}
