//! Memory of all sizes is handed out whole, aligned and apart, and is given back when it is freed.
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};

/// Kilobytes of memory that this process uses.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A number like chance, the same in each run.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state as usize
}

fn main() {
    let mut state = 88_172_645_463_325_252;
    let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
    let check = |(block, layout, mark): (*mut u8, Layout, u8), length: usize| {
        assert_eq!(block.addr() % layout.align(), 0);
        // SAFETY: the block has so many bytes.
        assert!(unsafe { std::slice::from_raw_parts(block, length) }.iter().all(|byte| *byte == mark));
    };
    for round in 0..60_000 {
        let size = 1 + next(&mut state) % [16, 200, 3000, 40_000, 300_000][next(&mut state) % 5];
        let align = 1 << (next(&mut state) % [4, 8, 14, 18][next(&mut state) % 4]);
        let mark = round as u8;
        // SAFETY: sizes are not zero, and each block is freed with the layout that it was made with.
        unsafe {
            match next(&mut state) % 4 {
                0 | 1 if blocks.len() < 400 => {
                    let layout = Layout::from_size_align(size, align).unwrap();
                    let zeroed = next(&mut state) % 2 == 0;
                    let block = if zeroed { alloc_zeroed(layout) } else { alloc(layout) };
                    assert!(!block.is_null());
                    if zeroed {
                        check((block, layout, 0), size);
                    }
                    block.write_bytes(mark, size);
                    blocks.push((block, layout, mark));
                }
                2 if !blocks.is_empty() => {
                    let place = next(&mut state) % blocks.len();
                    let (block, layout, mark) = blocks[place];
                    let grown = realloc(block, layout, size);
                    let layout_now = Layout::from_size_align(size, layout.align()).unwrap();
                    check((grown, layout_now, mark), size.min(layout.size()));
                    grown.write_bytes(mark, size);
                    blocks[place] = (grown, layout_now, mark);
                }
                _ if !blocks.is_empty() => {
                    let place = next(&mut state) % blocks.len();
                    let (block, layout, mark) = blocks.swap_remove(place);
                    check((block, layout, mark), layout.size());
                    dealloc(block, layout);
                }
                _ => {}
            }
        }
    }
    for (block, layout, mark) in blocks.drain(..) {
        check((block, layout, mark), layout.size());
        // SAFETY: as above.
        unsafe { dealloc(block, layout) };
    }
    drop(blocks);
    let before = resident();
    for _ in 0..20 {
        let small: Vec<Box<[u8]>> = (0..20_000).map(|number| vec![1; 1 + number % 2000].into()).collect();
        assert!(resident() > before + 15_000, "{} {before}", resident());
        drop(small);
        let large = vec![1u8; 50_000_000];
        assert!(resident() > before + 40_000);
        drop(large);
        assert!(resident() < before + 4_000, "{} kB, {before} before", resident());
    }
}
