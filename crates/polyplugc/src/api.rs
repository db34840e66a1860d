//! Reads `api.toml`: every error at its place, as many as can be found at once.

mod declared;
mod types;

use located::{Located, SourceFile};
use polyplug::loader::names::{check_contract_name, parse_version};
use polyplug_abi::types::Version;

use crate::error::{ErrorKind, Errors, LocatedError};
use crate::model::{Api, Contract, Enum, Function, Number, Variant};
use crate::names::{self, Case};
use crate::reader::{Reader, Table, parse};
use declared::{Declared, Names};

const ROOT: &[&str] = &["types", "enum", "guest_contract", "host_contract"];
const TYPE: &[&str] = &["name", "docs", "fields"];
const FIELD: &[&str] = &["name", "docs", "type"];
const ENUM: &[&str] = &["name", "docs", "repr", "variants"];
const VARIANT: &[&str] = &["name", "docs", "value"];
const CONTRACT: &[&str] = &["name", "docs", "version", "singleton", "functions"];
const HOST_CONTRACT: &[&str] = &["name", "docs", "version", "functions"];
const FUNCTION: &[&str] = &["name", "docs", "params", "return"];

/// Reads an API.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn read_api(source: &SourceFile) -> Result<Api, Errors> {
    let (api, errors) = parse_api(source);
    Errors::check(errors)?;
    Ok(api)
}

/// What could be read of an API, and what is wrong with it.
pub(crate) fn parse_api(source: &SourceFile) -> (Api, Vec<LocatedError>) {
    let (api, errors) = parse(source, "the API", ROOT, read_root);
    (api.unwrap_or_default(), errors)
}

fn read_root(root: &Table<'_>, reader: &mut Reader) -> Api {
    let mut names = Names::default();
    let enums = read_enums(root, &mut names, reader);
    let mut structs = types::declare(root, &mut names, reader);
    types::fill(root, &mut structs, &enums, reader);
    let declared = Declared { structs: &structs, enums: &enums };
    let guest_contracts = read_contracts(root, "guest_contract", CONTRACT, &declared, &mut names, reader);
    let host_contracts = read_contracts(root, "host_contract", HOST_CONTRACT, &declared, &mut names, reader);
    types::resolve(structs, enums, guest_contracts, host_contracts, reader)
}

/// A name that is right, or none; what is wrong is recorded.
fn name(table: &Table<'_>, what: &'static str, case: Case, reader: &mut Reader) -> Option<Located<String>> {
    let sample = match case {
        Case::UpperCamel | Case::Variant => "name = \"ColorSpace\"",
        Case::LowerSnake => "name = \"color_space\"",
    };
    let name = table.string("name", sample, reader)?;
    if let Some(kind) = names::problem(&name, what, case) {
        reader.error_at(kind, name.place());
        return None;
    }
    Some(name)
}

fn docs(table: &Table<'_>, reader: &mut Reader) -> String {
    table.optional("docs", reader).map(|docs| docs.trim().to_owned()).unwrap_or_default()
}

/// Records a name that is already in `seen`.
pub(crate) fn once(seen: &mut Vec<String>, what: &'static str, name: &Located<String>, reader: &mut Reader) {
    if seen.contains(name) {
        let advice = "give one of them another name".to_owned();
        let kind = ErrorKind::Duplicate { what, name: name.to_string(), advice };
        reader.error_at(kind, name.place());
    }
    seen.push(name.to_string());
}

/// As [`once`], for names that generated code also writes as types: what differs in underscores alone is the same there.
pub(crate) fn once_as_a_type(seen: &mut Vec<String>, what: &'static str, name: &Located<String>, reader: &mut Reader) {
    let capitalised = |name: &str| names::upper_camel(name);
    let other = seen.iter().find(|other| **other != **name && capitalised(other) == capitalised(name));
    if let Some(other) = other {
        let advice = format!("in generated code it would be the same as `{other}`; give one of them another name");
        reader.error_at(ErrorKind::Duplicate { what, name: name.to_string(), advice }, name.place());
    }
    once(seen, what, name, reader);
}

fn read_enums(root: &Table<'_>, names: &mut Names, reader: &mut Reader) -> Vec<Enum> {
    let mut enums = Vec::new();
    for node in root.list("enum", reader) {
        let Some(table) = reader.table("enum", node, "an enumeration", ENUM) else { continue };
        let name = name(&table, "an enumeration", Case::UpperCamel, reader);
        let repr = read_repr(&table, reader);
        let variants = read_variants(&table, repr.unwrap_or(Number::U64), reader);
        let Some(name) = name else { continue };
        names.declare_type(&name, reader);
        let docs = docs(&table, reader);
        enums.push(Enum { name: name.into_value(), docs, repr: repr.unwrap_or(Number::U64), variants });
    }
    enums
}

fn read_repr(table: &Table<'_>, reader: &mut Reader) -> Option<Number> {
    let repr = table.string("repr", "repr = \"u32\"", reader)?;
    let allowed = [Number::U8, Number::U16, Number::U32, Number::U64];
    let found = allowed.into_iter().find(|number| number.name() == *repr);
    if found.is_none() {
        let problem = format!("`repr` cannot be \"{}\"", *repr);
        reader.error_at(ErrorKind::invalid(problem, "write u8, u16, u32 or u64"), repr.place());
    }
    found
}

