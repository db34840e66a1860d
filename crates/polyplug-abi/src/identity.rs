//! Who is who: 64-bit FNV-1a hashes of names (Fowler, Noll, Vo; draft-eastlake-fnv, 64-bit constants).
//!
//! | what | hash of |
//! |---|---|
//! | bundle | its name |
//! | guest contract | `guest_contract:<name>@<major>` |
//! | host contract | `host_contract:<name>@<major>` |
//!
//! Two different names with one hash are an error ([`ContractIdCollision`](crate::AbiErrorCode::ContractIdCollision)),
//! found when the second is registered: the runtime keeps the names.

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// 64-bit FNV-1a of `bytes`.
#[must_use]
pub const fn fnv1a_64(bytes: &[u8]) -> u64 {
    continued(OFFSET_BASIS, bytes)
}

/// The id of a bundle.
#[must_use]
pub const fn bundle_id(name: &str) -> u64 {
    fnv1a_64(name.as_bytes())
}

/// The id of a guest contract: what plugins provide.
#[must_use]
pub const fn guest_contract_id(name: &str, major: u16) -> u64 {
    contract_id(b"guest_contract:", name, major)
}

/// The id of a host contract: what the host provides to plugins.
#[must_use]
pub const fn host_contract_id(name: &str, major: u16) -> u64 {
    contract_id(b"host_contract:", name, major)
}

const fn contract_id(kind: &[u8], name: &str, major: u16) -> u64 {
    let mut hash = continued(continued(fnv1a_64(kind), name.as_bytes()), b"@");
    let mut divisor = 10_000;
    while divisor > 1 && major / divisor == 0 {
        divisor /= 10;
    }
    while divisor > 0 {
        hash = continued(hash, &[b'0' + (major / divisor % 10) as u8]);
        divisor /= 10;
    }
    hash
}

const fn continued(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(PRIME);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        assert_eq!(fnv1a_64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a_64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a_64(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_contract_is_the_hash_of_kind_name_and_major() {
        assert_eq!(guest_contract_id("x.Y", 1), fnv1a_64(b"guest_contract:x.Y@1"));
        assert_eq!(guest_contract_id("x.Y", 0), fnv1a_64(b"guest_contract:x.Y@0"));
        assert_eq!(host_contract_id("host.Log", 65_535), fnv1a_64(b"host_contract:host.Log@65535"));
        assert_eq!(host_contract_id("host.Log", 1_020), fnv1a_64(b"host_contract:host.Log@1020"));
        assert_eq!(bundle_id("greeter"), fnv1a_64(b"greeter"));
    }
}
