//! What a program implements: abstract classes, and the entries through which they are called.

use polyplug_abi::types::Version;

use super::super::text::Text;
use super::super::{Provided, Side};
use super::{arguments_name, document, params, result, type_of};
use crate::bundle::Bundle;
use crate::model::{Api, Contract, Function};

pub(super) fn write(side: Side<'_>, text: &mut Text) {
    for Provided { contract, .. } in side.provided() {
        class(side, contract, text);
        for function in &contract.functions {
            entry(side.api(), contract, function, text);
        }
        interface(contract, side, text);
    }
    if let Side::Guest(bundle) = side {
        registration(bundle, text);
    }
}

fn class(side: Side<'_>, contract: &Contract, text: &mut Text) {
    let name = &contract.name;
    text.line("");
    document(text, &contract.docs, "");
    text.line("//");
    text.line(format!(
        "// What a program provides for `{}`, version {}. To be derived from.",
        contract.contract, contract.version
    ));
    text.line("// Functions may be called from any thread, and from several at once. They fail by throwing: a");
    text.line("// polyplug::CallError arrives as it is, other exceptions as POLYPLUG_PANICKED.");
    text.line(format!("class {name} {{"));
    text.open("public:");
    text.line(format!("virtual ~{name}() {{}}"));
    for (number, function) in contract.functions.iter().enumerate() {
        document(text, &function.docs, &format!("Function {number}."));
        let start = format!("virtual {} {}(", result(side.api(), function), function.name);
        text.list(&start, &params(side.api(), function), ") = 0;", false);
    }
    text.close("};");
}

fn entry(api: &Api, contract: &Contract, function: &Function, text: &mut Text) {
    text.line("");
    let head = format!("inline uint32_t {}_{}_entry_(", contract.name, function.name);
    let args = if function.params.is_empty() { "const void *" } else { "const void *args_" };
    let out = if function.result.is_none() { "void *" } else { "void *out_" };
    let of_entry = ["void *instance_", args, out, "PolyplugCallArena *arena_"].map(str::to_owned);
    text.list(&head, &of_entry, ") {", false);
    text.depth_more();
    text.open("return polyplug::guarded(arena_, [&] {");
    let arguments = arguments_name(contract, function);
    let (args, args_align) = match function.params.is_empty() {
        true => ("nullptr", "0".to_owned()),
        false => ("args_", format!("alignof({arguments})")),
    };
    let (out, out_align) = match &function.result {
        None => ("nullptr", "0".to_owned()),
        Some(ty) => ("out_", format!("alignof({})", super::raw(api, ty, ""))),
    };
    text.line(format!("polyplug::check_call(instance_, {args}, {args_align}, {out}, {out_align});"));
    if !function.params.is_empty() {
        text.line(format!("const {arguments} &in_ = *static_cast<const {arguments} *>(args_);"));
    }
    for param in &function.params {
        let (name, ty) = (&param.name, type_of(api, &param.ty, ""));
        text.line(format!("{ty} {name} = polyplug::argument<{ty}>(\"{name}\", in_.{name});"));
    }
    let passed = function.param_names().join(", ");
    let call = format!("static_cast<{} *>(instance_)->{}({passed})", contract.name, function.name);
    match &function.result {
        None => text.line(format!("{call};")),
        Some(ty) => text.line(format!("polyplug::give<{}>({call}, out_, arena_);", type_of(api, ty, ""))),
    }
    text.close("});");
    text.close("}");
}

fn version(version: Version) -> String {
    format!("polyplug_version({}, {}, {})", version.major, version.minor, version.patch)
}

