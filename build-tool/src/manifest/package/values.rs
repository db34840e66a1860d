//! Values that only package manifests have: permission bits, numbers of packages,
//! and relations to other packages.
use serde::Serialize;
use toml::de::DeValue;

use crate::manifest::field::FromToml;
use crate::manifest::reader::{Node, Reader, integer};
use crate::manifest::values::schema;

/// The permission bits of a file: `"0644"`, or `0o644`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Mode(pub u32);

schema!(Mode, { "type": ["string", "integer"], "pattern": "^[0-7]{3,4}$", "minimum": 0, "maximum": 0o7777 });

impl FromToml for Mode {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let digits = |text: &str| matches!(text.len(), 3 | 4) && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        let mode = match node.get_ref() {
            DeValue::String(text) if digits(text) => u32::from_str_radix(text, 8).ok(),
            // 644 without a mark would be another number than everybody means.
            DeValue::Integer(number) if number.radix() == 8 => u32::from_str_radix(number.as_str(), 8).ok(),
            DeValue::String(_) | DeValue::Integer(_) => None,
            _ => return reader.wrong_type(node, "permission bits such as \"0644\""),
        };
        match mode.filter(|mode| *mode <= 0o7777) {
            Some(mode) => Some(Self(mode)),
            None => {
                reader.invalid(node, "is no set of permission bits", "write them in octal: \"0644\", \"0755\" or 0o644")
            }
        }
    }
}

/// The number of a package among those of one version: an integer, or a text for those who backport.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Revision(String);

schema!(Revision, { "type": ["string", "integer"], "pattern": "^[A-Za-z0-9.+~]+$", "minimum": 0 });

impl Revision {
    /// As it stands in file names.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromToml for Revision {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let allowed = |char: char| char.is_ascii_alphanumeric() || ".+~".contains(char);
        match (node.get_ref(), integer(node)) {
            (_, Some(number @ 0..)) => Some(Self(number.to_string())),
            (DeValue::String(text), _) if !text.is_empty() && text.chars().all(allowed) => Some(Self(text.to_string())),
            (DeValue::String(_) | DeValue::Integer(_), _) => reader.invalid(
                node,
                "is no number of a package",
                "write an integer of 0 or more, or letters and digits with `.`, `+` and `~`",
            ),
            _ => reader.wrong_type(node, "an integer or a string"),
        }
    }
}

/// Another package, and which of its versions: `git`, or `git >= 2.30`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Relation {
    /// The package's name.
    pub name: String,
    /// How its version compares, and with what.
    pub version: Option<(Comparison, String)>,
}

/// How a version compares with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

schema!(Relation, { "type": "string", "pattern": "^[A-Za-z0-9._+-]+( *(<|<=|=|>=|>) *[A-Za-z0-9.+~:-]+)?$" });

impl FromToml for Relation {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.string(node)?;
        if let Some(relation) = Self::parse(text) {
            return Some(relation);
        }
        let problem = format!("cannot be {text:?}");
        reader.invalid(
            node,
            problem,
            "write \"git\" or \"git >= 2.30\" (< <= = >= >); other forms belong to the format's own table, as in [deb]",
        )
    }
}

impl Relation {
    /// Reads `NAME` or `NAME OPERATOR VERSION`.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(['<', '=', '>', ' ']).unwrap_or(text.len());
        let (name, rest) = (&text[..end], text[end..].trim());
        let is_name = |name: &str| name.chars().all(|char| char.is_ascii_alphanumeric() || "._+-".contains(char));
        if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) || !is_name(name) {
            return None;
        }
        if rest.is_empty() {
            return Some(Self { name: name.to_owned(), version: None });
        }
        let operators = [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ];
        let (comparison, version) =
            operators.into_iter().find_map(|(text, comparison)| Some((comparison, rest.strip_prefix(text)?.trim())))?;
        let is_version = |char: char| char.is_ascii_alphanumeric() || ".+~:-".contains(char);
        let good = version.starts_with(|first: char| first.is_ascii_alphanumeric()) && version.chars().all(is_version);
        good.then(|| Self { name: name.to_owned(), version: Some((comparison, version.to_owned())) })
    }
}

impl Comparison {
    /// As rpm and Alpine write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }
}
