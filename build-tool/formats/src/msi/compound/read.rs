//! Reads a compound file of version 3: every sector, chain and entry of the directory is checked before it is followed.
//! The tables are held in memory and count as metadata; a stream with sectors of its own is not.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use super::{
    CUTOFF, DIRECTORY_ENTRY, END_OF_CHAIN, HEADER, HEADER_DIFAT, NONE, ROOT, SECTOR, SIGNATURE, SMALL_SECTOR, STREAM,
};
use crate::read_archive::{Budget, ReadError};

const DAMAGED: ReadError = ReadError::Damaged("the sectors of the msi");
const DAMAGED_DIRECTORY: ReadError = ReadError::Damaged("the directory of the msi");

/// Sectors that are read at once when they lie side by side.
const RUN: u64 = 256;

#[derive(Clone, Copy)]
struct Place {
    start: u32,
    size: u64,
}

/// An open compound file.
pub(in crate::msi) struct Compound<R> {
    file: R,
    /// Sectors of the file.
    sectors: u32,
    fat: Vec<u32>,
    small: Vec<u8>,
    small_fat: Vec<u32>,
    streams: BTreeMap<String, Place>,
    /// The class of the root.
    pub(in crate::msi) class: [u8; 16],
}

impl<R: Read + Seek> Compound<R> {
    pub(in crate::msi) fn open(mut file: R, budget: &mut Budget) -> Result<Self, ReadError> {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut header = [0; HEADER as usize];
        file.read_exact(&mut header)?;
        let fields = words(&header);
        if !header.starts_with(&SIGNATURE) {
            return Err(ReadError::Damaged("it does not begin as an msi does"));
        }
        // Version 3 in little endian, sectors of 512 and 64 bytes, small streams below 4096 bytes (2.2).
        if fields[6] >> 16 != 3 || fields[7] != 0x0009_FFFE || fields[8] & 0xFFFF != 6 || fields[14] != CUTOFF as u32 {
            return Err(ReadError::Unsupported("a compound file of another version than 3"));
        }
        if !length.is_multiple_of(SECTOR) {
            return Err(ReadError::Damaged("an msi's length is a multiple of 512"));
        }
        let sectors = u32::try_from((length - HEADER) / SECTOR).ok().filter(|count| *count < 1 << 22);
        let sectors = sectors.ok_or(ReadError::Unsupported("an msi of 2 GiB and more"))?;
        let mut compound = Self {
            file,
            sectors,
            fat: Vec::new(),
            small: Vec::new(),
            small_fat: Vec::new(),
            streams: BTreeMap::new(),
            class: [0; 16],
        };
        compound.read_fat(&fields, budget)?;
        let directory = compound.chain(fields[12], None, budget)?;
        compound.small_fat = words(&compound.chain(fields[15], None, budget)?);
        let root = compound.read_directory(&directory, budget)?;
        compound.small = compound.chain(root.start, Some(root.size), budget)?;
        Ok(compound)
    }

    /// The names of all streams.
    pub(in crate::msi) fn names(&self) -> impl Iterator<Item = &str> {
        self.streams.keys().map(String::as_str)
    }

