//! Reads a disk image that came from outside: every run within the data, the runs one behind the other, nothing
//! between data, list and trailer, and every checksum.

use super::{
    CHECKSUM_FIELD, COMMENT, CRC32, DEFLATED, END, IGNORED, RUN_SIZE, SECTOR, STORED, TABLE, TABLE_HEADER,
    TABLE_VERSION, TRAILER, TRAILER_SIZE, TRAILER_VERSION, ZEROS,
};
use crate::big_endian::{slice_at, u32_at, u64_at};
use crate::read_archive::{Budget, Limits, ReadError};
use crate::xml;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use roxmltree::Node;
use std::io::{self, Read, Seek, SeekFrom};

/// The largest chunk, 4 MiB: four times `hdiutil`'s.
const MAX_CHUNK: u64 = 8192;
/// The list of an image of 16 GiB with chunks of 256 KiB.
const MAX_LIST: u64 = 8 << 20;

/// An open image, read as the disk that is in it.
pub struct Udif<R> {
    file: R,
    runs: Vec<Run>,
    size: u64,
    position: u64,
    chunk: Vec<u8>,
    /// Which run is unpacked in `chunk`.
    unpacked: Option<usize>,
    data_crc: Crc,
}

#[derive(Clone, Copy)]
struct Run {
    kind: u32,
    sector: u64,
    sectors: u64,
    offset: u64,
    length: u64,
}

struct Trailer {
    data: u64,
    list: (u64, u64),
    data_crc: u32,
    master_crc: u32,
    sectors: u64,
}

impl<R: Read + Seek> Udif<R> {
    /// Reads the trailer and the table, and then the whole disk once for its checksums.
    ///
    /// # Errors
    /// It is no image of one disk in chunks of zlib, is damaged, or goes over the limits.
    pub fn open(mut file: R, limits: Limits) -> Result<Self, ReadError> {
        let mut budget = Budget::new(limits);
        let trailer = Trailer::read(&mut file)?;
        if trailer.list.1 > MAX_LIST {
            return Err(ReadError::TooMuchMetadata(MAX_LIST));
        }
        budget.metadata(trailer.list.1)?;
        file.seek(SeekFrom::Start(trailer.list.0))?;
        let mut list = vec![0; trailer.list.1 as usize];
        file.read_exact(&mut list)?;
        let table = table(&list)?;
        let disk_crc = checksum(&table, TABLE_HEADER - 4 - CHECKSUM_FIELD).ok_or(damaged())?;
        let mut master = Crc::new();
        master.update(&disk_crc.to_be_bytes());
        if master.sum() != trailer.master_crc {
            return Err(wrong("the image's checksum"));
        }
        let runs = runs(&table, &trailer)?;
        let size = trailer.sectors.checked_mul(SECTOR).ok_or(damaged())?;
        budget.unpacked(size)?;
        let (chunk, data_crc) = (Vec::new(), Crc::new());
        let mut udif = Self { file, runs, size, position: 0, chunk, unpacked: None, data_crc };
        udif.verify(disk_crc, trailer.data_crc)?;
        Ok(udif)
    }

