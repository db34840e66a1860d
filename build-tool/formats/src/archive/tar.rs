//! Tar made reproducible: one time, names as they are. In the GNU format (the `tar` manual, "Basic Tar Format")
//! long names have an entry `././@LongLink` before; in POSIX's (pax, "ustar Interchange Format") an extended
//! header, which can hold other records, too.

use super::{ArchiveError, Sink};
use crate::source::Source;
use std::io::{self, Write};
use tar::{EntryType, Header};

const BLOCK: usize = 512;
const NAME_FIELD: usize = 100;

/// The two formats of tar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TarFormat {
    /// Read by everything that calls itself tar.
    Gnu,
    /// What Alpine's packages need.
    Pax,
}

/// What a header says beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TarAttributes<'a> {
    /// The permission bits, 0 to 0o7777.
    pub mode: u32,
    /// The owner's name. The number beside it is always 0, which is taken where the name is not known.
    pub owner: &'a str,
    /// The group's name, likewise.
    pub group: &'a str,
}

impl TarAttributes<'static> {
    /// Of root, with this mode.
    pub const fn root(mode: u32) -> Self {
        Self { mode, owner: "root", group: "root" }
    }
}

/// Writes entries one after the other, in the order of the calls. It checks no names.
pub struct TarWriter<W: Write> {
    out: W,
    mtime: u64,
    format: TarFormat,
    /// Records of the next entry's extended header.
    records: Vec<u8>,
}

impl<W: Write> TarWriter<W> {
    /// In the GNU format. `mtime` is every entry's, in seconds since 1970.
    pub fn new(out: W, mtime: u64) -> Self {
        Self::with_format(out, mtime, TarFormat::Gnu)
    }

    /// In a format of choice.
    pub fn with_format(out: W, mtime: u64, format: TarFormat) -> Self {
        Self { out, mtime, format, records: Vec::new() }
    }

    /// A directory, mode 0755, of root. A slash is put behind the name.
    pub fn directory(&mut self, name: &[u8]) -> io::Result<()> {
        self.directory_with(name, TarAttributes::root(0o755))
    }

    /// A directory. A slash is put behind the name.
    pub fn directory_with(&mut self, name: &[u8], attributes: TarAttributes<'_>) -> io::Result<()> {
        self.entry(EntryType::Directory, &[name, b"/"].concat(), b"", attributes, 0)
    }

    /// A symbolic link to `target`.
    pub fn symlink(&mut self, name: &[u8], target: &[u8], attributes: TarAttributes<'_>) -> io::Result<()> {
        self.entry(EntryType::Symlink, name, target, attributes, 0)
    }

    /// A file's header, of root. Exactly `size` bytes of content must be written to [`Self::content`],
    /// and then [`Self::end_file`] be called with the same size.
    pub fn start_file(&mut self, name: &[u8], mode: u32, size: u64) -> io::Result<()> {
        self.start_file_with(name, TarAttributes::root(mode), size)
    }

    /// As [`Self::start_file`].
    pub fn start_file_with(&mut self, name: &[u8], attributes: TarAttributes<'_>, size: u64) -> io::Result<()> {
        self.entry(EntryType::Regular, name, b"", attributes, size)
    }

    /// Where the content of a started file goes.
    pub fn content(&mut self) -> &mut W {
        &mut self.out
    }

    /// Pads a content of that many bytes to whole blocks.
    pub fn end_file(&mut self, size: u64) -> io::Result<()> {
        let used = (size % BLOCK as u64) as usize;
        if used == 0 { Ok(()) } else { self.out.write_all(&[0; BLOCK][used..]) }
    }

    /// A file whose content is at hand, of root.
    pub fn file(&mut self, name: &[u8], mode: u32, content: &[u8]) -> io::Result<()> {
        self.start_file(name, mode, content.len() as u64)?;
        self.out.write_all(content)?;
        self.end_file(content.len() as u64)
    }

    /// Adds a record to the extended header of the next entry; the GNU format has none.
    pub fn record(&mut self, key: &str, value: &[u8]) {
        // "LENGTH KEY=VALUE\n", where the length counts its own digits.
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length != rest + length.to_string().len() {
            length = rest + length.to_string().len();
        }
        self.records.extend_from_slice(format!("{length} {key}=").as_bytes());
        self.records.extend_from_slice(value);
        self.records.push(b'\n');
    }

    /// Writes the two empty blocks of the end and gives the inner writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        Ok(self.out)
    }

    /// Gives the inner writer back without an end: another tar is to follow.
    pub fn cut(self) -> W {
        self.out
    }

    fn entry(
        &mut self,
        kind: EntryType,
        name: &[u8],
        link: &[u8],
        attributes: TarAttributes<'_>,
        size: u64,
    ) -> io::Result<()> {
        let helper = TarAttributes::root(0o644);
        for (long, gnu, key) in [(name, EntryType::GNULongName, "path"), (link, EntryType::GNULongLink, "linkpath")] {
            if long.len() > NAME_FIELD && self.format == TarFormat::Pax {
                self.record(key, long);
            } else if long.len() > NAME_FIELD {
                // The content of a long-name entry ends in a NUL, as GNU tar writes it.
                let long = [long, b"\0"].concat();
                let size = long.len() as u64;
                self.block(gnu, b"././@LongLink", b"", helper, size, 0)?;
                self.out.write_all(&long)?;
                self.end_file(size)?;
            }
        }
        let records = std::mem::take(&mut self.records);
        if !records.is_empty() {
            let size = records.len() as u64;
            self.block(EntryType::XHeader, b"PaxHeader", b"", helper, size, self.mtime)?;
            self.out.write_all(&records)?;
            self.end_file(size)?;
        }
        self.block(kind, name, link, attributes, size, self.mtime)
    }

    fn block(
        &mut self,
        kind: EntryType,
        name: &[u8],
        link: &[u8],
        attributes: TarAttributes<'_>,
        size: u64,
        mtime: u64,
    ) -> io::Result<()> {
        let mut header = match self.format {
            TarFormat::Gnu => Header::new_gnu(),
            TarFormat::Pax => Header::new_ustar(),
        };
        // Set by hand: the crate's own way takes a path, which is not bytes on every host.
        let fits = |text: &[u8]| text.len().min(NAME_FIELD);
        let fields = header.as_old_mut();
        fields.name[..fits(name)].copy_from_slice(&name[..fits(name)]);
        fields.linkname[..fits(link)].copy_from_slice(&link[..fits(link)]);
        header.set_entry_type(kind);
        header.set_mode(attributes.mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username(attributes.owner)?;
        header.set_groupname(attributes.group)?;
        header.set_mtime(mtime);
        header.set_size(size);
        header.set_cksum();
        self.out.write_all(header.as_bytes())
    }
}

impl<W: Write> Sink for TarWriter<W> {
    fn directory(&mut self, name: &[u8]) -> Result<(), ArchiveError> {
        Ok(TarWriter::directory(self, name)?)
    }

    fn file(&mut self, name: &[u8], source: &mut Source, mode: u32) -> Result<(), ArchiveError> {
        self.start_file(name, mode, source.size)?;
        source.copy_to(&mut self.out)?;
        Ok(self.end_file(source.size)?)
    }
}
