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
    let mut names = LongNames::default();
    while let Some(header) = next_header(&mut stream, &mut budget)? {
        let size = header.entry_size().map_err(|_| ReadError::Damaged("a tar header's size"))?;
        let padded = size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
        budget.unpacked(padded)?;
        let kind = header.entry_type();
        if names.take(kind, size, &mut stream, &mut budget)? {
            skip(&mut stream, padded - size)?;
            continue;
        }
        let entry = names.entry(&header, size)?;
        if entry.name.is_empty() {
            // `./`, as Debian's tars begin: the folder that is unpacked into.
            skip(&mut stream, padded)?;
            continue;
        }
        budget.entry(&entry)?;
        let mut content = Content { inner: &mut stream, left: size };
        visit(&entry, &mut content)?;
        content.drain().map_err(ReadError::Io)?;
        skip(&mut stream, padded - size)?;
    }
    Ok(stream.end(&mut budget)?)
}

/// The next header; `None` at the end, an empty block.
fn next_header(stream: &mut impl Read, budget: &mut Budget) -> Result<Option<Header>, ReadError> {
    budget.unpacked(BLOCK as u64)?;
    let mut header = Header::new_old();
    stream.read_exact(header.as_mut_bytes())?;
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

/// What the entries before an entry say of it.
#[derive(Default)]
struct LongNames {
    name: Option<Vec<u8>>,
}

impl LongNames {
    /// Whether this was such an entry; it is then read, but for its padding.
    fn take(
        &mut self,
        kind: EntryType,
        size: u64,
        stream: &mut impl Read,
        budget: &mut Budget,
    ) -> Result<bool, ReadError> {
        let limit = match kind {
            EntryType::GNULongName => MAX_NAME as u64 + 1,
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
        let name = if kind == EntryType::GNULongName {
            let end = content.iter().position(|&byte| byte == 0).unwrap_or(content.len());
            content.truncate(end);
            Some(content)
        } else {
            pax_name(&content)?
        };
        if name.is_some() && self.name.is_some() {
            return Err(ReadError::Damaged("two long names for one tar entry"));
        }
        self.name = name.or(self.name.take());
        Ok(true)
    }

    fn entry(&mut self, header: &Header, size: u64) -> Result<ArchivedEntry, ReadError> {
        let name = self.name.take().unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = match header.entry_type() {
            EntryType::Regular => EntryKind::File,
            EntryType::Directory if size == 0 => EntryKind::Directory,
            _ => return Err(ReadError::NotPlain(readable(&name))),
        };
        let mut plain = name.strip_prefix(b"./").unwrap_or(&name);
        if kind == EntryKind::Directory {
            plain = plain.strip_suffix(b"/").unwrap_or(plain);
            plain = if plain == b"." { b"" } else { plain };
        } else if plain.is_empty() {
            return Err(ReadError::Damaged("a file without a name"));
        }
        let mode = header.mode().map_err(|_| ReadError::Damaged("a tar header's mode"))?;
        Ok(ArchivedEntry { name: plain.to_vec(), kind, size, mode: Some(mode & 0o7777) })
    }
}

/// The `path` of a pax header. A `size` would change what follows, so it is refused.
fn pax_name(content: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
    let mut name = None;
    for extension in PaxExtensions::new(content) {
        let extension = extension.map_err(|_| ReadError::Damaged("a pax header"))?;
        match extension.key_bytes() {
            b"path" => name = Some(extension.value_bytes().to_vec()),
            b"size" => return Err(ReadError::Unsupported("a size in a pax header")),
            key if key.starts_with(b"GNU.sparse") => {
                return Err(ReadError::Unsupported("sparse files"));
            }
            _ => {}
        }
    }
    Ok(name)
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
