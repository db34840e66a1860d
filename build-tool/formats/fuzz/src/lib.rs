//! What the fuzz targets share: an allocator that counts, a limit on memory for each input, and a compressor; and for
//! formats that are too large or too full of checksums to be guessed, something right that the input then changes.

use release_formats::compress::{Codec, Compressor};
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use release_formats::read_archive::Limits;
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

/// Small, since inputs are.
pub const LIMITS: Limits = Limits { entries: 1000, total_size: 4 << 20, metadata: 1 << 20 };

/// Changes bytes of something right. The input is a row of changes: a place in three bytes, how many bytes in one, and the bytes.
pub fn change(base: &[u8], mut input: &[u8]) -> Vec<u8> {
    let mut changed = base.to_vec();
    while let [a, b, c, count, rest @ ..] = input {
        let at = u32::from_be_bytes([0, *a, *b, *c]) as usize % (changed.len() + 1);
        let count = usize::from(*count % 16).min(rest.len());
        let end = (at + count).min(changed.len());
        changed[at..end].copy_from_slice(&rest[..end - at]);
        input = &rest[count..];
    }
    changed
}

/// A little of everything that can be installed.
pub fn payload() -> Payload {
    let node = |path: &str, kind| {
        let (owner, group) = ("root".to_owned(), "wheel".to_owned());
        Node { path: path.to_owned(), kind, mode: 0o755, owner, group, mark: Mark::None }
    };
    let files = (0..60).map(|number| {
        node(&format!("share/{}/{number}", number % 5), NodeKind::File(Content::Bytes(vec![7; number * 90])))
    });
    let others = [node("share/empty", NodeKind::Directory), node("link", NodeKind::Symlink("/usr".to_owned()))];
    Payload::new(files.chain(others)).unwrap()
}
