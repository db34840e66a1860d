//! Arbitrary Debian packages. By the first byte they are taken as they are, or as the two tars of a package whose
//! frame is right, so that what lies within is reached, too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::deb::{DebReadError, read_deb};
use release_formats::read_archive::Limits;
use release_formats_fuzz::{gzip, within_memory};
use std::io::Cursor;

const LIMITS: Limits = Limits { entries: 100, total_size: 1 << 22, metadata: 1 << 18 };

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let package = if choice % 2 == 0 { bytes.to_vec() } else { framed(bytes) };
    within_memory(&package, || {
        let _ = read_deb(Cursor::new(&package), LIMITS, |_, _| Ok::<_, DebReadError>(()));
    });
});

fn framed(bytes: &[u8]) -> Vec<u8> {
    let middle = bytes.len() / 2 / 512 * 512;
    let (control, data) = bytes.split_at(middle);
    let mut package = b"!<arch>\n".to_vec();
    for (name, content) in [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", gzip(&[control, &[0; 1024]].concat())),
        ("data.tar.gz", gzip(&[data, &[0; 1024]].concat())),
    ] {
        package.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100644, content.len()).bytes());
        package.extend(&content);
        package.resize(package.len().next_multiple_of(2), b'\n');
    }
    package
}
