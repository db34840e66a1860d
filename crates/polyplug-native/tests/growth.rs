//! Loading and unloading leaves nothing behind: no descriptor, no mapping, no memory.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)] // Asks the loader as a runtime does, and the allocator what is in use.

#[path = "runtime/bundles.rs"]
mod bundles;
#[path = "loader/support.rs"]
mod support;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use polyplug_native::NativeLoader;

use crate::bundles::{Bundles, call, faults, runtime};
use crate::support::{Bundle, plain_loader, reloading_loader, rust_library};

/// One test at a time, from its start: what is counted is the whole process's.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, PartialEq)]
struct Held {
    descriptors: usize,
    mappings: usize,
}

fn held() -> Held {
    Held {
        descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
        mappings: fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.contains('/')).count(),
    }
}

/// Bytes of the heap that are in use, and bytes that are mapped in all.
fn memory() -> (usize, usize) {
    // SAFETY: it only reads.
    let heap = unsafe { libc::mallinfo2() };
    let pages: usize = fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    (heap.uordblks + heap.hblkhd, pages * 4096)
}

/// Loads and unloads so often; what is held afterwards is what was held after the first few.
fn assert_no_growth(times: usize, bundle: &Bundle, loader: &NativeLoader) {
    let load = |times: usize| {
        for _ in 0..times {
            drop(bundle.load_with(loader).unwrap());
        }
    };
    load(times / 10);
    let (held_before, (heap_before, resident_before)) = (held(), memory());
    load(times);
    let (held_after, (heap_after, resident_after)) = (held(), memory());
    assert_eq!(held_after, held_before);
    // Less than a byte for each time, but for what the system does now and then.
    assert!(heap_after < heap_before + 4096 + times, "{heap_before} bytes of heap became {heap_after}");
    assert!(resident_after < resident_before + (1 << 20), "{resident_before} resident bytes became {resident_after}");
}

#[test]
fn loading_and_unloading_leaves_nothing_behind() {
    let _turn = turn();
    let bundle = Bundle::compiled("plain.c", &[]);
    assert_no_growth(300, &bundle, &plain_loader());
    assert_no_growth(100, &bundle, &reloading_loader());
}

#[test]
fn failing_to_load_leaves_nothing_behind() {
    let _turn = turn();
    let bundle = Bundle::compiled("plain.c", &["-DINIT_CODE=1"]);
    for loader in [plain_loader(), reloading_loader()] {
        assert!(bundle.load_with(&loader).is_err());
        let before = held();
        for _ in 0..50 {
            assert!(bundle.load_with(&loader).is_err());
        }
        assert_eq!(held(), before);
    }
}

#[test]
#[ignore = "a minute: run by hand with --ignored"]
fn ten_thousand_times_loading_and_unloading_leaves_nothing_behind() {
    let _turn = turn();
    let bundle = Bundle::compiled("plain.c", &[]);
    assert_no_growth(10_000, &bundle, &plain_loader());
    assert_no_growth(10_000, &bundle, &reloading_loader());
}

#[test]
#[ignore = "a minute: run by hand with --ignored"]
fn ten_thousand_times_loading_and_unloading_rust_leaves_nothing_behind() {
    let _turn = turn();
    let bundle = rust_library("no contract");
    assert_no_growth(10_000, &bundle, &plain_loader());
    assert_no_growth(10_000, &bundle, &reloading_loader());
}

/// Reloads so often, with an instance of the old library for a while, and calls.
fn assert_no_growth_of_reloads(times: usize) {
    let bundles = Bundles::new();
    let bundle = bundles.compiled("reloaded", &[]);
    let (runtime, log) = runtime();
    let id = runtime.load_bundle(&bundle).unwrap();
    let reload = |times: usize| {
        for _ in 0..times {
            let old = faults(&runtime);
            runtime.reload_bundle(id).unwrap();
            assert_eq!(call(&old, 0).unwrap() + call(&faults(&runtime), 0).unwrap(), 84);
            drop(old);
            log.lock().unwrap().clear();
        }
    };
    // Places of the runtime's tables rest for a while before they are used again.
    reload(200);
    let (held_before, (heap_before, resident_before)) = (held(), memory());
    reload(times);
    let (held_after, (heap_after, resident_after)) = (held(), memory());
    assert_eq!(held_after, held_before);
    // The least that a forgotten bundle could cost is more.
    let (heap, resident) = ((16 << 10) + 32 * times, 1 << 20);
    assert!(heap_after < heap_before + heap, "{heap_before} bytes of heap became {heap_after}");
    assert!(resident_after < resident_before + resident, "{resident_before} resident bytes became {resident_after}");
}

#[test]
fn reloading_leaves_nothing_behind() {
    let _turn = turn();
    assert_no_growth_of_reloads(100);
}

#[test]
#[ignore = "run by hand with --ignored"]
fn a_thousand_reloads_leave_nothing_behind() {
    let _turn = turn();
    assert_no_growth_of_reloads(1_000);
}

/// What the documentation says of glibc: it cannot unmap what a thread has yet to run.
#[test]
fn a_library_with_thread_local_destructors_is_mapped_until_its_threads_have_ended() {
    let _turn = turn();
    let bundle = rust_library("thread-local");
    let path = bundle.file().to_str().unwrap().to_owned();
    let mapped = || fs::read_to_string("/proc/self/maps").unwrap().contains(&path);
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                drop(bundle.load_with(&plain_loader()).unwrap());
                assert!(mapped(), "unmapped while this thread has a destructor to run");
            })
            .join()
            .unwrap();
    });
    // The next library that is closed takes it along.
    drop(Bundle::compiled("plain.c", &[]).load_with(&plain_loader()).unwrap());
    assert!(!mapped());
}
