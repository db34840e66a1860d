//! Writes cpio entries one after the other.

use super::{MAGIC, TRAILER};
use std::io::{self, Write};

/// The largest content: eleven octal digits.
const MAX_SIZE: u64 = 0o77_777_777_777;
/// Inode numbers have six octal digits. Every entry has its own, so that no two are taken for hard links.
const MAX_ENTRIES: u32 = 0o777_777;

/// Writes entries in the order of the calls. It checks no names.
pub(crate) struct CpioWriter<W: Write> {
    out: W,
    mtime: u64,
    entries: u32,
}

/// What a header says.
pub(crate) struct CpioHeader<'a> {
    pub(crate) name: &'a str,
    /// Type and permissions.
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) size: u64,
}

impl<W: Write> CpioWriter<W> {
    /// `mtime` is every entry's, in seconds since 1970.
    pub(crate) fn new(out: W, mtime: u64) -> Self {
        Self { out, mtime: mtime.min(MAX_SIZE), entries: 0 }
    }

    /// A header; exactly `size` bytes must then be written to [`Self::content`].
    pub(crate) fn start(&mut self, header: &CpioHeader<'_>) -> io::Result<()> {
        let invalid = |message: String| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        if header.size > MAX_SIZE {
            return invalid(format!("{:?} is larger than the {MAX_SIZE} bytes that cpio holds", header.name));
        }
        if self.entries == MAX_ENTRIES {
            return invalid(format!("there are more than the {MAX_ENTRIES} entries that cpio holds"));
        }
        self.entries += 1;
        self.header(header, self.entries, self.mtime)
    }

    /// Where the content of a started entry goes.
    pub(crate) fn content(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes the end and gives the inner writer back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.header(&CpioHeader { name: TRAILER, mode: 0, uid: 0, gid: 0, size: 0 }, 0, 0)?;
        Ok(self.out)
    }

    /// Device, inode, mode, owner, group, links, device of a device, time, length of the name with its NUL, size.
    fn header(&mut self, header: &CpioHeader<'_>, inode: u32, mtime: u64) -> io::Result<()> {
        let CpioHeader { name, mode, uid, gid, size } = header;
        let (links, length) = (1, name.len() + 1);
        write!(
            self.out,
            "{MAGIC}{:06o}{inode:06o}{mode:06o}{uid:06o}{gid:06o}{links:06o}{:06o}{mtime:011o}{length:06o}{size:011o}{name}\0",
            0, 0
        )
    }
}
