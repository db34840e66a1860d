//! Bills of Materials, arbitrary ones and changed ones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::bom::read_bom;
use release_formats::pkg::{Package, PkgOptions, write_pkg};
use release_formats::xar::Xar;
use release_formats_fuzz::{LIMITS, change, payload, within_memory};
use std::io::Cursor;
use std::sync::LazyLock;

static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let word = |word: &str| word.to_owned();
    let package = Package {
        identifier: word("a.b"),
        version: word("1"),
        title: word("c"),
        minimum_os: None,
        architectures: Vec::new(),
        install_location: word("/"),
        preinstall: None,
        postinstall: None,
        licence: None,
        readme: None,
    };
    let options = PkgOptions { mtime: 0, level: None, threads: 1, scratch: std::env::temp_dir() };
    let package = write_pkg(Vec::new(), &package, &payload(), &options).unwrap();
    let mut xar = Xar::open(Cursor::new(package), LIMITS).unwrap();
    let bom = xar.entries().iter().find(|entry| entry.path.ends_with("Bom")).unwrap().clone();
    xar.bytes(&bom, LIMITS.metadata).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, input)) = bytes.split_first() else { return };
    let bom = if choice & 1 == 0 { change(&BASE, input) } else { input.to_vec() };
    within_memory(&bom, || {
        let _ = read_bom(&bom, LIMITS);
    });
});
