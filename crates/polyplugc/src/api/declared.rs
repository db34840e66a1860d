//! The names that an API declares, and those that generated code makes of them: each only once.

use std::collections::BTreeSet;

use located::{Located, Place};

use super::types::RawStruct;
use crate::error::ErrorKind;
use crate::model::{Enum, Function};
use crate::reader::Reader;

/// What types may be made of.
pub(crate) struct Declared<'a> {
    pub(crate) structs: &'a [RawStruct],
    pub(crate) enums: &'a [Enum],
}

/// Every name that some generated file has at its top level, with what it was made of.
#[derive(Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A struct or an enumeration.
    pub(crate) fn declare_type(&mut self, name: &Located<String>, reader: &mut Reader) {
        self.claim(name, &[name.as_str()], name.place(), reader);
    }

    /// A contract, under the last part of its name; what Rust calls the arguments of its functions is not to be what it
    /// calls those of another contract.
    pub(crate) fn declare_contract(&mut self, name: &str, functions: &[Function], place: &Place, reader: &mut Reader) {
        let snake = format!("register_{}", crate::names::lower_snake(name));
        let own = [name.to_owned(), format!("{name}Caller"), format!("{name}Functions"), snake];
        let arguments = |one: &Function| format!("arguments::{name}{}", crate::names::upper_camel(&one.name));
        let all: Vec<String> = own.into_iter().chain(functions.iter().map(arguments)).collect();
        self.claim(name, &all.iter().map(String::as_str).collect::<Vec<_>>(), place, reader);
    }

    fn claim(&mut self, name: &str, derived: &[&str], place: &Place, reader: &mut Reader) {
        let taken = derived.iter().find(|derived| self.taken.contains(**derived));
        if let Some(taken) = taken {
            let advice = if *taken == name {
                "types, enumerations and the last parts of contracts' names share one space; give one of them another name"
            } else {
                "generated code would have this name twice; give one of them another name"
            };
            let kind = ErrorKind::Duplicate { what: "the name", name: (*taken).to_owned(), advice: advice.to_owned() };
            reader.error_at(kind, place);
        }
        self.taken.extend(derived.iter().map(|derived| (*derived).to_owned()));
    }
}
