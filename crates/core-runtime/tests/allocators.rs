//! Every allocator against one model: what was written is there, nothing overlaps, and the edges are as documented.
#![allow(unsafe_code)] // calls allocators as their callers do

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::mpsc;

use core_runtime::memory::{
    AllocationError, Allocator, ArenaAllocator, DEFAULT_ALLOCATOR, DebugAllocator, Leak, Misuse, SystemAllocator,
    Z_ALLOCATOR, ZeroingAllocator, layout, named_allocator, typed_allocator,
};
use proptest::prelude::*;

/// Does `check` with each allocator.
fn with_each(check: impl Fn(&str, &dyn Allocator)) {
    check("default", DEFAULT_ALLOCATOR);
    check("zeroing", Z_ALLOCATOR);
    check("system", &SystemAllocator);
    #[cfg(feature = "mimalloc")]
    check("mimalloc", &core_runtime::memory::MimallocAllocator);
    check("arena", &ArenaAllocator::new());
    check("zeroing arena", &ZeroingAllocator::new(ArenaAllocator::new()));
    check("named", &named_allocator("model"));
    check("typed", &typed_allocator::<String>());
    let debug = DebugAllocator::new();
    debug.trace(false);
    check("debug", &debug);
    assert!(debug.misuses().is_empty(), "{:?}", debug.misuses());
}

#[derive(Clone, Debug)]
enum Step {
    Allocate { size: usize, alignment: u32 },
    Free { which: usize },
    Reallocate { which: usize, size: usize },
    Remap { which: usize, size: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = || prop_oneof![4 => 0..64_usize, 4 => 0..5000_usize, 1 => 60_000..140_000_usize];
    let step = prop_oneof![
        4 => (size(), 0..13_u32).prop_map(|(size, alignment)| Step::Allocate { size, alignment }),
        2 => any::<usize>().prop_map(|which| Step::Free { which }),
        2 => (any::<usize>(), size()).prop_map(|(which, size)| Step::Reallocate { which, size }),
        1 => (any::<usize>(), size()).prop_map(|(which, size)| Step::Remap { which, size }),
    ];
    prop::collection::vec(step, 1..40)
}

/// A live block, and the byte that fills it.
struct Block {
    memory: NonNull<u8>,
    layout: Layout,
    fill: u8,
}

impl Block {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the block is live, of this size, written in full, and this test alone has it.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), self.layout.size()) }
    }

    fn check(&mut self, name: &str) {
        assert_eq!(self.memory.addr().get() % self.layout.align(), 0, "{name}: not aligned");
        let fill = self.fill;
        assert!(self.bytes().iter().all(|byte| *byte == fill), "{name}: another's bytes are in it");
    }

    /// After a resize: the first bytes are the old ones; those that came are zero where that is promised.
    fn resized(&mut self, name: &str, old_size: usize, new: Layout, memory: NonNull<u8>) {
        self.memory = memory;
        self.layout = new;
        let kept = old_size.min(new.size());
        let fill = self.fill;
        // SAFETY: so many bytes were written before, and moved along.
        let old = unsafe { std::slice::from_raw_parts(memory.as_ptr(), kept) };
        assert!(old.iter().all(|byte| *byte == fill), "{name}: bytes were lost");
        self.check_zero(name, kept);
        // SAFETY: the block has so many bytes.
        unsafe { memory.write_bytes(fill, new.size()) };
    }

    fn check_zero(&self, name: &str, from: usize) {
        if name.contains("zeroing") {
            // SAFETY: a zeroing allocator has written them all.
            let all = unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), self.layout.size()) };
            assert!(all[from..].iter().all(|byte| *byte == 0), "{name}: not zero");
        }
    }
}

