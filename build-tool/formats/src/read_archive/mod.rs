//! Reads archives that came from outside, as strictly as the writer writes: plain files and
//! directories with safe, unique names, one compressed stream, nothing behind the end. All else
//! is an error, and so is whatever goes over the limits; memory stays small throughout.

pub(crate) mod tar;
mod zip;

pub use untrusted_archive::NameError;

use crate::archive::ArchiveFormat;
use crate::compress::Codec;
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Seek};
use untrusted_archive::{Decoder, check_name, readable};

/// What a reader puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of an archive, directories included.
    pub entries: u64,
    /// Unpacked bytes of all entries together, headers and padding included.
    pub total_size: u64,
    /// Bytes of names and of the archive's own tables together: what is held in memory.
    pub metadata: u64,
}

impl Default for Limits {
    /// 100,000 entries, 16 GiB, 32 MiB.
    fn default() -> Self {
        Self { entries: 100_000, total_size: 16 << 30, metadata: 32 << 20 }
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// An entry as the archive tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedEntry {
    /// A safe relative path, `/` between the parts, without a slash at the end.
    pub name: Vec<u8>,
    /// File or directory.
    pub kind: EntryKind,
    /// Bytes of content.
    pub size: u64,
    /// The permission bits, 0 to 0o7777; `None` for a zip that was not made on Unix.
    pub mode: Option<u32>,
}

/// Why an archive is refused. Names are shown with foreign bytes replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read or its compressed stream is damaged.
    #[error("the archive cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A name that must not be unpacked.
    #[error("the archive has an entry {name:?}: {reason}")]
    UnsafeName {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Two entries of one name.
    #[error("the archive has two entries {0:?}")]
    Duplicate(String),
    /// A link, a device or the like.
    #[error("the entry {0:?} is neither a file nor a directory")]
    NotPlain(String),
    /// Something of the format that the writers of releases do not use.
    #[error("the archive uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// The bytes contradict the format.
    #[error("the archive is damaged: {0}")]
    Damaged(&'static str),
    /// An entry's content is not what was promised.
    #[error("the content of {0:?} has not the size or the checksum that the archive gives")]
    WrongContent(String),
    /// Bytes behind the end, where something could hide.
    #[error("the archive goes on behind its end")]
    TrailingData,
    /// Too many entries.
    #[error("the archive has more than {0} entries")]
    TooManyEntries(u64),
    /// It would unpack to too much.
    #[error("the archive unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// Too much to hold in memory.
    #[error("the archive's names and tables take more than {0} bytes")]
    TooMuchMetadata(u64),
}

impl From<untrusted_archive::Error> for ReadError {
    fn from(error: untrusted_archive::Error) -> Self {
        use untrusted_archive::Error as Shared;
        match error {
            Shared::Io(error) => Self::Io(error),
            Shared::Special(name) => Self::NotPlain(name),
            Shared::Damaged(what) => Self::Damaged(what),
            Shared::Unsupported(what) => Self::Unsupported(what),
            Shared::TrailingData => Self::TrailingData,
            Shared::TooManyEntries(limit) => Self::TooManyEntries(limit),
            Shared::TooLarge(limit) => Self::TooLarge(limit),
            Shared::NamesTooLong(limit) => Self::TooMuchMetadata(limit),
        }
    }
}

/// Reads every entry in the archive's order and hands it to `visit` with its content, which
/// need not be read. Content is checked against the promised size and, in a zip, its CRC-32;
/// the visitor may have seen bytes that turn out wrong at the entry's end, so what it makes
/// of them counts only when this returns `Ok`. An error of the visitor ends it.
pub fn read_archive<R, E>(
    file: R,
    format: ArchiveFormat,
    limits: Limits,
    mut visit: impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read + Seek,
    E: From<ReadError>,
{
    let budget = Budget::new(limits);
    match format.codec() {
        Some(codec) => tar::read(BufReader::new(file), codec, budget, &mut visit),
        None => zip::read(file, budget, &mut visit),
    }
}

/// The entries alone, with all contents checked.
pub fn list_archive<R: Read + Seek>(
    file: R,
    format: ArchiveFormat,
    limits: Limits,
) -> Result<Vec<ArchivedEntry>, ReadError> {
    let mut entries = Vec::new();
    read_archive(file, format, limits, |entry, _| {
        entries.push(entry.clone());
        Ok::<_, ReadError>(())
    })?;
    Ok(entries)
}

/// What is left of the limits, and the names seen.
pub(crate) struct Budget {
    amounts: untrusted_archive::Budget,
    names: BTreeSet<Vec<u8>>,
}

impl Budget {
    pub(crate) fn new(Limits { entries, total_size, metadata }: Limits) -> Self {
        let limits = untrusted_archive::Limits { entries, unpacked: total_size, names: metadata };
        Self { amounts: untrusted_archive::Budget::new(limits), names: BTreeSet::new() }
    }

    /// Takes `size` bytes to hold in memory.
    pub(crate) fn metadata(&mut self, size: u64) -> Result<(), ReadError> {
        Ok(self.amounts.names(size)?)
    }

    /// Takes `size` unpacked bytes.
    pub(crate) fn unpacked(&mut self, size: u64) -> Result<(), ReadError> {
        Ok(self.amounts.unpacked(size)?)
    }

    /// Takes one entry of a package, whose path is checked elsewhere.
    pub(crate) fn packaged(&mut self, name: &[u8]) -> Result<(), ReadError> {
        self.count()?;
        self.metadata(name.len() as u64)
    }

    /// Takes an entry, if its name is safe and new.
    pub(crate) fn entry(&mut self, entry: &ArchivedEntry) -> Result<(), ReadError> {
        self.named(&entry.name)
    }

    /// Takes an entry of this name, if the name is safe and new.
    pub(crate) fn named(&mut self, name: &[u8]) -> Result<(), ReadError> {
        self.packaged(name)?;
        check_name(name).map_err(|reason| ReadError::UnsafeName { name: readable(name), reason })?;
        if self.names.insert(name.to_vec()) { Ok(()) } else { Err(ReadError::Duplicate(readable(name))) }
    }

    /// Takes an entry that has no name.
    pub(crate) fn count(&mut self) -> Result<(), ReadError> {
        Ok(self.amounts.entry()?)
    }
}

/// Starts to unpack a stream. [`end`] says whether all of it was right.
pub(crate) fn decoder<R: BufRead>(file: R, codec: Codec) -> io::Result<Decoder<R>> {
    match codec {
        Codec::Gzip => Ok(Decoder::gzip(file)),
        Codec::Xz => Decoder::xz(file),
        Codec::Zstd => Decoder::zstd(file),
    }
}

/// After an archive's end only zeros may follow, then the compressed stream's end and the file's.
pub(crate) fn end<R: BufRead>(stream: Decoder<R>, budget: &mut Budget) -> Result<(), ReadError> {
    Ok(stream.end(&mut budget.amounts)?)
}

/// As [`end`], for a stream whose end the caller looks at.
pub(crate) fn only_zeros(stream: &mut impl Read, budget: &mut Budget) -> Result<(), ReadError> {
    Ok(untrusted_archive::only_zeros(stream, &mut budget.amounts)?)
}
