//! Structs and the types that fields, parameters and results have.

use located::{Located, Place, nearest};

use super::declared::{Declared, Names};
use super::{FIELD, TYPE, docs, name, once};
use crate::error::ErrorKind;
use crate::model::{Api, Contract, Enum, Field, Number, Struct, Type};
use crate::names::Case;
use crate::reader::{Reader, Table};

/// Arrays of arrays of … go no deeper.
const DEEPEST: usize = 8;
/// No struct has more; the script loaders take no more.
const MOST_FIELDS: usize = 255;
/// A type that is written out is no longer and no deeper: the loaders of scripts take signatures of 64 KiB and 32 levels.
const LONGEST: usize = 16 << 10;
const MOST_LEVELS: usize = 24;

/// A struct whose fields may yet name what is not declared, or itself.
pub(crate) struct RawStruct {
    pub(crate) name: Located<String>,
    docs: String,
    fields: Vec<Field>,
    /// Where each field's type is written.
    places: Vec<Place>,
}

/// Reads the structs. Types in them are numbered as they are declared.
pub(crate) fn declare(root: &Table<'_>, names: &mut Names, reader: &mut Reader) -> Vec<RawStruct> {
    let mut structs = Vec::new();
    for node in root.list("types", reader) {
        let Some(table) = reader.table("types", node, "a type", TYPE) else { continue };
        let docs = docs(&table, reader);
        if let Some(name) = name(&table, "a type", Case::UpperCamel, reader) {
            names.declare_type(&name, reader);
            structs.push(RawStruct { name, docs, fields: Vec::new(), places: Vec::new() });
        }
    }
    structs
}

/// Reads what the structs are made of, now that all names are known.
pub(crate) fn fill(root: &Table<'_>, structs: &mut [RawStruct], enums: &[Enum], reader: &mut Reader) {
    let mut filled = Vec::new();
    for node in root.list("types", reader) {
        let Some(table) = reader.quiet_table(node) else { continue };
        let declared = Declared { structs, enums };
        let (fields, places) = read_placed_fields(&table, "fields", "a field", &declared, reader);
        let count = table.list("fields", reader).len();
        if !(1..=MOST_FIELDS).contains(&count) {
            let problem = format!("the type has {count} fields");
            let kind = ErrorKind::invalid(problem, format!("a type has 1 to {MOST_FIELDS} [[types.fields]]"));
            reader.error_at(kind, &table.place(reader));
        }
        filled.push((table.get("name").and_then(|name| name.get_ref().as_str()).map(str::to_owned), fields, places));
    }
    for (name, fields, places) in filled {
        let raw = structs.iter_mut().find(|raw| Some(&*raw.name) == name.as_ref() && raw.fields.is_empty());
        if let Some(raw) = raw {
            (raw.fields, raw.places) = (fields, places);
        }
    }
}

/// Reads fields or parameters.
pub(crate) fn read_fields(
    table: &Table<'_>,
    key: &'static str,
    what: &'static str,
    declared: &Declared<'_>,
    reader: &mut Reader,
) -> Vec<Field> {
    read_placed_fields(table, key, what, declared, reader).0
}

