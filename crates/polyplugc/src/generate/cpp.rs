//! C++11: a header with structs, callers that throw, and abstract classes that a program derives from. Names that end in
//! `_` are the generator's: an API cannot have them.

mod provide;
mod types;

use polyplug_abi::DependencyKind;

use super::c::used;
use super::text::{HEADER, IDENTITY, Text, docs, identified};
use super::{Called, Side};
use crate::model::{Api, Contract, Function, Type};
use crate::names::upper_camel;

/// The file of one side.
pub(super) fn generate(side: Side<'_>) -> String {
    let api = side.api();
    let guard = match side {
        Side::Host(_) => format!("POLYPLUG_GENERATED_HOST_HPP_{IDENTITY}"),
        Side::Guest(_) => format!("POLYPLUG_GENERATED_GUEST_HPP_{IDENTITY}"),
    };
    // Two files with types of one name may be in one program: to the linker, each file's are its own.
    let open = format!("namespace api {{ inline namespace of_{IDENTITY}_ {{");
    let close = "} } // namespace api";
    let mut text = Text::new(4);
    text.line(format!("// {HEADER}"));
    text.line("//");
    text.line(format!("// {}", side.about()));
    text.line("");
    text.line(format!("#ifndef {guard}"));
    text.line(format!("#define {guard}"));
    text.line("");
    text.line("#include \"polyplug_bindings.hpp\"");
    text.lines(&["", &open]);
    for one in &api.enums {
        types::enumeration(one, &mut text);
    }
    for one in &api.structs {
        types::structure(api, one, &mut text);
    }
    text.lines(&["", close, ""]);
    text.line("namespace polyplug {");
    for one in &api.enums {
        types::enumeration_value(one, &mut text);
    }
    for one in &api.structs {
        types::structure_value(api, one, &mut text);
    }
    text.lines(&["", "} // namespace polyplug", ""]);
    text.line(&open);
    for contract in used(side) {
        arguments(api, contract, &mut text);
    }
    for called in side.called() {
        caller(api, called, &mut text);
    }
    provide::write(side, &mut text);
    text.lines(&["", close]);
    if let Side::Guest(bundle) = side {
        provide::export(bundle, &mut text);
    }
    text.line("");
    text.line(format!("#endif // {guard}"));
    identified(&text.finish())
}

fn document(text: &mut Text, of: &str, otherwise: &str) {
    text.comment("//", &docs(of, otherwise));
}

/// The type as a program has it; `path` is before the names of the API.
fn type_of(api: &Api, ty: &Type, path: &str) -> String {
    match ty {
        Type::Number(number) => number.c_name().to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::String => "std::string".to_owned(),
        Type::Bytes => "std::vector<uint8_t>".to_owned(),
        Type::Array(item) => format!("std::vector<{}>", type_of(api, item, path)),
        Type::Struct(index) => format!("{path}{}", api.structs[*index].name),
        Type::Enum(index) => format!("{path}{}", api.enums[*index].name),
    }
}

/// The type as it crosses the boundary.
fn raw(api: &Api, ty: &Type, path: &str) -> String {
    format!("{}Value<{}>::Raw", if path.is_empty() { "polyplug::" } else { "" }, type_of(api, ty, path))
}

/// What a function's parameters look like to a program.
fn params(api: &Api, function: &Function) -> Vec<String> {
    let one = |param: &crate::model::Field| match param.ty {
        Type::Number(_) | Type::Bool | Type::Enum(_) => format!("{} {}", type_of(api, &param.ty, ""), param.name),
        _ => format!("const {} &{}", type_of(api, &param.ty, ""), param.name),
    };
    function.params.iter().map(one).collect()
}

fn result(api: &Api, function: &Function) -> String {
    function.result.as_ref().map_or("void".to_owned(), |ty| type_of(api, ty, ""))
}

fn arguments_name(contract: &Contract, function: &Function) -> String {
    format!("{}_{}_Arguments_", contract.name, upper_camel(&function.name))
}

/// The structs of the arguments of a contract's functions, as C has them.
fn arguments(api: &Api, contract: &Contract, text: &mut Text) {
    for function in contract.functions.iter().filter(|function| !function.params.is_empty()) {
        text.line("");
        text.block(format!("struct {} {{", arguments_name(contract, function)), "};", |text| {
            for param in &function.params {
                text.line(format!("{} {};", raw(api, &param.ty, ""), param.name));
            }
        });
    }
}

fn caller(api: &Api, called: Called<'_>, text: &mut Text) {
    let contract = called.contract;
    let name = &contract.name;
    let (kind, id) = match called.kind {
        DependencyKind::GuestContract => ("GuestCaller", "polyplug_guest_contract_id"),
        DependencyKind::HostContract => ("HostCaller", "polyplug_host_contract_id"),
    };
    text.line("");
    document(text, &contract.docs, "");
    text.line("//");
    text.line(format!("// Calls `{}`. Failures are thrown as polyplug::CallError.", contract.contract));
    text.line(format!("class {name}Caller {{"));
    text.open("public:");
    text.line("// Finds the contract.");
    text.open(format!("explicit {name}Caller(const PolyplugHostApi *host_)"));
    let (id_, least) = (format!("{id}(\"{}\", {})", contract.contract, called.least.major), called.least.packed());
    text.line(format!(": caller_(host_, {id_}, {least:#010x}) {{}}"));
    text.depth_less();
    for (number, function) in contract.functions.iter().enumerate() {
        text.line("");
        document(text, &function.docs, &format!("Calls function {number}, `{}`.", function.name));
        let start = format!("{} {}(", result(api, function), function.name);
        text.list(&start, &params(api, function), ") {", false);
        text.depth_more();
        text.line("polyplug::CallerArena arena_(caller_.host());");
        let args = if function.params.is_empty() {
            "nullptr"
        } else {
            text.line("polyplug::Encoder encoder_(arena_.get(), true);");
            text.line(format!("{} args_;", arguments_name(contract, function)));
            text.line("memset(&args_, 0, sizeof args_);");
            for param in &function.params {
                let (name, ty) = (&param.name, type_of(api, &param.ty, ""));
                text.line(format!("args_.{name} = polyplug::Value<{ty}>::encode({name}, encoder_);"));
            }
            "&args_"
        };
        match &function.result {
            None => text.line(format!("arena_.check(caller_.call({number}, {args}, nullptr, arena_.get()));")),
            Some(ty) => text
                .line(format!("return polyplug::call<{}>(caller_, {number}, {args}, arena_);", type_of(api, ty, ""))),
        }
        text.close("}");
    }
    text.close("");
    text.open("private:");
    text.line(format!("polyplug::{kind} caller_;"));
    text.close("};");
}