    /// A whole stream in memory; none if there is no such stream.
    pub(in crate::msi) fn read(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, ReadError> {
        let Some((size, mut stream)) = self.stream(name)? else { return Ok(None) };
        budget.metadata(size)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// A stream and its size.
    pub(in crate::msi) fn stream(&mut self, name: &str) -> Result<Option<(u64, StreamReader<'_, R>)>, ReadError> {
        let Some(&place) = self.streams.get(name) else { return Ok(None) };
        let reader = if place.size < CUTOFF {
            StreamReader::Small(io::Cursor::new(self.small_stream(place)?))
        } else {
            StreamReader::Large(self.chain_reader(place)?)
        };
        Ok(Some((place.size, reader)))
    }

    /// The sectors of the table of chains: the header names the first, a chain of sectors the others (2.3, 2.5).
    fn read_fat(&mut self, header: &[u32], budget: &mut Budget) -> Result<(), ReadError> {
        let (count, mut next) = (header[11] as usize, header[17]);
        let in_header = &header[19..];
        debug_assert_eq!(in_header.len(), HEADER_DIFAT);
        // As many as the file's sectors need: no fewer, and no more than a few to spare.
        if count as u64 * SECTOR / 4 < u64::from(self.sectors) || count as u64 > u64::from(self.sectors) {
            return Err(DAMAGED);
        }
        budget.metadata(count as u64 * (SECTOR + 4))?;
        let mut places = in_header[..count.min(HEADER_DIFAT)].to_vec();
        while places.len() < count {
            let mut sector = words(&self.sector(next)?);
            next = sector.pop().unwrap_or(END_OF_CHAIN);
            sector.truncate(count - places.len());
            places.extend(sector);
        }
        if next != END_OF_CHAIN {
            return Err(DAMAGED);
        }
        for place in places {
            let sector = self.sector(place)?;
            self.fat.extend(words(&sector));
        }
        Ok(())
    }

    /// The tree of the root's streams, in the order that those who search it rely on (2.6.4). Gives the small sectors.
    fn read_directory(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<Place, ReadError> {
        let (entries, _) = bytes.as_chunks::<DIRECTORY_ENTRY>();
        let (root, _) = entries.split_first().ok_or(DAMAGED_DIRECTORY)?;
        let root = Entry(root);
        if root.kind() != ROOT || root.left() != NONE || root.right() != NONE {
            return Err(DAMAGED_DIRECTORY);
        }
        self.class = root.class();
        let mut seen = vec![false; entries.len()];
        let mut above: Vec<(Vec<u16>, Entry<'_>)> = Vec::new();
        let mut last: Option<Vec<u16>> = None;
        let mut next = root.child();
        loop {
            while next != NONE {
                let at = next as usize;
                let entry = Entry(entries.get(at).ok_or(DAMAGED_DIRECTORY)?);
                if at == 0 || std::mem::replace(&mut seen[at], true) {
                    return Err(DAMAGED_DIRECTORY);
                }
                if entry.kind() != STREAM || entry.child() != NONE {
                    return Err(ReadError::Unsupported("storages within an msi"));
                }
                above.push((entry.name()?, entry));
                next = entry.left();
            }
            let Some((name, entry)) = above.pop() else { break };
            if last.as_ref().is_some_and(|last| order(last) >= order(&name)) {
                return Err(DAMAGED_DIRECTORY);
            }
            let text = String::from_utf16(&name).map_err(|_| DAMAGED_DIRECTORY)?;
            budget.metadata(2 * text.len() as u64 + size_of::<Place>() as u64)?;
            self.streams.insert(text, entry.place());
            last = Some(name);
            next = entry.right();
        }
        Ok(root.place())
    }

    /// All bytes of a chain, or `size` of them, in memory.
    fn chain(&mut self, start: u32, size: Option<u64>, budget: &mut Budget) -> Result<Vec<u8>, ReadError> {
        let size = match size {
            Some(size) => size,
            None => self.chain_length(start)? * SECTOR,
        };
        budget.metadata(size)?;
        let mut bytes = Vec::new();
        self.chain_reader(Place { start, size })?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The number of sectors of a chain.
    fn chain_length(&self, start: u32) -> Result<u64, ReadError> {
        let (mut length, mut next) = (0, start);
        while next != END_OF_CHAIN {
            length += 1;
            if next >= self.sectors || length > u64::from(self.sectors) {
                return Err(DAMAGED);
            }
            next = *self.fat.get(next as usize).ok_or(DAMAGED)?;
        }
        Ok(length)
    }

    fn chain_reader(&mut self, place: Place) -> Result<ChainReader<'_, R>, ReadError> {
        if self.chain_length(place.start)? != place.size.div_ceil(SECTOR) && place.size > 0 {
            return Err(DAMAGED);
        }
        Ok(ChainReader { compound: self, next: place.start, run: 0, left: place.size })
    }

    fn small_stream(&self, place: Place) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        let mut next = place.start;
        for _ in 0..place.size.div_ceil(SMALL_SECTOR) {
            let start = u64::from(next) * SMALL_SECTOR;
            let sector = usize::try_from(start).ok().and_then(|start| self.small.get(start..)).ok_or(DAMAGED)?;
            bytes.extend_from_slice(sector.get(..SMALL_SECTOR as usize).unwrap_or(sector));
            next = *self.small_fat.get(next as usize).ok_or(DAMAGED)?;
        }
        if bytes.len() < place.size as usize || (place.size > 0 && next != END_OF_CHAIN) {
            return Err(DAMAGED);
        }
        bytes.truncate(place.size as usize);
        Ok(bytes)
    }

    fn sector(&mut self, number: u32) -> Result<[u8; SECTOR as usize], ReadError> {
        self.seek_sector(number)?;
        let mut sector = [0; SECTOR as usize];
        self.file.read_exact(&mut sector)?;
        Ok(sector)
    }

    fn seek_sector(&mut self, number: u32) -> Result<(), ReadError> {
        if number >= self.sectors {
            return Err(DAMAGED);
        }
        self.file.seek(SeekFrom::Start(HEADER + u64::from(number) * SECTOR))?;
        Ok(())
    }
}

/// A stream's bytes.
pub(in crate::msi) enum StreamReader<'a, R> {
    /// Of small sectors.
    Small(io::Cursor<Vec<u8>>),
    /// Of sectors of its own.
    Large(ChainReader<'a, R>),
}

impl<R: Read + Seek> Read for StreamReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Small(bytes) => bytes.read(buffer),
            Self::Large(chain) => chain.read(buffer),
        }
    }
}

