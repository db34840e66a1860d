//! Zip, by its central directory (PKWARE's APPNOTE 6.3.10). The end record must be the file's
//! end, and each local header must name what the central one does, so that no two programs see
//! different archives in the same bytes.

use super::{ArchivedEntry, Budget, EntryKind, ReadError};
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use std::io::{BufReader, Read, Seek, SeekFrom};
use untrusted_archive::{Content, readable};

const END_SIZE: u64 = 22;
const MAX_16: u64 = 0xFFFF;
const MAX_32: u64 = 0xFFFF_FFFF;
const DAMAGED_DIRECTORY: ReadError = ReadError::Damaged("the zip's central directory");

/// A central header (4.3.12).
struct Central {
    entry: ArchivedEntry,
    raw_name: Vec<u8>,
    method: u64,
    crc32: u64,
    packed: u64,
    local: u64,
}

/// Takes little-endian numbers and bytes off the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8], ReadError> {
        let length = usize::try_from(length).map_err(|_| DAMAGED_DIRECTORY)?;
        let (front, rest) = self.0.split_at_checked(length).ok_or(DAMAGED_DIRECTORY)?;
        self.0 = rest;
        Ok(front)
    }

    fn number(&mut self, bytes: u64) -> Result<u64, ReadError> {
        let little_endian = self.take(bytes)?.iter().rev();
        Ok(little_endian.fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn signature(&mut self, expected: u64) -> Result<(), ReadError> {
        if self.number(4)? == expected { Ok(()) } else { Err(DAMAGED_DIRECTORY) }
    }
}

pub(super) fn read<R: Read + Seek, E: From<ReadError>>(
    mut file: R,
    mut budget: Budget,
    visit: &mut impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let (count, directory) = directory(&mut file, &mut budget)?;
    let mut rest = Bytes(&directory);
    for _ in 0..count {
        let central = central(&mut rest)?;
        budget.entry(&central.entry)?;
        budget.unpacked(central.entry.size)?;
        content(&mut file, &central, visit)?;
    }
    if rest.0.is_empty() { Ok(()) } else { Err(ReadError::TrailingData.into()) }
}

/// The number of entries and the bytes of the central directory (4.3.16, 4.3.14, 4.3.15).
fn directory(file: &mut (impl Read + Seek), budget: &mut Budget) -> Result<(u64, Vec<u8>), ReadError> {
    let length = file.seek(SeekFrom::End(0))?;
    let end_at = length.checked_sub(END_SIZE).ok_or(ReadError::Damaged("too short for a zip"))?;
    let end = part(file, end_at, END_SIZE)?;
    let mut end = Bytes(&end);
    end.signature(0x0605_4b50).map_err(|_| ReadError::Damaged("it does not end as a zip does"))?;
    let disks = end.number(4)?;
    let mut count = (end.number(2)?, end.number(2)?);
    let (mut size, mut start) = (end.number(4)?, end.number(4)?);
    let comment = end.number(2)?;
    let mut directory_end = end_at;
    if count.1 == MAX_16 || size == MAX_32 || start == MAX_32 {
        let locator_at = end_at.checked_sub(20).ok_or(DAMAGED_DIRECTORY)?;
        let locator = part(file, locator_at, 20)?;
        let mut locator = Bytes(&locator);
        locator.signature(0x0706_4b50)?;
        locator.number(4)?;
        directory_end = locator.number(8)?;
        if directory_end.checked_add(56) != Some(locator_at) {
            return Err(DAMAGED_DIRECTORY);
        }
        let end64 = part(file, directory_end, 56)?;
        let mut end64 = Bytes(&end64);
        end64.signature(0x0606_4b50)?;
        end64.take(20)?;
        count = (end64.number(8)?, end64.number(8)?);
        (size, start) = (end64.number(8)?, end64.number(8)?);
    }
    if disks != 0 || comment != 0 || count.0 != count.1 {
        return Err(ReadError::Unsupported("a zip of several disks or with a comment"));
    }
    if start.checked_add(size) != Some(directory_end) {
        return Err(DAMAGED_DIRECTORY);
    }
    budget.metadata(size)?;
    Ok((count.1, part(file, start, size)?))
}

fn part(file: &mut (impl Read + Seek), start: u64, size: u64) -> Result<Vec<u8>, ReadError> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    Content::new(file, size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn central(rest: &mut Bytes<'_>) -> Result<Central, ReadError> {
    rest.signature(0x0201_4b50)?;
    let made_by = rest.number(2)? >> 8;
    rest.take(2)?;
    let (flags, method) = (rest.number(2)?, rest.number(2)?);
    rest.take(4)?;
    let crc32 = rest.number(4)?;
    let (mut packed, mut size) = (rest.number(4)?, rest.number(4)?);
    let lengths = [rest.number(2)?, rest.number(2)?, rest.number(2)?];
    rest.take(4)?;
    let attributes = rest.number(4)?;
    let mut local = rest.number(4)?;
    let name = rest.take(lengths[0])?;
    let mut extra = Bytes(rest.take(lengths[1])?);
    rest.take(lengths[2])?;
    while !extra.0.is_empty() {
        let (id, length) = (extra.number(2)?, extra.number(2)?);
        let mut field = Bytes(extra.take(length)?);
        if id == 1 {
            for number in [&mut size, &mut packed, &mut local] {
                if *number == MAX_32 {
                    *number = field.number(8)?;
                }
            }
        }
    }
    if flags & 1 != 0 {
        return Err(ReadError::Unsupported("encryption"));
    }
    // The upper half is the Unix mode if the entry was made on Unix (4.4.2.2, 3).
    let mode = (made_by == 3).then_some((attributes >> 16) as u32);
    let (plain, kind) = match name.strip_suffix(b"/") {
        Some(plain) => (plain, EntryKind::Directory),
        None => (name, EntryKind::File),
    };
    let file_type = mode.map_or(0, |mode| mode & 0o170_000);
    let fits = match kind {
        EntryKind::File => matches!(file_type, 0 | 0o100_000),
        EntryKind::Directory => matches!(file_type, 0 | 0o040_000) && size == 0,
    };
    if !fits {
        return Err(ReadError::NotPlain(readable(name)));
    }
    let mode = mode.map(|mode| mode & 0o7777);
    let entry = ArchivedEntry { name: plain.to_vec(), kind, size, mode };
    Ok(Central { entry, raw_name: name.to_vec(), method, crc32, packed, local })
}

/// Hands over one entry's content and checks it to its end.
fn content<R: Read + Seek, E: From<ReadError>>(
    file: &mut R,
    central: &Central,
    visit: &mut impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let header = part(file, central.local, 30)?;
    let mut header = Bytes(&header);
    header.signature(0x0403_4b50)?;
    header.take(4)?;
    let method = header.number(2)?;
    header.take(16)?;
    let (name_length, extra_length) = (header.number(2)?, header.number(2)?);
    let name = part(file, central.local.saturating_add(30), name_length)?;
    if name != central.raw_name || method != central.method {
        return Err(ReadError::Damaged("a zip entry's two headers differ").into());
    }
    file.seek(SeekFrom::Current(extra_length as i64)).map_err(ReadError::Io)?;
    let packed = file.take(central.packed);
    match method {
        0 => checked(packed, central, visit),
        8 => checked(DeflateDecoder::new(BufReader::new(packed)), central, visit),
        _ => Err(ReadError::Unsupported("a compression other than deflate").into()),
    }
}

fn checked<E: From<ReadError>>(
    unpacked: impl Read,
    central: &Central,
    visit: &mut impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut unpacked = CrcReader::new(unpacked);
    let mut content = Content::new(&mut unpacked, central.entry.size);
    visit(&central.entry, &mut content)?;
    content.drain().map_err(ReadError::Io)?;
    let more = unpacked.read(&mut [0]).map_err(ReadError::Io)? > 0;
    if more || u64::from(unpacked.crc().sum()) != central.crc32 {
        return Err(ReadError::WrongContent(readable(&central.entry.name)).into());
    }
    Ok(())
}
