//! Stamps and identities of arbitrary files: ELF, Mach-O, PE.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::{binary, stamp};
use release_formats_fuzz::within_memory;
use std::io::Cursor;

fuzz_target!(|file: &[u8]| {
    within_memory(file, || {
        let _ = stamp::read_stamp(file);
        let _ = stamp::read_stamps(Cursor::new(file));
        if let Ok(identity) = binary::identify(Cursor::new(file)) {
            let _ = binary::matches_target(&identity, "x86_64-unknown-linux-gnu");
        }
    });
    let mut copy = file.to_vec();
    within_memory(file, || {
        let mut out = Cursor::new(&mut copy);
        if stamp::write_stamp(&mut out, &stamp::Stamp::default()).is_ok() {
            assert_eq!(stamp::read_stamp(&copy).unwrap(), Some(stamp::Stamp { ..Default::default() }));
        }
    });
});