fn read_placed_fields(
    table: &Table<'_>,
    key: &'static str,
    what: &'static str,
    declared: &Declared<'_>,
    reader: &mut Reader,
) -> (Vec<Field>, Vec<Place>) {
    let (mut fields, mut places, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for node in table.list(key, reader) {
        let Some(table) = reader.table(key, node, what, FIELD) else { continue };
        let name = name(&table, what, Case::LowerSnake, reader);
        if let Some(name) = &name {
            once(&mut seen, if key == "params" { "the parameter" } else { "the field" }, name, reader);
        }
        let docs = docs(&table, reader);
        let Some(ty) = table.string("type", "type = \"u32\"", reader) else { continue };
        let Some(parsed) = read_type(&ty, declared, reader) else { continue };
        let Some(name) = name else { continue };
        fields.push(Field { name: name.into_value(), docs, ty: parsed });
        places.push(ty.place().clone());
    }
    (fields, places)
}

/// Reads a type as it is written.
pub(crate) fn read_type(text: &Located<String>, declared: &Declared<'_>, reader: &mut Reader) -> Option<Type> {
    let mut name = text.trim();
    let mut depth = 0;
    while let Some(item) = name.strip_prefix("Array<").and_then(|rest| rest.strip_suffix('>')) {
        name = item.trim();
        depth += 1;
    }
    if depth > DEEPEST {
        let problem = format!("the array has {depth} dimensions");
        reader.error_at(ErrorKind::invalid(problem, format!("at most {DEEPEST}")), text.place());
        return None;
    }
    let number = Number::ALL.into_iter().find(|number| number.name() == name).map(Type::Number);
    let found = number.or_else(|| match name {
        "bool" => Some(Type::Bool),
        "StringView" => Some(Type::String),
        "Buffer" => Some(Type::Bytes),
        _ => {
            let found = declared.structs.iter().position(|raw| *raw.name == name).map(Type::Struct);
            found.or_else(|| declared.enums.iter().position(|one| one.name == name).map(Type::Enum))
        }
    });
    let Some(mut ty) = found else {
        let built_in = Number::ALL.iter().map(|number| number.name()).chain(["bool", "StringView", "Buffer"]);
        let own = declared.structs.iter().map(|raw| raw.name.as_str());
        let own = own.chain(declared.enums.iter().map(|one| one.name.as_str()));
        let meant = match name {
            "string" | "String" | "str" | "&str" => Some("StringView".to_owned()),
            "bytes" | "Bytes" | "buffer" => Some("Buffer".to_owned()),
            "int" => Some("i32".to_owned()),
            "float" => Some("f32".to_owned()),
            "double" => Some("f64".to_owned()),
            _ => nearest(name, built_in.chain(own)).map(str::to_owned),
        };
        let advice = "types are u8 to u64, i8 to i64, f32, f64, bool, StringView, Buffer, Array<…>, and the names of \
                      [[types]] and [[enum]]";
        let kind =
            ErrorKind::Unknown { what: "type", name: name.to_owned(), nearest: meant, advice: advice.to_owned() };
        reader.error_at(kind, text.place());
        return None;
    };
    for _ in 0..depth {
        ty = Type::Array(Box::new(ty));
    }
    Some(ty)
}

fn struct_of(ty: &Type) -> Option<usize> {
    match ty {
        Type::Array(item) => struct_of(item),
        Type::Struct(index) => Some(*index),
        _ => None,
    }
}

fn renumber(ty: &mut Type, numbers: &[usize]) {
    match ty {
        Type::Array(item) => renumber(item, numbers),
        Type::Struct(index) => *index = numbers[*index],
        _ => {}
    }
}

/// The API: structs after those that they are made of, with their layouts. Structs that contain themselves are errors.
pub(crate) fn resolve(
    structs: Vec<RawStruct>,
    enums: Vec<Enum>,
    mut guest_contracts: Vec<Contract>,
    mut host_contracts: Vec<Contract>,
    reader: &mut Reader,
) -> Api {
    let mut order = Vec::new();
    let mut depths = vec![None; structs.len()];
    // Rounds instead of recursion: each takes the structs whose parts are there. What remains contains itself.
    while order.len() < structs.len() {
        let before = order.len();
        for (index, raw) in structs.iter().enumerate() {
            let parts = raw.fields.iter().filter_map(|field| struct_of(&field.ty));
            let depth = parts.map(|part| depths[part]).try_fold(0, |deepest: usize, depth| Some(deepest.max(depth?)));
            if let (None, Some(depth)) = (depths[index], depth) {
                depths[index] = Some(depth + 1);
                order.push(index);
            }
        }
        if order.len() == before {
            break;
        }
    }
    let broken = order.len() < structs.len();
    for (index, raw) in structs.iter().enumerate().filter(|(index, _)| depths[*index].is_none()) {
        for (field, place) in raw.fields.iter().zip(&raw.places) {
            if struct_of(&field.ty).is_some_and(|part| reaches(&structs, part, index)) {
                let problem = format!("`{}` contains itself through `{}`", *raw.name, field.name);
                let advice = "values have no references; give the parts numbers and refer to those";
                reader.error_at(ErrorKind::invalid(problem, advice), place);
            }
        }
    }
    let mut api = Api { enums, ..Api::default() };
    if broken {
        return api;
    }
    let mut numbers = vec![0; structs.len()];
    for (number, index) in order.iter().enumerate() {
        numbers[*index] = number;
    }
    let mut extents: Vec<Extent> = Vec::new();
    let mut structs: Vec<Option<RawStruct>> = structs.into_iter().map(Some).collect();
    for index in order {
        let Some(mut raw) = structs[index].take() else { continue };
        raw.fields.iter_mut().for_each(|field| renumber(&mut field.ty, &numbers));
        let (size, align) = api.struct_layout(&raw.fields);
        let written = written(&raw.fields, &extents);
        if written.length > LONGEST || written.levels > MOST_LEVELS {
            let problem = format!(
                "`{}`, written out with all that it is made of, has {} bytes and {} levels",
                *raw.name, written.length, written.levels
            );
            let advice = format!("a type has at most {LONGEST} bytes and {MOST_LEVELS} levels");
            reader.error_at(ErrorKind::invalid(problem, advice), raw.name.place());
        }
        extents.push(written);
        api.structs.push(Struct { name: raw.name.into_value(), docs: raw.docs, fields: raw.fields, size, align });
    }
    for contract in guest_contracts.iter_mut().chain(&mut host_contracts) {
        for function in &mut contract.functions {
            function.params.iter_mut().for_each(|param| renumber(&mut param.ty, &numbers));
            function.result.iter_mut().for_each(|ty| renumber(ty, &numbers));
            let length = written(&function.params, &extents).length;
            if length > 2 * LONGEST {
                let problem = format!("the parameters of `{}`, written out, have {length} bytes", function.name);
                reader.error(ErrorKind::invalid(problem, format!("at most {}", 2 * LONGEST)), 0..0);
            }
        }
    }
    (api.guest_contracts, api.host_contracts) = (guest_contracts, host_contracts);
    api
}

/// How much a type is when it is written out in a signature.
struct Extent {
    length: usize,
    levels: usize,
}

fn written(fields: &[Field], structs: &[Extent]) -> Extent {
    let mut all = Extent { length: 2, levels: 1 };
    for field in fields {
        let (mut ty, mut arrays) = (&field.ty, 0);
        while let Type::Array(item) = ty {
            (ty, arrays) = (item, arrays + 1);
        }
        let (length, levels) = match ty {
            Type::Struct(index) => (structs[*index].length, structs[*index].levels),
            _ => (6, 0),
        };
        all.length = all.length.saturating_add(length).saturating_add(field.name.len() + 2 + 2 * arrays);
        all.levels = all.levels.max(levels.saturating_add(1 + arrays));
    }
    all
}

/// Whether the struct `from` is or contains the struct `to`.
fn reaches(structs: &[RawStruct], from: usize, to: usize) -> bool {
    let (mut seen, mut waiting) = (vec![false; structs.len()], vec![from]);
    while let Some(index) = waiting.pop() {
        if index == to {
            return true;
        }
        if !std::mem::replace(&mut seen[index], true) {
            waiting.extend(structs[index].fields.iter().filter_map(|field| struct_of(&field.ty)));
        }
    }
    false
}
