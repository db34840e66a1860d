//! Rust: a file that is a module of a crate with polyplug-bindings. Names that end in `_` are the generator's: an API
//! cannot have them.

mod provide;
mod types;

use polyplug_abi::DependencyKind;

use super::text::{HEADER, Text, docs};
use super::{Called, Side};
use crate::model::{Api, Contract, Function, Type};

/// The file of one side.
pub(super) fn generate(side: Side<'_>) -> String {
    let api = side.api();
    let mut text = Text::new(4);
    text.line(format!("// {HEADER}"));
    text.line(format!("//! {}", side.about()));
    text.line("");
    text.line("// Values are read and written through the boundary's raw pointers here, and nowhere else.");
    text.line("#![allow(missing_docs, unreachable_pub, unsafe_code, unused, clippy::all)]");
    text.line("");
    text.line("use polyplug_bindings as bindings;");
    text.line("pub use polyplug_bindings::{CallError, Host, Plugin};");
    for one in &api.enums {
        types::enumeration(one, &mut text);
    }
    for one in &api.structs {
        types::structure(api, one, &mut text);
    }
    for called in side.called() {
        caller(api, called, &mut text);
    }
    for provided in side.provided() {
        provide::declaration(api, provided.contract, side, &mut text);
    }
    match side {
        Side::Host(_) => {
            for provided in side.provided() {
                provide::host_registration(provided.contract, &mut text);
            }
        }
        Side::Guest(bundle) => provide::bundle(bundle, &mut text),
    }
    if !api.structs.is_empty() {
        types::raw_structs(api, &mut text);
    }
    arguments(side, &mut text);
    provide::entries(side, &mut text);
    text.finish()
}

fn document(text: &mut Text, of: &str, otherwise: &str) {
    text.comment("///", &docs(of, otherwise));
}

/// The type of a value that is one's own.
fn owned(api: &Api, ty: &Type) -> String {
    match ty {
        Type::Number(number) => number.name().to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::String => "String".to_owned(),
        Type::Bytes => "Vec<u8>".to_owned(),
        Type::Array(item) => format!("Vec<{}>", owned(api, item)),
        Type::Struct(index) => api.structs[*index].name.clone(),
        Type::Enum(index) => api.enums[*index].name.clone(),
    }
}

/// The type of a parameter: strings, bytes, arrays and structs are lent.
fn lent(api: &Api, ty: &Type) -> String {
    match ty {
        Type::String => "&str".to_owned(),
        Type::Bytes => "&[u8]".to_owned(),
        Type::Array(item) => format!("&[{}]", item_type(api, item)),
        Type::Struct(_) => format!("&{}", owned(api, ty)),
        _ => owned(api, ty),
    }
}

/// The type of an item of an array that is lent.
fn item_type(api: &Api, item: &Type) -> String {
    match item {
        Type::String | Type::Bytes => lent(api, item),
        _ => owned(api, item),
    }
}

/// The type as it crosses the boundary.
fn raw(api: &Api, ty: &Type, path: &str) -> String {
    match ty {
        Type::Number(number) => number.name().to_owned(),
        Type::Bool => "u8".to_owned(),
        Type::String => "bindings::abi::types::StringView".to_owned(),
        Type::Bytes | Type::Array(_) => "bindings::abi::types::ArrayView".to_owned(),
        Type::Struct(index) => format!("{path}{}", api.structs[*index].name),
        Type::Enum(index) => api.enums[*index].repr.name().to_owned(),
    }
}

/// `paint(&self, at: &Point) -> Result<u32, CallError>`, whose parts `text` breaks if they are long.
fn signature(api: &Api, function: &Function, start: &str, end: &str, text: &mut Text) {
    let mut params = vec!["&self".to_owned()];
    params.extend(function.params.iter().map(|param| format!("{}: {}", param.name, lent(api, &param.ty))));
    let result = function.result.as_ref().map_or("()".to_owned(), |ty| owned(api, ty));
    let end = format!(") -> Result<{result}, CallError>{end}");
    text.list(&format!("{start}fn {}(", function.name), &params, &end, true);
}

/// The name of the struct of a function's arguments.
fn arguments_name(contract: &Contract, function: &Function) -> String {
    format!("{}{}", contract.name, crate::names::upper_camel(&function.name))
}

