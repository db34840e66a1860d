//! Writes a compound file of version 3 in one go: every stream lies in one piece, the tables follow them, and only the
//! header waits for the end.

use std::io::{self, Seek, SeekFrom, Write};

use super::{
    CUTOFF, DIFAT_SECTOR, DIRECTORY_ENTRY, END_OF_CHAIN, FAT_SECTOR, FREE, HEADER, HEADER_DIFAT, NONE, ROOT, SECTOR,
    SIGNATURE, SMALL_SECTOR, STREAM,
};
use crate::msi::MsiError;

/// From here on sectors of version 3 would reach the place that \[MS-CFB\] 2.7 keeps free for locks.
const MAX_LENGTH: u64 = 0x7FFF_FF00;

const PER_SECTOR: u64 = SECTOR / 4;

/// A stream that was written.
struct Stream {
    name: Vec<u16>,
    start: u32,
    size: u64,
}

/// Streams go in one after the other; [`CompoundWriter::finish`] makes a file of them.
pub(in crate::msi) struct CompoundWriter<W: Write + Seek> {
    out: W,
    streams: Vec<Stream>,
    /// The lengths in sectors of the chains so far, which follow each other without a gap.
    chains: Vec<u64>,
    small: Vec<u8>,
    small_chains: Vec<u64>,
}

impl<W: Write + Seek> CompoundWriter<W> {
    pub(in crate::msi) fn new(mut out: W) -> io::Result<Self> {
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&[0; HEADER as usize])?;
        Ok(Self { out, streams: Vec::new(), chains: Vec::new(), small: Vec::new(), small_chains: Vec::new() })
    }

    /// Adds a stream that is in memory. Its name has at most 31 UTF-16 units and is there once.
    pub(in crate::msi) fn stream(&mut self, name: &str, bytes: &[u8]) -> Result<(), MsiError> {
        let name = name.encode_utf16().collect();
        let size = bytes.len() as u64;
        if size >= CUTOFF {
            let start = self.next_sector();
            self.out.write_all(bytes)?;
            self.end_chain(size)?;
            self.streams.push(Stream { name, start, size });
        } else {
            let start = if size == 0 { END_OF_CHAIN } else { (self.small.len() as u64 / SMALL_SECTOR) as u32 };
            self.small.extend_from_slice(bytes);
            self.small.resize(self.small.len().next_multiple_of(SMALL_SECTOR as usize), 0);
            self.small_chains.push(size.div_ceil(SMALL_SECTOR));
            self.streams.push(Stream { name, start, size });
        }
        Ok(())
    }

    /// Adds a stream that `fill` writes from where `out` stands to where it leaves it: at least 4096 bytes, for which it
    /// has to see itself.
    pub(in crate::msi) fn large_stream<T>(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut W) -> Result<T, MsiError>,
    ) -> Result<T, MsiError> {
        let start = self.next_sector();
        let before = self.out.stream_position()?;
        let result = fill(&mut self.out)?;
        let size = self.out.stream_position()? - before;
        self.end_chain(size)?;
        self.streams.push(Stream { name: name.encode_utf16().collect(), start, size });
        Ok(result)
    }

    /// Writes the tables and the header.
    pub(in crate::msi) fn finish(mut self, class: [u8; 16]) -> Result<W, MsiError> {
        let small = std::mem::take(&mut self.small);
        let (small_start, small_size) = (self.chain_start(small.len()), small.len() as u64);
        self.chain(&small)?;
        let small_table = table(&self.small_chains, 0, 0);
        let (small_table_start, small_table_sectors) = (self.chain_start(small_table.len()), sectors(&small_table));
        self.chain(&small_table)?;
        let root = Stream { name: "Root Entry".encode_utf16().collect(), start: small_start, size: small_size };
        let directory = directory(root, class, std::mem::take(&mut self.streams));
        let directory_start = self.next_sector();
        self.chain(&directory)?;

        // The table has entries for its own sectors and for those of the DIFAT, too.
        let used = u64::from(self.next_sector());
        let (mut fat, mut difat) = (0, 0);
        loop {
            let needed = (used + fat + difat).div_ceil(PER_SECTOR);
            let needed_difat = needed.saturating_sub(HEADER_DIFAT as u64).div_ceil(PER_SECTOR - 1);
            if (needed, needed_difat) == (fat, difat) {
                break;
            }
            (fat, difat) = (needed, needed_difat);
        }
        if HEADER + (used + fat + difat) * SECTOR > MAX_LENGTH {
            return Err(MsiError::TooLarge("the package would be longer than 2 GiB"));
        }
        self.out.write_all(&table(&self.chains, fat, difat))?;
        let numbers: Vec<u32> = (used..used + fat).map(|sector| sector as u32).collect();
        let (in_header, others) = numbers.split_at(numbers.len().min(HEADER_DIFAT));
        let difat_start = used + fat;
        for (at, part) in others.chunks(PER_SECTOR as usize - 1).enumerate() {
            let mut sector: Vec<u32> = part.to_vec();
            sector.resize(PER_SECTOR as usize - 1, FREE);
            let next = at as u64 + 1;
            sector.push(if next < difat { (difat_start + next) as u32 } else { END_OF_CHAIN });
            self.out.write_all(&bytes(&sector))?;
        }
        let end = self.out.stream_position()?;

        let mut header = SIGNATURE.to_vec();
        header.extend_from_slice(&[0; 16]);
        // Minor and major version, byte order, the logarithms of both sizes of sectors (2.2).
        for number in [0x3E_u16, 3, 0xFFFE, 9, 6, 0, 0, 0] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        let small_start = if small_table_sectors == 0 { END_OF_CHAIN } else { small_table_start };
        let difat_first = if difat == 0 { END_OF_CHAIN } else { difat_start as u32 };
        let numbers = [0, fat as u32, directory_start, 0, CUTOFF as u32, small_start, small_table_sectors];
        header.extend_from_slice(&bytes(&numbers));
        header.extend_from_slice(&bytes(&[difat_first, difat as u32]));
        header.extend_from_slice(&bytes(in_header));
        header.resize(HEADER as usize, 0xFF);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.seek(SeekFrom::Start(end))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn next_sector(&self) -> u32 {
        self.chains.iter().sum::<u64>() as u32
    }

    fn chain_start(&self, length: usize) -> u32 {
        if length == 0 { END_OF_CHAIN } else { self.next_sector() }
    }

    fn chain(&mut self, bytes: &[u8]) -> Result<(), MsiError> {
        self.out.write_all(bytes)?;
        self.end_chain(bytes.len() as u64)
    }

    /// Fills the last sector up.
    fn end_chain(&mut self, size: u64) -> Result<(), MsiError> {
        self.out.write_all(&vec![0; (size.next_multiple_of(SECTOR) - size) as usize])?;
        self.chains.push(size.div_ceil(SECTOR));
        // So that numbers of sectors always have their 32 bits.
        if self.chains.iter().sum::<u64>() * SECTOR > MAX_LENGTH {
            return Err(MsiError::TooLarge("the package would be longer than 2 GiB"));
        }
        Ok(())
    }
}