/// The bytes of a chain whose length is known to be right.
pub(in crate::msi) struct ChainReader<'a, R> {
    compound: &'a mut Compound<R>,
    /// The sector after the run that is being read.
    next: u32,
    /// What is left of sectors that lie side by side: the file stands there.
    run: u64,
    left: u64,
}

impl<R: Read + Seek> Read for ChainReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.run == 0 {
            self.compound.seek_sector(self.next).map_err(io::Error::other)?;
            loop {
                self.run += SECTOR;
                let last = self.next;
                self.next = self.compound.fat.get(last as usize).copied().unwrap_or(END_OF_CHAIN);
                if self.run == RUN * SECTOR || self.next != last + 1 {
                    break;
                }
            }
        }
        let wanted = self.run.min(self.left).min(buffer.len() as u64) as usize;
        let read = self.compound.file.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.run -= read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

/// An entry of the directory (2.6.1).
#[derive(Clone, Copy)]
struct Entry<'a>(&'a [u8; DIRECTORY_ENTRY]);

impl Entry<'_> {
    fn number(&self, at: usize) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|byte| self.0[at + byte]))
    }

    fn kind(&self) -> u8 {
        self.0[66]
    }

    fn left(&self) -> u32 {
        self.number(68)
    }

    fn right(&self) -> u32 {
        self.number(72)
    }

    fn child(&self) -> u32 {
        self.number(76)
    }

    fn class(&self) -> [u8; 16] {
        std::array::from_fn(|at| self.0[80 + at])
    }

    /// Only the lower half of the size counts in version 3.
    fn place(&self) -> Place {
        Place { start: self.number(116), size: self.number(120).into() }
    }

    fn name(&self) -> Result<Vec<u16>, ReadError> {
        let length = usize::from(u16::from_le_bytes([self.0[64], self.0[65]]));
        if !(4..=64).contains(&length) || !length.is_multiple_of(2) {
            return Err(DAMAGED_DIRECTORY);
        }
        let (units, _) = self.0[..length].as_chunks::<2>();
        let mut name: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        if name.pop() != Some(0) || name.contains(&0) {
            return Err(DAMAGED_DIRECTORY);
        }
        Ok(name)
    }
}

/// Shorter names come first, then the order of capitals; those of ASCII alone, since no name of an msi has others.
fn order(name: &[u16]) -> (usize, Vec<u16>) {
    let upper = |unit: &u16| u8::try_from(*unit).map_or(*unit, |byte| u16::from(byte.to_ascii_uppercase()));
    (name.len(), name.iter().map(upper).collect())
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}