fn follow(name: &str, allocator: &dyn Allocator, steps: &[Step]) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fill = 0_u8;
    for step in steps {
        match *step {
            Step::Allocate { size, alignment } => {
                let layout = layout(size, 1 << alignment).unwrap();
                let memory = allocator.allocate(layout).unwrap();
                fill = fill.wrapping_add(1);
                let block = Block { memory, layout, fill };
                block.check_zero(name, 0);
                // SAFETY: the block has so many bytes.
                unsafe { memory.write_bytes(fill, size) };
                blocks.push(block);
            }
            Step::Free { which } if !blocks.is_empty() => {
                let mut block = blocks.swap_remove(which % blocks.len());
                block.check(name);
                // SAFETY: it is live with this layout, and forgotten here.
                unsafe { allocator.deallocate(block.memory, block.layout) };
            }
            Step::Reallocate { which, size } if !blocks.is_empty() => {
                let place = which % blocks.len();
                let block = &mut blocks[place];
                let old = block.layout;
                // SAFETY: it is live with this layout; the old pointer is replaced.
                let memory = unsafe { allocator.reallocate(block.memory, old, size) }.unwrap();
                block.resized(name, old.size(), layout(size, old.align()).unwrap(), memory);
            }
            Step::Remap { which, size } if !blocks.is_empty() => {
                let place = which % blocks.len();
                let block = &mut blocks[place];
                let old = block.layout;
                // SAFETY: as above; after none it is as it was.
                if let Some(memory) = unsafe { allocator.remap(block.memory, old, size) } {
                    assert_eq!(memory, block.memory, "{name}: moved without copying");
                    block.resized(name, old.size(), layout(size, old.align()).unwrap(), memory);
                }
            }
            _ => {}
        }
    }
    for mut block in blocks {
        block.check(name);
        // SAFETY: it is live with this layout, and forgotten here.
        unsafe { allocator.deallocate(block.memory, block.layout) };
    }
}

proptest! {
    // Miri runs some hundred times slower, and finds in one run what a processor may never show.
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 3 } else { 128 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_there_and_nothing_overlaps(steps in steps()) {
        with_each(|name, allocator| follow(name, allocator, &steps));
    }
}

#[test]
fn no_bytes_need_no_memory_and_any_alignment_is_kept() {
    with_each(|name, allocator| {
        for alignment in [1, 2, 64, 4096, 1 << 20] {
            let nothing = layout(0, alignment).unwrap();
            let memory = allocator.allocate(nothing).unwrap();
            assert_eq!(memory.addr().get() % alignment, 0, "{name}");
            // SAFETY: got above with this layout, then with the new one.
            unsafe {
                assert_eq!(allocator.remap(memory, nothing, 0), Some(memory), "{name}");
                assert_eq!(allocator.remap(memory, nothing, 1), None, "{name}");
                let memory = allocator.reallocate(memory, nothing, 3).unwrap();
                assert_eq!(memory.addr().get() % alignment, 0, "{name}");
                memory.write_bytes(1, 3);
                let three = layout(3, alignment).unwrap();
                assert_eq!(allocator.remap(memory, three, 0), None, "{name}");
                let memory = allocator.reallocate(memory, three, 0).unwrap();
                allocator.deallocate(memory, nothing);
            }
        }
    });
}

#[test]
fn a_size_that_overflows_is_an_error_and_leaves_the_memory() {
    assert_eq!(layout(1, 0), Err(AllocationError::NoAlignment { alignment: 0 }));
    assert_eq!(layout(1, 3), Err(AllocationError::NoAlignment { alignment: 3 }));
    for (size, alignment) in [(usize::MAX, 1), (isize::MAX as usize, 2), (1, 1 << (usize::BITS - 1))] {
        assert_eq!(layout(size, alignment), Err(AllocationError::TooLarge { size, alignment }));
    }
    with_each(|name, allocator| {
        let eight = layout(8, 8).unwrap();
        let memory = allocator.allocate(eight).unwrap();
        // SAFETY: got above with this layout; failed calls leave it so.
        unsafe {
            memory.write_bytes(9, 8);
            for size in [usize::MAX, isize::MAX as usize] {
                let refused = allocator.reallocate(memory, eight, size);
                assert_eq!(refused, Err(AllocationError::TooLarge { size, alignment: 8 }), "{name}");
                assert_eq!(allocator.remap(memory, eight, size), None, "{name}");
            }
            assert_eq!(std::slice::from_raw_parts(memory.as_ptr(), 8), [9; 8], "{name}");
            allocator.deallocate(memory, eight);
        }
    });
}

