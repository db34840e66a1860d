//! Tar in the GNU format (the `tar` manual, "Basic Tar Format"), made reproducible: owner root,
//! one time, names as they are, long names by the `././@LongLink` entry.

use super::{ArchiveError, Sink};
use crate::source::Source;
use std::io::{self, Write};
use tar::{EntryType, Header};

const BLOCK: usize = 512;
const NAME_FIELD: usize = 100;

/// Writes entries one after the other, in the order of the calls. It checks no names.
pub struct TarWriter<W: Write> {
    out: W,
    mtime: u64,
}

impl<W: Write> TarWriter<W> {
    /// `mtime` is every entry's, in seconds since 1970.
    pub fn new(out: W, mtime: u64) -> Self {
        Self { out, mtime }
    }

    /// A directory, mode 0755. A slash is put behind the name.
    pub fn directory(&mut self, name: &[u8]) -> io::Result<()> {
        self.header(EntryType::Directory, &[name, b"/"].concat(), 0o755, 0)
    }

    /// A file's header. Exactly `size` bytes of content must be written to [`Self::content`],
    /// and then [`Self::end_file`] be called with the same size.
    pub fn start_file(&mut self, name: &[u8], mode: u32, size: u64) -> io::Result<()> {
        self.header(EntryType::Regular, name, mode, size)
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

    /// A file whose content is at hand.
    pub fn file(&mut self, name: &[u8], mode: u32, content: &[u8]) -> io::Result<()> {
        self.start_file(name, mode, content.len() as u64)?;
        self.out.write_all(content)?;
        self.end_file(content.len() as u64)
    }

    /// Writes the two empty blocks of the end and gives the inner writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        Ok(self.out)
    }

    fn header(&mut self, kind: EntryType, name: &[u8], mode: u32, size: u64) -> io::Result<()> {
        if name.len() > NAME_FIELD {
            // The content of a long-name entry ends in a NUL, as GNU tar writes it.
            let long = [name, b"\0"].concat();
            let size = long.len() as u64;
            self.block(EntryType::GNULongName, b"././@LongLink", 0o644, size, 0)?;
            self.out.write_all(&long)?;
            self.end_file(size)?;
        }
        self.block(kind, name, mode, size, self.mtime)
    }

    fn block(&mut self, kind: EntryType, name: &[u8], mode: u32, size: u64, mtime: u64) -> io::Result<()> {
        let mut header = Header::new_gnu();
        // Set by hand: the crate's own way takes a path, which is not bytes on every host.
        let fits = name.len().min(NAME_FIELD);
        header.as_old_mut().name[..fits].copy_from_slice(&name[..fits]);
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
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
