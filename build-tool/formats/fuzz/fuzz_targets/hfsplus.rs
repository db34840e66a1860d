//! Volumes that were right and are changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::dmg::{DmgOptions, write_dmg};
use release_formats::hfsplus::read_volume;
use release_formats::read_archive::ReadError;
use release_formats::udif::Udif;
use release_formats_fuzz::{LIMITS, change, payload, within_memory};
use std::io::{Cursor, Read};
use std::sync::LazyLock;

/// Bytes of a volume that are not free: header, bitmap, both trees. Places behind them wrap around.
const USED: usize = 40 * 4096;

static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let options = DmgOptions { volume_name: "Volume".to_owned(), mtime: 0, level: None, threads: 1 };
    let image = write_dmg(Vec::new(), &payload(), &options).unwrap();
    let mut disk = Vec::new();
    Udif::open(Cursor::new(image), LIMITS).unwrap().read_to_end(&mut disk).unwrap();
    disk
});

fuzz_target!(|bytes: &[u8]| {
    let mut disk = change(&BASE[..USED], bytes);
    disk.extend_from_slice(&BASE[USED..]);
    // The copy of the header follows it.
    let copy = disk.len() - 1024;
    disk.copy_within(1024..1536, copy);
    within_memory(&disk, || {
        let _ = read_volume(Cursor::new(&disk), LIMITS, |_, content| {
            std::io::copy(content, &mut std::io::sink())?;
            Ok::<_, ReadError>(())
        });
    });
});
