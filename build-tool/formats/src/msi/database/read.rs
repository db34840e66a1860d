//! Reads the database: any tables, found by what `_Tables` and `_Columns` say of them, in ASCII or UTF-8.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::super::compound::Compound;
use super::{COLUMNS, Kind, LONG_REFERENCES, STRING_DATA, STRING_POOL, TABLES, UTF_8, stream_name};
use crate::read_archive::{Budget, ReadError};

const DAMAGED: ReadError = ReadError::Damaged("the database of the msi");
const DAMAGED_STRINGS: ReadError = ReadError::Damaged("the strings of the msi");

/// No table has more columns.
const MAX_COLUMNS: usize = 32;

/// The strings and what tables there are.
pub(in crate::msi) struct Database {
    strings: Strings,
    tables: BTreeMap<String, Vec<(String, Kind)>>,
}

/// A table in memory.
pub(in crate::msi) struct Table<'a> {
    strings: &'a Strings,
    columns: &'a [(String, Kind)],
    bytes: Vec<u8>,
    rows: usize,
}

impl Database {
    pub(in crate::msi) fn open<R: Read + Seek>(
        compound: &mut Compound<R>,
        budget: &mut Budget,
    ) -> Result<Self, ReadError> {
        let pool = compound.read(&stream_name(STRING_POOL, true), budget)?.ok_or(DAMAGED_STRINGS)?;
        let data = compound.read(&stream_name(STRING_DATA, true), budget)?.ok_or(DAMAGED_STRINGS)?;
        let strings = Strings::new(&pool, data, budget)?;
        let text = |name: &str, kind| (name.to_owned(), kind);
        let columns = [text("Name", Kind::Text)];
        let names = Table::open(compound, &strings, TABLES, &columns, budget)?;
        let mut tables: BTreeMap<String, Vec<(String, Kind)>> = BTreeMap::new();
        for row in 0..names.rows {
            let name = names.text(row, "Name")?;
            budget.metadata(name.len() as u64 + 64)?;
            if tables.insert(name.to_owned(), Vec::new()).is_some() {
                return Err(DAMAGED);
            }
        }
        let columns = [
            text("Table", Kind::Text),
            text("Number", Kind::Short),
            text("Name", Kind::Text),
            text("Type", Kind::Short),
        ];
        let all = Table::open(compound, &strings, COLUMNS, &columns, budget)?;
        let mut found: BTreeMap<(&str, i32), (String, Kind)> = BTreeMap::new();
        for row in 0..all.rows {
            let (table, name) = (all.text(row, "Table")?, all.text(row, "Name")?);
            budget.metadata(name.len() as u64 + 64)?;
            let column = (name.to_owned(), kind(all.number(row, "Type")?)?);
            if found.insert((table, all.number(row, "Number")?), column).is_some() {
                return Err(DAMAGED);
            }
        }
        for ((table, number), column) in found {
            let columns = tables.get_mut(table).ok_or(DAMAGED)?;
            columns.push(column);
            if usize::try_from(number) != Ok(columns.len()) || columns.len() > MAX_COLUMNS {
                return Err(DAMAGED);
            }
        }
        if tables.values().any(Vec::is_empty) {
            return Err(DAMAGED);
        }
        Ok(Self { strings, tables })
    }

    /// A table by its name; none if there is no such table.
    pub(in crate::msi) fn table<R: Read + Seek>(
        &self,
        compound: &mut Compound<R>,
        name: &str,
        budget: &mut Budget,
    ) -> Result<Option<Table<'_>>, ReadError> {
        let Some(columns) = self.tables.get(name) else { return Ok(None) };
        Table::open(compound, &self.strings, name, columns, budget).map(Some)
    }
}

/// The way a column is stored, by its number in `_Columns`.
fn kind(bits: i32) -> Result<Kind, ReadError> {
    match (bits & 0x0800 != 0, bits & 0xFF) {
        (true, 0) if bits & !0x1000 == 0x0900 => Ok(Kind::Binary),
        (true, _) => Ok(Kind::Text),
        (false, 1 | 2) => Ok(Kind::Short),
        (false, 4) => Ok(Kind::Long),
        _ => Err(DAMAGED),
    }
}

