//! Reads archives that somebody else made: a template, a release. What they hold is hostile until
//! checked: an entry is handed on only when its path stays inside the folder that it will be
//! unpacked into, whatever links the archive has; sizes and counts have limits, and what is held
//! in memory does not grow with what an archive claims.

mod links;
mod tar;
mod zip;

pub use untrusted_archive::{Limits, NameError};

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use untrusted_archive::{Conflict, Tree, check_name, check_name_for_windows, readable};

/// A format, by the archive's first bytes: names lie, and a download has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// tar: ustar, GNU or pax
    Tar,
    /// tar in gzip
    TarGz,
    /// tar in xz
    TarXz,
    /// tar in zstd
    TarZst,
    /// zip, stored or deflated
    Zip,
}

impl Format {
    /// What a file name may end in.
    pub const EXTENSIONS: [&str; 8] = [".tar.gz", ".tar.xz", ".tar.zst", ".tgz", ".txz", ".tzst", ".tar", ".zip"];

    /// The format that the bytes begin as; none for what is no archive. Leaves the file at its start.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn of(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let mut start = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.by_ref().take(512).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        let known: [(&[u8], Self); 5] = [
            (&[0x1f, 0x8b], Self::TarGz),
            (&[0xfd, b'7', b'z', b'X', b'Z', 0], Self::TarXz),
            (&[0x28, 0xb5, 0x2f, 0xfd], Self::TarZst),
            (b"PK\x03\x04", Self::Zip),
            // An empty one.
            (b"PK\x05\x06", Self::Zip),
        ];
        let found = known.iter().find(|(magic, _)| start.starts_with(magic));
        let tar = || (start.get(257..262) == Some(b"ustar")).then_some(Self::Tar);
        Ok(found.map(|(_, format)| *format).or_else(tar))
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file with this many bytes.
    File {
        /// Bytes.
        size: u64,
        /// Whether somebody may run it.
        executable: bool,
    },
    /// A folder.
    Folder,
    /// A symbolic link that stays inside, whatever else the archive holds.
    Link {
        /// Where it points, `/` between the parts.
        target: Vec<u8>,
    },
}

/// An entry that passed the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A relative path without `.` and `..`, `/` between the parts, none at the end.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Kind,
}

/// Why an archive is refused. Foreign bytes in names are shown replaced.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or its compressed stream
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A path that leads out, or that a system would take for something else
    #[error("its entry {name:?} cannot be unpacked: {fault}")]
    Name {
        /// The path as it is there.
        name: String,
        /// What is wrong with it.
        fault: NameError,
    },
    /// A link that leads out
    #[error("its link {name:?} points at {target:?}, and so out of the folder that it is unpacked into")]
    LinkOut {
        /// The link's path.
        name: String,
        /// Where it points.
        target: String,
    },
    /// An entry below a link or a file
    #[error("its entry {name:?} lies below {above:?}, which is no folder")]
    Below {
        /// The path.
        name: String,
        /// What is above it.
        above: String,
    },
    /// Two entries of one path
    #[error("it has two entries {0:?}")]
    Twice(String),
    /// A device, a pipe, a hard link
    #[error("its entry {0:?} is neither a file nor a folder nor a symbolic link")]
    Special(String),
    /// Bytes that contradict the format
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Something of the format that is not read
    #[error("it uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// Too many entries
    #[error("it has more than {0} entries")]
    TooMany(u64),
    /// It would unpack to too much
    #[error("it unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// Too much to hold in memory
    #[error("its names take more than {0} bytes")]
    TooLong(u64),
}

impl From<untrusted_archive::Error> for Error {
    fn from(error: untrusted_archive::Error) -> Self {
        use untrusted_archive::Error as Shared;
        match error {
            Shared::Io(error) => Self::Io(error),
            Shared::Special(name) => Self::Special(name),
            Shared::Damaged(what) => Self::Damaged(what.to_owned()),
            Shared::TrailingData => Self::Damaged("it goes on behind its end".to_owned()),
            Shared::Unsupported(what) => Self::Unsupported(what),
            Shared::TooManyEntries(limit) => Self::TooMany(limit),
            Shared::TooLarge(limit) => Self::TooLarge(limit),
            Shared::NamesTooLong(limit) => Self::TooLong(limit),
        }
    }
}

/// What ends the reading of an archive early, for visitors that fail in other ways than archives do.
#[derive(Debug)]
pub enum Stop<E> {
    /// The archive is refused.
    Archive(Error),
    /// The visitor's own reason.
    Visitor(E),
}

impl<E> From<Error> for Stop<E> {
    fn from(error: Error) -> Self {
        Self::Archive(error)
    }
}

impl<E> Stop<E> {
    /// The visitor's error, made of the archive's where that was it.
    pub fn into_visitors(self, refused: impl FnOnce(Error) -> E) -> E {
        match self {
            Self::Archive(error) => refused(error),
            Self::Visitor(error) => error,
        }
    }
}

/// Reads every entry in the archive's order and hands it to `visit` with its content, which need
/// not be read. Checksums are seen only at an entry's or the archive's end, and a later entry may
/// get the archive refused: what the visitor makes counts only when this returns `Ok`.
///
/// # Errors
///
/// The archive's own, and what the visitor returns.
pub fn read<R, E>(
    file: R,
    format: Format,
    limits: Limits,
    mut visit: impl FnMut(&Entry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read + Seek,
    E: From<Error>,
{
    let budget = Budget::new(limits);
    match format {
        Format::Zip => zip::read(file, budget, &mut visit),
        _ => tar::read(BufReader::new(file), format, budget, &mut visit),
    }
}

/// The entries alone, with all contents checked.
///
/// # Errors
///
/// As [`read`].
pub fn list<R: Read + Seek>(file: R, format: Format, limits: Limits) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    read(file, format, limits, |entry, _| {
        entries.push(entry.clone());
        Ok::<_, Error>(())
    })?;
    Ok(entries)
}

/// Checks a link: that it leads to something inside, if no entry lies below a link.
///
/// # Errors
///
/// [`Error::LinkOut`].
pub fn check_link(path: &[u8], target: &[u8]) -> Result<(), Error> {
    if links::stays_inside(path, target) {
        Ok(())
    } else {
        Err(Error::LinkOut { name: readable(path), target: readable(target) })
    }
}

/// What is left of the limits, and what the archive has so far.
struct Budget {
    amounts: untrusted_archive::Budget,
    tree: Tree,
}

impl Budget {
    fn new(limits: Limits) -> Self {
        Self { amounts: untrusted_archive::Budget::new(limits), tree: Tree::default() }
    }

    /// Takes an entry, if it is safe where it stands.
    fn entry(&mut self, entry: &Entry) -> Result<(), Error> {
        self.amounts.entry()?;
        self.amounts.names(entry.path.len() as u64)?;
        let check = if cfg!(windows) { check_name_for_windows } else { check_name };
        check(&entry.path).map_err(|fault| Error::Name { name: readable(&entry.path), fault })?;
        if let Kind::Link { target } = &entry.kind {
            self.amounts.names(target.len() as u64)?;
            check_link(&entry.path, target)?;
        }
        match self.tree.add(&entry.path, entry.kind == Kind::Folder) {
            // Tars that were appended to tell of a folder twice.
            Ok(()) | Err(Conflict::DirectoryAgain) => Ok(()),
            Err(Conflict::Twice) => Err(Error::Twice(readable(&entry.path))),
            Err(Conflict::Below { above, below }) => {
                Err(Error::Below { name: readable(&below), above: readable(&above) })
            }
        }
    }
}

#[cfg(test)]
mod tests;
