//! The blobs of an embedded signature, all big-endian (`kern/cs_blobs.h`; Security framework,
//! `codedirectory.h` and `sigblob.h`): building them, and finding them in what was read.

use super::pages::{Hash, PAGE};

const SUPER_BLOB: u32 = 0xFADE_0CC0;
pub(super) const CODE_DIRECTORY: u32 = 0xFADE_0C02;
const REQUIREMENTS: u32 = 0xFADE_0C01;
pub(super) const ENTITLEMENTS: u32 = 0xFADE_7171;
const ENTITLEMENTS_DER: u32 = 0xFADE_7172;
const WRAPPER: u32 = 0xFADE_0B01;

pub(super) const SLOT_CODE_DIRECTORY: u32 = 0;
pub(super) const SLOT_INFO: u32 = 1;
pub(super) const SLOT_REQUIREMENTS: u32 = 2;
pub(super) const SLOT_ENTITLEMENTS: u32 = 5;
pub(super) const SLOT_ENTITLEMENTS_DER: u32 = 7;
/// Further code directories, with other hashes.
pub(super) const SLOT_ALTERNATES: std::ops::Range<u32> = 0x1000..0x1005;
pub(super) const SLOT_SIGNATURE: u32 = 0x10000;

/// `CS_ADHOC`.
pub(super) const FLAG_AD_HOC: u32 = 0x2;
/// `CS_RUNTIME`: the hardened runtime.
pub(super) const FLAG_RUNTIME: u32 = 0x10000;
pub(super) const HASH_SHA256: u8 = 2;

/// A signature has a handful of blobs.
const MAX_BLOBS: usize = 64;

fn push(bytes: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| bytes.extend_from_slice(&word.to_be_bytes()));
}

/// A blob: magic, its whole length, content.
fn blob(magic: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len() + 8);
    push(&mut bytes, &[magic, content.len() as u32 + 8]);
    bytes.extend_from_slice(content);
    bytes
}

/// An empty set of requirements, as an ad-hoc signature has it.
pub(super) fn no_requirements() -> Vec<u8> {
    blob(REQUIREMENTS, &[0; 4])
}

pub(super) fn entitlements(xml: &[u8]) -> Vec<u8> {
    blob(ENTITLEMENTS, xml)
}

pub(super) fn entitlements_der(der: &[u8]) -> Vec<u8> {
    blob(ENTITLEMENTS_DER, der)
}

/// The place of a CMS signature, empty: what `codesign` leaves where nobody signed.
pub(super) fn no_certificate() -> Vec<u8> {
    blob(WRAPPER, &[])
}

/// What a code directory says besides its hashes.
pub(super) struct Directory<'a> {
    pub(super) identifier: &'a str,
    pub(super) flags: u32,
    /// The bytes of the file that are hashed; below 4 GiB, since load commands cannot say more.
    pub(super) code_limit: u32,
    /// Where `__TEXT` lies, its size, and `CS_EXECSEG_…` flags.
    pub(super) executable_segment: (u64, u64, u64),
    /// The SDK's version, for the hardened runtime.
    pub(super) runtime: Option<u32>,
    /// Hashes of the special slots, slot 1 first; zeros where there is nothing.
    pub(super) special: &'a [Hash],
}

impl Directory<'_> {
    /// Version 0x20400 has the executable segment; 0x20500 the runtime's version besides.
    fn version(&self) -> (u32, usize) {
        if self.runtime.is_some() { (0x20500, 96) } else { (0x20400, 88) }
    }

    fn hash_offset(&self) -> usize {
        self.version().1 + self.identifier.len() + 1 + 32 * self.special.len()
    }

    /// The blob's size in bytes.
    pub(super) fn size(&self) -> usize {
        self.hash_offset() + 32 * self.page_count()
    }

    pub(super) fn page_count(&self) -> usize {
        u64::from(self.code_limit).div_ceil(PAGE) as usize
    }

    pub(super) fn build(&self, pages: &[Hash]) -> Vec<u8> {
        let (version, fixed) = self.version();
        let mut bytes = Vec::with_capacity(self.size());
        push(&mut bytes, &[CODE_DIRECTORY, self.size() as u32, version, self.flags, self.hash_offset() as u32]);
        push(&mut bytes, &[fixed as u32, self.special.len() as u32, pages.len() as u32, self.code_limit]);
        bytes.extend_from_slice(&[32, HASH_SHA256, 0, PAGE.trailing_zeros() as u8]);
        // spare2, scatterOffset, teamOffset, spare3; codeLimit64 is for larger files.
        push(&mut bytes, &[0, 0, 0, 0, 0, 0]);
        let (base, limit, flags) = self.executable_segment;
        for word in [base, limit, flags] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        if let Some(runtime) = self.runtime {
            push(&mut bytes, &[runtime, 0]); // preEncryptOffset: nothing is encrypted
        }
        bytes.extend_from_slice(self.identifier.as_bytes());
        bytes.push(0);
        // Special slots have negative numbers: the last comes first.
        self.special.iter().rev().chain(pages).for_each(|hash| bytes.extend_from_slice(hash));
        bytes
    }
}

/// The size of a signature of blobs of these sizes.
pub(super) fn super_blob_size(sizes: impl Iterator<Item = usize>) -> usize {
    sizes.fold(12, |total, size| total + 8 + size)
}

pub(super) fn super_blob(blobs: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let size = super_blob_size(blobs.iter().map(|(_, blob)| blob.len()));
    let mut bytes = Vec::with_capacity(size);
    push(&mut bytes, &[SUPER_BLOB, size as u32, blobs.len() as u32]);
    let mut offset = 12 + 8 * blobs.len();
    for (slot, blob) in blobs {
        push(&mut bytes, &[*slot, offset as u32]);
        offset += blob.len();
    }
    blobs.iter().for_each(|(_, blob)| bytes.extend_from_slice(blob));
    bytes
}

/// A big-endian word of untrusted bytes.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}

/// A big-endian double word of untrusted bytes.
pub(super) fn double_word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_be_bytes)
}

/// The blobs of a signature, by slot; the reason if it is malformed.
pub(super) fn split(signature: &[u8]) -> Result<Vec<(u32, &[u8])>, String> {
    let short = || "it is shorter than it says".to_owned();
    if word(signature, 0) != Some(SUPER_BLOB) {
        return Err("it does not begin with a SuperBlob".to_owned());
    }
    let length = word(signature, 4).ok_or_else(short)? as usize;
    let signature = signature.get(..length).ok_or_else(short)?;
    let count = word(signature, 8).ok_or_else(short)? as usize;
    if count > MAX_BLOBS {
        return Err(format!("it has {count} blobs, more than {MAX_BLOBS}"));
    }
    let mut found: Vec<(u32, &[u8])> = Vec::with_capacity(count);
    for number in 0..count {
        let slot = word(signature, 12 + 8 * number).ok_or_else(short)?;
        let at = word(signature, 16 + 8 * number).ok_or_else(short)? as usize;
        let size = at.checked_add(4).and_then(|at| word(signature, at)).ok_or_else(short)? as usize;
        let bytes = at.checked_add(size).and_then(|end| signature.get(at..end)).filter(|bytes| bytes.len() >= 8);
        if found.iter().any(|(other, _)| *other == slot) {
            return Err(format!("it has slot {slot:#x} twice"));
        }
        found.push((slot, bytes.ok_or_else(short)?));
    }
    Ok(found)
}
