//! Reads RPM's header structure from outside: every entry of the index is checked against the store before anything
//! is made of it, as rpm's own `hdrblobVerifyInfo` does, and the region must hold all of it.

use super::header::{BYTES, ENTRY, INT16, INT32, INT64, INTRO, MAGIC, MAX_DATA, TEXT, TEXTS, TRANSLATED, alignment};
use super::read::RpmReadError;
use crate::read_archive::Budget;
use std::collections::BTreeMap;
use std::io::Read;

/// More entries than this rpm does not read (`HEADER_TAGS_MAX` of its `header.c`).
const MAX_ENTRIES: u32 = 0xFFFF;
/// The first tag that is a value.
const FIRST_TAG: u32 = 100;
/// Types of one byte a value.
const CHARACTER: u32 = 1;
const INT8: u32 = 2;

/// A header with its index checked.
#[derive(Debug)]
pub(super) struct RawHeader {
    /// All of it, as it was read: magic, index, store.
    bytes: Vec<u8>,
    entries: BTreeMap<u32, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: u32,
    count: usize,
    start: usize,
    end: usize,
}

/// A value as it lies in the store.
pub(super) struct RawValue<'a> {
    pub(super) tag: u32,
    pub(super) kind: u32,
    pub(super) count: usize,
    pub(super) bytes: &'a [u8],
}

impl RawHeader {
    /// Reads a header whose region is the one of this tag.
    pub(super) fn read(from: &mut impl Read, region: u32, budget: &mut Budget) -> Result<Self, RpmReadError> {
        let mut intro = [0; INTRO];
        from.read_exact(&mut intro)?;
        let (magic, counts) = intro.split_at(MAGIC.len());
        let [entries, data] = [number_at(counts, 0)?, number_at(counts, 4)?];
        if magic != MAGIC {
            return Err(RpmReadError::Damaged("a header without its magic"));
        }
        if !(1..=MAX_ENTRIES).contains(&entries) || data as usize > MAX_DATA {
            return Err(RpmReadError::Damaged("the size of a header"));
        }
        let size = u64::from(entries) * ENTRY as u64 + u64::from(data);
        budget.metadata(size)?;
        let mut bytes = intro.to_vec();
        // Not at once: a few bytes may claim to be many.
        let read = from.take(size).read_to_end(&mut bytes)?;
        if read as u64 != size {
            return Err(RpmReadError::Damaged("it ends within a header"));
        }
        let store = INTRO + entries as usize * ENTRY;
        check_region(&bytes, store, region)?;
        let entries = check_entries(&bytes, store)?;
        Ok(Self { bytes, entries })
    }

