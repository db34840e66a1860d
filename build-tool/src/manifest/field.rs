//! How a key's Rust type decides what may stand there: `Option` for a key that
//! may be absent, `Located` for one that must be there, lists and tables of those.
use std::collections::BTreeMap;

use located::Located;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use toml::de::DeValue;

use super::declare::KeyInfo;
use super::kind::ErrorKind;
use super::reader::{Node, Reader};

/// Reads one value.
pub(crate) trait FromToml: Sized + JsonSchema {
    /// The keys of the table it is, if it is one.
    const KEYS: &'static [KeyInfo] = &[];
    /// The values allowed, as one would write them, if they are few.
    const ALLOWED: &'static [&'static str] = &[];
    /// `None` if an error was recorded.
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;
    /// What is wrong with `name` as the key of such a value, in a table whose keys
    /// the user chooses.
    fn name_problem(_name: &str) -> Option<(&'static str, &'static str)> {
        None
    }
    /// Takes from `parent` what is not said here: nothing, unless it is a table.
    fn merge(&mut self, _parent: &Self) {}
}

/// Reads what stands at a key, or does not.
pub(crate) trait Field: Sized {
    /// Whether the key has to be there.
    const REQUIRED: bool = false;
    /// The keys of the table it holds, if it does.
    const KEYS: &'static [KeyInfo];
    /// The values allowed there or in the list there, if they are few.
    const ALLOWED: &'static [&'static str];
    /// Reads the value; `None` if an error was recorded.
    fn present(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;
    /// The value of an absent key; `None` if there has to be one.
    fn absent() -> Option<Self>;
    /// Takes from `parent` what is not said here.
    fn inherit(&mut self, parent: &Self);
    /// The JSON Schema of a value that is there.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// May be absent. A value wins over the parent's, a list as a whole.
impl<T: FromToml + Clone> Field for Option<T> {
    const KEYS: &'static [KeyInfo] = T::KEYS;
    const ALLOWED: &'static [&'static str] = T::ALLOWED;
    fn present(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::from_toml(node, reader).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn inherit(&mut self, parent: &Self) {
        match (self, parent) {
            (Some(own), Some(parent)) => own.merge(parent),
            (own, parent) => {
                if own.is_none() {
                    own.clone_from(parent);
                }
            }
        }
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Has to be there.
impl<T: FromToml> Field for Located<T> {
    const REQUIRED: bool = true;
    const KEYS: &'static [KeyInfo] = T::KEYS;
    const ALLOWED: &'static [&'static str] = T::ALLOWED;
    fn present(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        Self::from_toml(node, reader)
    }
    fn absent() -> Option<Self> {
        None
    }
    fn inherit(&mut self, _parent: &Self) {}
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// A table with keys of the user's choice: joined with the parent's key by key.
impl<T: FromToml + Clone> Field for BTreeMap<String, T> {
    const KEYS: &'static [KeyInfo] = T::KEYS;
    const ALLOWED: &'static [&'static str] = T::ALLOWED;
    fn present(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let DeValue::Table(table) = node.get_ref() else {
            return reader.wrong_type(node, "a table");
        };
        let mut values = Self::new();
        let mut complete = true;
        for (spanned, node) in table {
            let key: &str = spanned.get_ref();
            if let Some((problem, advice)) = T::name_problem(key) {
                let key = reader.within(key, |reader| reader.key());
                let (problem, advice) = (problem.to_owned(), advice.to_owned());
                reader.error(ErrorKind::Invalid { key, problem, advice }, spanned.span());
                complete = false;
            }
            match reader.within(key, |reader| T::from_toml(node, reader)) {
                Some(value) => _ = values.insert(key.to_owned(), value),
                None => complete = false,
            }
        }
        complete.then_some(values)
    }
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn inherit(&mut self, parent: &Self) {
        for (key, value) in parent {
            match self.get_mut(key) {
                Some(own) => own.merge(value),
                None => _ = self.insert(key.clone(), value.clone()),
            }
        }
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Self>()
    }
}

impl<T: FromToml> FromToml for Located<T> {
    const KEYS: &'static [KeyInfo] = T::KEYS;
    const ALLOWED: &'static [&'static str] = T::ALLOWED;
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let value = T::from_toml(node, reader)?;
        Some(Self::new(value, reader.source().at(node.span())))
    }
    fn name_problem(name: &str) -> Option<(&'static str, &'static str)> {
        T::name_problem(name)
    }
    fn merge(&mut self, parent: &Self) {
        self.value_mut().merge(parent);
    }
}

impl<T: FromToml> FromToml for Vec<T> {
    const KEYS: &'static [KeyInfo] = T::KEYS;
    const ALLOWED: &'static [&'static str] = T::ALLOWED;
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let DeValue::Array(nodes) = node.get_ref() else {
            return reader.wrong_type(node, "a list");
        };
        // Every item is read before the first failure ends it, for its errors.
        let items: Vec<Option<T>> = nodes.iter().map(|node| T::from_toml(node, reader)).collect();
        items.into_iter().collect()
    }
}

impl FromToml for String {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        reader.string(node).map(str::to_owned)
    }
}

impl FromToml for bool {
    fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        node.get_ref().as_bool().or_else(|| reader.wrong_type(node, "true or false"))
    }
}
