//! The same work on rusticated and on its rivals: `rivals RUNTIME WORK [SIZE] [FILE]`.
//! How long it takes is measured from outside, by scripts/bench.sh.
//!
//! | work | what is done | size |
//! |---|---|---|
//! | `read`, `direct` | 4 KiB reads at random places of FILE, through the page cache or past it | reads at a time |
//! | `echo` | 64 bytes there and back over TCP on the loopback, both ends on one thread | connections |
//! | `pipe` | one byte there and back through two pipes | – |
//! | `spawn` | a million tasks started and joined | – |
//! | `timers` | 100,000 tasks that sleep, all at the same time | – |
//! | `process` | a thousand times `true`, started and waited for one after the other | – |
use std::alloc::{GlobalAlloc, Layout, System};

mod by_compio;
mod by_rusticated;
mod by_tokio;
mod by_tokio_uring;
mod plain;

/// How much of each is done.
pub const READS: u64 = 100_000;
pub const DIRECT_READS: u64 = 20_000;
pub const ROUND_TRIPS: u64 = 100_000;
pub const TASKS: u64 = 1_000_000;
pub const TIMERS: u64 = 100_000;
pub const PROGRAMS: u64 = 1_000;
pub const BLOCK: usize = 4096;
pub const MESSAGE: usize = 64;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Work {
    pub kind: String,
    pub size: u64,
    pub file: String,
}

impl Work {
    /// How many reads, and the flag for open(2).
    pub fn reads(&self) -> (u64, i32) {
        if self.kind == "direct" { (DIRECT_READS, libc::O_DIRECT) } else { (READS, 0) }
    }
}

/// The same places for everybody, in no order.
pub struct Places {
    state: u64,
    blocks: u64,
}

impl Places {
    pub fn new(seed: u64, file_length: u64) -> Self {
        Self { state: seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15), blocks: file_length / BLOCK as u64 }
    }

    pub fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % self.blocks * BLOCK as u64
    }
}

/// How long the nth of the timers sleeps: all are due within 20 ms, in no order.
pub fn pause(nth: u64) -> std::time::Duration {
    std::time::Duration::from_micros(nth * 7919 % 20_000)
}

/// Blocks lie where O_DIRECT wants them, in the vectors of all runtimes alike.
struct Aligned;

// SAFETY: the system's allocator with a larger alignment, the same when memory is given back.
unsafe impl GlobalAlloc for Aligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(aligned(layout)) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, aligned(layout)) }
    }
}

fn aligned(layout: Layout) -> Layout {
    if layout.size() == BLOCK { layout.align_to(BLOCK).expect("a block fits") } else { layout }
}

#[global_allocator]
static ALLOCATOR: Aligned = Aligned;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_default();
    let (runtime, kind, size, file) = (next(), next(), next(), next());
    let work = Work { kind, size: size.parse().unwrap_or(1), file };
    let known = match runtime.as_str() {
        "rusticated" => by_rusticated::run(&work),
        "compio" => by_compio::run(&work),
        "tokio" => by_tokio::run(&work),
        "tokio-uring" => by_tokio_uring::run(&work),
        "std" => plain::run(&work),
        _ => false,
    };
    if !known {
        eprintln!("rivals: {runtime} has no work {:?}", work.kind);
        std::process::exit(2);
    }
}