    /// All of it, as it was read.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn has(&self, tag: u32) -> bool {
        self.entries.contains_key(&tag)
    }

    /// Every value, in the order of the tags.
    pub(super) fn values(&self) -> impl Iterator<Item = RawValue<'_>> {
        self.entries.iter().map(|(tag, entry)| RawValue {
            tag: *tag,
            kind: entry.kind,
            count: entry.count,
            bytes: &self.bytes[entry.start..entry.end],
        })
    }

    /// A text: of a list, the first, which is the one of the language `C`.
    pub(super) fn text(&self, tag: u32) -> Result<Option<&str>, RpmReadError> {
        self.texts_in(tag)?.next().transpose()
    }

    /// A text that must be there.
    pub(super) fn required(&self, tag: u32, what: &'static str) -> Result<&str, RpmReadError> {
        self.text(tag)?.ok_or(RpmReadError::Missing(what))
    }

    /// A list of at most that many texts; empty where the tag is absent.
    pub(super) fn texts(&self, tag: u32, limit: u64) -> Result<Vec<&str>, RpmReadError> {
        self.check_count(tag, limit)?;
        self.texts_in(tag)?.collect()
    }

    fn texts_in(&self, tag: u32) -> Result<impl Iterator<Item = Result<&str, RpmReadError>>, RpmReadError> {
        let entry = self.entry(tag, &[TEXT, TEXTS, TRANSLATED])?;
        let (bytes, count) = entry.map_or((&[][..], 0), |entry| (&self.bytes[entry.start..entry.end], entry.count));
        let texts = bytes.split(|&byte| byte == 0).take(count);
        Ok(texts.map(|text| std::str::from_utf8(text).map_err(|_| RpmReadError::Damaged("a text that is not UTF-8"))))
    }

    /// At most that many numbers of any width; empty where the tag is absent.
    pub(super) fn numbers(&self, tag: u32, limit: u64) -> Result<Vec<u64>, RpmReadError> {
        self.check_count(tag, limit)?;
        Ok(self.numbers_in(tag)?.collect())
    }

    /// The first number of a tag.
    pub(super) fn number(&self, tag: u32) -> Result<Option<u64>, RpmReadError> {
        Ok(self.numbers_in(tag)?.next())
    }

    fn numbers_in(&self, tag: u32) -> Result<impl Iterator<Item = u64>, RpmReadError> {
        let entry = self.entry(tag, &[INT16, INT32, INT64])?;
        let (bytes, width) =
            entry.map_or((&[][..], 1), |entry| (&self.bytes[entry.start..entry.end], alignment(entry.kind)));
        let numbers = bytes.chunks_exact(width);
        Ok(numbers.map(|bytes| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
    }

    /// A number that is in one of two tags, by its width.
    pub(super) fn size(&self, (short, long): (u32, u32)) -> Result<Option<u64>, RpmReadError> {
        Ok(self.number(long)?.or(self.number(short)?))
    }

    fn check_count(&self, tag: u32, limit: u64) -> Result<(), RpmReadError> {
        let count = self.entries.get(&tag).map_or(0, |entry| entry.count as u64);
        if count <= limit { Ok(()) } else { Err(RpmReadError::TooMany(limit)) }
    }

    fn entry(&self, tag: u32, kinds: &[u32]) -> Result<Option<&Entry>, RpmReadError> {
        match self.entries.get(&tag) {
            Some(entry) if !kinds.contains(&entry.kind) => Err(RpmReadError::Damaged("a tag of another type")),
            found => Ok(found),
        }
    }
}

/// The first entry says where the region's trailer is: at the end of the store; and the trailer, that the region
/// begins with the index.
fn check_region(bytes: &[u8], store: usize, region: u32) -> Result<(), RpmReadError> {
    let numbers = |at: usize| -> Result<[u32; 4], RpmReadError> {
        let number = |place: usize| number_at(bytes, at + 4 * place);
        Ok([number(0)?, number(1)?, number(2)?, number(3)?])
    };
    let trailer = bytes.len().checked_sub(ENTRY).filter(|at| *at >= store).ok_or(NO_REGION)?;
    let first = [region, BYTES, (trailer - store) as u32, ENTRY as u32];
    let last = [region, BYTES, ((store - INTRO) as u32).wrapping_neg(), ENTRY as u32];
    if numbers(INTRO)? == first && numbers(trailer)? == last { Ok(()) } else { Err(NO_REGION) }
}

const NO_REGION: RpmReadError = RpmReadError::Damaged("a header that is not one region");

/// The entries behind the first. Values must not overlap, lie within the store, and be as long as their type says;
/// between them there is nothing.
fn check_entries(bytes: &[u8], store: usize) -> Result<BTreeMap<u32, Entry>, RpmReadError> {
    const DAMAGED: RpmReadError = RpmReadError::Damaged("an entry of a header's index");
    let trailer = bytes.len() - ENTRY;
    let mut entries = BTreeMap::new();
    let mut end = store;
    for at in (INTRO + ENTRY..store).step_by(ENTRY) {
        let number = |place: usize| number_at(bytes, at + 4 * place);
        let (tag, kind, offset, count) = (number(0)?, number(1)?, number(2)? as usize, number(3)? as usize);
        let start = store.checked_add(offset).filter(|start| *start >= end && *start < trailer).ok_or(DAMAGED)?;
        let is_filled = bytes[end..start].iter().any(|byte| *byte != 0);
        if tag < FIRST_TAG || count == 0 || offset % alignment(kind) != 0 || is_filled {
            return Err(DAMAGED);
        }
        let rest = &bytes[start..trailer];
        let length = match kind {
            CHARACTER | INT8 | BYTES => Some(count),
            INT16 | INT32 | INT64 => count.checked_mul(alignment(kind)),
            TEXT if count != 1 => None,
            TEXT | TEXTS | TRANSLATED => length_of_texts(rest, count),
            _ => None,
        };
        let length = length.filter(|length| *length <= rest.len()).ok_or(DAMAGED)?;
        end = start + length;
        if entries.insert(tag, Entry { kind, count, start, end }).is_some() {
            return Err(RpmReadError::Damaged("a tag that is there twice"));
        }
    }
    if bytes[end..trailer].iter().any(|byte| *byte != 0) {
        return Err(DAMAGED);
    }
    Ok(entries)
}

/// Bytes of that many texts, each ended by a NUL.
fn length_of_texts(bytes: &[u8], count: usize) -> Option<usize> {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0);
    ends.nth(count.checked_sub(1)?).map(|(at, _)| at + 1)
}

