//! Lua 5.4: a module with enumerations, callers and what a program fills in, over the module `polyplug`. The loader holds
//! every value against the signature; what it cannot know, the numbers of enumerations, is checked here.

use polyplug_abi::DependencyKind;

use super::text::{HEADER, Text, docs};
use super::{Called, Provided, Side};
use crate::model::{Api, Contract, Enum, Function, Type};
use crate::names::lower_snake;

/// The file of one side.
pub(super) fn generate(side: Side<'_>) -> String {
    let api = side.api();
    let mut text = Text::new(2);
    text.line(format!("-- {HEADER}"));
    text.line("--");
    text.line(format!("-- {}", side.about()));
    text.line("");
    text.line("local polyplug = require \"polyplug\"");
    text.line("");
    text.line("local api = {}");
    // Tables, since a chunk of Lua has at most 200 local variables.
    if !api.enums.is_empty() {
        text.line("local names_, checks_ = {}, {}");
    }
    api.enums.iter().for_each(|one| enumeration(one, &mut text));
    for (index, one) in api.structs.iter().enumerate() {
        text.line("");
        document(&mut text, &one.docs, &format!("The struct `{}`.", one.name));
        text.line(format!("---@class {}", one.name));
        for field in &one.fields {
            let about = docs(&field.docs, "").trim_end().replace('\n', " ");
            text.line(format!("---@field {} {} {about}", field.name, annotation(api, &field.ty)).trim_end());
        }
        if api.has_enum(&Type::Struct(index)) {
            struct_check(api, index, &mut text);
        }
    }
    if !side.called().is_empty() {
        text.line("");
        text.line("--- Gives back what a caller holds; the caller is of no use then.");
        text.block("function api.close(caller)", "end", |text| text.line("caller.caller_:close()"));
    }
    side.called().into_iter().for_each(|called| caller(api, called, &mut text));
    match side {
        Side::Host(_) => side.provided().into_iter().for_each(|one| host(api, one.contract, &mut text)),
        Side::Guest(bundle) => {
            side.provided().iter().for_each(|one| class(api, one.contract, &mut text));
            guest(side, bundle, &mut text);
        }
    }
    text.lines(&["", "return api"]);
    text.finish()
}

fn document(text: &mut Text, of: &str, otherwise: &str) {
    text.comment("---", &docs(of, otherwise));
}

/// The type as editors are told it.
fn annotation(api: &Api, ty: &Type) -> String {
    use crate::model::Number::{F32, F64};
    match ty {
        Type::Number(F32 | F64) => "number".to_owned(),
        Type::Number(_) => "integer".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::String | Type::Bytes => "string".to_owned(),
        Type::Array(item) => format!("{}[]", annotation(api, item)),
        Type::Struct(index) => api.structs[*index].name.clone(),
        Type::Enum(index) => api.enums[*index].name.clone(),
    }
}

/// A number as Lua's integers have it: above 2⁶³ it is negative, which only the hexadecimal form says.
fn number(value: u64) -> String {
    if i64::try_from(value).is_ok() { value.to_string() } else { format!("{value:#x}") }
}

fn enumeration(one: &Enum, text: &mut Text) {
    let name = &one.name;
    text.line("");
    document(text, &one.docs, &format!("The enumeration `{name}`."));
    text.line(format!("---@enum {name}"));
    text.block(format!("api.{name} = {{"), "}", |text| {
        for variant in &one.variants {
            document(text, &variant.docs, "");
            text.line(format!("{} = {},", variant.name, number(variant.value)));
        }
    });
    text.block(format!("names_.{name} = {{"), "}", |text| {
        one.variants.iter().for_each(|one| text.line(format!("[{}] = \"{}\",", number(one.value), one.name)));
    });
    text.line("");
    text.block(format!("function checks_.{name}(value, what)"), "end", |text| {
        text.block(format!("if not names_.{name}[value] then"), "end", |text| {
            text.line(format!("error(\"`\" .. what .. \"`: \" .. tostring(value) .. \" is no {name}\", 0)"));
        });
        text.line("return value");
    });
}