#[test]
#[cfg_attr(miri, ignore = "it ends the interpreter, too")]
fn more_than_there_is_is_an_error_and_leaves_the_memory() {
    with_each(|name, allocator| {
        let size = isize::MAX as usize - 4095;
        let expected = AllocationError::OutOfMemory { size, alignment: 8 };
        assert_eq!(allocator.allocate(layout(size, 8).unwrap()), Err(expected), "{name}");
        let eight = layout(8, 8).unwrap();
        let memory = allocator.allocate(eight).unwrap();
        // SAFETY: got above with this layout; a failed call leaves it so.
        unsafe {
            memory.write_bytes(9, 8);
            assert_eq!(allocator.reallocate(memory, eight, size), Err(expected), "{name}");
            assert_eq!(std::slice::from_raw_parts(memory.as_ptr(), 8), [9; 8], "{name}");
            allocator.deallocate(memory, eight);
        }
        let (size, alignment) = (1, 1 << (usize::BITS - 3));
        let expected = AllocationError::OutOfMemory { size, alignment };
        assert_eq!(allocator.allocate(layout(size, alignment).unwrap()), Err(expected), "{name}: over-aligned");
    });
}

/// A block on its way to the thread that frees it.
struct Sent(NonNull<u8>, Layout);

// SAFETY: the sender has forgotten it, and any thread may free what another got.
unsafe impl Send for Sent {}

#[test]
fn another_thread_may_free() {
    let blocks = if cfg!(miri) { 40 } else { 20_000 };
    with_each(|name, allocator| {
        let (give, take) = mpsc::sync_channel::<Sent>(64);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for Sent(memory, layout) in take {
                    // SAFETY: the sender wrote all its bytes, and gave it away.
                    unsafe {
                        let bytes = std::slice::from_raw_parts(memory.as_ptr(), layout.size());
                        assert!(bytes.iter().all(|byte| usize::from(*byte) == layout.size() % 251), "{name}");
                        allocator.deallocate(memory, layout);
                    }
                }
            });
            for number in 0..blocks {
                let size = 1 + number * 37 % 4096;
                let layout = layout(size, 8).unwrap();
                let memory = allocator.allocate(layout).unwrap();
                // SAFETY: it has so many bytes.
                unsafe { memory.write_bytes((size % 251) as u8, size) };
                give.send(Sent(memory, layout)).unwrap();
            }
            drop(give);
        });
    });
}

#[test]
fn an_arena_takes_all_back_at_once() {
    let mut arena = ArenaAllocator::new();
    for _ in 0..100 {
        arena.allocate(layout(10_000, 16).unwrap()).unwrap();
    }
    assert!(arena.size() >= 1_000_000);
    arena.reset();
    let left = arena.size();
    for _ in 0..20 {
        arena.allocate(layout(10_000, 16).unwrap()).unwrap();
    }
    assert_eq!(arena.size(), left, "what it kept serves again");
}

#[inline(never)]
fn forget_a_block(debug: &DebugAllocator, size: usize) -> NonNull<u8> {
    debug.allocate(layout(size, 16).unwrap()).unwrap()
}

