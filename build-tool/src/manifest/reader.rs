//! Walks a parsed TOML file into typed values. It collects every error instead
//! of stopping at the first, and keeps each value's place.
use std::ops::Range;

use located::{Place, SourceFile, nearest, sort_by_place};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declare::KeyInfo;
use super::error::ManifestError;
use super::field::Field;
use super::kind::ErrorKind;

/// Where `${NAME}` is looked up; `None` when the variable is not set.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The schema number that this version reads.
pub const SCHEMA: i64 = 1;

/// A value of the file with its span.
pub(crate) type Node<'i> = Spanned<DeValue<'i>>;

/// What reading one file came to.
pub(crate) struct Parsed<T> {
    /// The manifest; there when there are no errors.
    pub(crate) manifest: Option<T>,
    /// What is wrong whoever uses the manifest.
    pub(crate) errors: Vec<ManifestError>,
    /// Variables that are not set: wrong only for those who use the manifest.
    pub(crate) unset: Vec<ManifestError>,
}

/// Reads one kind of table; made by `table!`.
pub(crate) trait Table: Sized {
    /// Its keys, in the order that a reader of the manifest wants them.
    const KEYS: &'static [KeyInfo];
    /// Reads every key; `None` if an error was recorded.
    fn read_table(table: &DeTable<'_>, span: Range<usize>, reader: &mut Reader<'_>) -> Option<Self>;
    /// Takes from `parent` what is not said here.
    fn inherit(&mut self, parent: &Self);
}

/// Rules between the keys of one table.
pub(crate) trait Check {
    /// Records what breaks them.
    fn check(&self, _reader: &mut Reader<'_>) {}
}

/// The file being read and what is wrong with it so far.
pub(crate) struct Reader<'a> {
    source: &'a SourceFile,
    lookup: Lookup<'a>,
    path: Vec<String>,
    /// Where the table lies whose rules are being checked.
    table: Range<usize>,
    errors: Vec<ManifestError>,
    unset: Vec<ManifestError>,
}

/// Reads a manifest: a whole file.
pub(crate) fn parse<T: Table>(source: &SourceFile, lookup: Lookup<'_>) -> Parsed<T> {
    parse_with(source, lookup, |root, reader| {
        if reader.schema_is_known(root.get_ref()) { T::read_table(root.get_ref(), 0..0, reader) } else { None }
    })
}

/// Reads a file of any form with `read`, which gets its root table.
pub(crate) fn parse_with<T>(
    source: &SourceFile,
    lookup: Lookup<'_>,
    read: impl FnOnce(&Spanned<DeTable<'_>>, &mut Reader<'_>) -> Option<T>,
) -> Parsed<T> {
    let mut reader = Reader { source, lookup, path: Vec::new(), table: 0..0, errors: Vec::new(), unset: Vec::new() };
    let (root, syntax) = DeTable::parse_recoverable(source.text());
    let mut manifest = None;
    if syntax.is_empty() {
        manifest = read(&root, &mut reader);
    }
    for error in syntax {
        let message = error.message().to_owned();
        reader.error(ErrorKind::Syntax { message }, error.span().unwrap_or(0..0));
    }
    let Reader { mut errors, unset, .. } = reader;
    sort_by_place(&mut errors);
    let manifest = manifest.filter(|_| errors.is_empty());
    Parsed { manifest, errors, unset }
}

