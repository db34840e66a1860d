//! Arbitrary packages for Windows Installer. What is random stays outside the checksums: those of the cabinet's blocks
//! are made right first, and so are the lengths of the file, so that the parsers behind them are reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::msi::read_msi;
use release_formats::read_archive::{Limits, ReadError};
use release_formats_fuzz::within_memory;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { entries: 100, total_size: 1 << 24, metadata: 1 << 20 };
    let mut package = bytes.to_vec();
    package.resize(package.len().next_multiple_of(512), 0);
    mend(&mut package);
    within_memory(&package, || {
        let _ = read_msi(Cursor::new(&package), limits, |_, content| {
            std::io::copy(content, &mut std::io::sink())?;
            Ok::<_, ReadError>(())
        });
    });
});

/// Gives a block that follows a cabinet's tables its checksum, wherever one seems to be.
fn mend(package: &mut [u8]) {
    let Some(start) = package.windows(4).position(|bytes| bytes == b"MSCF") else { return };
    let Some(at) = package[start..].windows(2).position(|bytes| bytes == b"CK").and_then(|at| at.checked_sub(8)) else {
        return;
    };
    let at = start + at;
    let number = |at: usize| u32::from_le_bytes([package[at], package[at + 1], package[at + 2], package[at + 3]]);
    let lengths = number(at + 4);
    let Some(packed) = package.get(at + 8..at + 8 + (lengths & 0xFFFF) as usize) else { return };
    let (words, rest) = packed.as_chunks::<4>();
    let sum = words.iter().fold(lengths, |sum, word| sum ^ u32::from_le_bytes(*word));
    let sum = sum ^ rest.iter().fold(0, |number, &byte| number << 8 | u32::from(byte));
    package[at..at + 4].copy_from_slice(&sum.to_le_bytes());
}
