//! Reads packages that came from outside, as strictly as they are written here. Packages of rpmbuild since 4.14 are
//! taken as well, unless they hold devices, hard links, or what needs another compression.

use super::metadata::Metadata;
use super::read_files::{self, RpmEntry};
use super::read_header::RawHeader;
use super::write::{LEAD, LEAD_MAGIC};
use super::{read_metadata, read_payload, tags};
use crate::checksums::{Sha256Sum, sha256_reader};
use crate::compress::Codec;
use crate::packaged::UnsafeEntry;
use crate::read_archive::{Budget, Limits, ReadError};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// What a package tells of itself and its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpmPackage {
    /// What it says of itself, with the relations that were added when it was written.
    pub metadata: Metadata,
    /// Its files, directories and links, in the order of the header.
    pub entries: Vec<RpmEntry>,
    /// When it was built, in seconds since 1970.
    pub build_time: u64,
    /// Where it was built.
    pub build_host: Option<String>,
    /// The source package, which need not exist.
    pub source_rpm: String,
    /// Bytes of the files' contents.
    pub installed_size: u64,
    /// Bytes of the archive before it was compressed.
    pub archive_size: u64,
    /// The payload's compression.
    pub codec: Codec,
    /// Where the header is in the file.
    pub header: Range<u64>,
    /// Whether it has a signature. That it is a good one is for rpm to say.
    pub is_signed: bool,
}