    /// Bytes of the disk.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn verify(&mut self, disk: u32, data: u32) -> Result<(), ReadError> {
        let (mut crc, zeros) = (Crc::new(), [0; 1 << 16]);
        for at in 0..self.runs.len() {
            let mut bytes = self.runs[at].sectors * SECTOR;
            if self.unpack(at)? {
                crc.update(&self.chunk);
                continue;
            }
            while bytes > 0 {
                let part = bytes.min(zeros.len() as u64);
                crc.update(&zeros[..part as usize]);
                bytes -= part;
            }
        }
        if crc.sum() != disk || self.data_crc.sum() != data {
            return Err(wrong("the disk"));
        }
        Ok(())
    }

    /// Unpacks a run into `chunk`; `false` if it is zeros.
    fn unpack(&mut self, at: usize) -> Result<bool, ReadError> {
        let run = self.runs[at];
        if matches!(run.kind, ZEROS | IGNORED) {
            return Ok(false);
        }
        if self.unpacked == Some(at) {
            return Ok(true);
        }
        self.unpacked = None;
        let mut packed = vec![0; run.length as usize];
        self.file.seek(SeekFrom::Start(run.offset))?;
        self.file.read_exact(&mut packed)?;
        self.data_crc.update(&packed);
        let size = (run.sectors * SECTOR) as usize;
        if run.kind == STORED {
            self.chunk = packed;
        } else {
            self.chunk.clear();
            self.chunk.reserve_exact(size);
            let mut inflate = Decompress::new(true);
            let status = inflate.decompress_vec(&packed, &mut self.chunk, FlushDecompress::Finish);
            if status.ok() != Some(Status::StreamEnd) || inflate.total_in() != run.length {
                return Err(wrong("a chunk of the disk"));
            }
        }
        if self.chunk.len() != size {
            return Err(wrong("a chunk of the disk"));
        }
        self.unpacked = Some(at);
        Ok(true)
    }
}

impl<R: Read + Seek> Read for Udif<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let sector = self.position / SECTOR;
        let at = self.runs.partition_point(|run| run.sector <= sector) - 1;
        let run = self.runs[at];
        let within = self.position - run.sector * SECTOR;
        let left = run.sectors * SECTOR - within;
        let read = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        if self.unpack(at).map_err(io::Error::other)? {
            let within = within as usize;
            buffer[..read].copy_from_slice(&self.chunk[within..within + read]);
        } else {
            buffer[..read].fill(0);
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl<R> Seek for Udif<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(from) => self.size.checked_add_signed(from),
            SeekFrom::Current(from) => self.position.checked_add_signed(from),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

fn damaged() -> ReadError {
    ReadError::Damaged("the image's table")
}

fn wrong(what: &str) -> ReadError {
    ReadError::WrongContent(what.to_owned())
}

/// The CRC-32 of a checksum field.
fn checksum(bytes: &[u8], at: usize) -> Option<u32> {
    (u32_at(bytes, at)? == CRC32 && u32_at(bytes, at + 4)? == 32).then(|| u32_at(bytes, at + 8))?
}

impl Trailer {
    fn read<R: Read + Seek>(file: &mut R) -> Result<Self, ReadError> {
        let damaged = || ReadError::Damaged("the image's trailer");
        let end = file.seek(SeekFrom::End(0))?;
        let at = end.checked_sub(TRAILER_SIZE as u64).ok_or(damaged())?;
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = [0; TRAILER_SIZE];
        file.read_exact(&mut bytes)?;
        Self::parse(&bytes, at).ok_or(damaged())
    }

    /// Data, list, perhaps a signature, trailer: nothing else is in the file.
    fn parse(bytes: &[u8], at: u64) -> Option<Self> {
        let number = |at| u64_at(bytes, at);
        let small = |at| u32_at(bytes, at);
        let form = bytes.starts_with(TRAILER) && small(4)? == TRAILER_VERSION && small(8)? == TRAILER_SIZE as u32;
        let whole = number(16)? == 0 && number(24)? == 0 && number(48)? == 0 && small(60)? <= 1;
        let (data, list) = (number(32)?, (number(216)?, number(224)?));
        let list_end = list.0.checked_add(list.1)?;
        let signature = (number(296)?, number(304)?);
        let end = if signature.1 > 0 { signature.0.checked_add(signature.1)? } else { list_end };
        let follows = list.0 == data && (signature.1 == 0 || signature.0 == list_end) && end == at;
        let (data_crc, master_crc, sectors) = (checksum(bytes, 80)?, checksum(bytes, 352)?, number(492)?);
        (form && whole && follows).then_some(Self { data, list, data_crc, master_crc, sectors })
    }
}

/// The one table of the list.
fn table(list: &[u8]) -> Result<Vec<u8>, ReadError> {
    let list = without_doctype(list).ok_or(damaged())?;
    let document = xml::parse(list.as_bytes(), "the image's property list")?;
    let root = xml::child(document.root_element(), "dict").ok_or(damaged())?;
    let resources = value(root, "resource-fork").ok_or(damaged())?;
    let blocks = value(resources, "blkx").ok_or(damaged())?;
    let mut tables = blocks.children().filter(Node::is_element);
    let (Some(table), None) = (tables.next(), tables.next()) else {
        return Err(ReadError::Unsupported("several partitions"));
    };
    let data = value(table, "Data").and_then(|data| data.text()).ok_or(damaged())?;
    base64(data).ok_or(damaged())
}

/// Property lists name their document type, which is parsed by nobody: it is left away, so that it cannot define entities.
fn without_doctype(list: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(list).ok()?;
    let Some((before, rest)) = text.split_once("<!DOCTYPE") else { return Some(text.to_owned()) };
    let (doctype, after) = rest.split_once('>')?;
    (!doctype.contains('[')).then(|| [before, after].concat())
}

/// What stands behind a key of a dictionary.
fn value<'a, 'i>(dictionary: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    let mut elements = dictionary.children().filter(Node::is_element);
    elements.find(|node| node.has_tag_name("key") && node.text() == Some(name))?;
    elements.next()
}

/// RFC 4648, 4, with space anywhere.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=');
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0);
    for digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

