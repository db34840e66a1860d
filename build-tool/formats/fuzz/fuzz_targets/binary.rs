//! Stamps and identities of arbitrary files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::{binary, stamp};
use std::io::Cursor;

fuzz_target!(|file: &[u8]| {
    let _ = stamp::read_stamp(file);
    let _ = stamp::read_stamps(Cursor::new(file));
    if let Ok(identity) = binary::identify(Cursor::new(file)) {
        let _ = binary::matches_target(&identity, "x86_64-unknown-linux-gnu");
    }
});
