//! The little of XML that is written here, and the one way in which it is read.

use crate::read_archive::ReadError;
use roxmltree::{Document, Node, ParsingOptions};

/// Nodes of a document, so that it does not take much more memory than its text does. A large package has some hundred.
const MAX_NODES: u32 = 50_000;

/// Text as it stands between tags or in an attribute's quotes (XML 1.0, 2.4).
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&apos;",
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Whether XML can say every character (XML 1.0, 2.2).
pub(crate) fn can_say(text: &str) -> bool {
    let cannot = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    !text.contains(cannot)
}

/// Parses a document from outside: no document type, hence no entities that expand, and a bounded number of nodes.
pub(crate) fn parse<'a>(bytes: &'a [u8], what: &'static str) -> Result<Document<'a>, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Damaged(what))?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|_| ReadError::Damaged(what))
}

/// The first child of a name.
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The text of the first child of a name, without space around it.
pub(crate) fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name).and_then(|child| child.text()).map(str::trim)
}
