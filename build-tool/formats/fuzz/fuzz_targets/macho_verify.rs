//! Proving arbitrary signatures, in thin and in universal files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::macho::{MachO, check_signature, slices};
use release_formats_fuzz::within_memory;
use std::io::Cursor;

fuzz_target!(|file: &[u8]| {
    within_memory(file, || {
        let _ = check_signature(&mut Cursor::new(file));
        let _ = slices(Cursor::new(file));
        let _ = MachO::read(&mut Cursor::new(file));
    });
});
