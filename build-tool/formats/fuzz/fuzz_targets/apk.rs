//! Arbitrary Alpine packages. By the first byte they are taken as they are, or as the tars of a package whose gzip
//! members are right, so that what lies within is reached, too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::apk::{ApkReadError, VerifyingKey, read_apk};
use release_formats::read_archive::Limits;
use release_formats_fuzz::{gzip, within_memory};
use std::io::Cursor;
use std::sync::LazyLock;

const LIMITS: Limits = Limits { entries: 100, total_size: 1 << 22, metadata: 1 << 18 };

static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| VerifyingKey::from_pem(PUBLIC).unwrap());

const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAoSPwl09FLsAKnusfqiGo
pkjgpJ8yvUqfYYeNWam89gA2SEGx94G1krs8HNcOMiqopNxkwVQuRtILYSH3dLCK
ZieZANJ+7RvDo0J9W2zPFJWEDk7Nd+o1wPv+dp++PLcpyawYzi83/GA+7cvTBoql
CrqwMwkR1uZgUHKdkga/IDgj+V57apaUcIW/BLbwu+27NlNg+2Bar5Bi4Ch0RiVY
FbVdT/AH4wZCVnDZ/SU+mWEPKPSGjbj/8k18MBweEIBgy0ZxF0IOdkImk0GgPBkX
AGFla4gLLMQl/lzzeZoHlYASd79o79C7of7nCAvETqeQFuhOe37E0NvUwrzbxUQj
awIDAQAB
-----END PUBLIC KEY-----
";

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let package = match choice % 3 {
        0 => bytes.to_vec(),
        members => {
            let third = bytes.len() / (usize::from(members) + 1) / 512 * 512;
            let (metadata, data) = bytes.split_at(third * usize::from(members));
            let parts = metadata.chunks(third.max(1)).take(3).map(gzip);
            parts.chain([gzip(&[data, &[0; 1024]].concat())]).flatten().collect()
        }
    };
    within_memory(&package, || {
        for key in [None, Some(&*KEY)] {
            let _ = read_apk(Cursor::new(&package), LIMITS, key, |_, _| Ok::<_, ApkReadError>(()));
        }
    });
});