/// Statements that check the enumerations in a value. What is of a wrong shape is left to the loader.
fn check(api: &Api, ty: &Type, value: &str, what: &str, depth: usize, text: &mut Text) {
    match ty {
        Type::Enum(index) => text.line(format!("checks_.{}({value}, {what})", api.enums[*index].name)),
        Type::Struct(index) if api.has_enum(ty) => {
            text.line(format!("checks_.{}({value}, {what})", api.structs[*index].name));
        }
        Type::Array(item) if api.has_enum(ty) => {
            let name = format!("item{depth}_");
            text.block(format!("if type({value}) == \"table\" then"), "end", |text| {
                text.block(format!("for _, {name} in ipairs({value}) do"), "end", |text| {
                    check(api, item, &name, what, depth + 1, text);
                });
            });
        }
        _ => {}
    }
}

fn struct_check(api: &Api, index: usize, text: &mut Text) {
    let one = &api.structs[index];
    text.line("");
    text.block(format!("function checks_.{}(value, what)", one.name), "end", |text| {
        text.block("if type(value) ~= \"table\" then", "end", |text| text.line("return value"));
        for field in &one.fields {
            check(api, &field.ty, &format!("value.{}", field.name), &format!("what .. \".{}\"", field.name), 0, text);
        }
        text.line("return value");
    });
}

fn annotate(api: &Api, function: &Function, number: usize, text: &mut Text) {
    document(text, &function.docs, &format!("Function {number}, `{}`.", function.name));
    for param in &function.params {
        let about = docs(&param.docs, "").trim_end().replace('\n', " ");
        text.line(format!("---@param {} {} {about}", param.name, annotation(api, &param.ty)).trim_end());
    }
    if let Some(ty) = &function.result {
        text.line(format!("---@return {}", annotation(api, ty)));
    }
}

/// What gives the result of `call`, checked.
fn give(api: &Api, function: &Function, call: &str, text: &mut Text) {
    match &function.result {
        Some(ty) if api.has_enum(ty) => {
            text.line(format!("local result_ = {call}"));
            check(api, ty, "result_", "\"the result\"", 0, text);
            text.line("return result_");
        }
        _ => text.line(format!("return {call}")),
    }
}

fn caller(api: &Api, called: Called<'_>, text: &mut Text) {
    let contract = called.contract;
    let name = &contract.name;
    let kind = match called.kind {
        DependencyKind::GuestContract => "guest",
        DependencyKind::HostContract => "host",
    };
    text.line("");
    document(text, &contract.docs, "");
    text.line("---");
    text.line(format!("--- Calls `{}`. A failure is an error: a table with `code` and `message`.", contract.contract));
    text.line(format!("---@class {name}Caller"));
    text.line(format!("local {name}Caller = {{}}"));
    text.line(format!("{name}Caller.__index = {name}Caller"));
    text.line("");
    text.line("--- Finds the contract.");
    text.line(format!("---@return {name}Caller"));
    text.block(format!("function api.{name}Caller()"), "end", |text| {
        let (id, least) = (format!("{}@{}", contract.contract, called.least.major), called.least);
        text.open(format!("local caller = polyplug.{kind}(\"{id}\", \"{}.{}\", {{", least.major, least.minor));
        text.signatures(api, contract);
        text.close("})");
        text.line(format!("return setmetatable({{ caller_ = caller }}, {name}Caller)"));
    });
    for (number, function) in contract.functions.iter().enumerate() {
        text.line("");
        annotate(api, function, number, text);
        let params = function.param_names();
        text.open(format!("function {name}Caller:{}({})", function.name, params.join(", ")));
        for param in &function.params {
            check(api, &param.ty, &param.name, &format!("\"{}\"", param.name), 0, text);
        }
        let passed: Vec<String> = std::iter::once(number.to_string()).chain(params).collect();
        let call = format!("self.caller_:call({})", passed.join(", "));
        give(api, function, &call, text);
        text.close("end");
    }
}

/// The shape of what a program implements, for editors.
fn class(api: &Api, contract: &Contract, text: &mut Text) {
    text.line("");
    document(text, &contract.docs, "");
    text.line("---");
    text.line(format!("--- What a program provides for `{}`, version {}.", contract.contract, contract.version));
    text.line(format!("---@class {}", contract.name));
    for function in &contract.functions {
        let params = function.params.iter().map(|one| format!(", {}: {}", one.name, annotation(api, &one.ty)));
        let result = function.result.as_ref().map(|ty| format!(": {}", annotation(api, ty))).unwrap_or_default();
        text.line(format!("---@field {} fun(self{}){result}", function.name, params.collect::<String>()));
    }
}

