//! Tar (POSIX ustar and pax, GNU's long names). Headers are read one by one and raw, so that a long name's length is
//! checked before it is held in memory. What would let two programs see different archives in the same bytes is
//! refused.

use std::io::{self, Read};

use ::tar::{EntryType, Header, PaxExtensions};

use crate::name::{MAX_NAME, readable};
use crate::{Budget, Content, Error};

const BLOCK: usize = 512;
/// The largest extended header: two names and some numbers.
const MAX_EXTENDED: u64 = 4 * MAX_NAME as u64;

/// What of the format is taken beyond what all have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Global extended headers, as git writes one with the commit. Of what they say, nothing is about entries.
    pub global_headers: bool,
    /// Files that old systems wrote in one piece. They are files.
    pub contiguous_files: bool,
    /// An end without an empty block: the tar is the beginning of one that goes on in another stream.
    pub may_be_cut: bool,
    /// The record of extended headers that [`Entry::record`] gives.
    pub record: Option<&'static str>,
}

impl Dialect {
    /// Nothing beyond that.
    pub const STRICT: Self = Self { global_headers: false, contiguous_files: false, may_be_cut: false, record: None };
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to this path, which is not checked.
    Symlink(Vec<u8>),
}

/// An entry with what its headers say. What not every reader looks at is parsed when it is asked for, so that it can
/// only be wrong for those who do.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The path without `./` before it or a slash behind it. It is not checked, but for this: it is empty for the
    /// directory `./`, the one that is unpacked into, and for nothing else.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Bytes of content; 0 for all but files.
    pub size: u64,
    /// The record of its extended header that [`Dialect::record`] asks for.
    pub record: Option<Vec<u8>>,
    header: Header,
}

impl Entry {
    /// The permission bits, 0 to 0o7777.
    ///
    /// # Errors
    ///
    /// It is no number.
    pub fn mode(&self) -> Result<u32, Error> {
        Ok(self.header.mode().map_err(|_| Error::Damaged("the mode in a header"))? & 0o7777)
    }

    /// The time of its last change, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// It is no number.
    pub fn mtime(&self) -> Result<u64, Error> {
        self.header.mtime().map_err(|_| Error::Damaged("the time in a header"))
    }

    /// The owner's name, empty where there is none.
    pub fn owner(&self) -> &[u8] {
        self.header.username_bytes().unwrap_or_default()
    }

    /// The group's name, empty where there is none.
    pub fn group(&self) -> &[u8] {
        self.header.groupname_bytes().unwrap_or_default()
    }
}

/// Gives one entry after the other; as a [`Read`] it is the content of the last one, which need not be read.
#[derive(Debug)]
pub struct Reader<R: Read> {
    stream: R,
    dialect: Dialect,
    /// What of the last entry's content is still to come, and the padding behind it.
    content: u64,
    padding: u64,
}

impl<R: Read> Reader<R> {
    /// Begins a tar. What follows it in the stream is the caller's matter.
    pub fn new(stream: R, dialect: Dialect) -> Self {
        Self { stream, dialect, content: 0, padding: 0 }
    }

    /// The next entry; `None` at the end. Headers, padding and content are taken off the budget's unpacked bytes,
    /// what extended headers say off its names. To count entries is left to the caller.
    ///
    /// # Errors
    ///
    /// The stream cannot be read, contradicts the format, or goes beyond the dialect or the budget.
    pub fn next_entry(&mut self, budget: &mut Budget) -> Result<Option<Entry>, Error> {
        let mut extensions = Extensions::default();
        loop {
            Content::new(&mut self.stream, self.content + self.padding).drain()?;
            (self.content, self.padding) = (0, 0);
            let Some(header) = self.next_header(budget)? else { return Ok(None) };
            let size = header.entry_size().map_err(|_| Error::Damaged("the size in a header"))?;
            let padded = size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
            budget.unpacked(padded)?;
            (self.content, self.padding) = (size, padded - size);
            let kind = header.entry_type();
            let Some(limit) = self.extension(kind)? else {
                return extensions.entry(header, size, self.dialect).map(Some);
            };
            if size > limit {
                return Err(Error::NamesTooLong(limit));
            }
            budget.names(size)?;
            let mut content = Vec::new();
            self.read_to_end(&mut content)?;
            extensions.take(kind, content, self.dialect)?;
        }
    }

