//! Writes a package in one pass over the files: the sizes of everything before the payload are known before, so that
//! room is left for it, and it is put there when the sums are known.

use super::cpio::{self, EntryHeader};
use super::describe::{self, Sums};
use super::header::HeaderWriter;
use super::metadata::{Metadata, MetadataError};
use super::names::lead_number;
use super::plan::{Plan, Planned};
use super::{RpmOptions, default_level, tags};
use crate::checksums::{Sha256Sum, Sha256Writer, sha256_reader};
use crate::compress::{Compressor, Known};
use crate::payload::Payload;
use crate::source::SourceError;
use std::io::{self, Seek, SeekFrom, Write};

/// Bytes of the lead.
pub(super) const LEAD: usize = 96;
/// What the lead begins with: the magic, and the version of the format, 3.0.
pub(super) const LEAD_MAGIC: [u8; 6] = [0xED, 0xAB, 0xEE, 0xDB, 3, 0];
/// Bytes of the package's name in the lead, the NUL included.
const LEAD_NAME: usize = 66;

/// Why a package cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RpmError {
    /// Something that RPM cannot say.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// No files at all.
    #[error("an rpm without files installs nothing; give it at least one")]
    Nothing,
    /// A directory of everybody.
    #[error("/{0} belongs to the distribution, an rpm must not own it; leave it out, it will be there")]
    StandardDirectory(String),
    /// An owner or a group that is no name.
    #[error("/{path} is to belong to {owner:?}, which is no name of a user or a group")]
    Owner {
        /// Where.
        path: String,
        /// To whom.
        owner: String,
    },
    /// A time after 2106, which RPM has no number for.
    #[error("an rpm cannot say the time {0}: it must be less than 2^32 seconds since 1970")]
    Time(u64),
    /// More names and texts than rpm reads.
    #[error("the rpm's header would be larger than 256 MiB, which rpm does not read")]
    HeaderTooLarge,
    /// A source that cannot be taken in.
    #[error(transparent)]
    Source(SourceError),
    /// The package itself cannot be written.
    #[error("cannot write the rpm: {0}")]
    Write(#[from] io::Error),
}

impl From<SourceError> for RpmError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Write(error) => Self::Write(error),
            source => Self::Source(source),
        }
    }
}

/// Writes a package to `out`, from where `out` stands, and gives it back, standing behind the package. The same
/// metadata, payload and options but for `threads` give the same bytes. Files are streamed, each is read once.
///
/// # Errors
/// The metadata or a node is nothing for RPM, a file cannot be read, or `out` does not take it.
pub fn write_rpm<W: Write + Seek>(
    mut out: W,
    metadata: &Metadata,
    payload: &Payload,
    options: &RpmOptions,
) -> Result<W, RpmError> {
    metadata.check()?;
    let mtime = u32::try_from(options.mtime).map_err(|_| RpmError::Time(options.mtime))?;
    let plan = Plan::new(payload)?;
    let level = options.level.unwrap_or(default_level(options.codec));
    let describe = |sums: &Sums| describe::header(metadata, &plan, options.codec, level, mtime, sums);
    // Sums have a fixed length, so this header is as long as the one with the true sums.
    let header_size = describe(&Sums::default())?.len() as u64;
    let is_long = exceeds_32_bits(header_size, plan.archive_size);
    let signature_size = signature(Sha256Sum([0; 32]), 0, &plan, is_long)?.len() as u64;

    let start = out.stream_position()?;
    let payload_start = start + LEAD as u64 + signature_size + header_size;
    out.seek(SeekFrom::Start(payload_start))?;
    let (mut out, sums, payload_size) = write_payload(out, &plan, options, level, mtime)?;
    let end = out.stream_position()?;

    let header = describe(&sums)?;
    let (header_sum, _) = sha256_reader(&*header)?;
    let signature = signature(header_sum, header_size + payload_size, &plan, is_long)?;
    out.seek(SeekFrom::Start(start))?;
    out.write_all(&lead(metadata))?;
    out.write_all(&signature)?;
    out.write_all(&header)?;
    if out.stream_position()? != payload_start {
        return Err(io::Error::other("the header has another size than was left for it").into());
    }
    out.seek(SeekFrom::Start(end))?;
    Ok(out)
}

/// Whether header and payload together may not fit a 32-bit number. That must be known before the payload is
/// compressed; none of the compressors makes anything larger by a 64th.
fn exceeds_32_bits(header_size: u64, archive_size: u64) -> bool {
    let most = archive_size.saturating_add(archive_size / 64).saturating_add(header_size + (1 << 20));
    u32::try_from(most).is_err()
}