/// The runs without comments and the end, which together are the disk.
fn runs(table: &[u8], trailer: &Trailer) -> Result<Vec<Run>, ReadError> {
    let number = |at| u64_at(table, at);
    let head = table.starts_with(TABLE)
        && u32_at(table, 4) == Some(TABLE_VERSION)
        && (number(8), number(16), number(24)) == (Some(0), Some(trailer.sectors), Some(0));
    let count = u32_at(table, TABLE_HEADER - 4).ok_or(damaged())?;
    let all = (count as usize).checked_mul(RUN_SIZE).and_then(|size| slice_at(table, TABLE_HEADER, size));
    let all = all.filter(|all| head && all.len() + TABLE_HEADER == table.len()).ok_or(damaged())?;
    let (mut runs, mut sector, mut end, mut ended) = (Vec::new(), 0_u64, 0_u64, false);
    for bytes in all.chunks_exact(RUN_SIZE) {
        let run = Run::read(bytes).ok_or(damaged())?;
        if ended || run.sector != sector {
            return Err(damaged());
        }
        let small = run.sectors <= MAX_CHUNK && run.sectors > 0;
        match run.kind {
            COMMENT => continue,
            END => {
                ended = true;
                continue;
            }
            ZEROS | IGNORED if run.sectors > 0 => {}
            STORED if small && run.length == run.sectors * SECTOR => {}
            DEFLATED if small && run.length <= run.sectors * SECTOR => {}
            ZEROS | IGNORED | STORED | DEFLATED => return Err(damaged()),
            _ => return Err(ReadError::Unsupported("another compression than zlib's")),
        }
        sector = sector.checked_add(run.sectors).ok_or(damaged())?;
        if !matches!(run.kind, ZEROS | IGNORED) {
            // In order and without gaps, so that the data's checksum is that of the runs.
            if run.offset != end {
                return Err(damaged());
            }
            end = end.checked_add(run.length).ok_or(damaged())?;
        }
        runs.push(run);
    }
    if ended && sector == trailer.sectors && end == trailer.data && sector > 0 { Ok(runs) } else { Err(damaged()) }
}

impl Run {
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            kind: u32_at(bytes, 0)?,
            sector: u64_at(bytes, 8)?,
            sectors: u64_at(bytes, 16)?,
            offset: u64_at(bytes, 24)?,
            length: u64_at(bytes, 32)?,
        })
    }
}
