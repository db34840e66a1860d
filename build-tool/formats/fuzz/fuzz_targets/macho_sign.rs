//! What can be signed is proved by our own proof, and signing it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::macho::{Entitlements, SignOptions, Uuid, check_signature, set_uuid, sign};
use release_formats_fuzz::within_memory;
use std::io::Cursor;

const ENTITLEMENTS: &[u8] = b"<plist><dict><key>a</key><true/></dict></plist>";

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, file)) = bytes.split_first() else { return };
    let options = SignOptions {
        identifier: "fuzzed".to_owned(),
        hardened_runtime: choice & 1 != 0,
        entitlements: (choice & 2 != 0).then(|| Entitlements::parse(ENTITLEMENTS).unwrap()),
        uuid: if choice & 4 != 0 { Uuid::Content } else { Uuid::Set([7; 16]) },
    };
    let signed = |file: &[u8]| {
        let mut out = Cursor::new(Vec::new());
        sign(&mut Cursor::new(file), &mut out, &options).ok().map(|_| out.into_inner())
    };
    within_memory(file, || {
        let Some(once) = signed(file) else { return };
        let reports = check_signature(&mut Cursor::new(&once)).unwrap();
        assert!(reports.iter().all(|report| report.differences.is_empty()), "{reports:?}");
        assert!(signed(&once).as_ref() == Some(&once));
    });
    let mut copy = file.to_vec();
    within_memory(file, || {
        let _ = set_uuid(&mut Cursor::new(&mut copy), &[1; 16]);
    });
    let _ = Entitlements::parse(file);
});
