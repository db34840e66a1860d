//! JSON as it stands in a file: a tree in the file's order in which every value knows its place.

use std::fmt::{self, Write as _};
use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::errors::ParseErrorKind as Kind;
use jsonc_parser::{CollectOptions, ParseOptions};

/// What is read as package.json: JSON, and what Bun takes beyond it, comments and a last comma.
pub(super) const SYNTAX: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A value, and the bytes of the file that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The value
    pub value: Value,
    /// In bytes from the file's begin
    pub span: Range<usize>,
}

/// What JSON can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// As it was written: no digit is lost
    Number(String),
    /// Without its quotes and escapes
    String(String),
    /// In order
    Array(Vec<Node>),
    /// In the file's order; a name may come twice, and the last one counts
    Object(Vec<Member>),
}

/// One `"name": value` of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Without its quotes
    pub name: String,
    /// Where the name stands
    pub name_span: Range<usize>,
    /// What it is given
    pub value: Node,
}

/// What is wrong with a text that is not JSON, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) what: String,
    pub(super) help: String,
    pub(super) span: Range<usize>,
}

/// Reads `text`; a byte order mark before it is passed over.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let parsed = jsonc_parser::parse_to_ast(&text[start..], &CollectOptions::default(), &SYNTAX).map_err(|error| {
        let (what, help) = explain(error.kind());
        let range = error.range();
        SyntaxError { what, help, span: range.start + start..range.end.max(range.start) + start }
    })?;
    parsed.value.map(|value| node(value, start)).ok_or_else(|| SyntaxError {
        what: "nothing is there".to_owned(),
        help: "a package.json has at least {}".to_owned(),
        span: 0..0,
    })
}

/// The parser's words, and what to do about it.
fn explain(kind: &Kind) -> (String, String) {
    let help = match kind {
        Kind::ExpectedComma => "put a comma between this and what is before it",
        Kind::SingleQuotedStringsNotAllowed => "JSON has double quotes only: \"…\"",
        Kind::UnexpectedWord | Kind::ExpectedStringObjectProperty => "names and texts stand in double quotes: \"…\"",
        Kind::UnterminatedObject | Kind::UnterminatedArray => "the bracket that opens here is never closed",
        Kind::MultipleRootJsonValues => "the file must end after its last }",
        Kind::NestingDepthExceeded => "no package.json needs this: was the file damaged?",
        Kind::String(_) => {
            "a text ends with \" on its own line; \\ begins one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        }
        _ => "the file must be JSON; comments and a comma after the last entry are fine",
    };
    (lower_first(&kind.to_string()), help.to_owned())
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

fn node(value: ast::Value<'_>, start: usize) -> Node {
    use jsonc_parser::common::Ranged;
    let range = value.range();
    let span = range.start + start..range.end + start;
    let value = match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
        ast::Value::NumberLit(literal) => Value::Number(literal.value.to_owned()),
        ast::Value::StringLit(literal) => Value::String(literal.value.into_owned()),
        ast::Value::Array(array) => Value::Array(array.elements.into_iter().map(|value| node(value, start)).collect()),
        ast::Value::Object(object) => {
            Value::Object(object.properties.into_iter().map(|property| member(property, start)).collect())
        }
    };
    Node { value, span }
}

fn member(property: ast::ObjectProp<'_>, start: usize) -> Member {
    use jsonc_parser::common::Ranged;
    let range = property.name.range();
    Member {
        name: property.name.into_string(),
        name_span: range.start + start..range.end + start,
        value: node(property.value, start),
    }
}

impl Node {
    /// Reads a value that stands in no file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text).map_err(|error| error.what)
    }

    /// The value of an object's entry: the last of that name, as JavaScript reads it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Value::Object(members) = &self.value else { return None };
        Some(&members.iter().rev().find(|member| member.name == name)?.value)
    }

    /// The entry of an array.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Self> {
        let Value::Array(elements) = &self.value else { return None };
        elements.get(index)
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        let Value::String(text) = &self.value else { return None };
        Some(text)
    }

    /// What it is, in words, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// As JSON, indented by two spaces, in the order of the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0).expect("a String takes everything");
        out
    }

    fn write(&self, out: &mut String, depth: usize) -> fmt::Result {
        match &self.value {
            Value::Null => out.write_str("null"),
            Value::Bool(value) => write!(out, "{value}"),
            Value::Number(digits) => out.write_str(digits),
            Value::String(text) => out.write_str(&quoted(text)),
            Value::Array(elements) => {
                write_all(out, depth, ['[', ']'], elements, |out, element| element.write(out, depth + 1))
            }
            Value::Object(members) => {
                let counting: Vec<&Member> = members
                    .iter()
                    .enumerate()
                    .filter(|(index, member)| members[index + 1..].iter().all(|later| later.name != member.name))
                    .map(|(_, member)| member)
                    .collect();
                write_all(out, depth, ['{', '}'], &counting, |out, member| {
                    write!(out, "{}: ", quoted(&member.name))?;
                    member.value.write(out, depth + 1)
                })
            }
        }
    }
}

