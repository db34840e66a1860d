//! The end of a runtime while something of it is still going on: a load that is late, a bundle that does not end.

use std::ffi::c_void;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use polyplug::{HostContract, HostFunctions, Runtime};
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::runtime::{Compatibility, RuntimeConfig};
use polyplug_abi::types::{LogLevel, StringView, Version};
use polyplug_abi::{AbiErrorCode, CallArena, ContractInterface, GuestInstance, HostApi};

use crate::support::*;

const V1: Version = Version::new(1, 0, 0);

/// Loads a bundle through a table, on a thread `late`. Like a plugin's, it does not hold the runtime.
fn load_late(host: *const HostApi, folder: &Path) -> JoinHandle<u32> {
    let (table, folder) = (host.expose_provenance(), folder.to_str().unwrap().to_owned());
    let load = move || {
        let host: *const HostApi = std::ptr::with_exposed_provenance(table);
        unsafe { ((*host).load_bundle)(host, StringView::new(&folder), std::ptr::null_mut()) }
    };
    thread::Builder::new().name("late".to_owned()).spawn(load).unwrap()
}

/// A place at which a thread says that it is there, and waits.
struct Stop {
    there: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Stop {
    fn new() -> (Self, Receiver<()>, Sender<()>) {
        let ((there, is_there), (let_go, go_on)) = (mpsc::channel(), mpsc::channel());
        (Self { there, go_on: Mutex::new(go_on) }, is_there, let_go)
    }

    fn wait(&self) {
        self.there.send(()).unwrap();
        let _ = self.go_on.lock().unwrap().recv();
    }
}

#[test]
fn a_load_that_has_come_far_only_after_the_end_opens_no_table() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let elsewhere = Bundles::new();
    bundles.add("provider", &provides(&["t.Thing@1"]));
    let folder = elsewhere.add("user", "[[dependencies]]\ncontract = \"t.Thing@1\"\nmin_version = \"1.9\"\n");
    let (stop, is_there, let_go) = Stop::new();
    // That the provider is too old is a warning, and comes before the bundle gets its table.
    let logger = move |level, _: &str, _: &str| {
        if level == LogLevel::Warn && thread::current().name() == Some("late") {
            stop.wait();
        }
    };
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).logger(logger);
    let runtime = builder.compatibility(Compatibility::Relaxed).teardown_timeout_ms(1).build().unwrap();
    let late = load_late(runtime.host_api(), &folder);
    is_there.recv().unwrap();

    drop(runtime);
    drop(let_go);

    assert_eq!(late.join().unwrap(), AbiErrorCode::StaleHandle.as_u32());
    assert_eq!(loader.loaded(), ["provider"]);
}

#[test]
fn a_bundle_that_is_there_only_after_the_end_is_ended_and_what_it_may_call_meanwhile_is_kept() {
    struct Kept(Arc<AtomicUsize>);
    impl Drop for Kept {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let folder = bundles.add("late", "");
    let (stop, is_there, let_go) = Stop::new();
    let (end, ended) = mpsc::channel();
    loader.on_load("late", move |_| {
        stop.wait();
        let end = end.clone();
        Ok(OnDrop::boxed(move || end.send(()).unwrap()))
    });
    let dropped = Arc::new(AtomicUsize::new(0));
    let contract = HostContract::new("t.Host", V1, HostFunctions::new());
    let contract = contract.keeping(Kept(Arc::clone(&dropped)));
    let builder = Runtime::builder().loader(loader).host_contract(contract);
    let runtime = builder.teardown_timeout_ms(1).build().unwrap();
    let late = load_late(runtime.host_api(), &folder);
    is_there.recv().unwrap();

    drop(runtime);
    assert_eq!(dropped.load(Ordering::SeqCst), 0, "what is being loaded may call it");
    drop(let_go);

    assert_eq!(late.join().unwrap(), AbiErrorCode::StaleHandle.as_u32());
    ended.recv().unwrap();
}

#[test]
fn the_callback_of_the_log_is_not_called_after_the_end() {
    unsafe extern "C" fn count(lines: *mut c_void, _: u32, _: StringView, _: StringView) {
        unsafe { &*lines.cast_const().cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
    }
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("stuck", "");
    let (stop, _is_there, let_go) = Stop::new();
    let stop = Arc::new(stop);
    loader.on_load("stuck", move |_| {
        let stop = Arc::clone(&stop);
        Ok(OnDrop::boxed(move || stop.wait()))
    });
    let lines = AtomicUsize::new(0);
    let config = RuntimeConfig {
        log: Some(count),
        log_user_data: (&raw const lines).cast_mut().cast(),
        log_max_level: LogLevel::Trace as u32,
        teardown_timeout_ms: 1,
        ..RuntimeConfig::default()
    };
    // The callback goes with the last part of the runtime.
    let (alive, all_gone) = mpsc::channel::<()>();
    let alive = Mutex::new(alive);
    let on_reload = move |_: *mut c_void, _| drop(alive.lock());
    // SAFETY: the counter is there longer than the runtime.
    let builder = unsafe { Runtime::builder().config(config) }.on_reload(on_reload);
    let runtime = builder.plugin_dir(bundles.path()).loader(loader).build().unwrap();

    assert_eq!(runtime.end().unwrap_err().code(), AbiErrorCode::TimedOut.as_u32());
    let at_the_end = lines.load(Ordering::SeqCst);
    drop(let_go);
    assert!(all_gone.recv().is_err(), "nothing is sent");

    assert!(at_the_end > 0);
    assert_eq!(lines.load(Ordering::SeqCst), at_the_end);
}

#[test]
fn a_bundle_that_holds_an_instance_of_itself_ends_with_the_runtime() {
    unsafe extern "C" fn create(_: *mut c_void, host: *const HostApi, _: *mut CallArena, out: *mut *mut c_void) -> u32 {
        let handle = find(host, guest_contract_id("t.Inner", 1), 0).unwrap();
        let mut inner: GuestInstance = unsafe { std::mem::zeroed() };
        unsafe {
            out.write(std::ptr::null_mut());
            ((*host).create_guest_instance)(host, handle, &raw mut inner)
        }
    }
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let counts = Counts::leaked();
    bundles.add("bundle", &provides(&["t.Outer@1", "t.Inner@1"]));
    loader.on_init("bundle", |host| {
        let outer = ContractInterface { create: Some(create), ..interface("t.Outer", V1) };
        register(host, "t.Outer", outer) | register(host, "t.Inner", counted("t.Inner", V1, counts))
    });
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).build().unwrap();
    drop(runtime.create(runtime.find("t.Outer", V1).unwrap()).unwrap());
    runtime.unload_bundle(bundle_id("bundle"), false).unwrap();
    assert_eq!((counts.get(), loader.dropped()), ((1, 0), Vec::new()), "it uses itself");
    runtime.end().unwrap();
    assert_eq!((counts.get(), loader.dropped()), ((1, 1), vec!["bundle".to_owned()]));
}
