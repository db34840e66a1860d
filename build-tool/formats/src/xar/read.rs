//! Reads xar that came from outside: the table's checksum first, then files only where they lie within the
//! heap, apart from each other, with nothing behind them. Every content is held against both its checksums.

use super::write::hex;
use super::{CHECKSUM_SHA1, DEFLATED, HEADER_SIZE, MAGIC, SHA1_SIZE, STORED, VERSION};
use crate::big_endian::{u16_at, u32_at, u64_at};
use crate::read_archive::{Budget, Limits, ReadError};
use crate::xml;
use flate2::bufread::ZlibDecoder;
use roxmltree::Node;
use sha1::{Digest, Sha1};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use untrusted_archive::Content;

/// The unpacked table of a large package has some ten kilobytes.
const MAX_TABLE: u64 = 1 << 20;
const MAX_DEPTH: usize = 16;

/// An open archive.
pub struct Xar<R> {
    file: R,
    heap: u64,
    entries: Vec<XarEntry>,
    signed: bool,
}

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XarEntry {
    /// A safe relative path.
    pub path: String,
    /// Unpacked bytes.
    pub size: u64,
    stored: (u64, u64),
    deflated: bool,
    sha1: String,
    stored_sha1: String,
}

impl<R: Read + Seek> Xar<R> {
    /// Reads and checks the table of contents.
    ///
    /// # Errors
    /// It is no xar, its table is damaged, or it goes over the limits.
    pub fn open(mut file: R, limits: Limits) -> Result<Self, ReadError> {
        let mut budget = Budget::new(limits);
        let end = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        let mut header = [0; HEADER_SIZE as usize];
        file.read_exact(&mut header)?;
        let (Some(size), Some(version), Some(packed), Some(unpacked), Some(checksum)) =
            (u16_at(&header, 4), u16_at(&header, 6), u64_at(&header, 8), u64_at(&header, 16), u32_at(&header, 24))
        else {
            return Err(damaged());
        };
        if !header.starts_with(MAGIC) || version != VERSION {
            return Err(damaged());
        }
        if size != HEADER_SIZE || checksum != CHECKSUM_SHA1 {
            return Err(ReadError::Unsupported("another checksum than SHA-1 for its table of contents"));
        }
        if unpacked > MAX_TABLE || packed > MAX_TABLE {
            return Err(ReadError::TooMuchMetadata(MAX_TABLE));
        }
        budget.metadata(packed)?;
        budget.metadata(unpacked)?;
        let heap = u64::from(HEADER_SIZE) + packed;
        let mut table = vec![0; packed as usize];
        file.read_exact(&mut table)?;
        let mut sum = [0; SHA1_SIZE as usize];
        file.read_exact(&mut sum)?;
        if Sha1::digest(&table).as_slice() != sum {
            return Err(ReadError::WrongContent("the table of contents".to_owned()));
        }
        let table = inflate(&table, unpacked)?;
        let document = xml::parse(&table, "the xar's table of contents")?;
        let toc = xml::child(document.root_element(), "toc").ok_or(damaged())?;
        let mut places = vec![place(xml::child(toc, "checksum").ok_or(damaged())?, "size")?];
        if places[0] != (0, SHA1_SIZE) {
            return Err(ReadError::Damaged("the place of the xar's checksum"));
        }
        let mut signed = false;
        for signature in toc.children().filter(|node| matches!(node.tag_name().name(), "signature" | "x-signature")) {
            places.push(place(signature, "size")?);
            signed = true;
        }
        let mut entries = Vec::new();
        collect(toc, "", MAX_DEPTH, &mut budget, &mut entries)?;
        places.extend(entries.iter().map(|entry: &XarEntry| entry.stored));
        fill(places, end - heap)?;
        Ok(Self { file, heap, entries, signed })
    }

    /// The files, in the table's order.
    pub fn entries(&self) -> &[XarEntry] {
        &self.entries
    }

    /// Whether the table has a signature. It is not checked.
    pub fn is_signed(&self) -> bool {
        self.signed
    }

    /// Gives a file's unpacked content to `read`, and then checks it: what was made of it counts only when this is `Ok`.
    ///
    /// # Errors
    /// Those of `read`, or the content has not the size or the checksums of the table.
    pub fn content<T, E: From<ReadError>>(
        &mut self,
        entry: &XarEntry,
        read: impl FnOnce(&mut dyn Read) -> Result<T, E>,
    ) -> Result<T, E> {
        let (offset, length) = entry.stored;
        self.file.seek(SeekFrom::Start(self.heap + offset)).map_err(ReadError::Io)?;
        let stored = Content::new(&mut self.file, length);
        let stored = BufReader::with_capacity(1 << 16, Summing { inner: stored, size: 0, sha1: Sha1::new() });
        let decoder =
            if entry.deflated { Decoder::Deflated(ZlibDecoder::new(stored)) } else { Decoder::Stored(stored) };
        let mut unpacked = Summing { inner: decoder, size: 0, sha1: Sha1::new() };
        let made = read(&mut (&mut unpacked).take(entry.size))?;
        let wrong = || ReadError::WrongContent(entry.path.clone());
        // One more byte than promised is enough to see that there are too many.
        let left = entry.size.saturating_sub(unpacked.size).saturating_add(1);
        io::copy(&mut (&mut unpacked).take(left), &mut io::sink()).map_err(ReadError::Io)?;
        let (size, sha1) = (unpacked.size, hex(unpacked.sha1));
        let mut stored = match unpacked.inner {
            Decoder::Stored(stored) => stored,
            Decoder::Deflated(decoder) => decoder.into_inner(),
        };
        let trailing = !stored.fill_buf().map_err(ReadError::Io)?.is_empty();
        let stored = stored.into_inner();
        if size != entry.size || sha1 != entry.sha1 || trailing || hex(stored.sha1) != entry.stored_sha1 {
            return Err(wrong().into());
        }
        Ok(made)
    }

