//! JavaScript: a module with enumerations, callers and what a program fills in, over the module `polyplug`. The loader
//! holds every value against the signature; what it cannot know, the numbers of enumerations, is checked here.

use polyplug_abi::DependencyKind;

use super::text::{HEADER, Text, docs};
use super::{Called, Provided, Side};
use crate::model::{Api, Contract, Enum, Function, Number, Type};

/// The file of one side.
pub(super) fn generate(side: Side<'_>) -> String {
    let api = side.api();
    let mut text = Text::new(2);
    text.line(format!("// {HEADER}"));
    text.line("//");
    text.line(format!("// {}", side.about()));
    text.line("");
    text.line("import polyplug from \"polyplug\";");
    api.enums.iter().for_each(|one| enumeration(one, &mut text));
    for (index, one) in api.structs.iter().enumerate() {
        text.line("");
        text.line("/**");
        document(&mut text, &one.docs, &format!("The struct `{}`.", one.name));
        text.line(format!(" * @typedef {{object}} {}", one.name));
        for field in &one.fields {
            let about = docs(&field.docs, "").trim_end().replace('\n', " ");
            text.line(format!(" * @property {{{}}} {} {about}", annotation(api, &field.ty), field.name).trim_end());
        }
        text.line(" */");
        if api.has_enum(&Type::Struct(index)) {
            struct_check(api, index, &mut text);
        }
    }
    if !side.called().is_empty() {
        text.line("");
        text.line("const callers_ = new WeakMap();");
        text.line("");
        text.line("/** Gives back what a caller holds; the caller is of no use then. */");
        text.block("export function close(caller) {", "}", |text| text.line("callers_.get(caller).close();"));
    }
    side.called().into_iter().for_each(|called| caller(api, called, &mut text));
    match side {
        Side::Host(_) => side.provided().into_iter().for_each(|one| host(api, one.contract, &mut text)),
        Side::Guest(bundle) => {
            side.provided().iter().for_each(|one| interface(api, one.contract, &mut text));
            guest(side, bundle, &mut text);
        }
    }
    text.finish()
}

fn document(text: &mut Text, of: &str, otherwise: &str) {
    text.comment(" *", &docs(of, otherwise));
}

/// The type as editors are told it.
fn annotation(api: &Api, ty: &Type) -> String {
    match ty {
        Type::Number(Number::U64 | Number::I64) => "bigint".to_owned(),
        Type::Number(_) => "number".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::String => "string".to_owned(),
        Type::Bytes => "Uint8Array".to_owned(),
        Type::Array(item) => format!("{}[]", annotation(api, item)),
        Type::Struct(index) => api.structs[*index].name.clone(),
        Type::Enum(index) => match api.enums[*index].repr {
            Number::U64 => "bigint".to_owned(),
            _ => "number".to_owned(),
        },
    }
}

fn enumeration(one: &Enum, text: &mut Text) {
    let name = &one.name;
    let suffix = if one.repr == Number::U64 { "n" } else { "" };
    text.line("");
    text.line("/**");
    document(text, &one.docs, &format!("The enumeration `{name}`."));
    text.line(format!(" * @enum {{{}}}", if suffix.is_empty() { "number" } else { "bigint" }));
    text.line(" */");
    text.block(format!("export const {name} = Object.freeze({{"), "});", |text| {
        for variant in &one.variants {
            if !variant.docs.is_empty() {
                text.line(format!("/** {} */", docs(&variant.docs, "").trim_end().replace('\n', " ")));
            }
            text.line(format!("{}: {}{suffix},", variant.name, variant.value));
        }
    });
    let numbers: Vec<String> = one.variants.iter().map(|one| format!("{}{suffix}", one.value)).collect();
    text.list(&format!("const {name}_numbers = new Set(["), &numbers, "]);", true);
    text.line("");
    text.block(format!("function {name}_check(value, what) {{"), "}", |text| {
        text.block(format!("if (!{name}_numbers.has(value)) {{"), "}", |text| {
            text.line(format!("throw new TypeError(`\\`${{what}}\\`: ${{String(value)}} is no {name}`);"));
        });
    });
}