/// Why a package is refused.
#[derive(Debug, thiserror::Error)]
pub enum RpmReadError {
    /// The payload's archive or compressed stream is refused, or a limit is reached.
    #[error(transparent)]
    Archive(#[from] ReadError),
    /// An entry that must not be unpacked.
    #[error(transparent)]
    Unsafe(#[from] UnsafeEntry),
    /// The file cannot be read.
    #[error("the rpm cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The bytes contradict the format.
    #[error("the rpm is damaged: {0}")]
    Damaged(&'static str),
    /// Something that each package must say.
    #[error("the rpm does not say its {0}")]
    Missing(&'static str),
    /// Something of the format that is not read here.
    #[error("the rpm has {0}, which is not supported")]
    Unsupported(&'static str),
    /// More of something than the limit allows.
    #[error("the rpm has more than {0} of one kind of entries")]
    TooMany(u64),
    /// A sum or a size that is not the one given.
    #[error("the rpm's {0} is not of the sum or size that it gives")]
    WrongSum(&'static str),
    /// A file whose content is not as the header says, that is missing in the payload, or there without being listed.
    #[error("the rpm's payload and header contradict each other about {0:?}")]
    WrongFile(String),
}

/// What is known when everything before the payload was read.
pub(super) struct Opened {
    pub(super) package: RpmPackage,
    pub(super) budget: Budget,
    pub(super) header: RawHeader,
    pub(super) signature: RawHeader,
    /// Bytes of the compressed payload, which is next to be read.
    pub(super) payload_size: u64,
    /// Of the compressed payload.
    pub(super) payload_sum: Sha256Sum,
    /// Of the archive in it.
    pub(super) archive_sum: Option<Sha256Sum>,
}

/// Reads what a package tells of itself and its files. The header is checked against its SHA-256, and the file
/// against its length; the payload is not looked at.
///
/// # Errors
/// It cannot be read, is no binary package, is damaged, or goes over the limits.
pub fn read_rpm_header<R: Read + Seek>(mut file: R, limits: Limits) -> Result<RpmPackage, RpmReadError> {
    Ok(open(&mut file, limits)?.package)
}

/// Reads a whole package and hands every entry but `%ghost` ones to `visit`, in the payload's order, with its
/// content, which need not be read and is empty for directories and links. The SHA-256 and the size of the header,
/// the payload, the archive in it and every file are checked; the visitor may have seen bytes that turn out wrong at
/// the file's end, so what it makes of them counts only when this returns `Ok`. An error of the visitor ends it.
///
/// # Errors
/// It cannot be read, is no binary package, is damaged, goes over the limits, or the visitor gave an error.
pub fn read_rpm<R: Read + Seek, E: From<RpmReadError>>(
    mut file: R,
    limits: Limits,
    mut visit: impl FnMut(&RpmEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<RpmPackage, E> {
    let opened = open(&mut file, limits)?;
    read_payload::read(&mut file, opened, &mut visit)
}

/// Reads everything before the payload.
pub(super) fn open<R: Read + Seek>(file: &mut R, limits: Limits) -> Result<Opened, RpmReadError> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    check_lead(file)?;
    let mut budget = Budget::new(limits);
    let signature = RawHeader::read(file, tags::HEADER_SIGNATURES, &mut budget)?;
    let header_start = skip_padding(file, LEAD + signature.bytes().len())?;
    let header = RawHeader::read(file, tags::HEADER_IMMUTABLE, &mut budget)?;
    let header_end = header_start + header.bytes().len() as u64;
    let payload_size = length.checked_sub(header_end).ok_or(RpmReadError::Damaged("it ends within a header"))?;

    let expected = sum(&signature, tags::SIG_SHA256)?.ok_or(RpmReadError::Missing("header's SHA-256"))?;
    if sha256_reader(header.bytes())?.0 != expected {
        return Err(RpmReadError::WrongSum("header"));
    }
    let size = signature.size((tags::SIG_SIZE, tags::SIG_LONG_SIZE))?.ok_or(RpmReadError::Missing("size"))?;
    if size != length - header_start {
        return Err(RpmReadError::WrongSum("file"));
    }
    if header.number(tags::PAYLOAD_DIGEST_ALGORITHM)?.is_some_and(|algorithm| algorithm != u64::from(tags::SHA256)) {
        return Err(RpmReadError::Unsupported("a sum of its payload that is not a SHA-256"));
    }
    let payload_sum = sum(&header, tags::PAYLOAD_DIGEST)?.ok_or(RpmReadError::Missing("payload's SHA-256"))?;
    let archive_sum = sum(&header, tags::PAYLOAD_DIGEST_ALT)?;
    let archive_size = signature.size((tags::SIG_ARCHIVE_SIZE, tags::SIG_LONG_ARCHIVE_SIZE))?;
    let package = RpmPackage {
        metadata: read_metadata::metadata(&header, limits.entries)?,
        entries: read_files::entries(&header, limits.entries, &mut budget)?,
        build_time: header.number(tags::BUILD_TIME)?.unwrap_or(0),
        build_host: header.text(tags::BUILD_HOST)?.map(str::to_owned),
        // Without it, it would be a source package.
        source_rpm: header.required(tags::SOURCE_RPM, "source package's name")?.to_owned(),
        installed_size: header.size((tags::SIZE, tags::LONG_SIZE))?.ok_or(RpmReadError::Missing("installed size"))?,
        archive_size: archive_size.ok_or(RpmReadError::Missing("archive's size"))?,
        codec: codec(&header)?,
        header: header_start..header_end,
        is_signed: SIGNATURES.iter().any(|tag| signature.has(*tag)),
    };
    Ok(Opened { package, budget, header, signature, payload_size, payload_sum, archive_sum })
}

/// Where a signature may be.
pub(super) const SIGNATURES: [u32; 5] = [tags::SIG_RSA, tags::SIG_DSA, tags::SIG_OPENPGP, tags::SIG_PGP, tags::SIG_GPG];

fn check_lead(file: &mut impl Read) -> Result<(), RpmReadError> {
    let mut lead = [0; LEAD];
    file.read_exact(&mut lead)?;
    if lead[..4] != LEAD_MAGIC[..4] {
        return Err(RpmReadError::Damaged("it does not begin as an rpm"));
    }
    // Bytes 6 and 7 are 0 for a binary package, 1 for a source package.
    if lead[6..8] != [0, 0] {
        return Err(RpmReadError::Unsupported("the sources of a package"));
    }
    Ok(())
}

/// The signature header is padded to whole units of eight bytes, with zeros. Gives where the header begins.
fn skip_padding(file: &mut impl Read, end: usize) -> Result<u64, RpmReadError> {
    let start = end.next_multiple_of(8);
    let mut padding = [0; 8];
    file.read_exact(&mut padding[..start - end])?;
    if padding == [0; 8] { Ok(start as u64) } else { Err(RpmReadError::Damaged("padding that is not empty")) }
}

fn sum(header: &RawHeader, tag: u32) -> Result<Option<Sha256Sum>, RpmReadError> {
    let text = header.text(tag)?;
    text.map(|text| text.parse().map_err(|_| RpmReadError::Damaged("a sum that is no SHA-256"))).transpose()
}

fn codec(header: &RawHeader) -> Result<Codec, RpmReadError> {
    if header.text(tags::PAYLOAD_FORMAT)?.is_some_and(|format| format != "cpio") {
        return Err(RpmReadError::Unsupported("a payload that is not cpio"));
    }
    match header.text(tags::PAYLOAD_COMPRESSOR)? {
        Some("gzip") => Ok(Codec::Gzip),
        Some("xz") => Ok(Codec::Xz),
        Some("zstd") => Ok(Codec::Zstd),
        _ => Err(RpmReadError::Unsupported("a payload compressed by another way than gzip, xz and zstd")),
    }
}
