//! Writes RPM's header structure (rpm's documentation, "RPM V4 Package format", "Header"): an index of tags and a
//! store of their values, all of it one region.

use super::tags;
use super::write::RpmError;
use std::collections::BTreeMap;

/// What every header begins with, before the two counts: the magic, version 1, and four reserved bytes.
pub(super) const MAGIC: [u8; 8] = [0x8E, 0xAD, 0xE8, 1, 0, 0, 0, 0];
/// Bytes of the magic and the two counts.
pub(super) const INTRO: usize = 16;
/// Bytes of an entry of the index.
pub(super) const ENTRY: usize = 16;

// The types of values.
pub(super) const INT16: u32 = 3;
pub(super) const INT32: u32 = 4;
pub(super) const INT64: u32 = 5;
pub(super) const TEXT: u32 = 6;
pub(super) const BYTES: u32 = 7;
pub(super) const TEXTS: u32 = 8;
pub(super) const TRANSLATED: u32 = 9;

/// More than this of values rpm does not read (`HEADER_DATA_MAX` of its `header.c`).
pub(super) const MAX_DATA: usize = 256 << 20;

/// A tag's value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Int16(Vec<u16>),
    Int32(Vec<u32>),
    Int64(Vec<u64>),
    /// Text that holds no NUL.
    Text(String),
    Bytes(Vec<u8>),
    Texts(Vec<String>),
    /// Text for the one language that there is, `C`.
    Translated(String),
    /// A value of any type as it lay in another header.
    Raw {
        kind: u32,
        count: usize,
        bytes: Vec<u8>,
    },
}

impl Value {
    fn kind(&self) -> u32 {
        match self {
            Self::Int16(_) => INT16,
            Self::Int32(_) => INT32,
            Self::Int64(_) => INT64,
            Self::Text(_) => TEXT,
            Self::Bytes(_) => BYTES,
            Self::Texts(_) => TEXTS,
            Self::Translated(_) => TRANSLATED,
            Self::Raw { kind, .. } => *kind,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Int16(numbers) => numbers.len(),
            Self::Int32(numbers) => numbers.len(),
            Self::Int64(numbers) => numbers.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Texts(texts) => texts.len(),
            Self::Text(_) | Self::Translated(_) => 1,
            Self::Raw { count, .. } => *count,
        }
    }

    fn append_to(&self, store: &mut Vec<u8>) {
        let mut text = |text: &String| {
            store.extend_from_slice(text.as_bytes());
            store.push(0);
        };
        match self {
            Self::Text(one) | Self::Translated(one) => text(one),
            Self::Texts(all) => all.iter().for_each(text),
            Self::Bytes(bytes) | Self::Raw { bytes, .. } => store.extend_from_slice(bytes),
            Self::Int16(numbers) => numbers.iter().for_each(|number| store.extend(number.to_be_bytes())),
            Self::Int32(numbers) => numbers.iter().for_each(|number| store.extend(number.to_be_bytes())),
            Self::Int64(numbers) => numbers.iter().for_each(|number| store.extend(number.to_be_bytes())),
        }
    }
}

/// To what a type's values are aligned in the store.
pub(super) fn alignment(kind: u32) -> usize {
    match kind {
        INT16 => 2,
        INT32 => 4,
        INT64 => 8,
        _ => 1,
    }
}

/// A header that is being written. Its tags come out in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaderWriter(BTreeMap<u32, Value>);

impl HeaderWriter {
    /// Puts a tag, unless its value is empty: rpm refuses tags without values.
    pub(super) fn put(&mut self, tag: u32, value: Value) {
        if value.count() > 0 {
            self.0.insert(tag, value);
        }
    }

    pub(super) fn text(&mut self, tag: u32, text: &str) {
        self.put(tag, Value::Text(text.to_owned()));
    }

    /// A text that may be absent.
    pub(super) fn optional(&mut self, tag: u32, text: Option<&str>) {
        text.into_iter().for_each(|text| self.text(tag, text));
    }

    pub(super) fn number(&mut self, tag: u32, number: u32) {
        self.put(tag, Value::Int32(vec![number]));
    }

    /// A size: in the tag for 32 bits, or in the one for 64.
    pub(super) fn size(&mut self, (short, long): (u32, u32), size: u64, is_long: bool) {
        match u32::try_from(size) {
            Ok(size) if !is_long => self.number(short, size),
            _ => self.put(long, Value::Int64(vec![size])),
        }
    }

    /// The whole header: magic, index, store. `region` is [`tags::HEADER_IMMUTABLE`] or its like.
    pub(super) fn finish(&self, region: u32) -> Result<Vec<u8>, RpmError> {
        let entries = self.0.len() + 1;
        let mut index = Vec::with_capacity(entries * ENTRY);
        let mut store = Vec::new();
        for (tag, value) in &self.0 {
            store.resize(store.len().next_multiple_of(alignment(value.kind())), 0);
            index.extend(entry(*tag, value.kind(), store.len(), value.count())?);
            value.append_to(&mut store);
        }
        // The region's entry says where its trailer is, and the trailer how far the index goes back.
        let first = entry(region, BYTES, store.len(), ENTRY)?;
        let back = number(entries * ENTRY)?.wrapping_neg();
        let trailer = [region, BYTES, back, ENTRY as u32];
        trailer.iter().for_each(|number| store.extend(number.to_be_bytes()));
        if store.len() > MAX_DATA {
            return Err(RpmError::HeaderTooLarge);
        }
        let counts = [number(entries)?, number(store.len())?];
        let mut header = MAGIC.to_vec();
        counts.iter().for_each(|number| header.extend(number.to_be_bytes()));
        header.extend(first);
        header.append(&mut index);
        header.append(&mut store);
        Ok(header)
    }

    /// The signature header, which is padded to whole units of eight bytes.
    pub(super) fn finish_signature(&self) -> Result<Vec<u8>, RpmError> {
        let mut header = self.finish(tags::HEADER_SIGNATURES)?;
        header.resize(header.len().next_multiple_of(8), 0);
        Ok(header)
    }
}

fn entry(tag: u32, kind: u32, offset: usize, count: usize) -> Result<Vec<u8>, RpmError> {
    let numbers = [tag, kind, number(offset)?, number(count)?];
    Ok(numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
}

fn number(size: usize) -> Result<u32, RpmError> {
    u32::try_from(size).map_err(|_| RpmError::HeaderTooLarge)
}