fn caller(api: &Api, called: Called<'_>, text: &mut Text) {
    let contract = called.contract;
    let name = &contract.name;
    let (caller, id) = match called.kind {
        DependencyKind::GuestContract => ("GuestCaller", "guest_contract_id"),
        DependencyKind::HostContract => ("HostCaller", "host_contract_id"),
    };
    text.line("");
    document(text, "", &format!("Calls `{}`: `let caller: {name}Caller = host.open()?`.", contract.contract));
    text.line("#[derive(Debug)]");
    text.line(format!("pub struct {name}Caller<'r>(bindings::{caller}<'r>);"));
    text.line("");
    text.open(format!("impl<'r> bindings::Contract<'r> for {name}Caller<'r> {{"));
    text.open("fn open(host: Host<'r>) -> Result<Self, CallError> {");
    text.line(format!("const NAME: &str = \"{}\";", contract.contract));
    text.line(format!("const ID: u64 = bindings::abi::identity::{id}(NAME, {});", called.least.major));
    text.line(format!("bindings::{caller}::open(host, ID, {:#010x}).map(Self)", called.least.packed()));
    text.close("}");
    text.close("}");
    text.line("");
    text.open(format!("impl {name}Caller<'_> {{"));
    for (number, function) in contract.functions.iter().enumerate() {
        if number > 0 {
            text.line("");
        }
        document(text, &function.docs, &format!("Calls function {number}, `{}`.", function.name));
        signature(api, function, "pub ", " {", text);
        text.depth_more();
        text.line(format!("// SAFETY: arguments and result are those of function {number} of the contract."));
        if function.params.is_empty() {
            text.line(format!("unsafe {{ self.0.call({number}, |_| Ok(())) }}"));
        } else {
            text.open("unsafe {");
            text.open(format!("self.0.call({number}, |arena_| {{"));
            text.open(format!("Ok(arguments::{} {{", arguments_name(contract, function)));
            for param in &function.params {
                let reference = if matches!(param.ty, Type::Struct(_)) { "" } else { "&" };
                let name = &param.name;
                text.line(format!("{name}: bindings::Encode::encode({reference}{name}, arena_)?,"));
            }
            text.close("})");
            text.close("})");
            text.close("}");
        }
        text.close("}");
    }
    text.close("}");
}

/// The contracts whose functions' arguments this side writes or reads, each once, in the API's order.
fn used<'a>(side: Side<'a>) -> Vec<&'a Contract> {
    let called: Vec<_> = side.called().iter().map(|called| called.contract).collect();
    let provided: Vec<_> = side.provided().iter().map(|provided| provided.contract).collect();
    let is = |one: &Contract, list: &[&Contract]| list.iter().any(|other| std::ptr::eq(*other, one));
    side.api().contracts().filter(|contract| is(contract, &called) || is(contract, &provided)).collect()
}

/// The structs of arguments, as C has them.
fn arguments(side: Side<'_>, text: &mut Text) {
    let api = side.api();
    let functions: Vec<(&Contract, &Function)> = used(side)
        .into_iter()
        .flat_map(|contract| contract.functions.iter().map(move |function| (contract, function)))
        .filter(|(_, function)| !function.params.is_empty())
        .collect();
    if functions.is_empty() {
        return;
    }
    text.line("");
    text.line("/// The arguments of functions, as they cross the boundary.");
    text.open("mod arguments {");
    let views = |ty: &Type| matches!(ty, Type::String | Type::Bytes | Type::Array(_));
    if functions.iter().any(|(_, function)| function.params.iter().any(|param| views(&param.ty))) {
        text.line("use polyplug_bindings as bindings;");
        text.line("");
    }
    for (place, (contract, function)) in functions.iter().enumerate() {
        if place > 0 {
            text.line("");
        }
        text.lines(&["#[repr(C)]", "#[derive(Clone, Copy)]"]);
        text.open(format!("pub struct {} {{", arguments_name(contract, function)));
        for param in &function.params {
            text.line(format!("pub {}: {},", param.name, raw(api, &param.ty, "super::raw::")));
        }
        text.close("}");
    }
    text.close("}");
}
