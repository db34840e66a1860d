//! Writes xar. The table of contents comes first and needs every size and checksum, so the contents
//! wait in a scratch file and are copied behind it.

use super::{CHECKSUM_SHA1, DEFLATED, HEADER_SIZE, MAGIC, SHA1_SIZE, STORED, VERSION};
use crate::big_endian::{put16, put32, put64};
use crate::xml::escape;
use chrono::DateTime;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};
use std::fmt::Write as _;
use std::io::{self, BufWriter, Read, Seek, Write};

/// Collects files, and then writes the archive. At most one folder deep: flat packages are no deeper.
pub(crate) struct XarWriter<S: Read + Write + Seek> {
    heap: BufWriter<S>,
    offset: u64,
    time: String,
    folders: Vec<(Option<String>, Vec<File>)>,
}

struct File {
    name: String,
    encoding: &'static str,
    offset: u64,
    stored: Sum,
    unpacked: Sum,
}

struct Sum {
    size: u64,
    sha1: String,
}

impl<S: Read + Write + Seek> XarWriter<S> {
    /// `scratch` is empty and holds the contents until the end. `mtime` is every file's, in seconds since 1970.
    pub(crate) fn new(scratch: S, mtime: u64) -> Self {
        // Year 9999 is far enough, and the furthest that the table can say.
        let time = DateTime::from_timestamp(mtime.min(253_402_300_799).cast_signed(), 0).unwrap_or_default();
        let time = time.format("%Y-%m-%dT%H:%M:%S").to_string();
        Self { heap: BufWriter::with_capacity(1 << 17, scratch), offset: SHA1_SIZE, time, folders: Vec::new() }
    }

    /// A file whose content is written by `write`; stored as it is.
    pub(crate) fn file<T, E: From<io::Error>>(
        &mut self,
        folder: Option<&str>,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut out = Summing { out: &mut self.heap, size: 0, sha1: Sha1::new() };
        let made = write(&mut out)?;
        let (stored, unpacked) = (out.sum(), out.sum());
        self.add(folder, name, STORED, stored, unpacked);
        Ok(made)
    }

    /// A file whose content is at hand; deflated if that makes it smaller.
    pub(crate) fn bytes(&mut self, folder: Option<&str>, name: &str, content: &[u8]) -> io::Result<()> {
        let deflated = deflate(content)?;
        if deflated.len() >= content.len() {
            return self.file(folder, name, |out| out.write_all(content));
        }
        self.heap.write_all(&deflated)?;
        self.add(folder, name, DEFLATED, Sum::of(&deflated), Sum::of(content));
        Ok(())
    }

    fn add(&mut self, folder: Option<&str>, name: &str, encoding: &'static str, stored: Sum, unpacked: Sum) {
        let offset = self.offset;
        self.offset += stored.size;
        let file = File { name: name.to_owned(), encoding, offset, stored, unpacked };
        match self.folders.iter_mut().find(|(known, _)| known.as_deref() == folder) {
            Some((_, files)) => files.push(file),
            None => self.folders.push((folder.map(str::to_owned), vec![file])),
        }
    }

    /// Writes the archive to `out`.
    pub(crate) fn finish<W: Write>(self, mut out: W) -> io::Result<W> {
        let table = self.table();
        let deflated = deflate(table.as_bytes())?;
        let mut header = MAGIC.to_vec();
        put16(&mut header, &[HEADER_SIZE, VERSION]);
        put64(&mut header, &[deflated.len() as u64, table.len() as u64]);
        put32(&mut header, &[CHECKSUM_SHA1]);
        out.write_all(&header)?;
        out.write_all(&deflated)?;
        out.write_all(&Sha1::digest(&deflated))?;
        let mut heap = self.heap.into_inner().map_err(io::IntoInnerError::into_error)?;
        heap.rewind()?;
        let copied = io::copy(&mut heap, &mut out)?;
        if copied + SHA1_SIZE == self.offset {
            Ok(out)
        } else {
            Err(io::Error::other("the scratch file has not the size that was written to it"))
        }
    }

    fn table(&self) -> String {
        let mut table = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xar>\n <toc>\n  <checksum style=\"sha1\">\n   \
             <offset>0</offset>\n   <size>{SHA1_SIZE}</size>\n  </checksum>\n  \
             <creation-time>{}</creation-time>\n",
            self.time
        );
        let mut id = 0;
        for (folder, files) in &self.folders {
            if let Some(name) = folder {
                id += 1;
                self.node(&mut table, id, name, "directory", "0755");
            }
            for file in files {
                id += 1;
                self.node(&mut table, id, &file.name, "file", "0644");
                data(&mut table, file);
                table += "  </file>\n";
            }
            if folder.is_some() {
                table += "  </file>\n";
            }
        }
        table + " </toc>\n</xar>\n"
    }

    fn node(&self, table: &mut String, id: u32, name: &str, kind: &str, mode: &str) {
        // Writing to a string cannot fail.
        let _ = write!(
            table,
            "  <file id=\"{id}\">\n   <name>{}</name>\n   <type>{kind}</type>\n   <mode>{mode}</mode>\n   \
             <uid>0</uid>\n   <gid>0</gid>\n   <mtime>{}Z</mtime>\n",
            escape(name),
            self.time
        );
    }
}

fn data(table: &mut String, file: &File) {
    let File { encoding, offset, stored, unpacked, .. } = file;
    let _ = write!(
        table,
        "   <data>\n    <length>{}</length>\n    <offset>{offset}</offset>\n    <size>{}</size>\n    \
         <encoding style=\"{encoding}\"/>\n    \
         <extracted-checksum style=\"sha1\">{}</extracted-checksum>\n    \
         <archived-checksum style=\"sha1\">{}</archived-checksum>\n   </data>\n",
        stored.size, unpacked.size, unpacked.sha1, stored.sha1
    );
}

impl Sum {
    fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, sha1: hex(Sha1::new_with_prefix(bytes)) }
    }
}

struct Summing<'a, W: Write> {
    out: &'a mut W,
    size: u64,
    sha1: Sha1,
}

impl<W: Write> Summing<'_, W> {
    fn sum(&self) -> Sum {
        Sum { size: self.size, sha1: hex(self.sha1.clone()) }
    }
}

impl<W: Write> Write for Summing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha1.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn hex(sha1: Sha1) -> String {
    sha1.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// zlib's format (RFC 1950).
fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