fn interface(contract: &Contract, side: Side<'_>, text: &mut Text) {
    let (name, full) = (&contract.name, &contract.contract);
    let (id, context) = match side {
        Side::Host(_) => ("polyplug_host_contract_id", "void *context_"),
        Side::Guest(_) => ("polyplug_guest_contract_id", ""),
    };
    text.line("");
    text.open(format!("inline PolyplugContractInterface {name}_interface_({context}) {{"));
    text.open("static const PolyplugFunction entries_[] = {");
    contract.functions.iter().for_each(|one| text.line(format!("{name}_{}_entry_,", one.name)));
    text.close("};");
    text.line(format!("uint64_t id_ = {id}(\"{full}\", {});", contract.version.major));
    text.line(format!("PolyplugVersion version_ = {};", version(contract.version)));
    let context = if context.is_empty() { "nullptr" } else { "context_" };
    let count = contract.functions.len();
    let made = format!("polyplug_interface(id_, version_, entries_, {count}, {context})");
    if contract.singleton {
        text.line(format!("PolyplugContractInterface contract_ = {made};"));
        text.line("contract_.flags = POLYPLUG_SINGLETON;");
        text.line("return contract_;");
    } else {
        text.line(format!("return {made};"));
    }
    text.close("}");
    if matches!(side, Side::Host(_)) {
        text.line("");
        text.line(format!(
            "// Lets plugins call `{full}`. It cannot be withdrawn: `implementation_` has to stay until the"
        ));
        text.line("// runtime is gone.");
        let params = ["const PolyplugHostApi *host_".to_owned(), format!("{name} &implementation_")];
        text.list(&format!("inline void {name}_register("), &params, ") {", false);
        text.depth_more();
        text.line("polyplug::CallerArena arena_(host_);");
        text.line(format!("PolyplugContractInterface contract_ = {name}_interface_(&implementation_);"));
        text.line(format!(
            "uint32_t code_ = host_->register_host_contract(host_, polyplug_string(\"{full}\"), &contract_);"
        ));
        text.block("if (code_ != POLYPLUG_OK) {", "}", |text| {
            text.line("arena_.check(polyplug_host_failed(host_, code_, arena_.get()));");
        });
        text.close("}");
    }
}

fn registration(bundle: &Bundle, text: &mut Text) {
    let contracts = &bundle.api.guest_contracts;
    text.line("");
    text.line("// Registers what the bundle provides: one class for each plugin, made from the host's table.");
    let types: Vec<String> = (0..bundle.plugins.len()).map(|place| format!("class Plugin_{place}")).collect();
    text.line(format!("template <{}>", types.join(", ")));
    let params = ["const PolyplugHostApi *host_".to_owned(), "const PolyplugBundleInitContext *context_".to_owned()];
    text.list("uint32_t bundle_(", &params, ") {", false);
    text.depth_more();
    text.line("uint32_t code_ = POLYPLUG_OK;");
    for (place, plugin) in bundle.plugins.iter().enumerate() {
        for one in &plugin.implements {
            let contract = &contracts[*one];
            let name = &contract.name;
            text.open("if (code_ == POLYPLUG_OK) {");
            let passed = [
                "host_".to_owned(),
                "context_".to_owned(),
                format!("\"{}\"", plugin.name),
                version(plugin.version),
                format!("{name}_interface_()"),
                format!("\"{}\"", contract.contract),
            ];
            text.list(&format!("code_ = polyplug::provide<{name}, Plugin_{place}>("), &passed, ");", false);
            text.close("}");
        }
    }
    text.line("return code_;");
    text.close("}");
}

/// The macro that exports the bundle.
pub(super) fn export(bundle: &Bundle, text: &mut Text) {
    let names: Vec<String> =
        bundle.plugins.iter().map(|plugin| format!("{}_", crate::names::upper_camel(&plugin.name))).collect();
    let classes: Vec<String> = bundle.plugins.iter().map(|plugin| crate::names::upper_camel(&plugin.name)).collect();
    text.line("");
    text.line(
        "// Exports the bundle. To be written once, outside of any function and namespace, with the classes of the",
    );
    text.line(format!("// plugins: `POLYPLUG_BUNDLE({})`", classes.join(", ")));
    text.line(format!("#define POLYPLUG_BUNDLE({}) \\", names.join(", ")));
    text.line("    POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host_, \\");
    text.line("                                           const PolyplugBundleInitContext *context_) { \\");
    text.line(format!("        return api::bundle_<{}>(host_, context_); \\", names.join(", ")));
    text.line("    } \\");
    text.line("    POLYPLUG_EXPORT uint32_t polyplug_abi_version(void) { return POLYPLUG_ABI_VERSION; } \\");
    text.line("    typedef int polyplug_bundle_needs_semicolon_");
}
