//! Disk images: arbitrary ones, and such whose table and data are changed and whose other parts are right.
#![no_main]

use flate2::Crc;
use libfuzzer_sys::fuzz_target;
use release_formats::dmg::{DmgOptions, read_dmg, write_dmg};
use release_formats::read_archive::ReadError;
use release_formats_fuzz::{LIMITS, change, payload, within_memory};
use std::io::Cursor;
use std::sync::LazyLock;

static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let options = DmgOptions { volume_name: "Volume".to_owned(), mtime: 0, level: None, threads: 1 };
    write_dmg(Vec::new(), &payload(), &options).unwrap()
});

fn number(bytes: &[u8]) -> usize {
    u64::from_be_bytes(bytes.try_into().unwrap()) as usize
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, input)) = bytes.split_first() else { return };
    let trailer = BASE.len() - 512;
    let data = number(&BASE[trailer + 32..trailer + 40]);
    let image = match choice % 4 {
        0 => input.to_vec(),
        1 => [&BASE[..data], &change(&BASE[data..trailer], input), &BASE[trailer..]].concat(),
        2 => [&BASE[..trailer], &change(&BASE[trailer..], input)[..]].concat(),
        _ => {
            let mut image = [&change(&BASE[..data], input), &BASE[data..]].concat();
            let sum = crc(&image[..data]);
            image[trailer + 88..trailer + 92].copy_from_slice(&sum.to_be_bytes());
            image
        }
    };
    within_memory(&image, || {
        let _ = read_dmg(Cursor::new(&image), LIMITS, |_, _| Ok::<_, ReadError>(()));
    });
});