fn write_all<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    entries: &[T],
    mut one: impl FnMut(&mut String, &T) -> fmt::Result,
) -> fmt::Result {
    out.write_char(open)?;
    for (index, entry) in entries.iter().enumerate() {
        write!(out, "{}\n{:indent$}", if index == 0 { "" } else { "," }, "", indent = 2 * (depth + 1))?;
        one(out, entry)?;
    }
    if !entries.is_empty() {
        write!(out, "\n{:indent$}", "", indent = 2 * depth)?;
    }
    out.write_char(close)
}

/// A text as JSON writes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every text can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> (String, Range<usize>) {
        let error = parse(text).unwrap_err();
        (error.what, error.span)
    }

    #[test]
    fn order_and_digits_survive() {
        let text = "{\n  \"z\": 1.50,\n  \"a\": [\n    true,\n    null\n  ],\n  \"e\": {}\n}";
        assert_eq!(parse(text).unwrap().to_json(), text);
    }

    #[test]
    fn comments_and_a_last_comma_are_taken() {
        let node = parse("// top\n{ \"a\": [1, /* x */ 2,], }").unwrap();
        assert_eq!(node.get("a").unwrap().at(1).unwrap().value, Value::Number("2".to_owned()));
    }

    #[test]
    fn the_last_of_two_equal_names_counts() {
        let node = parse(r#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(node.get("a").unwrap().value, Value::Number("2".to_owned()));
        assert_eq!(node.to_json(), "{\n  \"a\": 2\n}");
    }

    #[test]
    fn places_count_the_byte_order_mark() {
        let text = "\u{feff}{\"a\": \"b\"}";
        let node = parse(text).unwrap();
        assert_eq!(&text[node.get("a").unwrap().span.clone()], "\"b\"");
        assert_eq!(refused("\u{feff}{x}").1.start, 4);
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_stands() {
        assert_eq!(refused("{\"a\": 1 \"b\": 2}").1.start, 7);
        assert_eq!(refused("{'a': 1}").1.start, 1);
        assert_eq!(refused("{\"a\": \"b").1.start, 6);
        assert_eq!(refused(""), ("nothing is there".to_owned(), 0..0));
        assert_eq!(refused("{} {}").1.start, 3);
        assert!(refused(&"[".repeat(100_000)).0.contains("nesting"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_within_itself(text in "\\PC*") {
            if let Err(error) = parse(&text) {
                prop_assert!(error.span.start <= text.len() && error.span.end <= text.len());
            }
        }

        #[test]
        fn what_is_written_reads_the_same(text in "[\\[\\]{}\":,a1 \\\\\"]{0,24}") {
            if let Ok(node) = parse(&text) {
                let again = node.to_json();
                prop_assert_eq!(parse(&again).unwrap().to_json(), again);
            }
        }
    }
}
