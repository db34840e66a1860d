//! C99: a header with types, callers and what a program fills in. Names that end in `_` are the generator's: an API
//! cannot have them. What a type and a function of it are called is joined by `_`, which names of types do not have.

mod provide;
mod types;

use polyplug_abi::DependencyKind;

use super::text::{HEADER, IDENTITY, Text, docs, identified};
use super::{Called, Side};
use crate::model::{Api, Contract, Function, Type};
use crate::names::upper_camel;

/// The file of one side.
pub(super) fn generate(side: Side<'_>) -> String {
    let api = side.api();
    let guard = match side {
        Side::Host(_) => format!("POLYPLUG_GENERATED_HOST_H_{IDENTITY}"),
        Side::Guest(_) => format!("POLYPLUG_GENERATED_GUEST_H_{IDENTITY}"),
    };
    let mut text = Text::new(4);
    text.line(format!("// {HEADER}"));
    text.line("//");
    text.line(format!("// {}", side.about()));
    text.line("");
    text.line(format!("#ifndef {guard}"));
    text.line(format!("#define {guard}"));
    text.line("");
    text.line("#include \"polyplug_bindings.h\"");
    text.lines(&["", "#ifdef __cplusplus", "extern \"C\" {", "#endif"]);
    for one in &api.enums {
        types::enumeration(one, &mut text);
    }
    let mut checks = Vec::new();
    for one in &api.structs {
        types::structure(api, one, &mut checks, &mut text);
    }
    for contract in used(side) {
        let functions = &contract.functions;
        let used: Vec<&Type> = functions.iter().flat_map(|one| one.params.iter().map(|param| &param.ty)).collect();
        types::array_checks(api, &used, &mut checks, &mut text);
        let results: Vec<&Type> = functions.iter().filter_map(|one| one.result.as_ref()).collect();
        types::array_checks(api, &results, &mut checks, &mut text);
        arguments(api, contract, &mut text);
    }
    for called in side.called() {
        caller(api, called, &mut text);
    }
    provide::write(side, &mut text);
    text.lines(&["", "#ifdef __cplusplus", "} // extern \"C\"", "#endif"]);
    text.line("");
    text.line(format!("#endif // {guard}"));
    identified(&text.finish())
}

/// The contracts whose functions' arguments this side writes or reads, each once, in the API's order.
pub(super) fn used<'a>(side: Side<'a>) -> Vec<&'a Contract> {
    let called: Vec<_> = side.called().iter().map(|called| called.contract).collect();
    let provided: Vec<_> = side.provided().iter().map(|provided| provided.contract).collect();
    let is = |one: &Contract, list: &[&Contract]| list.iter().any(|other| std::ptr::eq(*other, one));
    side.api().contracts().filter(|contract| is(contract, &called) || is(contract, &provided)).collect()
}

fn document(text: &mut Text, of: &str, otherwise: &str) {
    text.comment("//", &docs(of, otherwise));
}

/// The type as C has it.
fn type_of(api: &Api, ty: &Type) -> String {
    match ty {
        Type::Number(number) => number.c_name().to_owned(),
        Type::Bool => "uint8_t".to_owned(),
        Type::String => "PolyplugStringView".to_owned(),
        Type::Bytes => "PolyplugBuffer".to_owned(),
        Type::Array(_) => "PolyplugArrayView".to_owned(),
        Type::Struct(index) => api.structs[*index].name.clone(),
        Type::Enum(index) => api.enums[*index].name.clone(),
    }
}

/// `type name`, for a field.
fn field(api: &Api, ty: &Type, name: &str) -> String {
    format!("{} {name}", type_of(api, ty))
}

/// `type name`, for a parameter: structs by address.
fn param(api: &Api, ty: &Type, name: &str) -> String {
    match ty {
        Type::Struct(_) => format!("const {} *{name}", type_of(api, ty)),
        _ => field(api, ty, name),
    }
}

/// What C's types do not say.
fn remark(api: &Api, ty: &Type) -> Option<String> {
    match ty {
        Type::Bool => Some("0 or 1".to_owned()),
        Type::Array(_) => Some(api.type_name(ty)),
        _ => None,
    }
}

/// What C's types do not say of a function's parameters and result.
fn remarks(api: &Api, function: &Function, text: &mut Text) {
    for param in &function.params {
        let said = (!param.docs.is_empty()).then(|| param.docs.replace('\n', " "));
        let all: Vec<String> = remark(api, &param.ty).into_iter().chain(said).collect();
        if !all.is_empty() {
            document(text, &format!("`{}`: {}", param.name, all.join("; ")), "");
        }
    }
    if let Some(remark) = function.result.as_ref().and_then(|ty| remark(api, ty)) {
        text.line(format!("// `result_`: {remark}"));
    }
}