    /// A file's unpacked content, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// It is larger or damaged.
    pub fn bytes(&mut self, entry: &XarEntry, limit: u64) -> Result<Vec<u8>, ReadError> {
        if entry.size > limit {
            return Err(ReadError::TooMuchMetadata(limit));
        }
        self.content(entry, |content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }
}

fn damaged() -> ReadError {
    ReadError::Damaged("the xar's table of contents")
}

fn inflate(packed: &[u8], size: u64) -> Result<Vec<u8>, ReadError> {
    let mut unpacked = Vec::new();
    let mut decoder = ZlibDecoder::new(packed);
    decoder.by_ref().take(size + 1).read_to_end(&mut unpacked)?;
    if unpacked.len() as u64 == size && decoder.into_inner().is_empty() { Ok(unpacked) } else { Err(damaged()) }
}

/// The files below a folder. Directories have an entry in the budget only.
fn collect(
    folder: Node<'_, '_>,
    above: &str,
    depth: usize,
    budget: &mut Budget,
    entries: &mut Vec<XarEntry>,
) -> Result<(), ReadError> {
    if depth == 0 {
        return Err(ReadError::Unsupported("folders in folders in folders"));
    }
    for node in folder.children().filter(|node| node.has_tag_name("file")) {
        let name = xml::text(node, "name").ok_or(damaged())?;
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        budget.named(path.as_bytes())?;
        match xml::text(node, "type") {
            Some("directory") => collect(node, &path, depth - 1, budget, entries)?,
            Some("file") if !name.contains('/') => entries.push(entry(node, path)?),
            _ => return Err(ReadError::NotPlain(path)),
        }
    }
    Ok(())
}

fn entry(node: Node<'_, '_>, path: String) -> Result<XarEntry, ReadError> {
    let data = xml::child(node, "data").ok_or(damaged())?;
    let deflated = match xml::child(data, "encoding").and_then(|encoding| encoding.attribute("style")) {
        Some(STORED) => false,
        Some(DEFLATED) => true,
        _ => return Err(ReadError::Unsupported("a compression other than zlib's in the xar")),
    };
    let sum = |name: &str| {
        let sum = xml::child(data, name).ok_or(damaged())?;
        match (sum.attribute("style"), sum.text()) {
            (Some("sha1" | "SHA1"), Some(text)) => Ok(text.trim().to_ascii_lowercase()),
            _ => Err(ReadError::Unsupported("another checksum than SHA-1 for a file in the xar")),
        }
    };
    let (sha1, stored_sha1) = (sum("extracted-checksum")?, sum("archived-checksum")?);
    Ok(XarEntry { path, size: number(data, "size")?, stored: place(data, "length")?, deflated, sha1, stored_sha1 })
}

/// Offset and length in the heap.
fn place(node: Node<'_, '_>, length: &str) -> Result<(u64, u64), ReadError> {
    Ok((number(node, "offset")?, number(node, length)?))
}

fn number(node: Node<'_, '_>, name: &str) -> Result<u64, ReadError> {
    xml::text(node, name).and_then(|text| text.parse().ok()).ok_or(damaged())
}

/// Whether the places lie apart from each other, and the last ends where the heap does.
fn fill(mut places: Vec<(u64, u64)>, heap: u64) -> Result<(), ReadError> {
    places.sort_unstable();
    let mut end = 0;
    for (offset, length) in places {
        if offset < end {
            return Err(ReadError::Damaged("two files of the xar that overlap"));
        }
        end = offset.checked_add(length).filter(|end| *end <= heap).ok_or(damaged())?;
    }
    if end == heap { Ok(()) } else { Err(ReadError::TrailingData) }
}

enum Decoder<R: BufRead> {
    Stored(R),
    Deflated(ZlibDecoder<R>),
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoder::Stored(stored) => stored.read(buffer),
            Decoder::Deflated(decoder) => decoder.read(buffer),
        }
    }
}

struct Summing<R: Read> {
    inner: R,
    size: u64,
    sha1: Sha1,
}

impl<R: Read> Read for Summing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sha1.update(&buffer[..read]);
        self.size += read as u64;
        Ok(read)
    }
}
