//! Reloading: the new code serves, the old stays with its instances, nothing is left behind.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use polyplug::RuntimeBuilder;
use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::Version;
use polyplug_native::NativeLoader;

use crate::bundles::{Bundles, call, faults, runtime};

/// How many descriptors and mappings of bundles' libraries this process has. Other tests have none of this name.
fn held(library: &str) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(library)).count()
}

fn reloads(times: usize, library: &str) {
    let bundles = Bundles::new();
    let bundle = bundles.compiled("reloaded", &[]);
    fs::rename(bundle.join("libbundle.so"), bundle.join(library)).unwrap();
    let manifest = fs::read_to_string(bundle.join("manifest.toml")).unwrap();
    fs::write(bundle.join("manifest.toml"), manifest.replace("libbundle.so", library)).unwrap();
    let (runtime, _) = runtime();
    let id = runtime.load_bundle(&bundle).unwrap();
    let once = held(library);
    let mut old = faults(&runtime);
    assert_eq!(call(&old, 1).unwrap(), 1);
    for _ in 0..times {
        runtime.reload_bundle(id).unwrap();
        // A library of its own counts from one, while the old one counts on.
        let new = faults(&runtime);
        assert_eq!(call(&new, 1).unwrap(), 1);
        assert_eq!(call(&old, 1).unwrap(), 2);
        old = new;
    }
    assert_eq!(held(library), once);
    drop(old);
    runtime.unload_bundle(id, false).unwrap();
    assert_eq!(held(library), 0);
}

#[test]
fn a_reloaded_library_is_a_new_one_and_the_old_one_is_unmapped_with_its_last_instance() {
    reloads(10, "libtenreloads.so");
}

#[test]
fn sixteen_threads_call_while_the_library_is_reloaded_and_unloaded() {
    let bundles = Bundles::new();
    let bundle = bundles.compiled("called", &[]);
    let (runtime, _) = runtime();
    let id = runtime.load_bundle(&bundle).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let mut calls = 0_u32;
                    while !done.load(Ordering::Relaxed) || calls == 0 {
                        // Found, then reloaded, then asked for: that may be. What is made can be called.
                        let Ok(handle) = runtime.find("test.Faults", Version::new(1, 0, 0)) else { continue };
                        let Ok(guest) = runtime.create(handle) else { continue };
                        for _ in 0..50 {
                            assert_eq!(call(&guest, 0).unwrap(), 42);
                            calls += 1;
                        }
                    }
                })
            })
            .collect();
        for _ in 0..20 {
            runtime.reload_bundle(id).unwrap();
        }
        // In flight, and by those who have an instance, it is called after that, too.
        runtime.unload_bundle(id, false).unwrap();
        runtime.load_bundle(&bundle).unwrap();
        done.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
}

#[test]
fn destructors_and_functions_at_exit_run_when_the_library_is_closed() {
    let bundles = Bundles::new();
    let bundle = bundles.compiled("exits", &["-DAT_EXIT"]);
    let (runtime, _) = runtime();
    let id = runtime.load_bundle(&bundle).unwrap();
    let guest = faults(&runtime);
    runtime.unload_bundle(id, false).unwrap();
    let written = bundle.canonicalize().unwrap().join("at-exit");
    assert!(!written.exists(), "closed while there is an instance");
    drop(guest);
    // The bundle ends on a thread of its own; the end of the runtime waits for it.
    drop(runtime);
    let written = fs::read_to_string(&written).unwrap();
    let mut lines: Vec<&str> = written.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["at exit", "destructor"]);
}

#[test]
fn a_plugin_that_never_ends_is_left_alone_after_a_while() {
    let bundles = Bundles::new();
    let endless = bundles.compiled("endless", &["-DNEVER_ENDS"]);
    // SAFETY: the fixtures keep to the ABI.
    let loader = unsafe { NativeLoader::new() };
    let runtime = RuntimeBuilder::new().loader(loader).teardown_timeout_ms(50).build().unwrap();
    let id = runtime.load_bundle(&endless).unwrap();
    drop(faults(&runtime));
    let error = runtime.unload_bundle(id, false).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::TimedOut.as_u32(), "{error}");
    assert!(error.to_string().contains("endless"), "{error}");
    // Its code is where it was, since it runs.
    let library = endless.canonicalize().unwrap().join("libbundle.so");
    assert_ne!(held(library.to_str().unwrap()), 0);

    let good = Bundles::new();
    runtime.load_bundle(&good.compiled("good", &[])).unwrap();
    assert_eq!(call(&faults(&runtime), 0).unwrap(), 42);
}
