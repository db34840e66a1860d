//! Proves an embedded signature: every page and every blob is hashed again and held against the code
//! directory. Who signed is not looked at: a certificate's chain is the business of Apple's tools.

use super::blobs::{self, double_word, word};
use super::pages::{copy_pages, sha256};
use super::read::{MachO, MachOError};
use super::sign::section_bytes;
use super::universal::{MAX_SLICES, Window, slices};
use std::io::{self, Read, Seek, SeekFrom};

/// The hashes of the largest file take 32 MiB.
const MAX_SIGNATURE: u64 = 64 << 20;
/// So many pages are named; a damaged file may have a million of them.
const PAGES_NAMED: usize = 8;
const SHA256_SIZE: usize = 32;

/// Why there is nothing to prove.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is no Mach-O file, or a damaged one.
    #[error(transparent)]
    MachO(#[from] MachOError),
    /// The table of a universal file is damaged.
    #[error("the universal file is damaged: {0}")]
    Universal(String),
    /// There is no signature.
    #[error("the file is not signed")]
    Unsigned,
    /// The signature does not have the form of one.
    #[error("the signature is malformed: {0}")]
    Malformed(String),
}

impl From<io::Error> for VerifyError {
    fn from(error: io::Error) -> Self {
        VerifyError::MachO(error.into())
    }
}

/// How a file and its signature do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The pages' content is not what was signed.
    #[error("{count} of {total} pages are not those that were signed; they begin at {}", offsets(first))]
    Pages {
        /// How many differ.
        count: usize,
        /// How many there are.
        total: usize,
        /// The offsets of the first of them, in bytes.
        first: Vec<u64>,
    },
    /// The signature covers more or less than what is before it.
    #[error("the signature covers {covered} bytes, and begins at {begins}")]
    CodeLimit {
        /// What it says to cover, in bytes.
        covered: u64,
        /// Where it lies.
        begins: u64,
    },
    /// A special slot's content is not what was signed, or one of the two is missing.
    #[error("slot {0} of the signature (1 Info.plist, 2 requirements, 5 and 7 entitlements) is not what was signed")]
    Slot(u32),
    /// The executable segment is not what was signed.
    #[error("the signature gives another __TEXT segment than the load commands")]
    ExecutableSegment,
    /// `__LINKEDIT` does not hold the signature.
    #[error("the signature is not the end of __LINKEDIT and of the file")]
    Place,
}

fn offsets(first: &[u64]) -> String {
    first.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// What a signature says, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureReport {
    /// The code's name.
    pub identifier: String,
    /// Whether nobody's certificate is behind it.
    pub ad_hoc: bool,
    /// Whether the hardened runtime is asked for.
    pub hardened_runtime: bool,
    /// The entitlements in XML, where there are any.
    pub entitlements: Option<Vec<u8>>,
    /// What systems know the code by.
    pub cd_hash: [u8; 20],
    /// Everything that does not hold; empty for a good signature.
    pub differences: Vec<Difference>,
}

/// Proves the signature of a thin file, or of each slice of a universal one, in its order.
///
/// # Errors
/// A slice has no signature, or none that can be read. A signature that does not hold is no error: it is reported.
pub fn check_signature<R: Read + Seek>(file: &mut R) -> Result<Vec<SignatureReport>, VerifyError> {
    let all = slices(&mut *file).map_err(|error| VerifyError::Universal(error.to_string()))?;
    match all.len() {
        0 => Ok(vec![check_thin(file)?]),
        1..=MAX_SLICES => {
            all.into_iter().map(|slice| check_thin(&mut Window::new(file, slice.offset, slice.size)?)).collect()
        }
        count => Err(VerifyError::Universal(format!("it has {count} slices, more than {MAX_SLICES}"))),
    }
}

