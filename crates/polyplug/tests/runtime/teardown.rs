//! Plugins that do not end, or not well: the runtime goes on without them.

use std::ffi::c_void;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use polyplug::Runtime;
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::{LogLevel, Version};
use polyplug_abi::{AbiErrorCode, ContractInterface, SINGLETON};

use crate::support::*;

const V1: Version = Version::new(1, 0, 0);

/// Something that ends only when the test lets it.
struct Stuck {
    gate: Sender<()>,
    ended: Receiver<()>,
}

impl Stuck {
    /// A bundle `stuck` that waits in its drop until it is let go.
    fn bundle(loader: &TestLoader) -> Self {
        let (gate, wait) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let parts = Mutex::new(Some((wait, end)));
        loader.on_load("stuck", move |request| {
            if !request.manifest.provides.is_empty() {
                assert_eq!(register(request.host, "t.Thing", interface("t.Thing", V1)), 0);
            }
            let Some((wait, end)) = parts.lock().unwrap().take() else { return Ok(OnDrop::boxed(|| {})) };
            Ok(OnDrop::boxed(move || {
                let _ = wait.recv();
                let _ = end.send(());
            }))
        });
        Self { gate, ended }
    }

    fn let_go(self) {
        self.gate.send(()).unwrap();
        self.ended.recv().unwrap();
    }
}

#[test]
fn a_bundle_that_never_ends_is_left_behind_and_the_runtime_goes_on() {
    let (bundles, loader, log) = (Bundles::new(), TestLoader::default(), Log::default());
    let folder = bundles.add("stuck", &provides(&["t.Thing@1"]));
    bundles.add("good", &provides(&["t.Good@1"]));
    let stuck = Stuck::bundle(&loader);
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader).logger(log.closure());
    let runtime = builder.teardown_timeout_ms(20).build().unwrap();

    let error = runtime.unload_bundle(bundle_id("stuck"), false).unwrap_err();

    assert_eq!(error.code(), AbiErrorCode::TimedOut.as_u32());
    let message = runtime.take_last_error().unwrap();
    assert!(message.contains("bundle `stuck` did not end within 20 ms"), "{message}");
    assert!(log.of(LogLevel::Error).contains(&message));
    assert!(runtime.find("t.Thing", V1).is_err(), "it is withdrawn all the same");
    assert!(runtime.create(runtime.find("t.Good", V1).unwrap()).is_ok());
    runtime.load_bundle(&folder).unwrap();
    drop(runtime);
    stuck.let_go();
}

#[test]
fn dropping_the_runtime_does_not_wait_for_ever() {
    let (bundles, loader, log) = (Bundles::new(), TestLoader::default(), Log::default());
    bundles.add("stuck", "");
    bundles.add("good", "");
    let stuck = Stuck::bundle(&loader);
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).logger(log.closure());
    let runtime = builder.teardown_timeout_ms(500).build().unwrap();
    let host = runtime.host_api();
    drop(runtime);
    assert!(log.of(LogLevel::Error).iter().any(|line| line.contains("`stuck` did not end")), "{:?}", log.lines());
    assert_eq!(loader.dropped(), ["good"]);
    assert_eq!(find(host, guest_contract_id("t.Thing", 1), 0), Err(AbiErrorCode::StaleHandle));
    stuck.let_go();
}

#[test]
fn a_singleton_that_never_ends_is_left_behind() {
    static GATE: Mutex<Option<Receiver<()>>> = Mutex::new(None);
    unsafe extern "C" fn destroy(_: *mut c_void, _: *mut c_void) {
        let gate = GATE.lock().unwrap().take().unwrap();
        let _ = gate.recv();
    }
    let (open, gate) = mpsc::channel::<()>();
    *GATE.lock().unwrap() = Some(gate);
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    let counts = Counts::leaked();
    loader.on_init("bundle", |host| {
        let thing = counted("t.Thing", V1, counts);
        register(host, "t.Thing", ContractInterface { flags: SINGLETON, destroy: Some(destroy), ..thing })
    });
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone());
    let runtime = builder.teardown_timeout_ms(20).build().unwrap();
    drop(runtime.create(runtime.find("t.Thing", V1).unwrap()).unwrap());
    let error = runtime.unload_bundle(bundle_id("bundle"), false).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::TimedOut.as_u32());
    assert!(loader.dropped().is_empty(), "its code is kept while it runs");
    drop(runtime);
    drop(open);
}

#[test]
fn a_reload_whose_old_self_does_not_end_is_a_reload_all_the_same() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("stuck", &provides(&["t.Thing@1"]));
    let stuck = Stuck::bundle(&loader);
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader).hot_reload(true);
    let runtime = builder.teardown_timeout_ms(20).build().unwrap();
    let before = runtime.find("t.Thing", V1).unwrap();
    let error = runtime.reload_bundle(bundle_id("stuck")).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::TimedOut.as_u32());
    assert_ne!(runtime.find("t.Thing", V1).unwrap(), before);
    stuck.let_go();
}

#[test]
fn a_bundle_that_panics_when_it_is_dropped_is_reported() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", "");
    loader.on_load("bundle", |_| Ok(OnDrop::boxed(|| panic!("as tests do"))));
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader).build().unwrap();
    let error = runtime.unload_bundle(bundle_id("bundle"), false).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::Panicked.as_u32());
    assert!(runtime.bundles().is_empty());
}

#[test]
fn a_bundle_that_ends_gives_back_what_it_holds_of_others_and_may_use_its_table_until_then() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let counts = Counts::leaked();
    bundles.add("provider", &provides(&["t.Thing@1"]));
    bundles.add("user", &depends("t.Thing@1"));
    loader.on_init("provider", |host| register(host, "t.Thing", counted("t.Thing", V1, counts)));
    let at_drop = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&at_drop);
    loader.on_load("user", move |request| {
        let host = request.host;
        let id = guest_contract_id("t.Thing", 1);
        let handle = find(host, id, 0).unwrap();
        let mut instance = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { ((*host).create_guest_instance)(host, handle, &raw mut instance) }, 0);
        let (kept, table) = (Arc::clone(&kept), host.expose_provenance());
        Ok(OnDrop::boxed(move || {
            *kept.lock().unwrap() = Some(find(std::ptr::with_exposed_provenance(table), id, 0));
        }))
    });
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).build().unwrap();
    assert_eq!(counts.get(), (1, 0));
    runtime.unload_bundle(bundle_id("user"), false).unwrap();
    assert!(at_drop.lock().unwrap().take().unwrap().is_ok());
    assert_eq!(counts.get(), (1, 1));
}
