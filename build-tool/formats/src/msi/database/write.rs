//! Writes the database: collects rows, then makes the streams of it.

use std::collections::BTreeMap;

use super::schema::{Rule, Schema, TABLES as SCHEMAS};
use super::{
    COLUMNS, Kind, LONG_REFERENCES, MAX_SHORT_REFERENCES, STRING_DATA, STRING_POOL, TABLES, UTF_8, WESTERN, schema_of,
    stream_name,
};
use crate::msi::MsiError;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::msi) enum Value {
    /// Nothing: also what an empty string is.
    Null,
    /// A number.
    Number(i32),
    /// A string.
    Text(String),
    /// A stream's bytes.
    Binary(Vec<u8>),
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}

/// Rows, by table.
#[derive(Default)]
pub(in crate::msi) struct DatabaseWriter {
    tables: BTreeMap<&'static str, (&'static Schema, Vec<Vec<Value>>)>,
}

impl DatabaseWriter {
    /// Adds a row to a table of the schema, one value a column.
    pub(in crate::msi) fn row<const N: usize>(&mut self, table: &'static str, values: [Value; N]) {
        let Some(schema) = schema_of(table) else {
            debug_assert!(false, "there is no table {table}");
            return;
        };
        debug_assert_eq!(schema.columns.len(), N, "{table}");
        self.tables.entry(schema.name).or_insert((schema, Vec::new())).1.push(values.into());
    }

    /// Adds a table even if it gets no row.
    pub(in crate::msi) fn table(&mut self, table: &'static str) {
        if let Some(schema) = schema_of(table) {
            self.tables.entry(schema.name).or_insert((schema, Vec::new()));
        }
    }

    /// The code page that all strings fit.
    pub(in crate::msi) fn code_page(&self) -> u32 {
        let mut cells = self.tables.values().flat_map(|(_, rows)| rows.iter().flatten());
        let is_ascii = cells.all(|cell| !matches!(cell, Value::Text(text) if !text.is_ascii()));
        if is_ascii { WESTERN } else { UTF_8 }
    }

    /// The streams of the database, by their names in the compound file. Rows are sorted by their keys, as whoever
    /// searches them relies on.
    pub(in crate::msi) fn streams(mut self) -> Result<BTreeMap<String, Vec<u8>>, MsiError> {
        let code_page = self.code_page();
        self.describe_itself();
        let mut pool = Pool::default();
        let mut streams = BTreeMap::new();
        for (schema, rows) in self.tables.values() {
            rows.iter().flatten().for_each(|cell| pool.take(cell));
            pool.take(&Value::from(schema.name));
            for column in schema.columns {
                pool.take(&Value::from(schema.name));
                pool.take(&Value::from(column.name));
            }
        }
        let long = pool.order.len() > MAX_SHORT_REFERENCES;
        let kinds = [Kind::Text, Kind::Short, Kind::Text, Kind::Short];
        let columns = self.tables.values().flat_map(|(schema, _)| {
            schema.columns.iter().enumerate().map(|(at, column)| {
                let bits = column.bits(at < schema.keys);
                vec![schema.name.into(), (at as i32 + 1).into(), column.name.into(), bits.into()]
            })
        });
        let columns: Vec<Vec<Value>> = columns.collect();
        let tables: Vec<Vec<Value>> = self.tables.keys().map(|name| vec![Value::from(*name)]).collect();
        streams.insert(stream_name(COLUMNS, true), pool.encode(&columns, &kinds, 2, long));
        streams.insert(stream_name(TABLES, true), pool.encode(&tables, &kinds[..1], 1, long));
        for (schema, rows) in self.tables.values() {
            let kinds: Vec<Kind> = schema.columns.iter().map(|column| column.kind()).collect();
            if !rows.is_empty() {
                streams.insert(stream_name(schema.name, true), pool.encode(rows, &kinds, schema.keys, long));
            }
        }
        let (header, data) = pool.finish(code_page, long)?;
        streams.insert(stream_name(STRING_POOL, true), header);
        streams.insert(stream_name(STRING_DATA, true), data);
        for (schema, rows) in self.tables.values_mut() {
            for row in rows {
                let Some(Value::Binary(bytes)) = row.iter_mut().find(|cell| matches!(cell, Value::Binary(_))) else {
                    continue;
                };
                let bytes = std::mem::take(bytes);
                // Tables with streams have one key.
                let Some(Value::Text(key)) = row.first() else { continue };
                streams.insert(stream_name(&format!("{}.{key}", schema.name), false), bytes);
            }
        }
        Ok(streams)
    }

