//! Memory over the boundary: what was not given out, or otherwise, is not taken back.

use std::ptr;

use polyplug::Runtime;
use polyplug_abi::{AbiErrorCode, HostApi};

use crate::support::*;

fn alloc(host: *const HostApi, size: usize, align: usize) -> *mut u8 {
    unsafe { ((*host).alloc)(host, size, align) }
}

fn free(host: *const HostApi, ptr: *mut u8, size: usize, align: usize) -> u32 {
    unsafe { ((*host).free)(host, ptr, size, align) }
}

#[test]
fn what_is_given_out_is_aligned_writable_and_taken_back() {
    let runtime = Runtime::builder().build().unwrap();
    let host = runtime.host_api();
    for size in [1, 7, 64, 100_000] {
        for align in [1, 2, 16, 64, 4096] {
            let memory = alloc(host, size, align);
            assert!(!memory.is_null() && memory.addr().is_multiple_of(align));
            unsafe { memory.write_bytes(0xa5, size) };
            assert_eq!(free(host, memory, size, align), 0);
        }
    }
}

#[test]
fn impossible_sizes_and_alignments_get_null() {
    let runtime = Runtime::builder().build().unwrap();
    let host = runtime.host_api();
    for (size, align) in [(0, 1), (8, 0), (8, 3), (8, 24), (usize::MAX, 1), (isize::MAX as usize, 16)] {
        assert!(alloc(host, size, align).is_null(), "{size} {align}");
    }
}

#[test]
fn null_is_taken_back_as_nothing() {
    let runtime = Runtime::builder().build().unwrap();
    assert_eq!(free(runtime.host_api(), ptr::null_mut(), 8, 8), 0);
}

#[test]
fn garbage_double_frees_and_wrong_layouts_are_refused_and_left_alone() {
    let invalid = AbiErrorCode::InvalidPointer.as_u32();
    let (runtime, other) = (Runtime::builder().build().unwrap(), Runtime::builder().build().unwrap());
    let host = runtime.host_api();
    let memory = alloc(host, 64, 8);
    for (size, align) in [(63, 8), (65, 8), (64, 4), (64, 16), (0, 8), (64, 0)] {
        assert_eq!(free(host, memory, size, align), invalid);
        let message = last_error(host);
        assert!(message.contains("a size of 64 and an alignment of 8"), "{message}");
    }
    let mut local = 0_u64;
    for garbage in
        [(&raw mut local).cast(), memory.wrapping_add(8), ptr::without_provenance_mut(8), host.cast_mut().cast()]
    {
        assert_eq!(free(host, garbage, 64, 8), invalid);
    }
    assert_eq!(free(other.host_api(), memory, 64, 8), invalid, "another runtime's");
    unsafe { memory.write_bytes(1, 64) };
    assert_eq!(free(host, memory, 64, 8), 0);
    assert_eq!(free(host, memory, 64, 8), invalid);
    assert!(last_error(host).contains("was given back before"));
}

#[test]
fn what_is_left_is_freed_with_the_runtime() {
    // Miri and valgrind say so if it is not.
    let runtime = Runtime::builder().build().unwrap();
    for size in 1..100 {
        assert!(!alloc(runtime.host_api(), size, 8).is_null());
    }
}
