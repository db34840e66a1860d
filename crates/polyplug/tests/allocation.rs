//! Calling costs no memory: after the first of them, ten thousand calls and searches allocate nothing.

#![allow(unsafe_code)] // Counts what is allocated, and plays plugins.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use polyplug::{Arena, Runtime};
use polyplug_abi::identity::guest_contract_id;
use polyplug_abi::types::{StringView, Version};

use crate::support::*;

#[path = "support/mod.rs"]
mod support;

/// The system's allocator, which counts for each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.realloc(ptr, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread allocates in 10,000 times.
fn allocations_of(mut run: impl FnMut()) -> usize {
    run();
    let before = ALLOCATIONS.get();
    (0..10_000).for_each(|_| run());
    ALLOCATIONS.get() - before
}

#[test]
fn ten_thousand_calls_and_searches_allocate_nothing() {
    assert_ne!(allocations_of(|| drop(std::hint::black_box(Box::new(1)))), 0, "it counts");

    let bundles = Bundles::new();
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default()).build().unwrap();
    let (id, host) = (guest_contract_id("t.Thing", 1), runtime.host_api());
    let guest = runtime.create(runtime.find("t.Thing", Version::new(1, 0, 0)).unwrap()).unwrap();
    let mut arena = Arena::new();

    let (argument, mut sum) = (1_u32, 0_u32);
    let call = || {
        let argument = ptr::from_ref(&argument).cast::<c_void>();
        unsafe { guest.call(0, argument, (&raw mut sum).cast(), &mut Arena::default()) }.unwrap();
    };
    // A new arena each time is what costs; kept, it does not.
    assert_ne!(allocations_of(call), 0);
    let call = || {
        let argument = ptr::from_ref(&argument).cast::<c_void>();
        unsafe { guest.call(0, argument, (&raw mut sum).cast(), &mut arena) }.unwrap();
    };
    assert_eq!(allocations_of(call), 0, "calls that return a number");
    let mut text = StringView::EMPTY;
    let call = || {
        arena.reset();
        unsafe { guest.call(1, ptr::null(), (&raw mut text).cast(), &mut arena) }.unwrap();
    };
    assert_eq!(allocations_of(call), 0, "calls that return text");
    assert_eq!(allocations_of(|| assert!(runtime.find_by_id(id, 0).is_ok())), 0, "find");
    assert_eq!(allocations_of(|| assert!(find(host, id, 0).is_ok())), 0, "find through the table");
    let handle = find(host, id, 0).unwrap();
    let mut interface = ptr::null();
    let resolve = || assert_eq!(unsafe { ((*host).resolve_guest_contract)(host, handle, &raw mut interface) }, 0);
    assert_eq!(allocations_of(resolve), 0, "resolve");
}
