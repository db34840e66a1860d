//! Arbitrary RPM packages. An odd first byte says that the rest is a header and a payload without what comes before:
//! that is put before it with the right sums, since nobody guesses a SHA-256.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::read_archive::Limits;
use release_formats::rpm::{RpmEntry, RpmReadError, insert_rpm_signature, read_rpm};
use release_formats_fuzz::within_memory;
use sha2::{Digest, Sha256};
use std::io::{self, Cursor};

const LIMITS: Limits = Limits { entries: 100, total_size: 1 << 24, metadata: 1 << 20 };

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let rpm = if choice % 2 == 0 { rest.to_vec() } else { sealed(rest) };
    within_memory(&rpm, || {
        let read = read_rpm(Cursor::new(&rpm), LIMITS, |_: &RpmEntry, content| {
            io::copy(content, &mut io::sink())?;
            Ok::<_, RpmReadError>(())
        });
        let signed = insert_rpm_signature(Cursor::new(&rpm), LIMITS, &[0x88, 4, 4, 0, 22, 8], io::sink());
        assert!(read.is_err() || signed.is_ok(), "what can be read can be signed");
    });
});

/// Puts a lead and a signature header before a header and a payload.
fn sealed(rest: &[u8]) -> Vec<u8> {
    let count = |at: usize| {
        let bytes = rest.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, |bytes| u32::from_be_bytes(bytes) as usize)
    };
    let header = (16 + count(8).saturating_mul(16)).saturating_add(count(12)).min(rest.len());
    let sum: String = Sha256::digest(&rest[..header]).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut store = sum.into_bytes();
    store.resize(68, 0);
    store.extend((rest.len() as u32).to_be_bytes());
    // A gzip stream ends in the size of what it holds, the lowest byte first (RFC 1952, 2.3.1).
    let size = rest.last_chunk().copied().map_or(0, u32::from_le_bytes);
    store.extend(size.to_be_bytes());
    let trailer = store.len() as u32;
    let mut rpm = vec![0xED, 0xAB, 0xEE, 0xDB, 3, 0];
    rpm.resize(96, 0);
    let mut put = |numbers: &[u32]| numbers.iter().for_each(|number| rpm.extend(number.to_be_bytes()));
    put(&[0x8EAD_E801, 0, 4, trailer + 16]);
    put(&[62, 7, trailer, 16]);
    put(&[273, 6, 0, 1, 1000, 4, 68, 1, 1007, 4, 72, 1]);
    rpm.extend(&store);
    for number in [62, 7, (4_u32 * 16).wrapping_neg(), 16] {
        rpm.extend(number.to_be_bytes());
    }
    rpm.resize(rpm.len().next_multiple_of(8), 0);
    rpm.extend(rest);
    rpm
}
