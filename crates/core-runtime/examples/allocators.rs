//! How fast memory comes and goes: the program's own allocator against the system's malloc and mimalloc by itself.
//!
//! `cargo run --release -p core-runtime --example allocators [ROUNDS]` prints one line a case, tab-separated: what was
//! measured, nanoseconds for one block with ours, with malloc, with mimalloc alone, and ours divided by mimalloc's. The
//! three take turns in every round; each figure is the smallest of all rounds (30), because whatever disturbs a round makes
//! it longer. The last line, `worst`, has the largest of the ratios: at most 1.05 is wanted.
#![allow(unsafe_code)] // calls allocators as their callers do

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use core_runtime::memory::GlobalAllocator;

/// Blocks in one measurement of one thread.
const BLOCKS: usize = 20_000;
/// Blocks that are live at once.
const LIVE: usize = 128;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(30_u32);
    let mut worst = 0.0_f64;
    println!("case\tours\tmalloc\tmimalloc\tratio");
    for size in [16, 64, 256, 1024, 4096] {
        let mut show = |case: &str, measure: &dyn Fn(&'static dyn Measured) -> f64| {
            let all: [&dyn Measured; 3] = [&GlobalAllocator, &System, &mimalloc::MiMalloc];
            let mut best = [f64::INFINITY; 3];
            for round in 0..rounds as usize {
                // Whoever comes first has the caches of the one before: each is first as often.
                for turn in 0..3 {
                    let which = (round + turn) % 3;
                    best[which] = best[which].min(measure(all[which]));
                }
            }
            let [ours, malloc, alone] = best;
            worst = worst.max(ours / alone);
            println!("{size} B, {case}\t{ours:.2}\t{malloc:.2}\t{alone:.2}\t{:.3}", ours / alone);
        };
        show("1 thread", &|allocator| allocator.one_thread(size));
        show("2 threads", &|allocator| allocator.two_threads(size));
        show("freed on another thread", &|allocator| allocator.handed_over(size));
    }
    println!("worst\t\t\t\t{worst:.3}");
}

/// The measurements, each compiled for its allocator, so that no call goes through a table. Nanoseconds for a block.
trait Measured: Sync {
    fn one_thread(&self, size: usize) -> f64;
    fn two_threads(&self, size: usize) -> f64;
    fn handed_over(&self, size: usize) -> f64;
}

impl<A: GlobalAlloc + Sync> Measured for A {
    fn one_thread(&self, size: usize) -> f64 {
        let start = Instant::now();
        come_and_go(self, size);
        per_block(start)
    }

    fn two_threads(&self, size: usize) -> f64 {
        let together = Barrier::new(2);
        let work = || {
            together.wait();
            let start = Instant::now();
            come_and_go(self, size);
            per_block(start)
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(work);
            let own = work();
            own.max(other.join().unwrap_or(f64::INFINITY))
        })
    }

    fn handed_over(&self, size: usize) -> f64 {
        let (give, take) = sync_channel::<Vec<Block>>(4);
        let layout = layout(size);
        std::thread::scope(|scope| {
            let free = scope.spawn(move || {
                let mut spent = 0.0;
                for batch in take {
                    let start = Instant::now();
                    // SAFETY: each was got with this layout, and is freed once.
                    batch.iter().for_each(|block| unsafe { self.dealloc(block.0, layout) });
                    spent += start.elapsed().as_nanos() as f64;
                }
                spent
            });
            let mut spent = 0.0;
            for _ in 0..BLOCKS / LIVE {
                let mut batch = Vec::with_capacity(LIVE);
                let start = Instant::now();
                batch.extend((0..LIVE).map(|_| get(self, layout)));
                spent += start.elapsed().as_nanos() as f64;
                if give.send(batch).is_err() {
                    break;
                }
            }
            drop(give);
            // The allocator's own time on both sides, without the channel's.
            (spent + free.join().unwrap_or(f64::INFINITY)) / (BLOCKS / LIVE * LIVE) as f64
        })
    }
}

/// A block on its way to the thread that frees it.
#[derive(Clone, Copy)]
struct Block(*mut u8);

// SAFETY: whoever sends one forgets it.
unsafe impl Send for Block {}

/// Gets and frees blocks, the oldest of those that are live first.
fn come_and_go(allocator: &impl GlobalAlloc, size: usize) {
    let layout = layout(size);
    let mut live = [const { None::<Block> }; LIVE];
    for number in 0..BLOCKS {
        let place = &mut live[number * 61 % LIVE];
        if let Some(old) = place.replace(get(allocator, layout)) {
            // SAFETY: it was got with this layout, and is freed once.
            unsafe { allocator.dealloc(old.0, layout) };
        }
    }
    for block in live.into_iter().flatten() {
        // SAFETY: as above.
        unsafe { allocator.dealloc(block.0, layout) };
    }
}

fn get(allocator: &impl GlobalAlloc, layout: Layout) -> Block {
    // SAFETY: the size is not zero.
    let memory = unsafe { allocator.alloc(layout) };
    assert!(!memory.is_null(), "out of memory");
    // SAFETY: it has at least 16 bytes.
    unsafe { memory.write(1) };
    Block(black_box(memory))
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("the sizes above are small")
}

fn per_block(start: Instant) -> f64 {
    start.elapsed().as_nanos() as f64 / BLOCKS as f64
}
