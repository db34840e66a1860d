//! Tar within one compressed stream. Headers are read one by one and raw, so that a long name's
//! length is checked before it is held in memory.

use super::{ArchivedEntry, Budget, Content, EntryKind, ReadError, readable};
use crate::compress::Codec;
use crate::name::MAX_NAME;
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;
use std::io::{self, BufRead, Read};
use tar::{EntryType, Header, PaxExtensions};
use zstd::stream::read::Decoder as ZstdDecoder;

const BLOCK: usize = 512;
/// The largest pax header: two names and some numbers.
const MAX_PAX: u64 = 4 * MAX_NAME as u64;
/// What decoders may take: xz -9 needs 65 MiB, zstd -22 128 MiB.
const XZ_MEMORY: u64 = 128 << 20;
const ZSTD_WINDOW_LOG: u32 = 27;

pub(super) fn read<R: BufRead, E: From<ReadError>>(
    file: R,
    codec: Codec,
    mut budget: Budget,
    visit: &mut impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = Decoder::new(file, codec).map_err(ReadError::Io)?;
    read_tar(&mut stream, TarEnd::Blocks, &mut budget, &mut |budget: &mut Budget, entry: &TarEntry, content| {
        let kind = match entry.kind {
            TarKind::File => EntryKind::File,
            TarKind::Directory => EntryKind::Directory,
            TarKind::Symlink(_) => return Err(ReadError::NotPlain(readable(&entry.name)).into()),
        };
        let entry = ArchivedEntry { name: entry.name.clone(), kind, size: entry.size, mode: Some(entry.mode) };
        budget.entry(&entry)?;
        visit(&entry, content)
    })?;
    Ok(stream.end(&mut budget)?)
}

/// An entry of a tar with all that its headers say. Its name is not checked yet.
#[derive(Debug)]
pub(crate) struct TarEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: TarKind,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) owner: Vec<u8>,
    pub(crate) group: Vec<u8>,
    pub(crate) mtime: u64,
    /// The record [`CHECKSUM`] of its extended header.
    pub(crate) checksum: Option<Vec<u8>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TarKind {
    File,
    Directory,
    Symlink(Vec<u8>),
}

/// Where a tar may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TarEnd {
    /// At an empty block, as all do.
    Blocks,
    /// At the end of the stream: it is the beginning of a tar that goes on elsewhere.
    Cut,
}

/// Reads every entry up to the end of the tar; what follows in the stream is the caller's matter.
pub(crate) fn read_tar<E: From<ReadError>>(
    stream: &mut impl Read,
    end: TarEnd,
    budget: &mut Budget,
    visit: &mut impl FnMut(&mut Budget, &TarEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut extensions = Extensions::default();
    while let Some(header) = next_header(stream, end, budget)? {
        let size = header.entry_size().map_err(|_| ReadError::Damaged("a tar header's size"))?;
        let padded = size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
        budget.unpacked(padded)?;
        if extensions.take(header.entry_type(), size, stream, budget)? {
            skip(stream, padded - size)?;
            continue;
        }
        let entry = std::mem::take(&mut extensions).entry(&header, size)?;
        if entry.name.is_empty() {
            // `./`, as Debian's tars begin: the folder that is unpacked into.
            skip(stream, padded)?;
            continue;
        }
        let mut content = Content { inner: stream, left: size };
        visit(budget, &entry, &mut content)?;
        content.drain().map_err(ReadError::Io)?;
        skip(stream, padded - size)?;
    }
    Ok(())
}

/// The next header; `None` at the end, an empty block.
fn next_header(stream: &mut impl Read, end: TarEnd, budget: &mut Budget) -> Result<Option<Header>, ReadError> {
    budget.unpacked(BLOCK as u64)?;
    let mut header = Header::new_old();
    if end == TarEnd::Cut {
        let mut first = Vec::with_capacity(BLOCK);
        stream.take(BLOCK as u64).read_to_end(&mut first)?;
        if first.is_empty() {
            return Ok(None);
        }
        let whole = first.as_slice().try_into().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        *header.as_mut_bytes() = whole;
    } else {
        stream.read_exact(header.as_mut_bytes())?;
    }
    let bytes = header.as_bytes();
    if bytes.iter().all(|&byte| byte == 0) {
        return Ok(None);
    }
    // The sum is of the header with spaces in the sum's place, offset 148 to 156.
    let sum: u32 = bytes.iter().map(|&byte| u32::from(byte)).sum();
    let own: u32 = bytes[148..156].iter().map(|&byte| u32::from(byte)).sum();
    if header.cksum().ok() == Some(sum - own + 8 * u32::from(b' ')) {
        Ok(Some(header))
    } else {
        Err(ReadError::Damaged("a tar header's checksum"))
    }
}

/// The record with which apk-tools marks each file: the SHA-1 of its content in hexadecimal.
pub(crate) const CHECKSUM: &str = "APK-TOOLS.checksum.SHA1";

/// What the entries before an entry say of it.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    checksum: Option<Vec<u8>>,
}

