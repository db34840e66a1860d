//! Writes archives whose bytes are decided by the entries' names and contents, the root's name,
//! the time and the level: sorted by bytes, with every parent directory, owner root, modes
//! 0755/0644. Files are streamed, never held whole.

mod tar;
mod zip;

pub use self::tar::{TarAttributes, TarFormat, TarWriter};
pub use untrusted_archive::NameError;

use crate::compress::{Codec, Compressor};
use crate::source::{Source, SourceError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;
use untrusted_archive::readable;

/// A format of archive; as text its file extension, without the dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ArchiveFormat {
    /// GNU tar in gzip.
    #[serde(rename = "tar.gz")]
    TarGz,
    /// GNU tar in xz.
    #[serde(rename = "tar.xz")]
    TarXz,
    /// GNU tar in zstd.
    #[serde(rename = "tar.zst")]
    TarZst,
    /// zip with deflate, zip64 where it must be.
    #[serde(rename = "zip")]
    Zip,
}

impl ArchiveFormat {
    /// Every format.
    pub const ALL: [ArchiveFormat; 4] =
        [ArchiveFormat::TarGz, ArchiveFormat::TarXz, ArchiveFormat::TarZst, ArchiveFormat::Zip];

    /// The file extension without its first dot.
    pub const fn extension(self) -> &'static str {
        match self {
            ArchiveFormat::TarGz => "tar.gz",
            ArchiveFormat::TarXz => "tar.xz",
            ArchiveFormat::TarZst => "tar.zst",
            ArchiveFormat::Zip => "zip",
        }
    }

    /// The format that a file's name ends in.
    pub fn of_file_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| name.strip_suffix(format.extension()).is_some_and(|stem| stem.ends_with('.')))
    }

    /// The compressor around the tar; none for zip, which compresses file by file.
    pub const fn codec(self) -> Option<Codec> {
        match self {
            ArchiveFormat::TarGz => Some(Codec::Gzip),
            ArchiveFormat::TarXz => Some(Codec::Xz),
            ArchiveFormat::TarZst => Some(Codec::Zstd),
            ArchiveFormat::Zip => None,
        }
    }
}

impl fmt::Display for ArchiveFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// A word that is not an archive format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an archive format; there are tar.gz, tar.xz, tar.zst and zip")]
pub struct UnknownFormat(pub String);

impl FromStr for ArchiveFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|format| format.extension() == text);
        known.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// A file to put into an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name below the root, `/` between the parts. Bytes, since tar names need not be UTF-8.
    pub name: Vec<u8>,
    /// Where its content is. A link is followed.
    pub source: PathBuf,
    /// Mode 0755 instead of 0644.
    pub executable: bool,
}

/// How to write an archive. All of it but `threads` is in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// The format.
    pub format: ArchiveFormat,
    /// The one folder that holds everything; empty for none.
    pub root: String,
    /// The time of every entry: seconds since 1970, UTC. zip knows 1980 to 2107, in steps of 2 s.
    pub mtime: u64,
    /// The compressor's level; `None` is [`Codec::default_level`] (gzip's, for zip).
    pub level: Option<u32>,
    /// How many threads may compress at once.
    pub threads: usize,
}

/// Why an archive cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A name that is not safe to unpack, or the root is.
    #[error("the entry {name:?} cannot be archived: {reason}")]
    Name {
        /// The name, readable.
        name: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Two entries of one name.
    #[error("the entry {0:?} is there twice")]
    Duplicate(String),
    /// An entry's name is another one's directory.
    #[error("the entry {0:?} is both a file and a directory")]
    FileAndDirectory(String),
    /// zip can say names in UTF-8 only.
    #[error("the entry {0:?} is not UTF-8, which zip needs; tar formats do not")]
    NotUtf8(String),
    /// A source that cannot be taken in.
    #[error(transparent)]
    Source(SourceError),
    /// The archive itself cannot be written.
    #[error("cannot write the archive: {0}")]
    Write(#[from] io::Error),
}

impl From<SourceError> for ArchiveError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Write(error) => Self::Write(error),
            source => Self::Source(source),
        }
    }
}

/// Where the formats differ: how a directory and a file are put.
trait Sink {
    fn directory(&mut self, name: &[u8]) -> Result<(), ArchiveError>;
    fn file(&mut self, name: &[u8], source: &mut Source, mode: u32) -> Result<(), ArchiveError>;
}

/// Writes an archive to `out`, which is given back so that a hash around it can be finished.
pub fn write_archive<W: Write>(out: W, options: &ArchiveOptions, entries: &[Entry]) -> Result<W, ArchiveError> {
    let tree = tree(&options.root, entries)?;
    let codec = options.format.codec();
    let level = options.level.unwrap_or(codec.unwrap_or(Codec::Gzip).default_level());
    match codec {
        Some(codec) => {
            let compressor = Compressor::new(out, codec, level, options.threads)?;
            let mut tar = TarWriter::new(compressor, options.mtime);
            put_all(&mut tar, &tree)?;
            Ok(tar.finish()?.finish()?)
        }
        None => {
            Codec::Gzip.check_level(level)?;
            let mut zip = zip::ZipWriter::new(out, options.mtime, level, options.threads);
            put_all(&mut zip, &tree)?;
            Ok(zip.finish()?)
        }
    }
}

fn put_all(sink: &mut impl Sink, tree: &Tree<'_>) -> Result<(), ArchiveError> {
    for (name, entry) in tree {
        match entry {
            None => sink.directory(name)?,
            Some(entry) => {
                let mode = if entry.executable { 0o755 } else { 0o644 };
                sink.file(name, &mut Source::open(&entry.source)?, mode)?;
            }
        }
    }
    Ok(())
}

/// Full names in the order of the archive; a directory has no entry. A parent comes before
/// what it holds, since its name is a prefix.
type Tree<'a> = BTreeMap<Vec<u8>, Option<&'a Entry>>;

fn tree<'a>(root: &str, entries: &'a [Entry]) -> Result<Tree<'a>, ArchiveError> {
    let mut tree = Tree::new();
    if !root.is_empty() {
        check_name(root.as_bytes())?;
        add_directories(&mut tree, root.as_bytes());
        tree.insert(root.into(), None);
    }
    for entry in entries {
        check_name(&entry.name)?;
        let mut full = root.as_bytes().to_vec();
        if !root.is_empty() {
            full.push(b'/');
        }
        full.extend_from_slice(&entry.name);
        check_name(&full)?;
        add_directories(&mut tree, &full);
        if let Some(other) = tree.insert(full, Some(entry)) {
            let name = readable(&entry.name);
            return Err(match other {
                Some(_) => ArchiveError::Duplicate(name),
                None => ArchiveError::FileAndDirectory(name),
            });
        }
    }
    // A file that came before one below it: only now is it seen that it is a directory, too.
    for (name, entry) in &tree {
        let below = [name, &b"/"[..]].concat();
        let next = tree.range(below.clone()..).next();
        if entry.is_some() && next.is_some_and(|(next, _)| next.starts_with(&below)) {
            return Err(ArchiveError::FileAndDirectory(readable(name)));
        }
    }
    Ok(tree)
}

fn add_directories(tree: &mut Tree<'_>, name: &[u8]) {
    for (at, _) in name.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        tree.entry(name[..at].to_vec()).or_insert(None);
    }
}

fn check_name(name: &[u8]) -> Result<(), ArchiveError> {
    untrusted_archive::check_name(name).map_err(|reason| ArchiveError::Name { name: readable(name), reason })
}
