//! What the fuzz targets share: an allocator that counts, a limit on memory for each input, and a compressor.

use release_formats::compress::{Codec, Compressor};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Buffers and tables that do not grow with the input.
const CONSTANT: usize = 8 << 20;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs it, and holds its memory against twice the input's length. libFuzzer's own `-timeout` holds the time.
pub fn within_memory(input: &[u8], run: impl FnOnce()) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    run();
    let used = PEAK.load(Relaxed).saturating_sub(before);
    let limit = 2 * input.len() + CONSTANT;
    assert!(used <= limit, "{used} bytes of memory for {} bytes of input", input.len());
}

/// One gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = Compressor::new(Vec::new(), Codec::Gzip, 1, 1).unwrap();
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}