impl Extensions {
    /// Whether this was such an entry; it is then read, but for its padding.
    fn take(
        &mut self,
        kind: EntryType,
        size: u64,
        stream: &mut impl Read,
        budget: &mut Budget,
    ) -> Result<bool, ReadError> {
        let limit = match kind {
            EntryType::GNULongName | EntryType::GNULongLink => MAX_NAME as u64 + 1,
            EntryType::XHeader => MAX_PAX,
            EntryType::XGlobalHeader => return Err(ReadError::Unsupported("a global pax header")),
            _ => return Ok(false),
        };
        if size > limit {
            return Err(ReadError::TooMuchMetadata(limit));
        }
        budget.metadata(size)?;
        let mut content = Vec::new();
        Content { inner: stream, left: size }.read_to_end(&mut content)?;
        match kind {
            EntryType::XHeader => self.take_pax(&content)?,
            _ => {
                let end = content.iter().position(|&byte| byte == 0).unwrap_or(content.len());
                content.truncate(end);
                let long = if kind == EntryType::GNULongName { &mut self.name } else { &mut self.link };
                once(long, content)?;
            }
        }
        Ok(true)
    }

    /// The records of a pax header. A `size` would change what follows, so it is refused.
    fn take_pax(&mut self, content: &[u8]) -> Result<(), ReadError> {
        for extension in PaxExtensions::new(content) {
            let extension = extension.map_err(|_| ReadError::Damaged("a pax header"))?;
            let value = extension.value_bytes().to_vec();
            match extension.key_bytes() {
                b"path" => once(&mut self.name, value)?,
                b"linkpath" => once(&mut self.link, value)?,
                b"size" => return Err(ReadError::Unsupported("a size in a pax header")),
                key if key == CHECKSUM.as_bytes() => once(&mut self.checksum, value)?,
                key if key.starts_with(b"GNU.sparse") => {
                    return Err(ReadError::Unsupported("sparse files"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn entry(self, header: &Header, size: u64) -> Result<TarEntry, ReadError> {
        let name = self.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = match header.entry_type() {
            EntryType::Regular => TarKind::File,
            EntryType::Directory if size == 0 => TarKind::Directory,
            EntryType::Symlink if size == 0 => {
                let target = self.link.or_else(|| header.link_name_bytes().map(Into::into));
                TarKind::Symlink(target.unwrap_or_default())
            }
            _ => return Err(ReadError::NotPlain(readable(&name))),
        };
        let mut plain = name.strip_prefix(b"./").unwrap_or(&name);
        if kind == TarKind::Directory {
            plain = plain.strip_suffix(b"/").unwrap_or(plain);
            plain = if plain == b"." { b"" } else { plain };
        } else if plain.is_empty() {
            return Err(ReadError::Damaged("a file without a name"));
        }
        let mode = header.mode().map_err(|_| ReadError::Damaged("a tar header's mode"))?;
        Ok(TarEntry {
            name: plain.to_vec(),
            kind,
            size,
            mode: mode & 0o7777,
            owner: header.username_bytes().unwrap_or_default().to_vec(),
            group: header.groupname_bytes().unwrap_or_default().to_vec(),
            mtime: header.mtime().map_err(|_| ReadError::Damaged("a tar header's time"))?,
            checksum: self.checksum,
        })
    }
}

fn once(place: &mut Option<Vec<u8>>, value: Vec<u8>) -> Result<(), ReadError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(ReadError::Damaged("two long names for one tar entry")),
    }
}

fn skip(stream: &mut impl Read, size: u64) -> Result<(), ReadError> {
    Ok(Content { inner: stream, left: size }.drain()?)
}

/// A stream that is unpacked as it is read.
pub(crate) enum Decoder<R: BufRead> {
    Gzip(GzDecoder<R>),
    Xz(XzDecoder<R>),
    Zstd(ZstdDecoder<'static, R>),
}

impl<R: BufRead> Decoder<R> {
    pub(crate) fn new(file: R, codec: Codec) -> io::Result<Self> {
        Ok(match codec {
            Codec::Gzip => Decoder::Gzip(GzDecoder::new(file)),
            Codec::Xz => Decoder::Xz(XzDecoder::new_stream(file, Stream::new_stream_decoder(XZ_MEMORY, 0)?)),
            Codec::Zstd => {
                let mut decoder = ZstdDecoder::with_buffer(file)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Decoder::Zstd(decoder)
            }
        })
    }

    /// After the tar's end only zeros may follow, then the stream's end and the file's. It is
    /// the stream's end that holds its checksum.
    pub(crate) fn end(mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let mut buffer = [0; 16 * BLOCK];
        loop {
            let read = self.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            budget.unpacked(read as u64)?;
            if buffer[..read].iter().any(|&byte| byte != 0) {
                return Err(ReadError::TrailingData);
            }
        }
        let mut file = match self {
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Xz(decoder) => decoder.into_inner(),
            Decoder::Zstd(decoder) => decoder.finish(),
        };
        if file.fill_buf()?.is_empty() { Ok(()) } else { Err(ReadError::TrailingData) }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Xz(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
        }
    }
}