/// The keys of a plugin's description that say what it does.
fn provided(api: &Api, contract: &Contract, text: &mut Text) {
    text.line(format!("contract = \"{}\",", contract.contract));
    text.line(format!("contract_version = \"{}\",", contract.version));
    text.line(format!("singleton = {},", contract.singleton));
    text.block("signatures = {", "},", |text| text.signatures(api, contract));
    text.line("create = implementation_.create_,");
    text.line("destroy = implementation_.destroy_,");
    text.open("functions = {");
    for function in &contract.functions {
        let mut params = vec!["self".to_owned()];
        params.extend(function.param_names());
        text.open(format!("function({})", params.join(", ")));
        for param in &function.params {
            check(api, &param.ty, &param.name, &format!("\"{}\"", param.name), 0, text);
        }
        let call = format!("implementation_.{}({})", function.name, params.join(", "));
        give(api, function, &call, text);
        text.close("end,");
    }
    text.close("},");
}

/// Where a function that is missing is told at once, and not by the first who calls it.
fn complete(contract: &Contract, text: &mut Text) {
    let names: Vec<String> = contract.functions.iter().map(|one| format!("\"{}\"", one.name)).collect();
    text.block(format!("for _, name in ipairs {{ {} }} do", names.join(", ")), "end", |text| {
        text.block("if type(implementation_[name]) ~= \"function\" then", "end", |text| {
            text.line(format!("error(\"{} has no function `\" .. name .. \"`\", 2)", contract.name));
        });
    });
}

fn host(api: &Api, contract: &Contract, text: &mut Text) {
    class(api, contract, text);
    text.line("");
    text.line(format!("--- Lets plugins call `{}`; it cannot be withdrawn.", contract.contract));
    text.line(format!("---@param implementation_ {}", contract.name));
    text.block(format!("function api.provide_{}(implementation_)", lower_snake(&contract.name)), "end", |text| {
        complete(contract, text);
        text.block("polyplug.provide({", "})", |text| provided(api, contract, text));
    });
}

fn guest(side: Side<'_>, bundle: &crate::bundle::Bundle, text: &mut Text) {
    let api = side.api();
    for (place, plugin) in bundle.plugins.iter().enumerate() {
        for Provided { contract, .. } in side.provided().into_iter().filter(|one| one.plugin == Some(place)) {
            text.line("");
            text.block(
                format!("local function {}_{}_plugin(implementation_)", plugin.name, contract.name),
                "end",
                |text| {
                    complete(contract, text);
                    text.block("return {", "}", |text| {
                        text.line(format!("name = \"{}\",", plugin.name));
                        text.line(format!("version = \"{}\",", plugin.version));
                        provided(api, contract, text);
                    });
                },
            );
        }
    }
    text.line("");
    text.line(
        "--- What the bundle's file returns: `return api.bundle { name = implementation }`, with one for each plugin.",
    );
    text.line(
        "--- `create_(polyplug)` of an implementation makes what its functions get first; left out: an empty table.",
    );
    text.line("--- `destroy_(object)` is its end.");
    let fields = bundle.plugins.iter().map(|plugin| {
        let classes = plugin.implements.iter().map(|index| bundle.api.guest_contracts[*index].name.clone());
        format!("{}: {}", plugin.name, classes.collect::<Vec<_>>().join("|"))
    });
    text.line(format!("---@param plugins {{ {} }}", fields.collect::<Vec<_>>().join(", ")));
    text.block("function api.bundle(plugins)", "end", |text| {
        for plugin in &bundle.plugins {
            text.block(format!("if type(plugins.{}) ~= \"table\" then", plugin.name), "end", |text| {
                text.line(format!("error(\"there is no plugin `{}`\", 2)", plugin.name));
            });
        }
        text.block("return {", "}", |text| {
            for (place, plugin) in bundle.plugins.iter().enumerate() {
                for one in side.provided().into_iter().filter(|one| one.plugin == Some(place)) {
                    text.line(format!("{0}_{1}_plugin(plugins.{0}),", plugin.name, one.contract.name));
                }
            }
        });
    });
}
