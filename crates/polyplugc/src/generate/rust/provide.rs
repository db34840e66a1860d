//! What a program implements: traits, the functions that stand behind them in C, registration.

use super::super::text::Text;
use super::super::{Provided, Side};
use super::{arguments_name, document, item_type, lent, owned, signature};
use crate::bundle::Bundle;
use crate::model::{Api, Contract, Function, Type};
use crate::names::lower_snake;

/// The trait of a contract.
pub(super) fn declaration(api: &Api, contract: &Contract, side: Side<'_>, text: &mut Text) {
    let who = match side {
        Side::Host(_) => "host",
        Side::Guest(_) => "guest",
    };
    text.line("");
    document(text, &contract.docs, &format!("The {who} contract `{}`.", contract.contract));
    text.line("///");
    text.line(format!(
        "/// Version {}. Functions may be called from any thread, and from several at once.",
        contract.version
    ));
    text.open(format!("pub trait {}: Send + Sync + 'static {{", contract.name));
    for (number, function) in contract.functions.iter().enumerate() {
        if number > 0 {
            text.line("");
        }
        document(text, &function.docs, &format!("Function {number}, `{}`.", function.name));
        signature(api, function, "", ";", text);
    }
    text.close("}");
}

fn version(version: polyplug_abi::types::Version) -> String {
    format!("bindings::abi::types::Version::new({}, {}, {})", version.major, version.minor, version.patch)
}

/// How a host registers what it implements.
pub(super) fn host_registration(contract: &Contract, text: &mut Text) {
    let name = &contract.name;
    let snake = lower_snake(name);
    text.line("");
    document(
        text,
        "",
        &format!("What the runtime is told of `{}`: for a runtime that is yet to be built.", contract.contract),
    );
    text.line("/// `implementation` stays for good.");
    text.list(
        &format!("pub fn {snake}_interface<T: {name}>("),
        &["implementation: T".to_owned()],
        ") -> bindings::abi::ContractInterface {",
        true,
    );
    text.depth_more();
    text.line(format!("const NAME: &str = \"{}\";", contract.contract));
    text.line(format!("let version = {};", version(contract.version)));
    text.line(format!("let functions = entries::{name}::<T>::FUNCTIONS;"));
    text.line("bindings::host_interface(NAME, version, functions, implementation)");
    text.close("}");
    text.line("");
    let about =
        format!("Lets plugins call `{}`. It cannot be withdrawn; `implementation` stays for good.", contract.contract);
    document(text, "", &about);
    text.list(
        &format!("pub fn register_{snake}<T: {name}>("),
        &["host: Host<'_>".to_owned(), "implementation: T".to_owned()],
        ") -> Result<(), CallError> {",
        true,
    );
    text.depth_more();
    text.line(format!("let interface = {snake}_interface(implementation);"));
    text.line("// SAFETY: the functions are those of the contract, and take a `T`, which is never dropped.");
    text.line(format!("unsafe {{ bindings::provide(host, \"{}\", &interface) }}", contract.contract));
    text.close("}");
}

/// The function that registers what a bundle implements.
pub(super) fn bundle(bundle: &Bundle, text: &mut Text) {
    text.line("");
    let types: Vec<_> = bundle.plugins.iter().map(|plugin| format!("the type of `{}`", plugin.name)).collect();
    document(text, "", &format!("Registers the bundle's contracts. The types are: {}.", types.join(", ")));
    text.line("///");
    text.line("/// In the crate's root: `polyplug_bindings::export_bundle!(guest::bundle::<…>);`");
    text.line("///");
    text.line("/// # Safety");
    text.line("///");
    text.line("/// For the runtime: as the ABI says of `polyplug_init`.");
    text.line("#[allow(non_camel_case_types)]");
    let plugins = bundle.plugins.iter().enumerate().map(|(place, plugin)| {
        let traits = plugin.implements.iter().map(|index| format!(" + {}", bundle.api.guest_contracts[*index].name));
        format!("Plugin_{place}: Plugin{}", traits.collect::<String>())
    });
    text.list("pub unsafe extern \"C\" fn bundle<", &plugins.collect::<Vec<_>>(), ">(", true);
    text.depth_more();
    text.line("host_: *const bindings::abi::HostApi,");
    text.line("context_: *const bindings::abi::BundleInitContext,");
    text.close(") -> u32 {");
    text.depth_more();
    text.open("let work_ = |host_: Host<'static>| {");
    for (place, plugin) in bundle.plugins.iter().enumerate() {
        text.line(format!("let plugin_ = (\"{}\", {});", plugin.name, version(plugin.version)));
        for index in &plugin.implements {
            let contract = &bundle.api.guest_contracts[*index];
            text.open(format!("let interface_ = bindings::guest_interface::<Plugin_{place}>("));
            text.line(format!("\"{}\",", contract.contract));
            text.line(format!("{},", version(contract.version)));
            text.line(format!("{},", contract.singleton));
            text.line(format!("entries::{}::<Plugin_{place}>::FUNCTIONS,", contract.name));
            text.close(");");
            text.line("// SAFETY: the functions are those of the contract, and take what `create` makes.");
            text.line(format!(
                "unsafe {{ bindings::register(host_, plugin_, \"{}\", &interface_) }}?;",
                contract.contract
            ));
        }
    }
    text.line("Ok(())");
    text.close("};");
    text.line("// SAFETY: the caller's promise.");
    text.line("unsafe { bindings::initialise(host_, context_, work_) }");
    text.close("}");
}