/// The table of chains that lie one after the other, then its own sectors and the DIFAT's, in whole sectors.
fn table(chains: &[u64], own: u64, difat: u64) -> Vec<u8> {
    let mut next = 0;
    let mut table = Vec::new();
    for &length in chains.iter().filter(|length| **length > 0) {
        table.extend((next + 1..next + length).map(|sector| sector as u32));
        table.push(END_OF_CHAIN);
        next += length;
    }
    table.extend((0..own).map(|_| FAT_SECTOR));
    table.extend((0..difat).map(|_| DIFAT_SECTOR));
    table.resize(table.len().next_multiple_of(PER_SECTOR as usize), FREE);
    bytes(&table)
}

fn sectors(bytes: &[u8]) -> u32 {
    (bytes.len() as u64 / SECTOR) as u32
}

fn bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The directory (2.6): the root, then the streams as a balanced tree, which may be black throughout (2.6.4).
fn directory(root: Stream, class: [u8; 16], mut streams: Vec<Stream>) -> Vec<u8> {
    // Shorter names first, then by their letters' capitals (2.6.4). Ours are ASCII or have no case.
    let upper = |unit: u16| u8::try_from(unit).map_or(unit, |byte| u16::from(byte.to_ascii_uppercase()));
    streams
        .sort_by_cached_key(|stream| (stream.name.len(), stream.name.iter().copied().map(upper).collect::<Vec<_>>()));
    let mut links = vec![(NONE, NONE); streams.len()];
    let top = balance(0, streams.len(), &mut links);
    let mut entries = entry(&root, ROOT, (NONE, NONE), top, class);
    for (stream, links) in streams.iter().zip(links) {
        entries.extend(entry(stream, STREAM, links, NONE, [0; 16]));
    }
    while !(entries.len() as u64).is_multiple_of(SECTOR) {
        let unused = Stream { name: Vec::new(), start: 0, size: 0 };
        entries.extend(entry(&unused, 0, (NONE, NONE), NONE, [0; 16]));
    }
    entries
}

/// Makes a tree of the entries from `start` to `end`, and gives its top as a number of the directory.
fn balance(start: usize, end: usize, links: &mut [(u32, u32)]) -> u32 {
    if start == end {
        return NONE;
    }
    let middle = start.midpoint(end);
    links[middle] = (balance(start, middle, links), balance(middle + 1, end, links));
    middle as u32 + 1
}

fn entry(stream: &Stream, kind: u8, (left, right): (u32, u32), child: u32, class: [u8; 16]) -> Vec<u8> {
    let mut entry: Vec<u8> = stream.name.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    entry.resize(64, 0);
    let length = if stream.name.is_empty() { 0 } else { 2 * (stream.name.len() as u16 + 1) };
    entry.extend_from_slice(&length.to_le_bytes());
    entry.extend_from_slice(&[kind, u8::from(kind != 0)]);
    entry.extend_from_slice(&bytes(&[left, right, child]));
    entry.extend_from_slice(&class);
    // No state, no times.
    entry.extend_from_slice(&[0; 20]);
    entry.extend_from_slice(&bytes(&[stream.start]));
    entry.extend_from_slice(&stream.size.to_le_bytes());
    debug_assert_eq!(entry.len(), DIRECTORY_ENTRY);
    entry
}
