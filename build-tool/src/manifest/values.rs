//! The values that need more than a TOML type: those of several types, and
//! numbers with a rule of their own.
use std::fmt;

use serde::Serialize;
use toml::de::DeValue;

use super::field::FromToml;
use super::reader::{Node, Reader, SCHEMA, integer};

/// Implements `JsonSchema` for a value that is written in place.
macro_rules! schema {
    ($name:ident, $($schema:tt)+) => {
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)+)
            }
        }
    };
}
pub(crate) use schema;

/// The allowed values as JSON: TOML writes words, integers and truth values the same way.
fn allowed_values<T: FromToml>() -> Vec<serde_json::Value> {
    T::ALLOWED.iter().filter_map(|value| serde_json::from_str(value).ok()).collect()
}

/// The schema number of a manifest; there is only one so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaNumber;

schema!(SchemaNumber, { "type": "integer", "const": SCHEMA });

impl FromToml for SchemaNumber {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match integer(node) {
            Some(SCHEMA) => Some(Self),
            _ => reader.wrong_type(node, "the integer 1"),
        }
    }
}

/// How much rustc optimises: `opt-level` of a Cargo profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum OptLevel {
    /// 0 to 3: for speed.
    Speed(u8),
    /// `"s"`: for size.
    Size,
    /// `"z"`: for size, loops included.
    SmallestSize,
}

schema!(OptLevel, { "enum": allowed_values::<OptLevel>() });

impl FromToml for OptLevel {
    const ALLOWED: &'static [&'static str] = &["0", "1", "2", "3", "\"s\"", "\"z\""];
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match (node.get_ref(), integer(node)) {
            (_, Some(level @ 0..=3)) => Some(Self::Speed(level as u8)),
            (DeValue::String(word), _) if word == "s" => Some(Self::Size),
            (DeValue::String(word), _) if word == "z" => Some(Self::SmallestSize),
            (DeValue::String(_) | DeValue::Integer(_), _) => reader.not_allowed(node, Self::ALLOWED),
            _ => reader.wrong_type(node, "an integer from 0 to 3, \"s\" or \"z\""),
        }
    }
}

impl OptLevel {
    /// The value as Cargo's configuration takes it.
    pub fn to_toml_value(self) -> toml::Value {
        match self {
            Self::Speed(level) => i64::from(level).into(),
            Self::Size => "s".into(),
            Self::SmallestSize => "z".into(),
        }
    }
}

/// Link-time optimisation: `lto` of a Cargo profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Lto {
    /// `"off"`: none at all.
    Off,
    /// `false`: within each crate only.
    Local,
    /// `"thin"`: over all crates, in parallel.
    Thin,
    /// `true` or `"fat"`: over all crates as one.
    Fat,
}

schema!(Lto, { "enum": allowed_values::<Lto>() });

impl FromToml for Lto {
    const ALLOWED: &'static [&'static str] = &["true", "false", "\"off\"", "\"thin\"", "\"fat\""];
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.get_ref() {
            DeValue::Boolean(true) => Some(Self::Fat),
            DeValue::Boolean(false) => Some(Self::Local),
            DeValue::String(word) => match &**word {
                "off" => Some(Self::Off),
                "thin" => Some(Self::Thin),
                "fat" => Some(Self::Fat),
                _ => reader.not_allowed(node, Self::ALLOWED),
            },
            _ => reader.wrong_type(node, "true, false, \"off\", \"thin\" or \"fat\""),
        }
    }
}

impl Lto {
    /// The value as Cargo's configuration takes it.
    pub fn to_toml_value(self) -> toml::Value {
        match self {
            Self::Off => "off".into(),
            Self::Local => false.into(),
            Self::Thin => "thin".into(),
            Self::Fat => "fat".into(),
        }
    }
}

/// How much debug information rustc makes: `debug` of a Cargo profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum DebugLevel {
    /// `false`, `0` or `"none"`.
    None,
    /// `"line-directives-only"`.
    LineDirectivesOnly,
    /// `"line-tables-only"`: enough for backtraces with lines.
    LineTablesOnly,
    /// `1` or `"limited"`.
    Limited,
    /// `true`, `2` or `"full"`.
    Full,
}

schema!(DebugLevel, { "enum": allowed_values::<DebugLevel>() });

impl FromToml for DebugLevel {
    const ALLOWED: &'static [&'static str] = &[
        "true",
        "false",
        "0",
        "1",
        "2",
        "\"none\"",
        "\"line-directives-only\"",
        "\"line-tables-only\"",
        "\"limited\"",
        "\"full\"",
    ];
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.get_ref() {
            DeValue::Boolean(true) => Some(Self::Full),
            DeValue::Boolean(false) => Some(Self::None),
            DeValue::Integer(_) => match integer(node) {
                Some(0) => Some(Self::None),
                Some(1) => Some(Self::Limited),
                Some(2) => Some(Self::Full),
                _ => reader.not_allowed(node, Self::ALLOWED),
            },
            DeValue::String(word) => match &**word {
                "none" => Some(Self::None),
                "line-directives-only" => Some(Self::LineDirectivesOnly),
                "line-tables-only" => Some(Self::LineTablesOnly),
                "limited" => Some(Self::Limited),
                "full" => Some(Self::Full),
                _ => reader.not_allowed(node, Self::ALLOWED),
            },
            _ => reader.wrong_type(node, "true, false, an integer from 0 to 2, or a level's name"),
        }
    }
}

impl DebugLevel {
    /// The value as Cargo's configuration takes it.
    pub fn to_toml_value(self) -> toml::Value {
        match self {
            Self::None => "none",
            Self::LineDirectivesOnly => "line-directives-only",
            Self::LineTablesOnly => "line-tables-only",
            Self::Limited => "limited",
            Self::Full => "full",
        }
        .into()
    }
}

/// A number of codegen units: 1 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct CodegenUnits(pub u32);

schema!(CodegenUnits, { "type": "integer", "minimum": 1 });

impl FromToml for CodegenUnits {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match (node.get_ref(), integer(node)) {
            (_, Some(units @ 1..=0xffff_ffff)) => Some(Self(units as u32)),
            (DeValue::Integer(_), _) => reader.invalid(node, "is out of range", "write an integer of 1 or more"),
            _ => reader.wrong_type(node, "an integer of 1 or more"),
        }
    }
}

/// How well a target is kept: 1, 2 or 3. `--all-targets` means tier 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Tier(pub u8);

schema!(Tier, { "enum": allowed_values::<Tier>() });

impl FromToml for Tier {
    const ALLOWED: &'static [&'static str] = &["1", "2", "3"];
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match (node.get_ref(), integer(node)) {
            (_, Some(tier @ 1..=3)) => Some(Self(tier as u8)),
            (DeValue::Integer(_), _) => reader.not_allowed(node, Self::ALLOWED),
            _ => reader.wrong_type(node, "an integer from 1 to 3"),
        }
    }
}

/// The version of a system or of its C library, such as `11.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SystemVersion {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number, if it is written.
    pub patch: Option<u16>,
}

schema!(SystemVersion, { "type": "string", "pattern": "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$" });

impl FromToml for SystemVersion {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.string(node)?;
        let mut parts = text
            .split('.')
            .map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok())?);
        let version = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), None, None) => (major, minor, None),
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => (major, minor, Some(patch)),
            _ => {
                let problem = format!("cannot be \"{text}\"");
                return reader.invalid(node, problem, "write a version such as \"11.0\"");
            }
        };
        let (major, minor, patch) = version;
        Some(Self { major, minor, patch })
    }
}

impl fmt::Display for SystemVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}
