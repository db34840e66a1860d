//! Reads a cabinet from its beginning to its end without going back: one cabinet, not of a set, MSZIP throughout, its
//! folders and files in order and without gaps, as the writer and everyone else's writers lay them out.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::{BLOCK, DATA, FILE, FOLDER, HEADER, MAX_PACKED, MSZIP_SIGNATURE, checksum};
use crate::read_archive::{Budget, ReadError};
use untrusted_archive::Content;

const DAMAGED: ReadError = ReadError::Damaged("the tables of the cabinet in the msi");
const DAMAGED_DATA: ReadError = ReadError::Damaged("a block of the cabinet in the msi");

/// The longest name that the format allows (\[MS-CAB\] 2.3), with the zero at its end.
const MAX_NAME: usize = 257;

struct Folder {
    start: u64,
    blocks: u16,
}

struct File {
    name: String,
    size: u64,
    offset: u64,
    folder: u16,
}

/// Reads a cabinet of `length` bytes and hands every file to `visit` with its name and size. What `visit` leaves of a
/// file is read here, so that every checksum is seen.
pub(in crate::msi) fn read_cabinet<R: Read, E: From<ReadError>>(
    cabinet: R,
    length: u64,
    budget: &mut Budget,
    mut visit: impl FnMut(&mut Budget, &str, u64, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut input = Counted { inner: cabinet, position: 0 };
    let (folders, files) = tables(&mut input, length, budget)?;
    let mut files = files.into_iter().peekable();
    for (number, folder) in folders.iter().enumerate() {
        if input.position != folder.start {
            return Err(DAMAGED.into());
        }
        let mut content = FolderReader::new(&mut input, folder.blocks);
        let mut offset = 0;
        while let Some(file) = files.next_if(|file| usize::from(file.folder) == number) {
            if file.offset != offset {
                return Err(DAMAGED.into());
            }
            offset += file.size;
            let mut own = Content::new(&mut content, file.size);
            visit(budget, &file.name, file.size, &mut own)?;
            own.drain().map_err(ReadError::Io)?;
        }
        if !content.is_at_end(offset) {
            return Err(DAMAGED_DATA.into());
        }
    }
    if files.next().is_some() || input.position != length {
        return Err(DAMAGED.into());
    }
    Ok(())
}

/// CFHEADER, the CFFOLDERs and the CFFILEs (\[MS-CAB\] 2.1 to 2.3).
fn tables<R: Read>(
    input: &mut Counted<R>,
    length: u64,
    budget: &mut Budget,
) -> Result<(Vec<Folder>, Vec<File>), ReadError> {
    let header: [u8; HEADER] = input.array()?;
    let number = |at: usize, bytes: usize| {
        header[at..at + bytes].iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte))
    };
    if !header.starts_with(b"MSCF") || number(8, 4) != length {
        return Err(DAMAGED);
    }
    // Version 1.3, no flags: not of a set, no reserved fields.
    if number(24, 2) != 0x0103 || number(30, 2) != 0 {
        return Err(ReadError::Unsupported("a cabinet of a set or with reserved fields"));
    }
    let (folder_count, file_count) = (number(26, 2), number(28, 2));
    budget.metadata(folder_count * size_of::<Folder>() as u64 + file_count * size_of::<File>() as u64)?;
    let mut folders = Vec::new();
    for _ in 0..folder_count {
        let [s0, s1, s2, s3, b0, b1, compression @ ..] = input.array::<FOLDER>()?;
        if u16::from_le_bytes(compression) != 1 {
            return Err(ReadError::Unsupported("a compression of the cabinet other than MSZIP"));
        }
        folders
            .push(Folder { start: u32::from_le_bytes([s0, s1, s2, s3]).into(), blocks: u16::from_le_bytes([b0, b1]) });
    }
    if number(16, 4) != input.position {
        return Err(DAMAGED);
    }
    let mut files = Vec::new();
    for _ in 0..file_count {
        let [s0, s1, s2, s3, o0, o1, o2, o3, f0, f1, ..] = input.array::<FILE>()?;
        let mut name = Vec::new();
        loop {
            match input.array()? {
                [0] => break,
                [byte] if name.len() < MAX_NAME => name.push(byte),
                _ => return Err(DAMAGED),
            }
        }
        budget.metadata(name.len() as u64)?;
        files.push(File {
            name: String::from_utf8(name).map_err(|_| DAMAGED)?,
            size: u32::from_le_bytes([s0, s1, s2, s3]).into(),
            offset: u32::from_le_bytes([o0, o1, o2, o3]).into(),
            folder: u16::from_le_bytes([f0, f1]),
        });
    }
    Ok((folders, files))
}