/// The functions that C calls.
pub(super) fn entries(side: Side<'_>, text: &mut Text) {
    let provided = side.provided();
    if provided.is_empty() {
        return;
    }
    text.line("");
    text.line("/// The functions of the contracts, as they are called over the boundary.");
    text.open("mod entries {");
    text.line("use polyplug_bindings as bindings;");
    text.line("use std::ffi::c_void;");
    for Provided { contract, .. } in provided {
        let name = &contract.name;
        text.line("");
        text.line(format!("pub struct {name}<T>(std::marker::PhantomData<T>);"));
        text.line("");
        text.open(format!("impl<T: super::{name}> {name}<T> {{"));
        text.line("#[rustfmt::skip]");
        text.open("pub const FUNCTIONS: &'static [bindings::abi::Function] = &[");
        contract.functions.iter().for_each(|function| text.line(format!("Self::{},", function.name)));
        text.close("];");
        for function in &contract.functions {
            entry(side.api(), contract, function, text);
        }
        text.close("}");
    }
    text.close("}");
}

fn entry(api: &Api, contract: &Contract, function: &Function, text: &mut Text) {
    text.line("");
    text.open(format!("unsafe extern \"C\" fn {}(", function.name));
    text.lines(&[
        "instance_: *mut c_void,",
        "args_: *const c_void,",
        "out_: *mut c_void,",
        "arena_: *mut bindings::abi::CallArena,",
    ]);
    text.close(") -> u32 {");
    text.depth_more();
    let mut passed = vec!["this_".to_owned()];
    let head = format!("super::{}::{}(", contract.name, function.name);
    if function.params.is_empty() {
        let call = format!("{head}this_)");
        if !text.line_if_fits(format!("let body_ = |this_: &T, (): ()| {call};")) {
            text.block("let body_ = |this_: &T, (): ()| {", "};", |text| text.line(call));
        }
    } else {
        let arguments = arguments_name(contract, function);
        text.open(format!("let body_ = |this_: &T, args_: super::arguments::{arguments}| {{"));
        text.line("// SAFETY: whoever calls promises that the arguments are there for the call.");
        for param in &function.params {
            let (name, ty) = (&param.name, decoded(api, &param.ty));
            let read = format!("unsafe {{ bindings::argument(\"{name}\", args_.{name}) }}?;");
            if !text.line_if_fits(format!("let {name}: {ty} = {read}")) {
                text.open(format!("let {name}: {ty} ="));
                text.line(read);
                text.depth_less();
            }
            passed.push(if is_lent(&param.ty) { format!("&{name}") } else { name.clone() });
        }
        text.list(&head, &passed, ")", true);
        text.close("};");
    }
    text.line("// SAFETY: the caller's promise.");
    text.line("unsafe { bindings::serve(instance_, args_, out_, arena_, body_) }");
    text.close("}");
}

/// What a parameter is read as.
fn decoded(api: &Api, ty: &Type) -> String {
    match ty {
        Type::Array(item) => match **item {
            Type::Number(_) => lent(api, ty),
            _ => format!("Vec<{}>", in_entries(&item_type(api, item), item)),
        },
        Type::Struct(_) | Type::Enum(_) => format!("super::{}", owned(api, ty)),
        _ => lent(api, ty),
    }
}

/// A type's path, seen from the module of entries.
fn in_entries(name: &str, ty: &Type) -> String {
    match ty {
        Type::Array(item) => {
            let inner = name.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(name);
            format!("Vec<{}>", in_entries(inner, item))
        }
        Type::Struct(_) | Type::Enum(_) => format!("super::{name}"),
        _ => name.to_owned(),
    }
}

/// Whether a parameter that was read is one's own, and only lent to the function.
fn is_lent(ty: &Type) -> bool {
    match ty {
        Type::Array(item) => !matches!(**item, Type::Number(_)),
        Type::Struct(_) => true,
        _ => false,
    }
}