/// The parameters of a function as a program sees it, between `first` and the arena.
fn params(api: &Api, function: &Function, first: &str) -> Vec<String> {
    let mut params = vec![first.to_owned()];
    params.extend(function.params.iter().map(|one| param(api, &one.ty, &one.name)));
    params.extend(function.result.as_ref().map(|ty| format!("{} *result_", type_of(api, ty))));
    params.push("PolyplugCallArena *arena_".to_owned());
    params
}

fn arguments_name(contract: &Contract, function: &Function) -> String {
    format!("{}_{}_Arguments_", contract.name, upper_camel(&function.name))
}

/// The structs of the arguments of a contract's functions.
fn arguments(api: &Api, contract: &Contract, text: &mut Text) {
    for function in contract.functions.iter().filter(|function| !function.params.is_empty()) {
        text.line("");
        text.open(format!("typedef struct {} {{", arguments_name(contract, function)));
        function.params.iter().for_each(|one| text.line(format!("{};", field(api, &one.ty, &one.name))));
        text.close(format!("}} {};", arguments_name(contract, function)));
    }
}

fn caller(api: &Api, called: Called<'_>, text: &mut Text) {
    let contract = called.contract;
    let name = &contract.name;
    let (kind, functions, id) = match called.kind {
        DependencyKind::GuestContract => ("PolyplugCaller", "polyplug_caller", "polyplug_guest_contract_id"),
        DependencyKind::HostContract => ("PolyplugHostCaller", "polyplug_host_caller", "polyplug_host_contract_id"),
    };
    text.line("");
    document(text, &contract.docs, "");
    text.line("//");
    text.line(format!("// Calls `{}`. Open it, call, close it.", contract.contract));
    text.block(format!("typedef struct {name}Caller {{"), &format!("}} {name}Caller;"), |text| {
        text.line(format!("{kind} caller_;"));
    });
    text.line("");
    text.line("// Finds the contract. `arena_`, for the message of a failure, may be null.");
    let own = format!("{name}Caller *caller_");
    let of_open = [own.clone(), "const PolyplugHostApi *host_".to_owned(), "PolyplugCallArena *arena_".to_owned()];
    text.list(&format!("static inline uint32_t {name}Caller_open("), &of_open, ") {", false);
    text.depth_more();
    text.line(format!("uint64_t id_ = {id}(\"{}\", {});", contract.contract, called.least.major));
    text.line(format!(
        "return {functions}_open(&caller_->caller_, host_, id_, {:#010x}, arena_);",
        called.least.packed()
    ));
    text.close("}");
    text.line("");
    text.block(format!("static inline void {name}Caller_close({own}) {{"), "}", |text| {
        text.line(format!("{functions}_close(&caller_->caller_);"));
    });
    for (number, function) in contract.functions.iter().enumerate() {
        text.line("");
        document(text, &function.docs, &format!("Calls function {number}, `{}`.", function.name));
        remarks(api, function, text);
        let start = format!("static inline uint32_t {name}_{}(", function.name);
        text.list(&start, &params(api, function, &own), ") {", false);
        text.depth_more();
        let check = function.result.as_ref().and_then(|ty| types::check(api, ty, "(*result_)", "\"the result\""));
        if check.is_some() {
            text.line("uint32_t code_;");
        }
        let args = if function.params.is_empty() {
            "NULL"
        } else {
            text.line(format!("{} args_;", arguments_name(contract, function)));
            text.line("memset(&args_, 0, sizeof args_);");
            for one in &function.params {
                let star = if matches!(one.ty, Type::Struct(_)) { "*" } else { "" };
                text.line(format!("args_.{0} = {star}{0};", one.name));
            }
            "&args_"
        };
        let out = if function.result.is_some() { "result_" } else { "NULL" };
        let call = format!("{functions}_call(&caller_->caller_, {number}, {args}, {out}, arena_)");
        match check {
            None => text.line(format!("return {call};")),
            Some(check) => {
                text.line("memset(result_, 0, sizeof *result_);");
                text.line(format!("code_ = {call};"));
                text.line(format!("return code_ == POLYPLUG_OK ? {check} : code_;"));
            }
        }
        text.close("}");
    }
}