/// Statements that check the enumerations in a value. What is of a wrong shape is left to the loader.
fn check(api: &Api, ty: &Type, value: &str, what: &str, depth: usize, text: &mut Text) {
    match ty {
        Type::Enum(index) => text.line(format!("{}_check({value}, {what});", api.enums[*index].name)),
        Type::Struct(index) if api.has_enum(ty) => {
            text.line(format!("{}_check({value}, {what});", api.structs[*index].name));
        }
        Type::Array(item) if api.has_enum(ty) => {
            let name = format!("item{depth}_");
            text.block(format!("if (Array.isArray({value})) {{"), "}", |text| {
                text.block(format!("for (const {name} of {value}) {{"), "}", |text| {
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
    text.block(format!("function {}_check(value, what) {{", one.name), "}", |text| {
        text.block("if (typeof value !== \"object\" || value === null) {", "}", |text| text.line("return;"));
        for field in &one.fields {
            check(api, &field.ty, &format!("value.{}", field.name), &format!("what + \".{}\"", field.name), 0, text);
        }
    });
}

fn annotate(api: &Api, function: &Function, number: usize, text: &mut Text) {
    text.line("/**");
    document(text, &function.docs, &format!("Function {number}, `{}`.", function.name));
    for param in &function.params {
        let about = docs(&param.docs, "").trim_end().replace('\n', " ");
        text.line(format!(" * @param {{{}}} {} {about}", annotation(api, &param.ty), param.name).trim_end());
    }
    if let Some(ty) = &function.result {
        text.line(format!(" * @returns {{{}}}", annotation(api, ty)));
    }
    text.line(" */");
}

/// What gives the result of `call`, checked.
fn give(api: &Api, function: &Function, call: &str, text: &mut Text) {
    match &function.result {
        Some(ty) if api.has_enum(ty) => {
            text.line(format!("const result_ = {call};"));
            check(api, ty, "result_", "\"the result\"", 0, text);
            text.line("return result_;");
        }
        _ => text.line(format!("return {call};")),
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
    text.line("/**");
    document(text, &contract.docs, "");
    text.line(format!(" * Calls `{}`. A failure is an Error with `code` and `message`.", contract.contract));
    text.line(" */");
    text.open(format!("export class {name}Caller {{"));
    text.line("/** Finds the contract. */");
    text.block("constructor() {", "}", |text| {
        let (id, least) = (format!("{}@{}", contract.contract, called.least.major), called.least);
        text.open(format!("const caller = polyplug.{kind}(\"{id}\", \"{}.{}\", [", least.major, least.minor));
        text.signatures(api, contract);
        text.close("]);");
        text.line("callers_.set(this, caller);");
    });
    for (number, function) in contract.functions.iter().enumerate() {
        text.line("");
        annotate(api, function, number, text);
        text.open(format!("{}({}) {{", function.name, function.param_names().join(", ")));
        for param in &function.params {
            check(api, &param.ty, &param.name, &format!("\"{}\"", param.name), 0, text);
        }
        let passed: Vec<String> = std::iter::once(number.to_string()).chain(function.param_names()).collect();
        give(api, function, &format!("callers_.get(this).call({})", passed.join(", ")), text);
        text.close("}");
    }
    text.close("}");
}

/// The shape of what a program implements, for editors.
fn interface(api: &Api, contract: &Contract, text: &mut Text) {
    text.line("");
    text.line("/**");
    document(text, &contract.docs, "");
    text.line(format!(" * What a program provides for `{}`, version {}.", contract.contract, contract.version));
    text.line(format!(" * @typedef {{object}} {}", contract.name));
    for function in &contract.functions {
        let params = function.params.iter().map(|one| format!("{}: {}", one.name, annotation(api, &one.ty)));
        let params = params.collect::<Vec<_>>().join(", ");
        let result = function.result.as_ref().map_or("void".to_owned(), |ty| annotation(api, ty));
        text.line(format!(" * @property {{({params}) => {result}}} {}", function.name));
    }
    text.line(" */");
}

/// The keys of a description that say what it does; `object` is what functions are called on.
fn provided(api: &Api, contract: &Contract, text: &mut Text) {
    text.line(format!("contract: \"{}\",", contract.contract));
    text.line(format!("contract_version: \"{}\",", contract.version));
    text.line(format!("singleton: {},", contract.singleton));
    text.block("signatures: [", "],", |text| text.signatures(api, contract));
    text.open("functions: [");
    for function in &contract.functions {
        let params: Vec<String> = std::iter::once("object_".to_owned()).chain(function.param_names()).collect();
        text.open(format!("({}) => {{", params.join(", ")));
        for param in &function.params {
            check(api, &param.ty, &param.name, &format!("\"{}\"", param.name), 0, text);
        }
        give(api, function, &format!("object_.{}({})", function.name, function.param_names().join(", ")), text);
        text.close("},");
    }
    text.close("],");
}

/// Where a function that is missing is told at once, and not by the first who calls it.
fn complete(contract: &Contract, object: &str, text: &mut Text) {
    let names: Vec<String> = contract.functions.iter().map(|one| format!("\"{}\"", one.name)).collect();
    text.block(format!("for (const name of [{}]) {{", names.join(", ")), "}", |text| {
        text.block(format!("if (typeof {object}?.[name] !== \"function\") {{"), "}", |text| {
            text.line(format!("throw new TypeError(`{} has no function \\`${{name}}\\``);", contract.name));
        });
    });
}

fn host(api: &Api, contract: &Contract, text: &mut Text) {
    interface(api, contract, text);
    text.line("");
    text.line("/**");
    text.line(format!(" * Lets plugins call `{}`; it cannot be withdrawn.", contract.contract));
    text.line(format!(" * @param {{{}}} implementation", contract.name));
    text.line(" */");
    text.block(format!("export function provide{}(implementation) {{", contract.name), "}", |text| {
        complete(contract, "implementation", text);
        text.block("polyplug.provide({", "});", |text| {
            provided(api, contract, text);
            text.line("create: () => implementation,");
        });
    });
}

fn guest(side: Side<'_>, bundle: &crate::bundle::Bundle, text: &mut Text) {
    let api = side.api();
    for (place, plugin) in bundle.plugins.iter().enumerate() {
        for Provided { contract, .. } in side.provided().into_iter().filter(|one| one.plugin == Some(place)) {
            text.line("");
            text.block(format!("function {}_{}_plugin(Implementation) {{", plugin.name, contract.name), "}", |text| {
                complete(contract, "Implementation.prototype", text);
                text.block("return {", "};", |text| {
                    text.line(format!("name: \"{}\",", plugin.name));
                    text.line(format!("version: \"{}\",", plugin.version));
                    provided(api, contract, text);
                    text.line("create: (polyplug) => new Implementation(polyplug),");
                    text.line("destroy: (object) => object.destroy_?.(),");
                });
            });
        }
    }
    text.line("");
    text.line("/**");
    text.line(
        " * What the bundle's file exports: `export default bundle({ name: Class })`, with a class for each plugin.",
    );
    text.line(" * Its constructor gets `polyplug`; a method `destroy_`, if it has one, is the end of an instance.");
    text.line(" */");
    text.block("export function bundle(plugins) {", "}", |text| {
        for plugin in &bundle.plugins {
            text.block(format!("if (typeof plugins.{} !== \"function\") {{", plugin.name), "}", |text| {
                text.line(format!("throw new TypeError(\"there is no class for the plugin `{}`\");", plugin.name));
            });
        }
        text.block("return [", "];", |text| {
            for (place, plugin) in bundle.plugins.iter().enumerate() {
                for one in side.provided().into_iter().filter(|one| one.plugin == Some(place)) {
                    text.line(format!("{0}_{1}_plugin(plugins.{0}),", plugin.name, one.contract.name));
                }
            }
        });
    });
}
