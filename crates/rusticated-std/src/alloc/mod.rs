//! Memory: the default allocator of programs, which a `#[global_allocator]` replaces.
#[cfg(target_os = "linux")]
mod chunk;
#[cfg(target_os = "linux")]
mod classes;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

pub use alloc_crate::alloc::*;

/// The system's memory. On Linux, blocks of like size share chunks of 64 KiB, which go back to the kernel when they
/// are empty, and large blocks are the kernel's own; elsewhere it is the system's heap.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

/// The names that rustc calls where a program has no `#[global_allocator]` of its own.
mod default {
    use super::{GlobalAlloc, Layout, System};

    #[rustc_std_internal_symbol]
    unsafe extern "C" fn __rdl_alloc(size: usize, align: usize) -> *mut u8 {
        // SAFETY: they are a layout's; so are those below.
        unsafe { System.alloc(Layout::from_size_align_unchecked(size, align)) }
    }

    #[rustc_std_internal_symbol]
    unsafe extern "C" fn __rdl_alloc_zeroed(size: usize, align: usize) -> *mut u8 {
        // SAFETY: see above.
        unsafe { System.alloc_zeroed(Layout::from_size_align_unchecked(size, align)) }
    }

    #[rustc_std_internal_symbol]
    unsafe extern "C" fn __rdl_dealloc(block: *mut u8, size: usize, align: usize) {
        // SAFETY: see above.
        unsafe { System.dealloc(block, Layout::from_size_align_unchecked(size, align)) }
    }

    #[rustc_std_internal_symbol]
    unsafe extern "C" fn __rdl_realloc(block: *mut u8, size: usize, align: usize, new: usize) -> *mut u8 {
        // SAFETY: see above.
        unsafe { System.realloc(block, Layout::from_size_align_unchecked(size, align), new) }
    }
}