/// What is read of a code directory.
struct Directory<'a> {
    bytes: &'a [u8],
    identifier: String,
    flags: u32,
    page_size: usize,
    code_limit: u64,
    executable_segment: Option<(u64, u64)>,
    /// Slot 1 first; zeros where there is nothing.
    special: Vec<&'a [u8]>,
    pages: &'a [u8],
}

fn check_thin<R: Read + Seek>(input: &mut R) -> Result<SignatureReport, VerifyError> {
    let malformed = |reason: String| VerifyError::Malformed(reason);
    let file = MachO::read(input)?;
    let place = file.signature.ok_or(VerifyError::Unsigned)?;
    if place.size > MAX_SIGNATURE {
        return Err(malformed(format!("{} bytes are more than {MAX_SIGNATURE}", place.size)));
    }
    let mut signature = Vec::new();
    input.seek(SeekFrom::Start(place.offset))?;
    input.take(place.size).read_to_end(&mut signature)?;
    let blobs = blobs::split(&signature).map_err(malformed)?;
    // The strongest hash counts, and every system that matters knows this one.
    let directory = blobs
        .iter()
        .filter(|(slot, _)| *slot == blobs::SLOT_CODE_DIRECTORY || blobs::SLOT_ALTERNATES.contains(slot))
        .find(|(_, blob)| blob.get(37) == Some(&blobs::HASH_SHA256))
        .ok_or_else(|| malformed("it has no code directory with SHA-256".to_owned()))?;
    let directory = read_directory(directory.1).map_err(|reason| malformed(reason.to_owned()))?;
    let mut differences = Vec::new();
    check_place(&file, &directory, &mut differences);
    check_pages(input, place.offset, &directory, &mut differences)?;
    check_slots(&file, input, &blobs, &directory, &mut differences)?;
    let find = |wanted: u32| blobs.iter().find(|(slot, _)| *slot == wanted).map(|(_, blob)| *blob);
    let certificate = find(blobs::SLOT_SIGNATURE).is_some_and(|blob| blob.len() > 8);
    let mut cd_hash = [0; 20];
    cd_hash.copy_from_slice(&sha256(directory.bytes)[..20]);
    Ok(SignatureReport {
        identifier: directory.identifier,
        ad_hoc: directory.flags & blobs::FLAG_AD_HOC != 0 && !certificate,
        hardened_runtime: directory.flags & blobs::FLAG_RUNTIME != 0,
        entitlements: find(blobs::SLOT_ENTITLEMENTS)
            .filter(|blob| word(blob, 0) == Some(blobs::ENTITLEMENTS))
            .map(|blob| blob[8..].to_vec()),
        cd_hash,
        differences,
    })
}

fn read_directory(bytes: &[u8]) -> Result<Directory<'_>, &'static str> {
    const SHORT: &str = "its code directory is shorter than it says";
    if word(bytes, 0) != Some(blobs::CODE_DIRECTORY) {
        return Err("its code directory does not begin as one");
    }
    let field = |at: usize| word(bytes, at).ok_or(SHORT);
    let byte = |at: usize| bytes.get(at).copied().ok_or(SHORT);
    let (version, flags) = (field(8)?, field(12)?);
    let (hashes, name) = (field(16)? as usize, field(20)? as usize);
    let (special_count, page_count) = (field(24)? as usize, field(28)? as usize);
    if byte(36)? as usize != SHA256_SIZE {
        return Err("its hashes are not of 32 bytes");
    }
    let shift = byte(39)?;
    if !(10..=16).contains(&shift) {
        return Err("its page size is none of 1 KiB to 64 KiB");
    }
    let mut code_limit = u64::from(field(32)?);
    if version >= 0x20300 {
        match double_word(bytes, 56).ok_or(SHORT)? {
            0 => {}
            large => code_limit = large,
        }
    }
    let segment = |at| double_word(bytes, at).ok_or(SHORT);
    let executable_segment = if version >= 0x20400 { Some((segment(64)?, segment(72)?)) } else { None };
    let name = bytes.get(name..).ok_or(SHORT)?;
    let name = &name[..name.iter().position(|&byte| byte == 0).ok_or("its identifier has no end")?];
    let before = special_count.checked_mul(SHA256_SIZE).ok_or(SHORT)?;
    let after = page_count.checked_mul(SHA256_SIZE).ok_or(SHORT)?;
    let special = hashes.checked_sub(before).and_then(|start| bytes.get(start..hashes)).ok_or(SHORT)?;
    let pages = hashes.checked_add(after).and_then(|end| bytes.get(hashes..end)).ok_or(SHORT)?;
    Ok(Directory {
        bytes,
        identifier: String::from_utf8_lossy(name).into_owned(),
        flags,
        page_size: 1 << shift,
        code_limit,
        executable_segment,
        special: special.chunks(SHA256_SIZE).rev().collect(),
        pages,
    })
}

