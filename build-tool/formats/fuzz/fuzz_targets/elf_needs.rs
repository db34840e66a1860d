//! What arbitrary ELF files need.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::elf_needs::{debian, elf_needs, rpm};
use release_formats_fuzz::within_memory;
use std::collections::BTreeSet;
use std::io::Cursor;

fuzz_target!(|file: &[u8]| {
    within_memory(file, || {
        if let Ok(needs) = elf_needs(Cursor::new(file)) {
            let _ = debian::depends([&needs], &BTreeSet::new());
            for line in rpm::requires(&needs).into_iter().chain(rpm::provides(&needs)) {
                assert!(line.bytes().all(|byte| byte.is_ascii_graphic()), "{line:?}");
            }
        }
    });
});
