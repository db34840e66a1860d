//! Reads archives that somebody else made: a template, a release. What they hold is hostile until
//! checked: an entry is handed on only when its path stays inside the folder that it will be
//! unpacked into, whatever links the archive has; sizes and counts have limits, and what is held
//! in memory does not grow with what an archive claims.

mod names;
mod tar;
mod tree;
mod zip;

pub use names::NameFault;

use std::io::{self, BufReader, Read, Seek, SeekFrom};

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

/// What a reader puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries, folders included.
    pub entries: u64,
    /// Unpacked bytes of all entries together, a tar's headers and padding included.
    pub unpacked: u64,
    /// Bytes of names and of a zip's directory together: what is held in memory.
    pub names: u64,
}

impl Default for Limits {
    /// 50,000 entries, 4 GiB, 16 MiB.
    fn default() -> Self {
        Self { entries: 50_000, unpacked: 4 << 30, names: 16 << 20 }
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
        fault: NameFault,
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
    if names::stays_inside(path, target) {
        Ok(())
    } else {
        Err(Error::LinkOut { name: shown(path), target: shown(target) })
    }
}

/// What is left of the limits, and what the archive has so far.
struct Budget {
    limits: Limits,
    left: Limits,
    tree: tree::Tree,
}

impl Budget {
    fn new(limits: Limits) -> Self {
        Self { limits, left: limits, tree: tree::Tree::default() }
    }

    /// Takes bytes to hold in memory.
    fn names(&mut self, bytes: u64) -> Result<(), Error> {
        self.left.names = self.left.names.checked_sub(bytes).ok_or(Error::TooLong(self.limits.names))?;
        Ok(())
    }

    /// Takes unpacked bytes.
    fn unpacked(&mut self, bytes: u64) -> Result<(), Error> {
        self.left.unpacked = self.left.unpacked.checked_sub(bytes).ok_or(Error::TooLarge(self.limits.unpacked))?;
        Ok(())
    }

    /// Takes an entry, if it is safe where it stands.
    fn entry(&mut self, entry: &Entry) -> Result<(), Error> {
        self.left.entries = self.left.entries.checked_sub(1).ok_or(Error::TooMany(self.limits.entries))?;
        self.names(entry.path.len() as u64)?;
        let unsafe_name = |fault| Error::Name { name: shown(&entry.path), fault };
        names::check(&entry.path, cfg!(windows)).map_err(unsafe_name)?;
        if let Kind::Link { target } = &entry.kind {
            self.names(target.len() as u64)?;
            check_link(&entry.path, target)?;
        }
        self.tree.add(entry)
    }
}

/// An entry's content, which can be read to its promised size and no further.
struct Content<'a, R: Read> {
    inner: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..wanted])?;
        self.left -= read as u64;
        if read == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(read)
    }
}

impl<R: Read> Content<'_, R> {
    /// Reads what the visitor left, so that checksums are seen and the next entry is found.
    fn drain(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

#[cfg(test)]
mod tests;