fn number_at(bytes: &[u8], at: usize) -> Result<u32, RpmReadError> {
    let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| u32::from_be_bytes(*bytes)).ok_or(RpmReadError::Damaged("it ends within a header"))
}

#[cfg(test)]
mod tests {
    use super::super::header::{HeaderWriter, Value};
    use super::super::tags::{self, HEADER_IMMUTABLE};
    use super::*;
    use crate::read_archive::Limits;

    fn header() -> Vec<u8> {
        let mut header = HeaderWriter::default();
        header.text(tags::NAME, "name");
        header.put(tags::FILE_MODES, Value::Int16(vec![1, 2, 3]));
        header.put(tags::FILE_SIZES, Value::Int32(vec![7]));
        header.put(tags::LONG_SIZE, Value::Int64(vec![1 << 40]));
        header.put(tags::BASE_NAMES, Value::Texts(vec!["a".to_owned(), String::new(), "b".to_owned()]));
        header.finish(HEADER_IMMUTABLE).unwrap()
    }

    fn read(bytes: &[u8]) -> Result<RawHeader, RpmReadError> {
        RawHeader::read(&mut &*bytes, HEADER_IMMUTABLE, &mut Budget::new(Limits::default()))
    }

    #[test]
    fn values_are_read_as_they_were_written() {
        let header = read(&header()).unwrap();
        assert_eq!(header.text(tags::NAME).unwrap(), Some("name"));
        assert_eq!(header.numbers(tags::FILE_MODES, 3).unwrap(), [1, 2, 3]);
        assert_eq!(header.size((tags::SIZE, tags::LONG_SIZE)).unwrap(), Some(1 << 40));
        assert_eq!(header.texts(tags::BASE_NAMES, 3).unwrap(), ["a", "", "b"]);
        assert_eq!(header.text(tags::URL).unwrap(), None);
        assert!(matches!(header.texts(tags::BASE_NAMES, 2), Err(RpmReadError::TooMany(2))));
        assert!(matches!(header.text(tags::FILE_SIZES), Err(RpmReadError::Damaged(_))));
    }

    #[test]
    fn indexes_that_lead_astray_are_refused() {
        // The second entry is the name: tag, type, offset, count at 32, 36, 40, 44.
        for (at, number) in [
            (0, 0),
            (8, 0),
            (8, 0xFFFF_FFFF),
            (12, 0xFFFF_FFFF),
            (16, 62),
            (24, 0),
            (32, 63),
            (32, tags::FILE_SIZES),
            (36, 0),
            (36, 77),
            (36, INT16),
            (40, 0xFFFF_FFFF),
            (40, 1000),
            (44, 0),
            (44, 2),
            (44, 0xFFFF_FFFF),
        ] {
            let mut bytes = header();
            bytes[at..at + 4].copy_from_slice(&u32::to_be_bytes(number));
            assert!(read(&bytes).is_err(), "{number:x} at {at}");
        }
        let whole = header();
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}