/// Knows where it is.
struct Counted<R> {
    inner: R,
    position: u64,
}

impl<R: Read> Counted<R> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ReadError> {
        self.inner.read_exact(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }
}

/// The unpacked bytes of a folder.
struct FolderReader<'a, R: Read> {
    input: &'a mut Counted<R>,
    blocks: u16,
    inflate: Decompress,
    packed: Vec<u8>,
    /// The block that is read, and the one before it.
    block: Vec<u8>,
    previous: Vec<u8>,
    at: usize,
    position: u64,
}

impl<'a, R: Read> FolderReader<'a, R> {
    fn new(input: &'a mut Counted<R>, blocks: u16) -> Self {
        let inflate = Decompress::new(false);
        let (packed, block, previous) = (Vec::new(), Vec::new(), Vec::new());
        Self { input, blocks, inflate, packed, block, previous, at: 0, position: 0 }
    }

    /// Whether `size` bytes were read, and there are no more.
    fn is_at_end(&self, size: u64) -> bool {
        self.position == size && self.at == self.block.len() && self.blocks == 0
    }

    /// Unpacks the next CFDATA (\[MS-CAB\] 2.4).
    fn next(&mut self) -> Result<(), ReadError> {
        let [s0, s1, s2, s3, lengths @ ..] = self.input.array::<DATA>()?;
        let lengths = u32::from_le_bytes(lengths);
        let (packed_size, size) = ((lengths & 0xFFFF) as usize, (lengths >> 16) as usize);
        let is_last = self.blocks == 1;
        if packed_size > MAX_PACKED || size > BLOCK || size == 0 || (size < BLOCK && !is_last) {
            return Err(DAMAGED_DATA);
        }
        self.packed.resize(packed_size, 0);
        self.input.fill(&mut self.packed)?;
        if checksum(&self.packed, lengths) != u32::from_le_bytes([s0, s1, s2, s3]) {
            return Err(ReadError::Damaged("the checksum of a block of the cabinet in the msi"));
        }
        let deflated = self.packed.strip_prefix(MSZIP_SIGNATURE).ok_or(DAMAGED_DATA)?;
        std::mem::swap(&mut self.block, &mut self.previous);
        self.inflate.reset(false);
        if !self.previous.is_empty() {
            self.inflate.set_dictionary(&self.previous).map_err(|_| DAMAGED_DATA)?;
        }
        // One byte of room more shows a block that is longer than it says.
        self.block.resize(size + 1, 0);
        let status = self.inflate.decompress(deflated, &mut self.block, FlushDecompress::Finish);
        let whole = self.inflate.total_in() == deflated.len() as u64 && self.inflate.total_out() == size as u64;
        if !matches!(status, Ok(Status::StreamEnd)) || !whole {
            return Err(DAMAGED_DATA);
        }
        self.block.truncate(size);
        self.at = 0;
        self.blocks -= 1;
        Ok(())
    }
}

impl<R: Read> Read for FolderReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() && self.blocks > 0 && !buffer.is_empty() {
            self.next().map_err(io::Error::other)?;
        }
        let read = (&self.block[self.at..]).read(buffer)?;
        self.at += read;
        self.position += read as u64;
        Ok(read)
    }
}