impl<'a> Table<'a> {
    fn open<R: Read + Seek>(
        compound: &mut Compound<R>,
        strings: &'a Strings,
        name: &str,
        columns: &'a [(String, Kind)],
        budget: &mut Budget,
    ) -> Result<Self, ReadError> {
        // A table without rows has no stream.
        let bytes = compound.read(&stream_name(name, true), budget)?.unwrap_or_default();
        let width: usize = columns.iter().map(|(_, kind)| kind.width(strings.long)).sum();
        if !bytes.len().is_multiple_of(width) {
            return Err(DAMAGED);
        }
        let rows = bytes.len() / width;
        Ok(Self { strings, columns, bytes, rows })
    }

    /// The number of rows.
    pub(in crate::msi) fn rows(&self) -> usize {
        self.rows
    }

    /// A string; empty for null.
    pub(in crate::msi) fn text(&self, row: usize, column: &str) -> Result<&'a str, ReadError> {
        let (number, kind) = self.cell(row, column)?;
        if kind == Kind::Text { self.strings.get(number) } else { Err(DAMAGED) }
    }

    /// A number, which must not be null.
    pub(in crate::msi) fn number(&self, row: usize, column: &str) -> Result<i32, ReadError> {
        match self.cell(row, column)? {
            (0, _) | (_, Kind::Text | Kind::Binary) => Err(DAMAGED),
            (number, Kind::Short) => Ok(i32::from((number as u16 ^ 0x8000).cast_signed())),
            (number, Kind::Long) => Ok((number ^ 0x8000_0000).cast_signed()),
        }
    }

    fn cell(&self, row: usize, column: &str) -> Result<(u32, Kind), ReadError> {
        let mut start = 0;
        for (name, kind) in self.columns {
            let width = kind.width(self.strings.long);
            if name == column {
                let at = start + row * width;
                let bytes = self.bytes.get(at..at + width).ok_or(DAMAGED)?;
                return Ok((bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)), *kind));
            }
            start += self.rows * width;
        }
        Err(DAMAGED)
    }
}

/// The pool of strings.
struct Strings {
    data: String,
    /// Where each ends in the data.
    ends: Vec<u32>,
    /// References of three bytes.
    long: bool,
}

impl Strings {
    fn new(pool: &[u8], data: Vec<u8>, budget: &mut Budget) -> Result<Self, ReadError> {
        let (entries, rest) = pool.as_chunks::<4>();
        let mut entries = entries.iter().map(|[l0, l1, c0, c1]| ([*l0, *l1], [*c0, *c1]));
        let Some(([p0, p1], [p2, p3])) = entries.next() else { return Err(DAMAGED_STRINGS) };
        let code_page = u32::from_le_bytes([p0, p1, p2, p3]);
        budget.metadata(pool.len() as u64)?;
        let (mut ends, mut end) = (Vec::new(), 0_u32);
        while let Some((length, count)) = entries.next() {
            let length = match (u16::from_le_bytes(length), u16::from_le_bytes(count)) {
                (0, 1..) => {
                    let ([l0, l1], [l2, l3]) = entries.next().ok_or(DAMAGED_STRINGS)?;
                    u32::from_le_bytes([l0, l1, l2, l3])
                }
                (length, _) => length.into(),
            };
            end = end.checked_add(length).ok_or(DAMAGED_STRINGS)?;
            ends.push(end);
        }
        if !rest.is_empty() || end as usize != data.len() {
            return Err(DAMAGED_STRINGS);
        }
        if code_page & !LONG_REFERENCES != UTF_8 && !data.is_ascii() {
            return Err(ReadError::Unsupported("an msi in another code page than UTF-8"));
        }
        let data = String::from_utf8(data).map_err(|_| DAMAGED_STRINGS)?;
        if !ends.iter().all(|end| data.is_char_boundary(*end as usize)) {
            return Err(DAMAGED_STRINGS);
        }
        Ok(Self { data, ends, long: code_page & LONG_REFERENCES != 0 })
    }

    fn get(&self, reference: u32) -> Result<&str, ReadError> {
        let Some(at) = (reference as usize).checked_sub(1) else { return Ok("") };
        let end = *self.ends.get(at).ok_or(DAMAGED_STRINGS)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.data.get(start as usize..end as usize).ok_or(DAMAGED_STRINGS)
    }
}