    /// The next header; `None` at the end, an empty block.
    fn next_header(&mut self, budget: &mut Budget) -> Result<Option<Header>, Error> {
        budget.unpacked(BLOCK as u64)?;
        let mut block = Vec::with_capacity(BLOCK);
        self.stream.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
        if block.is_empty() && self.dialect.may_be_cut {
            return Ok(None);
        }
        let block: [u8; BLOCK] = block.try_into().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        if block == [0; BLOCK] {
            return Ok(None);
        }
        // The sum is of the header with blanks in the sum's place, offset 148 to 156.
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        let own: u32 = block[148..156].iter().map(|&byte| u32::from(byte)).sum();
        let header = Header::from_byte_slice(&block);
        if header.cksum().ok() == Some(sum - own + 8 * u32::from(b' ')) {
            Ok(Some(header.clone()))
        } else {
            Err(Error::Damaged("the checksum of a header"))
        }
    }

    /// How long the content may be of an entry that tells of others; `None` for what is no such entry.
    fn extension(&self, kind: EntryType) -> Result<Option<u64>, Error> {
        match kind {
            EntryType::GNULongName | EntryType::GNULongLink => Ok(Some(MAX_NAME as u64 + 1)),
            EntryType::XGlobalHeader if !self.dialect.global_headers => {
                Err(Error::Unsupported("a global extended header"))
            }
            EntryType::XHeader | EntryType::XGlobalHeader => Ok(Some(MAX_EXTENDED)),
            _ => Ok(None),
        }
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut content = Content::new(&mut self.stream, self.content);
        let read = content.read(buffer)?;
        self.content = content.left();
        Ok(read)
    }
}

/// What the entries before an entry say of it.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    record: Option<Vec<u8>>,
}

impl Extensions {
    fn take(&mut self, kind: EntryType, mut content: Vec<u8>, dialect: Dialect) -> Result<(), Error> {
        let long = match kind {
            EntryType::GNULongName => &mut self.name,
            EntryType::GNULongLink => &mut self.link,
            _ => return self.records(&content, kind == EntryType::XGlobalHeader, dialect),
        };
        let end = content.iter().position(|&byte| byte == 0).unwrap_or(content.len());
        content.truncate(end);
        once(long, content)
    }

    /// The records of an extended header. What would change how others are read is refused.
    fn records(&mut self, content: &[u8], is_global: bool, dialect: Dialect) -> Result<(), Error> {
        for record in PaxExtensions::new(content) {
            let record = record.map_err(|_| Error::Damaged("an extended header"))?;
            let place = match record.key_bytes() {
                b"path" => &mut self.name,
                b"linkpath" => &mut self.link,
                b"size" => return Err(Error::Unsupported("a size in an extended header")),
                key if key.starts_with(b"GNU.sparse") => return Err(Error::Unsupported("sparse files")),
                key if dialect.record.is_some_and(|name| name.as_bytes() == key) => &mut self.record,
                _ => continue,
            };
            if is_global {
                return Err(Error::Unsupported("one path for all entries"));
            }
            once(place, record.value_bytes().to_vec())?;
        }
        Ok(())
    }

    fn entry(self, header: Header, size: u64, dialect: Dialect) -> Result<Entry, Error> {
        let name = self.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = match header.entry_type() {
            EntryType::Regular => Kind::File,
            EntryType::Continuous if dialect.contiguous_files => Kind::File,
            EntryType::Directory if size == 0 => Kind::Directory,
            EntryType::Symlink if size == 0 => {
                let target = self.link.or_else(|| header.link_name_bytes().map(Into::into));
                Kind::Symlink(target.unwrap_or_default())
            }
            _ => return Err(Error::Special(readable(&name))),
        };
        let mut plain = name.strip_prefix(b"./").unwrap_or(&name);
        if kind == Kind::Directory {
            plain = plain.strip_suffix(b"/").unwrap_or(plain);
            plain = if plain == b"." { b"" } else { plain };
        } else if plain.is_empty() {
            return Err(Error::Damaged("a file without a name"));
        }
        Ok(Entry { name: plain.to_vec(), kind, size, record: self.record, header })
    }
}

fn once(place: &mut Option<Vec<u8>>, value: Vec<u8>) -> Result<(), Error> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::Damaged("two long names for one entry")),
    }
}

#[cfg(test)]
mod tests;