/// Compresses the archive into `out`; gives the sums of it and of its files, and how many bytes it has become.
fn write_payload<W: Write>(
    out: W,
    plan: &Plan<'_>,
    options: &RpmOptions,
    level: u32,
    mtime: u32,
) -> Result<(W, Sums, u64), RpmError> {
    let known = Known { size: plan.archive_size, x86: false };
    let compressor = Compressor::of(Sha256Writer::new(out), options.codec, level, options.threads, known)?;
    let mut archive = Sha256Writer::new(compressor);
    let mut sums = Sums::default();
    for (index, file) in plan.files.iter().enumerate() {
        let index = u32::try_from(index).map_err(|_| RpmError::HeaderTooLarge)?;
        let entry = EntryHeader { name: &file.name, index, mode: file.mode, mtime, size: file.size };
        cpio::write_header(&mut archive, &entry, plan.stripped)?;
        let (sum, color) = write_content(&mut archive, file)?;
        cpio::write_padding(&mut archive, file.size)?;
        sums.files.push(sum);
        sums.colors.push(color);
    }
    cpio::write_trailer(&mut archive)?;
    let (compressor, archive_sum, archive_size) = archive.finish();
    if archive_size != plan.archive_size {
        return Err(io::Error::other("the archive has another size than was computed for it").into());
    }
    let (out, payload_sum, payload_size) = compressor.finish()?.finish();
    (sums.archive, sums.payload) = (archive_sum, payload_sum);
    Ok((out, sums, payload_size))
}

/// Writes what a file holds or where a link leads; gives a file's sum, and its color.
fn write_content(out: &mut impl Write, file: &Planned<'_>) -> Result<(Option<Sha256Sum>, u32), RpmError> {
    let Some(content) = file.content() else {
        out.write_all(file.link_target().as_bytes())?;
        return Ok((None, 0));
    };
    let mut hashed = Sha256Writer::new(Head { inner: out, bytes: Vec::new() });
    content.copy_to(file.size, &mut hashed)?;
    let (head, sum, _) = hashed.finish();
    Ok((Some(sum), color(&head.bytes)))
}

/// By its color rpm tells 32-bit from 64-bit programs, which may share a path on systems that run both (rpm's
/// `rpmfc.h`, `RPMFC_ELF32`, `RPMFC_ELF64`). Byte 4 of an ELF file is its class.
fn color(head: &[u8]) -> u32 {
    match head {
        [0x7F, b'E', b'L', b'F', class @ (1 | 2)] => u32::from(*class),
        _ => 0,
    }
}

/// Passes on what is written to it, and keeps the first five bytes.
struct Head<W> {
    inner: W,
    bytes: Vec<u8>,
}

impl<W: Write> Write for Head<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        let wanted = 5 - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..written.min(wanted)]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The signature header of an unsigned package.
fn signature(header: Sha256Sum, size: u64, plan: &Plan<'_>, is_long: bool) -> Result<Vec<u8>, RpmError> {
    let mut signature = HeaderWriter::default();
    signature.text(tags::SIG_SHA256, &header.to_string());
    signature.size((tags::SIG_SIZE, tags::SIG_LONG_SIZE), size, is_long);
    signature.size((tags::SIG_ARCHIVE_SIZE, tags::SIG_LONG_ARCHIVE_SIZE), plan.archive_size, is_long);
    signature.finish_signature()
}

/// The lead (rpm's documentation, "RPM V4 Package format", "Lead"). Only its magic still counts.
fn lead(metadata: &Metadata) -> Vec<u8> {
    let mut lead = LEAD_MAGIC.to_vec();
    // A binary package, and its processor.
    lead.extend(0_u16.to_be_bytes());
    lead.extend(lead_number(&metadata.architecture).to_be_bytes());
    let full_name = format!("{}-{}-{}", metadata.name, metadata.version, metadata.release);
    lead.extend(full_name.bytes().take(LEAD_NAME - 1));
    lead.resize(LEAD_MAGIC.len() + 4 + LEAD_NAME, 0);
    // Linux, and a signature in the form of a header.
    lead.extend(1_u16.to_be_bytes());
    lead.extend(5_u16.to_be_bytes());
    lead.resize(LEAD, 0);
    lead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elf_files_have_the_color_of_their_class() {
        assert_eq!(color(b"\x7FELF\x01"), 1);
        assert_eq!(color(b"\x7FELF\x02"), 2);
        assert_eq!(color(b"\x7FELF\x03"), 0);
        assert_eq!(color(b"\x7FEL"), 0);
        let mut head = Head { inner: Vec::new(), bytes: Vec::new() };
        for piece in [&b"\x7FE"[..], b"LF", b"\x02\x01\x01", b"more"] {
            head.write_all(piece).unwrap();
        }
        assert_eq!(
            (head.bytes.as_slice(), head.inner.as_slice()),
            (&b"\x7FELF\x02"[..], &b"\x7FELF\x02\x01\x01more"[..])
        );
    }

    #[test]
    fn sizes_near_4_gib_count_as_larger() {
        assert!(!exceeds_32_bits(1000, 4_200_000_000));
        assert!(exceeds_32_bits(1000, 4_290_000_000));
        assert!(exceeds_32_bits(1000, u64::MAX));
    }
}
