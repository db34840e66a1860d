//! The payload's archive: cpio in the "new ASCII" form (cpio(5)), or the form without metadata that rpm has for
//! files of 4 GiB and more (rpm's documentation, "RPM V4 Package format", "Payload").

use std::io::{self, Read, Write};

/// The magic of an entry with all its metadata.
const NEW_ASCII: &[u8; 6] = b"070701";
/// The magic of an entry that is but a number in the header's list of files.
const STRIPPED: &[u8; 6] = b"07070X";
/// The name that ends the archive.
const TRAILER: &str = "TRAILER!!!";
/// Bytes of a new-ASCII header, and of a stripped one.
const HEADER: u64 = 110;
const STRIPPED_HEADER: u64 = 14;

/// What an entry's header says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EntryHeader<'a> {
    /// The path with its leading `./`.
    pub(super) name: &'a str,
    /// Its place in the header's list of files.
    pub(super) index: u32,
    pub(super) mode: u16,
    pub(super) mtime: u32,
    /// Bytes of content.
    pub(super) size: u64,
}

/// Writes an entry's header with its padding. Exactly `size` bytes of content and [`write_padding`] must follow.
pub(super) fn write_header(out: &mut impl Write, entry: &EntryHeader<'_>, stripped: bool) -> io::Result<()> {
    if stripped {
        out.write_all(STRIPPED)?;
        write!(out, "{:08x}", entry.index)?;
        return write_padding(out, STRIPPED_HEADER);
    }
    write_new_ascii(out, entry, entry.index.wrapping_add(1))
}

/// Ends the archive.
pub(super) fn write_trailer(out: &mut impl Write) -> io::Result<()> {
    write_new_ascii(out, &EntryHeader { name: TRAILER, ..EntryHeader::default() }, 0)
}

fn write_new_ascii(out: &mut impl Write, entry: &EntryHeader<'_>, inode: u32) -> io::Result<()> {
    let too_large = |_| io::Error::other("a cpio entry of 4 GiB or more");
    let size = u32::try_from(entry.size).map_err(too_large)?;
    let name_size = u32::try_from(entry.name.len() + 1).map_err(too_large)?;
    out.write_all(NEW_ASCII)?;
    // Inode, mode, user, group, links, time, size, two devices with major and minor, the name's size, a sum.
    // Owners are names, which the header has.
    for number in [inode, u32::from(entry.mode), 0, 0, 1, entry.mtime, size, 0, 0, 0, 0, name_size, 0] {
        write!(out, "{number:08x}")?;
    }
    out.write_all(entry.name.as_bytes())?;
    out.write_all(&[0])?;
    write_padding(out, HEADER + u64::from(name_size))
}

/// Pads what has that many bytes to whole units of four.
pub(super) fn write_padding(out: &mut impl Write, size: u64) -> io::Result<()> {
    out.write_all(&[0; 4][..padding(size)])
}

fn padding(size: u64) -> usize {
    (size.wrapping_neg() % 4) as usize
}

/// Bytes of an entry in the archive.
pub(super) fn entry_size(name: &str, size: u64, stripped: bool) -> u64 {
    let header = if stripped { STRIPPED_HEADER } else { HEADER + name.len() as u64 + 1 };
    header.next_multiple_of(4).saturating_add(size).saturating_add(padding(size) as u64)
}

/// Bytes of the archive's end.
pub(super) fn trailer_size() -> u64 {
    entry_size(TRAILER, 0, false)
}

/// What the reader found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An entry of this name and size, with its type and permissions.
    Named { name: Vec<u8>, mode: u32, links: u32, size: u64 },
    /// An entry that is this one of the header's files.
    Stripped { index: u32 },
    /// The end.
    Trailer,
}

/// Why an entry's header cannot be read.
#[derive(Debug)]
pub(super) enum HeaderError {
    Io(io::Error),
    Damaged,
}

