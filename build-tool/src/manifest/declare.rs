//! Declares tables and lists of choices once. From one declaration come the Rust
//! type, the reader, the list of known keys, the JSON Schema and the comments of
//! the manifests that `init` writes.
use schemars::{Schema, json_schema};

/// What is known of a key besides its type.
#[derive(Debug)]
pub(crate) struct KeyInfo {
    /// The field's name in Rust.
    pub(crate) field: &'static str,
    /// The doc comment's lines.
    pub(crate) doc: &'static [&'static str],
    /// A value as one would write it; of a table, its header.
    pub(crate) sample: &'static str,
    /// Whether the key has to be there.
    pub(crate) required: bool,
    /// The values allowed, as one would write them, if they are few.
    pub(crate) allowed: &'static [&'static str],
    /// The keys below it, if it is a table.
    pub(crate) keys: &'static [KeyInfo],
}

impl KeyInfo {
    /// The key as it stands in a manifest.
    pub(crate) fn name(&self) -> String {
        self.field.replace('_', "-")
    }

    /// The doc comment on one line, with the values allowed.
    pub(crate) fn description(&self) -> String {
        let doc = on_one_line(self.doc);
        match self.allowed {
            [] => doc,
            allowed => format!("{doc} One of: {}.", allowed.join(", ")),
        }
    }
}

/// A doc comment on one line, without its marks for rustdoc.
pub(crate) fn on_one_line(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// The JSON Schema of a table whose keys have the schemas `fields`, in order.
pub(crate) fn table_schema(doc: &[&str], keys: &[KeyInfo], fields: Vec<Schema>) -> Schema {
    let mut properties = serde_json::Map::new();
    for (key, mut schema) in keys.iter().zip(fields) {
        schema.insert("description".to_owned(), key.description().into());
        properties.insert(key.name(), schema.into());
    }
    let required: Vec<String> = keys.iter().filter(|key| key.required).map(KeyInfo::name).collect();
    let mut schema = json_schema!({
        "description": on_one_line(doc),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// Declares a table: `/// doc` `pub struct Name as "kind" { /// doc  field: Type = "sample", … }`.
/// The key is the field's name with dashes. Its [`Check`](super::reader::Check)
/// holds the rules between keys.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $name:ident as $kind:literal {
            $( $(#[doc = $field_doc:literal])+ $field:ident: $type:ty = $sample:literal, )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $( $(#[doc = $field_doc])+ $vis $field: $type, )+
        }

        impl $crate::manifest::reader::Table for $name {
            const KEYS: &'static [$crate::manifest::declare::KeyInfo] = &[
                $( $crate::manifest::declare::KeyInfo {
                    field: stringify!($field),
                    doc: &[$($field_doc),+],
                    sample: $sample,
                    required: <$type as $crate::manifest::field::Field>::REQUIRED,
                    allowed: <$type as $crate::manifest::field::Field>::ALLOWED,
                    keys: <$type as $crate::manifest::field::Field>::KEYS,
                }, )+
            ];
            fn read_table(
                table: &toml::de::DeTable<'_>,
                span: std::ops::Range<usize>,
                reader: &mut $crate::manifest::reader::Reader<'_>,
            ) -> Option<Self> {
                use $crate::manifest::reader::Check as _;
                reader.reject_unknown(table, $kind, Self::KEYS);
                let mut keys = Self::KEYS.iter();
                // All fields are read before the first failure ends it, for their errors.
                $( let $field = reader.field::<$type>(table, keys.next()?, $kind, &span); )+
                let this = Self { $( $field: $field?, )+ };
                reader.checks(span);
                this.check(reader);
                Some(this)
            }
            fn inherit(&mut self, parent: &Self) {
                $( $crate::manifest::field::Field::inherit(&mut self.$field, &parent.$field); )+
            }
        }

        impl $crate::manifest::field::FromToml for $name {
            const KEYS: &'static [$crate::manifest::declare::KeyInfo] =
                <Self as $crate::manifest::reader::Table>::KEYS;
            fn from_toml(
                node: &$crate::manifest::reader::Node<'_>,
                reader: &mut $crate::manifest::reader::Reader<'_>,
            ) -> Option<Self> {
                match node.get_ref() {
                    toml::de::DeValue::Table(table) => {
                        $crate::manifest::reader::Table::read_table(table, node.span(), reader)
                    }
                    _ => reader.wrong_type(node, "a table"),
                }
            }
            fn merge(&mut self, parent: &Self) {
                $crate::manifest::reader::Table::inherit(self, parent);
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $kind.replace(' ', "-").into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let fields =
                    vec![$( <$type as $crate::manifest::field::Field>::schema(generator) ),+];
                $crate::manifest::declare::table_schema(
                    &[$($doc),+],
                    <Self as $crate::manifest::reader::Table>::KEYS,
                    fields,
                )
            }
        }
    };
}
pub(crate) use table;

/// Declares a list of words: `/// doc` `pub enum Name { /// doc  Variant = "word", … }`.
macro_rules! choices {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident {
            $( $(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum $name {
            $( $(#[doc = $variant_doc])+ #[serde(rename = $word)] $variant, )+
        }

        impl $name {
            /// Every choice, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it in a manifest.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::manifest::field::FromToml for $name {
            const ALLOWED: &'static [&'static str] = &[$(concat!("\"", $word, "\"")),+];
            fn from_toml(
                node: &$crate::manifest::reader::Node<'_>,
                reader: &mut $crate::manifest::reader::Reader<'_>,
            ) -> Option<Self> {
                match reader.string(node)? {
                    $( $word => Some(Self::$variant), )+
                    _ => reader.not_allowed(node, Self::ALLOWED),
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$($word),+] })
            }
        }
    };
}
pub(crate) use choices;
