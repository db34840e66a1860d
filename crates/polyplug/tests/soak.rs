//! Whether anything is left behind by loading and unloading again and again: every byte is counted.

#![allow(unsafe_code)] // Counts what is allocated, and plays plugins.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use polyplug::Runtime;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;

use crate::support::*;

#[path = "support/mod.rs"]
mod support;

/// The system's allocator, which counts the bytes that are out.
struct Counting;

static OUT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        OUT.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        OUT.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What may be out more or less by chance: the last threads are on their way out.
const SLACK: usize = 4 << 10;

/// Tables grow until places have rested as long as they are to.
const WARM_UP: usize = 200;

/// Runs it so often, and finds as many bytes out after it as after the first few times.
#[track_caller]
fn leaves_nothing(times: usize, mut run: impl FnMut()) {
    (0..WARM_UP).for_each(|_| run());
    let before = OUT.load(Ordering::SeqCst);
    (0..times).for_each(|_| run());
    let after = OUT.load(Ordering::SeqCst);
    assert!(after < before + SLACK, "{times} times: {before} bytes before, {after} after");
}

fn soak(times: usize) {
    let (bundles, loader) = (Bundles::new(), TestLoader::default().without_history());
    let folder = bundles.add("bundle", &provides(&["t.Thing@1"]));
    let bad = bundles.add("bad", &provides(&["t.Other@1"]));
    loader.on_init("bad", |_| 300);
    let id = bundle_id("bundle");
    let runtime = Runtime::builder().hot_reload(true).loader(loader).build().unwrap();
    runtime.load_bundle(&folder).unwrap();
    leaves_nothing(times, || {
        runtime.reload_bundle(id).unwrap();
        drop(runtime.create(runtime.find("t.Thing", Version::new(1, 0, 0)).unwrap()).unwrap());
    });
    leaves_nothing(times * 10, || {
        runtime.unload_bundle(id, false).unwrap();
        runtime.load_bundle(&folder).unwrap();
    });
    leaves_nothing(times, || assert!(runtime.load_bundle(&bad).is_err()));
    leaves_nothing(times / 10, || {
        let runtime = Runtime::builder().loader(TestLoader::default().without_history()).build().unwrap();
        runtime.load_bundle(&folder).unwrap();
    });
}

#[test]
fn a_hundred_reloads_and_a_thousand_loads_leave_nothing_behind() {
    soak(100);
}

#[test]
#[ignore = "takes long; scripts/sanitize.sh runs it"]
fn a_thousand_reloads_and_ten_thousand_loads_leave_nothing_behind() {
    soak(1000);
}