impl From<io::Error> for HeaderError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads an entry's header with its padding, and says how many bytes it took.
pub(super) fn read_header(from: &mut impl Read, longest_name: usize) -> Result<(Found, u64), HeaderError> {
    let mut magic = [0; 6];
    from.read_exact(&mut magic)?;
    if &magic == STRIPPED {
        let index = hexadecimal(from)?;
        return Ok((Found::Stripped { index }, STRIPPED_HEADER + skip_padding(from, STRIPPED_HEADER)?));
    }
    if &magic != NEW_ASCII {
        return Err(HeaderError::Damaged);
    }
    let mut numbers = [0; 13];
    for number in &mut numbers {
        *number = hexadecimal(from)?;
    }
    let [_, mode, _, _, links, _, size, _, _, _, _, name_size, _] = numbers;
    let length = usize::try_from(name_size).unwrap_or(usize::MAX);
    if length == 0 || length > longest_name {
        return Err(HeaderError::Damaged);
    }
    let mut name = vec![0; length];
    from.read_exact(&mut name)?;
    if name.pop() != Some(0) || name.contains(&0) {
        return Err(HeaderError::Damaged);
    }
    let unpadded = HEADER + u64::from(name_size);
    let taken = unpadded + skip_padding(from, unpadded)?;
    if name == TRAILER.as_bytes() {
        return if size == 0 { Ok((Found::Trailer, taken)) } else { Err(HeaderError::Damaged) };
    }
    Ok((Found::Named { name, mode, links, size: u64::from(size) }, taken))
}

/// Reads the padding behind what has that many bytes, which must be zeros.
pub(super) fn skip_padding(from: &mut impl Read, size: u64) -> Result<u64, HeaderError> {
    let mut bytes = [0; 4];
    let count = padding(size);
    from.read_exact(&mut bytes[..count])?;
    if bytes == [0; 4] { Ok(count as u64) } else { Err(HeaderError::Damaged) }
}

fn hexadecimal(from: &mut impl Read) -> Result<u32, HeaderError> {
    let mut digits = [0; 8];
    from.read_exact(&mut digits)?;
    digits.iter().try_fold(0, |number, digit| {
        let digit = char::from(*digit).to_digit(16).ok_or(HeaderError::Damaged)?;
        Ok(number << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_were_written_and_sizes_are_known_before() {
        for stripped in [false, true] {
            for name in ["./a", "./ab", "./abc", "./abcd"] {
                let entry = EntryHeader { name, index: 7, mode: 0o100_644, mtime: 9, size: 5 };
                let mut bytes = Vec::new();
                write_header(&mut bytes, &entry, stripped).unwrap();
                let header = bytes.len() as u64;
                bytes.extend(b"12345");
                write_padding(&mut bytes, 5).unwrap();
                assert_eq!(bytes.len() as u64, entry_size(name, 5, stripped));
                let expected = if stripped {
                    Found::Stripped { index: 7 }
                } else {
                    Found::Named { name: name.into(), mode: 0o100_644, links: 1, size: 5 }
                };
                assert_eq!(read_header(&mut &*bytes, 100).unwrap(), (expected, header));
            }
        }
        let mut bytes = Vec::new();
        write_trailer(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, trailer_size());
        assert_eq!(read_header(&mut &*bytes, 100).unwrap(), (Found::Trailer, trailer_size()));
    }

    #[test]
    fn damaged_headers_are_refused() {
        let mut good = Vec::new();
        write_header(&mut good, &EntryHeader { name: "./ab", ..EntryHeader::default() }, false).unwrap();
        for (at, byte) in [(0, b'1'), (20, b'g'), (111, 0), (114, b'x'), (115, b'x')] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            assert!(read_header(&mut &*bytes, 100).is_err(), "byte {at}");
        }
        assert!(read_header(&mut &*good, 3).is_err());
        assert!(read_header(&mut &good[..good.len() - 1], 100).is_err());
    }
}
