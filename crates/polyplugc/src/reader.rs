//! Walks a parsed TOML file. It collects every error instead of stopping at the first, and keeps each value's place.

use std::ops::Range;

use located::{Located, Place, SourceFile, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{ErrorKind, LocatedError};

/// A value of the file with its span.
pub(crate) type Node<'i> = Spanned<DeValue<'i>>;

/// The file being read, and what is wrong with it so far.
pub(crate) struct Reader {
    source: SourceFile,
    errors: Vec<LocatedError>,
}

/// A table of the file whose keys are known.
#[derive(Clone)]
pub(crate) struct Table<'n> {
    keys: &'n DeTable<'n>,
    /// What errors call it: "a function".
    kind: &'static str,
    span: Range<usize>,
}

/// Reads a file with `read`, which gets its root table.
pub(crate) fn parse<T>(
    source: &SourceFile,
    kind: &'static str,
    known: &'static [&'static str],
    read: impl FnOnce(&Table<'_>, &mut Reader) -> T,
) -> (Option<T>, Vec<LocatedError>) {
    let mut reader = Reader { source: source.clone(), errors: Vec::new() };
    let (root, syntax) = DeTable::parse_recoverable(source.text());
    let mut result = None;
    if syntax.is_empty() {
        let table = Table { keys: root.get_ref(), kind, span: 0..0 };
        reader.reject_unknown(&table, known);
        result = Some(read(&table, &mut reader));
    }
    for error in syntax {
        reader.error(ErrorKind::Syntax { message: error.message().to_owned() }, error.span().unwrap_or(0..0));
    }
    (result, reader.errors)
}

impl Reader {
    pub(crate) fn error(&mut self, kind: ErrorKind, span: Range<usize>) {
        self.errors.push(LocatedError::new(kind, self.source.at(span)));
    }

    pub(crate) fn error_at(&mut self, kind: ErrorKind, place: &Place) {
        self.errors.push(LocatedError::new(kind, place.clone()));
    }

    fn located<T>(&self, value: T, node: &Node<'_>) -> Located<T> {
        Located::new(value, self.source.at(node.span()))
    }

    fn wrong_type<T>(&mut self, key: &str, node: &Node<'_>, expected: &'static str) -> Option<T> {
        let found = match node.get_ref() {
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Integer(_) => "an integer".to_owned(),
            other => format!("a {}", other.type_str()),
        };
        self.error(ErrorKind::WrongType { key: key.to_owned(), expected, found }, node.span());
        None
    }

    fn reject_unknown(&mut self, table: &Table<'_>, known: &'static [&'static str]) {
        for key in table.keys.keys() {
            let word: &str = key.get_ref();
            if !known.contains(&word) {
                let nearest = nearest(word, known.iter().copied()).map(str::to_owned);
                let kind = ErrorKind::UnknownKey { key: word.to_owned(), table: table.kind, nearest, known };
                self.error(kind, key.span());
            }
        }
    }

    /// The node as a table of `kind` that has `known` keys.
    pub(crate) fn table<'n>(
        &mut self,
        key: &str,
        node: &'n Node<'_>,
        kind: &'static str,
        known: &'static [&'static str],
    ) -> Option<Table<'n>> {
        let DeValue::Table(keys) = node.get_ref() else { return self.wrong_type(key, node, "a table") };
        let table = Table { keys, kind, span: node.span() };
        self.reject_unknown(&table, known);
        Some(table)
    }

    /// The node as a table whose keys were checked before; nothing if it is none.
    pub(crate) fn quiet_table<'n>(&self, node: &'n Node<'_>) -> Option<Table<'n>> {
        let DeValue::Table(keys) = node.get_ref() else { return None };
        Some(Table { keys, kind: "a type", span: node.span() })
    }

    /// The node as a table of any keys.
    pub(crate) fn open_table<'n>(
        &mut self,
        key: &str,
        node: &'n Node<'_>,
        expected: &'static str,
    ) -> Option<Table<'n>> {
        let DeValue::Table(keys) = node.get_ref() else { return self.wrong_type(key, node, expected) };
        Some(Table { keys, kind: "the table", span: node.span() })
    }

    /// The node as a string.
    pub(crate) fn string(&mut self, key: &str, node: &Node<'_>) -> Option<Located<String>> {
        match node.get_ref().as_str() {
            Some(text) => Some(self.located(text.to_owned(), node)),
            None => self.wrong_type(key, node, "a string"),
        }
    }
}

impl<'n> Table<'n> {
    /// What stands under `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node<'n>> {
        self.keys.get(key)
    }

    /// Every key with its value, in alphabetical order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'n str, &'n Node<'n>)> {
        self.keys.iter().map(|(key, node)| (key.get_ref().as_ref(), node))
    }

    /// Where the table lies.
    pub(crate) fn place(&self, reader: &Reader) -> Place {
        reader.source.at(self.span.clone())
    }

    /// A value that has to be there; `sample` shows how it looks.
    pub(crate) fn required(
        &self,
        key: &'static str,
        sample: &'static str,
        reader: &mut Reader,
    ) -> Option<&'n Node<'n>> {
        let node = self.get(key);
        if node.is_none() {
            reader.error(ErrorKind::MissingKey { key, table: self.kind, sample }, self.span.clone());
        }
        node
    }

    /// A string that has to be there.
    pub(crate) fn string(
        &self,
        key: &'static str,
        sample: &'static str,
        reader: &mut Reader,
    ) -> Option<Located<String>> {
        let node = self.required(key, sample, reader)?;
        reader.string(key, node)
    }

    /// A string that may be there.
    pub(crate) fn optional(&self, key: &'static str, reader: &mut Reader) -> Option<Located<String>> {
        reader.string(key, self.get(key)?)
    }

    /// A truth value; false if it is not there.
    pub(crate) fn flag(&self, key: &'static str, reader: &mut Reader) -> bool {
        match self.get(key) {
            None => false,
            Some(node) => match node.get_ref().as_bool() {
                Some(flag) => flag,
                None => reader.wrong_type(key, node, "true or false").unwrap_or(false),
            },
        }
    }

    /// A list; empty if it is not there.
    pub(crate) fn list(&self, key: &'static str, reader: &mut Reader) -> &'n [Node<'n>] {
        let Some(node) = self.get(key) else { return &[] };
        match node.get_ref() {
            DeValue::Array(items) => items,
            _ => reader.wrong_type(key, node, "a list").unwrap_or(&[]),
        }
    }

    /// An integer of any size that has to be there.
    pub(crate) fn integer(
        &self,
        key: &'static str,
        sample: &'static str,
        reader: &mut Reader,
    ) -> Option<Located<i128>> {
        let node = self.required(key, sample, reader)?;
        let DeValue::Integer(integer) = node.get_ref() else {
            if node.get_ref().as_str().is_some() {
                let problem = format!("`{key}` is not a number");
                let advice =
                    "write an integer, decimal or with 0x; expressions and names of other variants are not supported";
                reader.error(ErrorKind::invalid(problem, advice), node.span());
                return None;
            }
            return reader.wrong_type(key, node, "an integer");
        };
        match i128::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) => Some(reader.located(value, node)),
            Err(_) => {
                let problem = format!("`{key}` is larger than any type");
                reader.error(ErrorKind::invalid(problem, "write a number of at most 64 bits"), node.span());
                None
            }
        }
    }
}