#[test]
fn every_leak_is_found_with_the_place_that_it_came_from() {
    let debug = DebugAllocator::new();
    let (first, second) = (forget_a_block(&debug, 48), forget_a_block(&debug, 80));
    let freed = forget_a_block(&debug, 7);
    // SAFETY: got above with this layout.
    unsafe { debug.deallocate(freed, layout(7, 16).unwrap()) };

    let leaks = debug.leaks();
    let seen: Vec<_> = leaks.iter().map(|leak| (leak.size, leak.alignment, leak.order)).collect();
    assert_eq!(seen, [(48, 16, 0), (80, 16, 1)]);
    assert_eq!((debug.counts().live_bytes, debug.counts().peak_bytes, debug.counts().blocks), (128, 135, 3));
    if !cfg!(miri) {
        assert!(leaks.iter().map(Leak::to_string).all(|text| text.contains("forget_a_block")), "{}", leaks[0]);
    }
    for (memory, size) in [(first, 48), (second, 80)] {
        // SAFETY: got above with this layout.
        unsafe { debug.deallocate(memory, layout(size, 16).unwrap()) };
    }
    assert!(debug.leaks().is_empty() && debug.misuses().is_empty());
}

#[test]
fn a_second_free_is_found_even_when_its_place_was_used_again() {
    let debug = DebugAllocator::new();
    let layout = layout(48, 16).unwrap();
    let memory = forget_a_block(&debug, 48);
    // SAFETY: the first is right; the second is the mistake that the debug allocator is for: it follows no pointer.
    unsafe { debug.deallocate(memory, layout) };
    let next = forget_a_block(&debug, 48);
    assert_ne!(memory, next, "a freed block is kept for a while");
    // SAFETY: see above.
    unsafe { debug.deallocate(memory, layout) };
    let misuses = debug.misuses();
    assert!(matches!(misuses[..], [Misuse::DoubleFree { size: 48, .. }]), "{misuses:?}");
    if !cfg!(miri) {
        let text = misuses[0].to_string();
        assert!(text.contains("forget_a_block") && text.contains("they were freed by:"), "{text}");
    }
    assert_eq!(debug.leaks().len(), 1, "the block that is live was left alone");
    // SAFETY: got above with this layout.
    unsafe { debug.deallocate(next, layout) };
}

#[test]
fn a_free_with_another_size_or_alignment_is_found_and_does_no_harm() {
    let debug = DebugAllocator::new();
    for (size, alignment) in [(47, 16), (48, 8)] {
        let memory = forget_a_block(&debug, 48);
        // SAFETY: the mistake that the debug allocator is for: it frees the block as what it is.
        unsafe { debug.deallocate(memory, layout(size, alignment).unwrap()) };
    }
    let memory = forget_a_block(&debug, 48);
    // SAFETY: as above; it copies no more than the block has.
    let memory = unsafe { debug.reallocate(memory, layout(4800, 16).unwrap(), 9600) }.unwrap();
    // SAFETY: got above with this layout.
    unsafe { debug.deallocate(memory, layout(9600, 16).unwrap()) };
    let misuses = debug.misuses();
    let given = |misuse: &Misuse| match misuse {
        Misuse::WrongLayout { given_size, given_alignment, size: 48, alignment: 16, .. } => {
            (*given_size, *given_alignment)
        }
        other => panic!("{other}"),
    };
    assert_eq!(misuses.iter().map(given).collect::<Vec<_>>(), [(47, 16), (48, 8), (4800, 16)]);
    assert!(debug.leaks().is_empty());
}

#[test]
fn a_free_of_what_it_never_gave_is_found_and_not_followed() {
    let debug = DebugAllocator::new();
    let mut other = 7_u64;
    // SAFETY: the mistake that the debug allocator is for: it looks the address up and does not touch it.
    unsafe { debug.deallocate(NonNull::from(&mut other).cast(), Layout::new::<u64>()) };
    let block = forget_a_block(&debug, 64);
    // SAFETY: as above; it is within the block.
    unsafe { debug.deallocate(block.add(8), Layout::new::<u64>()) };
    assert!(matches!(debug.misuses()[..], [Misuse::NotAllocated { .. }, Misuse::NotAllocated { .. }]));
    assert_eq!((other, debug.leaks().len()), (7, 1));
    // SAFETY: got above with this layout.
    unsafe { debug.deallocate(block, layout(64, 16).unwrap()) };
}