fn check_place(file: &MachO, directory: &Directory<'_>, differences: &mut Vec<Difference>) {
    let Some(place) = file.signature else { return };
    if directory.code_limit != place.offset {
        differences.push(Difference::CodeLimit { covered: directory.code_limit, begins: place.offset });
    }
    let text = file.segment("__TEXT").map(|text| (text.offset, text.size));
    if directory.executable_segment.is_some() && directory.executable_segment != text {
        differences.push(Difference::ExecutableSegment);
    }
    let end = place.offset + place.size;
    if end != file.length || file.segment("__LINKEDIT").is_none_or(|linkedit| linkedit.offset + linkedit.size != end) {
        differences.push(Difference::Place);
    }
}

fn check_pages<R: Read + Seek>(
    input: &mut R,
    covered: u64,
    directory: &Directory<'_>,
    differences: &mut Vec<Difference>,
) -> io::Result<()> {
    input.seek(SeekFrom::Start(0))?;
    let mut signed = directory.pages.chunks(SHA256_SIZE);
    let (mut total, mut count, mut first) = (0, 0, Vec::new());
    copy_pages(input, &mut io::sink(), covered, directory.page_size, |hash| {
        if signed.next() != Some(&hash[..]) {
            count += 1;
            if first.len() < PAGES_NAMED {
                first.push((total * directory.page_size) as u64);
            }
        }
        total += 1;
    })?;
    count += signed.count();
    if count != 0 {
        differences.push(Difference::Pages { count, total, first });
    }
    Ok(())
}

fn check_slots<R: Read + Seek>(
    file: &MachO,
    input: &mut R,
    blobs: &[(u32, &[u8])],
    directory: &Directory<'_>,
    differences: &mut Vec<Difference>,
) -> Result<(), VerifyError> {
    let signed = |slot: u32| {
        let hash = directory.special.get(slot as usize - 1).copied();
        hash.filter(|hash| hash.iter().any(|&byte| byte != 0))
    };
    let in_signature = (2..=directory.special.len() as u32).filter(|slot| *slot != 3);
    let further = blobs.iter().map(|(slot, _)| *slot).filter(|slot| (1..0x1000).contains(slot));
    let mut slots: Vec<u32> = in_signature.chain(further).collect();
    slots.sort_unstable();
    slots.dedup();
    for slot in slots {
        let found = blobs.iter().find(|(other, _)| *other == slot).map(|(_, blob)| sha256(blob));
        if signed(slot) != found.as_ref().map(|hash| &hash[..]) {
            differences.push(Difference::Slot(slot));
        }
    }
    // Outside an application bundle the Info.plist is a section. One beside the file cannot be seen from here.
    if let Some(info) = file.section("__TEXT", "__info_plist").filter(|info| info.offset != 0)
        && signed(blobs::SLOT_INFO) != Some(&sha256(&section_bytes(info, input)?)[..])
    {
        differences.push(Difference::Slot(blobs::SLOT_INFO));
    }
    Ok(())
}