    /// What `_Validation` says of the columns of all tables, its own included.
    fn describe_itself(&mut self) {
        self.table("_Validation");
        let own: Vec<&Schema> = SCHEMAS.iter().filter(|schema| self.tables.contains_key(schema.name)).collect();
        for schema in own {
            for column in schema.columns {
                let nullable = if column.is_nullable() { "Y" } else { "N" };
                let mut row: [Value; 10] = std::array::from_fn(|_| Value::Null);
                row[..3].clone_from_slice(&[schema.name.into(), column.name.into(), nullable.into()]);
                match &column.rule {
                    Rule::Is(category) => row[7] = (*category).into(),
                    Rule::Key(tables, number) => {
                        row[5] = (*tables).into();
                        row[6] = (*number).into();
                        row[7] = "Identifier".into();
                    }
                    Rule::Range(low, high) => {
                        row[3] = (*low).into();
                        row[4] = (*high).into();
                    }
                    Rule::Number => {}
                    Rule::OneOf(words) => row[8] = (*words).into(),
                }
                self.row("_Validation", row);
            }
        }
    }
}

/// The strings in the order in which they came, each once, and how often each is meant.
#[derive(Default)]
struct Pool {
    numbers: BTreeMap<String, usize>,
    order: Vec<(String, u32)>,
}

impl Pool {
    fn take(&mut self, value: &Value) {
        let Value::Text(text) = value else { return };
        if let Some(at) = self.numbers.get(text) {
            self.order[*at].1 += 1;
        } else {
            self.numbers.insert(text.clone(), self.order.len());
            self.order.push((text.clone(), 1));
        }
    }

    /// As it is stored: 0 is null, and numbers are moved so that theirs is not 0.
    fn stored(&self, value: &Value, kind: Kind) -> u32 {
        match (value, kind) {
            (Value::Null, _) => 0,
            (Value::Number(number), Kind::Long) => number.cast_unsigned() ^ 0x8000_0000,
            (Value::Number(number), _) => u32::from(*number as u16 ^ 0x8000),
            (Value::Text(text), _) => self.numbers.get(text).map_or(0, |at| *at as u32 + 1),
            (Value::Binary(_), _) => 1,
        }
    }

    /// A table column by column.
    fn encode(&self, rows: &[Vec<Value>], kinds: &[Kind], keys: usize, long: bool) -> Vec<u8> {
        let stored = rows.iter().map(|row| row.iter().zip(kinds).map(|(value, kind)| self.stored(value, *kind)));
        let mut stored: Vec<Vec<u32>> = stored.map(Iterator::collect).collect();
        stored.sort_by(|one, other| one[..keys].cmp(&other[..keys]));
        debug_assert!(stored.is_sorted_by(|one, other| one[..keys] < other[..keys]), "two rows of one key");
        let mut bytes = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            for row in &stored {
                bytes.extend_from_slice(&row[at].to_le_bytes()[..kind.width(long)]);
            }
        }
        bytes
    }

    /// The streams `_StringPool` and `_StringData`.
    fn finish(&self, code_page: u32, long: bool) -> Result<(Vec<u8>, Vec<u8>), MsiError> {
        if self.order.len() >= 1 << 24 {
            return Err(MsiError::TooLarge("it has more than 16 million names"));
        }
        let flag = if long { LONG_REFERENCES } else { 0 };
        let (mut pool, mut data) = ((code_page | flag).to_le_bytes().to_vec(), Vec::new());
        for (text, count) in &self.order {
            let length = text.len() as u32;
            let count = (*count).min(0xFFFF) as u16;
            if length > 0xFFFF {
                // An entry of no length, and the length as a second one.
                pool.extend_from_slice(&[0, 0]);
                pool.extend_from_slice(&count.to_le_bytes());
                pool.extend_from_slice(&length.to_le_bytes());
            } else {
                pool.extend_from_slice(&(length as u16).to_le_bytes());
                pool.extend_from_slice(&count.to_le_bytes());
            }
            data.extend_from_slice(text.as_bytes());
        }
        Ok((pool, data))
    }
}