fn read_variants(table: &Table<'_>, repr: Number, reader: &mut Reader) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    let mut seen = Vec::new();
    let sample = "[[enum.variants]] with name and value";
    let largest = u64::MAX >> (64 - 8 * repr.size());
    if table.required("variants", sample, reader).is_some() && table.list("variants", reader).is_empty() {
        let kind = ErrorKind::invalid("the enumeration has no variants", format!("write {sample}"));
        reader.error_at(kind, &table.place(reader));
    }
    for node in table.list("variants", reader) {
        let Some(table) = reader.table("variants", node, "a variant", VARIANT) else { continue };
        let name = name(&table, "a variant", Case::Variant, reader);
        let value = table.integer("value", "value = 1", reader);
        let docs = docs(&table, reader);
        if let Some(name) = &name {
            once(&mut seen, "the variant", name, reader);
        }
        let Some(value) = value else { continue };
        let Some(number) = u64::try_from(*value).ok().filter(|number| *number <= largest) else {
            let problem = format!("{} does not fit into {}", *value, repr.name());
            reader.error_at(ErrorKind::invalid(problem, format!("write a number from 0 to {largest}")), value.place());
            continue;
        };
        if let Some(other) = variants.iter().find(|variant| variant.value == number) {
            let problem = format!("`{}` has the value {number}, too", other.name);
            reader.error_at(ErrorKind::invalid(problem, "give each variant a value of its own"), value.place());
        }
        let Some(name) = name else { continue };
        variants.push(Variant { name: name.into_value(), docs, value: number });
    }
    variants
}

fn read_contracts(
    root: &Table<'_>,
    key: &'static str,
    known: &'static [&'static str],
    declared: &Declared<'_>,
    names: &mut Names,
    reader: &mut Reader,
) -> Vec<Contract> {
    let mut contracts = Vec::new();
    for node in root.list(key, reader) {
        let Some(table) = reader.table(key, node, "a contract", known) else { continue };
        let full = table.string("name", "name = \"image.Painter\"", reader);
        let name = full.as_ref().and_then(|full| contract_name(full, reader));
        let version = table
            .string("version", "version = \"1.0.0\"", reader)
            .and_then(|version| read_version(&version, reader))
            .unwrap_or_default();
        let (docs, singleton) = (docs(&table, reader), known == CONTRACT && table.flag("singleton", reader));
        let functions = read_functions(&table, declared, reader);
        let (Some(full), Some(name)) = (full, name) else { continue };
        names.declare_contract(&name, &functions, full.place(), reader);
        contracts.push(Contract { contract: full.into_value(), name, docs, version, singleton, functions });
    }
    contracts
}

/// The last part of a contract's name, if the whole is one.
fn contract_name(full: &Located<String>, reader: &mut Reader) -> Option<String> {
    let (spaces, last) = full.rsplit_once('.').map_or(("", &***full), |(spaces, last)| (spaces, last));
    let problem = names::problem(last, "a contract", Case::UpperCamel).or_else(|| {
        let mut spaces = spaces.split('.').filter(|_| !spaces.is_empty());
        spaces.find_map(|part| names::problem(part, "a contract's name space", Case::LowerSnake))
    });
    let problem = problem.or_else(|| {
        let advice = check_contract_name(full).err()?;
        Some(ErrorKind::invalid(format!("`{}` cannot be a contract's name", **full), advice))
    });
    match problem {
        Some(kind) => {
            reader.error_at(kind, full.place());
            None
        }
        None => Some(last.to_owned()),
    }
}

/// A version of three numbers.
pub(crate) fn read_version(text: &Located<String>, reader: &mut Reader) -> Option<Version> {
    match parse_version(text) {
        Ok(version) => Some(version),
        Err(advice) => {
            reader.error_at(ErrorKind::invalid(format!("\"{}\" is no version", **text), advice), text.place());
            None
        }
    }
}

fn read_functions(table: &Table<'_>, declared: &Declared<'_>, reader: &mut Reader) -> Vec<Function> {
    let mut functions = Vec::new();
    let mut seen = Vec::new();
    if table.list("functions", reader).is_empty() {
        let advice = "write [[guest_contract.functions]] or [[host_contract.functions]] with a name";
        reader.error_at(ErrorKind::invalid("the contract has no functions", advice), &table.place(reader));
    }
    for node in table.list("functions", reader) {
        let Some(table) = reader.table("functions", node, "a function", FUNCTION) else { continue };
        let name = name(&table, "a function", Case::LowerSnake, reader);
        if let Some(name) = &name {
            once_as_a_type(&mut seen, "the function", name, reader);
        }
        let docs = docs(&table, reader);
        let params = types::read_fields(&table, "params", "a parameter", declared, reader);
        if params.len() > 255 {
            let kind = ErrorKind::invalid(format!("the function has {} parameters", params.len()), "at most 255");
            reader.error_at(kind, &table.place(reader));
        }
        let result = table.optional("return", reader).and_then(|ty| types::read_type(&ty, declared, reader));
        let Some(name) = name else { continue };
        functions.push(Function { name: name.into_value(), docs, params, result });
    }
    functions
}