impl Reader<'_> {
    /// The file being read.
    pub(crate) fn source(&self) -> &SourceFile {
        self.source
    }

    /// Records an error.
    pub(crate) fn error(&mut self, kind: ErrorKind, span: Range<usize>) {
        self.errors.push(ManifestError::new(kind, self.source.at(span)));
    }

    /// Records an error at a value that was read before.
    pub(crate) fn error_at(&mut self, kind: ErrorKind, place: &Place) {
        self.errors.push(ManifestError::new(kind, place.clone()));
    }

    /// From now on rules of the table that spans `span` are checked.
    pub(crate) fn checks(&mut self, span: Range<usize>) {
        self.table = span;
    }

    /// Records an error of the whole table whose rules are being checked.
    pub(crate) fn error_in_table(&mut self, kind: ErrorKind) {
        self.error(kind, self.table.clone());
    }

    /// The key being read with its parents, dotted.
    pub(crate) fn key(&self) -> String {
        self.path.join(".")
    }

    /// Reads something below `key`.
    pub(crate) fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let result = read(self);
        self.path.pop();
        result
    }

    /// Records that the value is of the wrong type.
    pub(crate) fn wrong_type<T>(&mut self, node: &Node<'_>, expected: &str) -> Option<T> {
        let found = match node.get_ref() {
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Integer(_) => "an integer".to_owned(),
            other => format!("a {}", other.type_str()),
        };
        let (key, expected) = (self.key(), expected.to_owned());
        self.error(ErrorKind::WrongType { key, expected, found }, node.span());
        None
    }

    /// Records that the value is not one of `allowed` (as one would write them).
    pub(crate) fn not_allowed<T>(&mut self, node: &Node<'_>, allowed: &[&str]) -> Option<T> {
        let word = node.get_ref().as_str().unwrap_or_default();
        let nearest = nearest(word, allowed.iter().map(|value| value.trim_matches('"')));
        let nearest = nearest.map(str::to_owned);
        let found = self.source.text().get(node.span()).unwrap_or_default().to_owned();
        let allowed = allowed.iter().map(|&value| value.to_owned()).collect();
        let kind = ErrorKind::NotAllowed { key: self.key(), found, allowed, nearest };
        self.error(kind, node.span());
        None
    }

    /// Records that the value breaks a rule of its own.
    pub(crate) fn invalid<T>(
        &mut self,
        node: &Node<'_>,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> Option<T> {
        let (problem, advice) = (problem.into(), advice.into());
        self.error(ErrorKind::Invalid { key: self.key(), problem, advice }, node.span());
        None
    }

    /// A string, whatever it holds.
    pub(crate) fn string<'n>(&mut self, node: &'n Node<'_>) -> Option<&'n str> {
        match node.get_ref().as_str() {
            Some(text) => Some(text),
            None => self.wrong_type(node, "a string"),
        }
    }

    /// A string with its `${NAME}` replaced. A variable that is not set stays as
    /// it is written, and is recorded apart from the errors.
    pub(crate) fn expanded(&mut self, node: &Node<'_>) -> Option<String> {
        let text = self.string(node)?;
        let expansion = match super::expand::expand(text, self.lookup) {
            Ok(expansion) => expansion,
            Err(problem) => {
                let kind = ErrorKind::BadVariable { key: self.key(), problem };
                self.error(kind, node.span());
                return None;
            }
        };
        for name in expansion.unset {
            let place = self.source.at(self.variable_span(&name, node.span()));
            self.unset.push(ManifestError::new(ErrorKind::UnsetVariable { name }, place));
        }
        Some(expansion.text)
    }

    /// The variable's own place, unless an escape hides it.
    fn variable_span(&self, name: &str, value: Range<usize>) -> Range<usize> {
        let variable = format!("${{{name}}}");
        match self.source.text().get(value.clone()).and_then(|text| text.find(&variable)) {
            Some(offset) => value.start + offset..value.start + offset + variable.len(),
            None => value,
        }
    }

    /// Reads the key `info` of a table that spans `span`.
    pub(crate) fn field<F: Field>(
        &mut self,
        table: &DeTable<'_>,
        info: &KeyInfo,
        kind: &'static str,
        span: &Range<usize>,
    ) -> Option<F> {
        let name = info.name();
        self.within(&name, |reader| match table.get(name.as_str()) {
            Some(node) => F::present(node, reader),
            None => F::absent().or_else(|| {
                let kind = match info.field {
                    "schema" => ErrorKind::MissingSchema { table: kind },
                    _ => ErrorKind::MissingKey { key: reader.key(), table: kind, sample: info.sample },
                };
                reader.error(kind, span.clone());
                None
            }),
        })
    }

    /// Records the keys that are not in `known`.
    pub(crate) fn reject_unknown(&mut self, table: &DeTable<'_>, kind: &'static str, known: &[KeyInfo]) {
        let known: Vec<String> = known.iter().map(KeyInfo::name).collect();
        for key in table.keys() {
            let word: &str = key.get_ref();
            if known.iter().any(|known| known == word) {
                continue;
            }
            let nearest = nearest(word, known.iter().map(String::as_str)).map(str::to_owned);
            let dotted = self.within(word, |reader| reader.key());
            let known = known.clone();
            self.error(ErrorKind::UnknownKey { key: dotted, table: kind, nearest, known }, key.span());
        }
    }

    /// Whether the file may be of a schema that this version reads. Of another
    /// one nothing else can be said.
    fn schema_is_known(&mut self, root: &DeTable<'_>) -> bool {
        // An absent number, or one of the wrong type, is for the key itself to report.
        let number = root.get("schema").and_then(|node| Some((integer(node)?, node.span())));
        match number {
            None | Some((SCHEMA, _)) => true,
            Some((other, span)) => {
                let found = other.to_string();
                self.error(ErrorKind::UnsupportedSchema { found, supported: SCHEMA }, span);
                false
            }
        }
    }
}

/// The value as an integer, if it is one of 64 bits.
pub(crate) fn integer(node: &Node<'_>) -> Option<i64> {
    let integer = node.get_ref().as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
