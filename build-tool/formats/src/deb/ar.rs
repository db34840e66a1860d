//! The frame of a package: an `ar` archive in the common format (ar(5), deb(5)), whose members' names are short
//! and have no slash behind them.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// What the file begins with.
pub(super) const MAGIC: &[u8; 8] = b"!<arch>\n";
const HEADER: usize = 60;
/// Where a header has the size, and how many digits.
const SIZE_AT: u64 = 48;
const MAX_SIZE: u64 = 9_999_999_999;

/// Writes a member of a size that is not known before: it is put into the header afterwards.
pub(super) struct Member<W> {
    out: W,
    start: u64,
}

impl<W: Write + Seek> Member<W> {
    pub(super) fn start(mut out: W, name: &str, mtime: u64) -> io::Result<Self> {
        let start = out.stream_position()?;
        out.write_all(header(name, mtime, 0)?.as_bytes())?;
        Ok(Self { out, start })
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        let end = self.out.stream_position()?;
        let size = end - self.start - HEADER as u64;
        check_size(size)?;
        self.out.seek(SeekFrom::Start(self.start + SIZE_AT))?;
        write!(self.out, "{size:<10}")?;
        self.out.seek(SeekFrom::Start(end))?;
        pad(&mut self.out, size)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Member<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A member that is at hand.
pub(super) fn member(out: &mut impl Write, name: &str, mtime: u64, content: &[u8]) -> io::Result<()> {
    let size = content.len() as u64;
    check_size(size)?;
    out.write_all(header(name, mtime, size)?.as_bytes())?;
    out.write_all(content)?;
    pad(out, size)
}

fn header(name: &str, mtime: u64, size: u64) -> io::Result<String> {
    let header = format!("{name:<16}{mtime:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, "100644");
    if header.len() == HEADER { Ok(header) } else { Err(io::Error::other("the time does not fit an ar header")) }
}

fn check_size(size: u64) -> io::Result<()> {
    if size <= MAX_SIZE {
        return Ok(());
    }
    Err(io::Error::other(format!("{size} bytes, compressed, are more than a Debian package can hold ({MAX_SIZE})")))
}

fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    if size % 2 == 1 { out.write_all(b"\n") } else { Ok(()) }
}

/// The name and the size of the next member; `None` at the end of the file.
pub(super) fn next_member(from: &mut impl Read) -> io::Result<Option<(String, u64)>> {
    let mut header = [0; HEADER];
    let mut filled = 0;
    while filled < HEADER {
        match from.read(&mut header[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let field = |at: usize, length: usize| std::str::from_utf8(&header[at..at + length]).map(str::trim_end).ok();
    let size = field(48, 10).filter(|size| size.bytes().all(|byte| byte.is_ascii_digit()));
    match (field(0, 16), size.and_then(|size| size.parse().ok()), &header[58..]) {
        // GNU ar puts a slash behind the names.
        (Some(name), Some(size), b"`\n") => Ok(Some((name.strip_suffix('/').unwrap_or(name).to_owned(), size))),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "an ar header is damaged")),
    }
}
