//! Tar, alone or in one compressed stream (POSIX ustar and pax, GNU's long names). Headers are
//! read one by one, so that a long name's length is checked before it is held in memory.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;
use tar::{EntryType, Header, PaxExtensions};

use super::names::MAX_NAME;
use super::{Budget, Content, Entry, Error, Format, Kind, shown};

const BLOCK: usize = 512;
/// The largest extended header: two names and some numbers.
const MAX_EXTENDED: u64 = 4 * MAX_NAME as u64;
/// What decoders may take: `xz -9` needs 65 MiB, `zstd -22` 128 MiB.
const XZ_MEMORY: u64 = 128 << 20;
const ZSTD_WINDOW_LOG: u32 = 27;

pub(super) fn read<R: BufRead, E: From<Error>>(
    file: R,
    format: Format,
    mut budget: Budget,
    visit: &mut impl FnMut(&Entry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = decoder(file, format).map_err(Error::Io)?;
    let mut extensions = Extensions::default();
    while let Some(header) = next_header(&mut stream, &mut budget)? {
        let size = header.entry_size().map_err(|_| damaged("the size in a header"))?;
        let padded = size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64);
        budget.unpacked(padded)?;
        if extensions.take(header.entry_type(), size, &mut stream, &mut budget)? {
            skip(&mut stream, padded - size)?;
            continue;
        }
        let Some(entry) = std::mem::take(&mut extensions).entry(&header, size)? else {
            // `./`: the folder itself that is unpacked into.
            skip(&mut stream, padded)?;
            continue;
        };
        budget.entry(&entry)?;
        let mut content = Content { inner: &mut stream, left: size };
        visit(&entry, &mut content)?;
        content.drain().map_err(Error::Io)?;
        skip(&mut stream, padded - size)?;
    }
    Ok(end(stream, &mut budget)?)
}

fn decoder<'a, R: BufRead + 'a>(file: R, format: Format) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match format {
        Format::TarGz => Box::new(GzDecoder::new(file)),
        Format::TarXz => Box::new(XzDecoder::new_stream(file, Stream::new_stream_decoder(XZ_MEMORY, 0)?)),
        Format::TarZst => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(file)?.single_frame();
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
        Format::Tar | Format::Zip => Box::new(file),
    })
}

/// The next header; none at the end, an empty block.
fn next_header(stream: &mut impl Read, budget: &mut Budget) -> Result<Option<Header>, Error> {
    budget.unpacked(BLOCK as u64)?;
    let mut header = Header::new_old();
    stream.read_exact(header.as_mut_bytes())?;
    let bytes = header.as_bytes();
    if bytes.iter().all(|&byte| byte == 0) {
        return Ok(None);
    }
    // The sum is of the header with blanks in the sum's place, offset 148 to 156.
    let sum: u32 = bytes.iter().map(|&byte| u32::from(byte)).sum();
    let own: u32 = bytes[148..156].iter().map(|&byte| u32::from(byte)).sum();
    if header.cksum().ok() == Some(sum - own + 8 * u32::from(b' ')) {
        Ok(Some(header))
    } else {
        Err(damaged("the checksum of a header"))
    }
}

/// What follows an archive's end must be empty blocks; behind them is the stream's checksum.
fn end(mut stream: impl Read, budget: &mut Budget) -> Result<(), Error> {
    let mut buffer = [0; 16 * BLOCK];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        budget.unpacked(read as u64)?;
        if buffer[..read].iter().any(|&byte| byte != 0) {
            return Err(damaged("it goes on behind its end"));
        }
    }
}

/// What the entries before an entry say of it.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

impl Extensions {
    /// Whether this was such an entry; it is then read, but for its padding.
    fn take(&mut self, kind: EntryType, size: u64, stream: &mut impl Read, budget: &mut Budget) -> Result<bool, Error> {
        let limit = match kind {
            EntryType::GNULongName | EntryType::GNULongLink => MAX_NAME as u64 + 1,
            // A global one holds the commit, where git made the archive.
            EntryType::XHeader | EntryType::XGlobalHeader => MAX_EXTENDED,
            _ => return Ok(false),
        };
        if size > limit {
            return Err(Error::TooLong(limit));
        }
        budget.names(size)?;
        let mut content = Vec::new();
        Content { inner: stream, left: size }.read_to_end(&mut content)?;
        match kind {
            EntryType::XHeader | EntryType::XGlobalHeader => self.extended(&content, kind)?,
            _ => {
                let end = content.iter().position(|&byte| byte == 0).unwrap_or(content.len());
                content.truncate(end);
                once(if kind == EntryType::GNULongName { &mut self.name } else { &mut self.link }, content)?;
            }
        }
        Ok(true)
    }

    /// The records of an extended header. What would change how others are read is refused.
    fn extended(&mut self, content: &[u8], kind: EntryType) -> Result<(), Error> {
        for record in PaxExtensions::new(content) {
            let record = record.map_err(|_| damaged("an extended header"))?;
            let value = record.value_bytes().to_vec();
            match record.key_bytes() {
                b"path" | b"linkpath" if kind == EntryType::XGlobalHeader => {
                    return Err(Error::Unsupported("one path for all entries"));
                }
                b"path" => once(&mut self.name, value)?,
                b"linkpath" => once(&mut self.link, value)?,
                b"size" => return Err(Error::Unsupported("a size in an extended header")),
                key if key.starts_with(b"GNU.sparse") => return Err(Error::Unsupported("sparse files")),
                _ => {}
            }
        }
        Ok(())
    }

    /// The entry; none for the folder that all lies in.
    fn entry(self, header: &Header, size: u64) -> Result<Option<Entry>, Error> {
        let name = self.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = match header.entry_type() {
            EntryType::Regular | EntryType::Continuous => {
                let mode = header.mode().map_err(|_| damaged("the mode in a header"))?;
                Kind::File { size, executable: mode & 0o111 != 0 }
            }
            EntryType::Directory if size == 0 => Kind::Folder,
            EntryType::Symlink if size == 0 => {
                let target = self.link.or_else(|| header.link_name_bytes().map(Into::into));
                Kind::Link { target: target.unwrap_or_default() }
            }
            _ => return Err(Error::Special(shown(&name))),
        };
        let mut path = name.strip_prefix(b"./").unwrap_or(&name);
        if kind == Kind::Folder {
            path = path.strip_suffix(b"/").unwrap_or(path);
            if matches!(path, b"" | b".") {
                return Ok(None);
            }
        }
        Ok(Some(Entry { path: path.to_vec(), kind }))
    }
}

fn once(place: &mut Option<Vec<u8>>, value: Vec<u8>) -> Result<(), Error> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(damaged("two long names for one entry")),
    }
}

fn skip(stream: &mut impl Read, size: u64) -> Result<(), Error> {
    Ok(Content { inner: stream, left: size }.drain()?)
}

fn damaged(what: &str) -> Error {
    Error::Damaged(what.to_owned())
}
