//! What can be fused is listed as it was given. The input is two files: the length of the first comes first.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::macho::{fuse, slices};
use release_formats_fuzz::within_memory;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let [low, high, rest @ ..] = bytes else { return };
    let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (one, two) = rest.split_at(length);
    for files in [&[one][..], &[two, one][..]] {
        within_memory(rest, || {
            let mut out = Vec::new();
            let mut readers: Vec<_> = files.iter().map(Cursor::new).collect();
            let Ok(made) = fuse(&mut readers, &mut out) else { return };
            assert_eq!(slices(Cursor::new(&out)).unwrap(), made);
            for slice in made {
                let bytes = &out[slice.offset as usize..][..slice.size as usize];
                assert!(files.contains(&bytes));
                assert_eq!(slice.offset % (1 << slice.alignment), 0);
            }
        });
    }
});
