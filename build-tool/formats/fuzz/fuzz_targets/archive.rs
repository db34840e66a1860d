//! Arbitrary archives; the first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::archive::ArchiveFormat;
use release_formats::read_archive::{Limits, list_archive};
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, archive)) = bytes.split_first() else { return };
    let format = ArchiveFormat::ALL[usize::from(*choice) % ArchiveFormat::ALL.len()];
    let limits = Limits { entries: 100, total_size: 1 << 24, metadata: 1 << 20 };
    let _ = list_archive(Cursor::new(archive), format, limits);
});
