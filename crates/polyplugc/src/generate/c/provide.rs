//! What a program fills in: tables of functions, and the entries through which they are called.

use polyplug_abi::types::Version;

use super::super::text::Text;
use super::super::{Provided, Side};
use super::types::checked;
use super::{arguments_name, document, params, remarks, type_of};
use crate::bundle::Bundle;
use crate::model::{Api, Contract, Function, Type};

pub(super) fn write(side: Side<'_>, text: &mut Text) {
    for Provided { contract, .. } in side.provided() {
        table(side, contract, text);
        for (number, function) in contract.functions.iter().enumerate() {
            entry(side.api(), contract, number, function, text);
        }
        match side {
            Side::Host(_) => host_registration(contract, text),
            Side::Guest(_) => instances(contract, text),
        }
    }
    if let Side::Guest(bundle) = side {
        initialisation(bundle, text);
    }
}

fn table(side: Side<'_>, contract: &Contract, text: &mut Text) {
    let name = &contract.name;
    text.line("");
    document(text, &contract.docs, "");
    text.line("//");
    text.line(format!("// What a program provides for `{}`, version {}.", contract.contract, contract.version));
    text.line("// Functions may be called from any thread, and from several at once. They return 0, or a code with a");
    text.line(
        "// message: `return polyplug_fail(arena_, 256, \"why\");`. What is returned lies in the arena, or stays.",
    );
    text.open(format!("typedef struct {name}Functions {{"));
    if matches!(side, Side::Guest(_)) {
        text.line("// Makes what the others get as `self_`, and writes it. May be null: then that is null.");
        text.line("uint32_t (*create_)(const PolyplugHostApi *host_, void **self_, PolyplugCallArena *arena_);");
        text.line("// Ends it. May be null.");
        text.line("void (*destroy_)(void *self_);");
    }
    for (number, function) in contract.functions.iter().enumerate() {
        document(text, &function.docs, &format!("Function {number}."));
        remarks(side.api(), function, text);
        let params = params(side.api(), function, "void *self_");
        text.list(&format!("uint32_t (*{})(", function.name), &params, ");", false);
    }
    text.close(format!("}} {name}Functions;"));
}

fn entry(api: &Api, contract: &Contract, number: usize, function: &Function, text: &mut Text) {
    let name = &contract.name;
    text.line("");
    let head = format!("static inline uint32_t {name}_{}_entry_(", function.name);
    let of_entry = ["void *instance_", "const void *args_", "void *out_", "PolyplugCallArena *arena_"];
    text.list(&head, &of_entry.map(str::to_owned), ") {", false);
    text.depth_more();
    text.line("const PolyplugProvided *provided_ = (const PolyplugProvided *)instance_;");
    text.line(format!("const {name}Functions *functions_;"));
    let arguments = arguments_name(contract, function);
    let args_align = if function.params.is_empty() {
        text.line("(void)args_;");
        "0".to_owned()
    } else {
        text.line(format!("const {arguments} *in_ = (const {arguments} *)args_;"));
        format!("POLYPLUG_ALIGNOF({arguments})")
    };
    let out_align = match &function.result {
        Some(ty) => format!("POLYPLUG_ALIGNOF({})", type_of(api, ty)),
        None => "0".to_owned(),
    };
    text.line(format!(
        "uint32_t code_ = polyplug_check_call(instance_, args_, {args_align}, out_, {out_align}, arena_);"
    ));
    for one in &function.params {
        checked(api, &one.ty, &format!("in_->{}", one.name), &format!("\"{}\"", one.name), text);
    }
    text.block("if (code_ != POLYPLUG_OK) {", "}", |text| text.line("return code_;"));
    text.line(format!("functions_ = (const {name}Functions *)provided_->functions;"));
    text.block(format!("if (!functions_->{}) {{", function.name), "}", |text| {
        let message = format!("function {number}, `{}`, is not there", function.name);
        text.line(format!("return polyplug_fail(arena_, POLYPLUG_FUNCTION_NOT_AVAILABLE, \"{message}\");"));
    });
    let mut passed = vec!["provided_->self".to_owned()];
    passed.extend(function.params.iter().map(|one| {
        let address = if matches!(one.ty, Type::Struct(_)) { "&" } else { "" };
        format!("{address}in_->{}", one.name)
    }));
    passed.extend(function.result.as_ref().map(|ty| format!("({} *)out_", type_of(api, ty))));
    passed.push("arena_".to_owned());
    text.list(&format!("return functions_->{}(", function.name), &passed, ");", false);
    text.close("}");
}

fn version(version: Version) -> String {
    format!("polyplug_version({}, {}, {})", version.major, version.minor, version.patch)
}

/// The table of entries, inside of a function.
fn entries(contract: &Contract, text: &mut Text) {
    text.open("static const PolyplugFunction entries_[] = {");
    contract.functions.iter().for_each(|one| text.line(format!("{}_{}_entry_,", contract.name, one.name)));
    text.close("};");
}

fn host_registration(contract: &Contract, text: &mut Text) {
    let name = &contract.name;
    text.line("");
    text.line(format!(
        "// Lets plugins call `{}`. It cannot be withdrawn: `provided_`, which this function",
        contract.contract
    ));
    text.line(
        "// fills, and `functions_` have to stay until the runtime is gone. `self_` is what every function gets first.",
    );
    let params = [
        "const PolyplugHostApi *host_".to_owned(),
        "PolyplugProvided *provided_".to_owned(),
        format!("const {name}Functions *functions_"),
        "void *self_".to_owned(),
    ];
    text.list(&format!("static inline uint32_t {name}_register("), &params, ") {", false);
    text.depth_more();
    entries(contract, text);
    text.line(format!(
        "uint64_t id_ = polyplug_host_contract_id(\"{}\", {});",
        contract.contract, contract.version.major
    ));
    text.line("PolyplugContractInterface contract_;");
    text.lines(&["provided_->host = host_;", "provided_->functions = functions_;", "provided_->self = self_;"]);
    let (count, version) = (contract.functions.len(), version(contract.version));
    text.line(format!("contract_ = polyplug_interface(id_, {version}, entries_, {count}, provided_);"));
    text.line(format!(
        "return host_->register_host_contract(host_, polyplug_string(\"{}\"), &contract_);",
        contract.contract
    ));
    text.close("}");
}

/// How instances of a guest contract are made and ended.
fn instances(contract: &Contract, text: &mut Text) {
    let name = &contract.name;
    text.line("");
    let of_create = ["void *context_", "const PolyplugHostApi *host_", "PolyplugCallArena *arena_", "void **out_"]
        .map(str::to_owned);
    text.list(&format!("static inline uint32_t {name}_create_("), &of_create, ") {", false);
    text.depth_more();
    text.line(format!("const {name}Functions *functions_ = (const {name}Functions *)context_;"));
    text.line("PolyplugProvided *provided_ = polyplug_provided_new(host_, functions_);");
    text.line("uint32_t code_ = POLYPLUG_OK;");
    text.block("if (!provided_) {", "}", |text| {
        text.line("return polyplug_fail(arena_, POLYPLUG_OUT_OF_MEMORY, \"there is no memory for an instance\");");
    });
    text.block("if (functions_->create_) {", "}", |text| {
        text.line("code_ = functions_->create_(host_, &provided_->self, arena_);");
    });
    text.block("if (code_ != POLYPLUG_OK) {", "}", |text| {
        text.line("polyplug_provided_free(provided_);");
        text.line("return code_;");
    });
    text.line("*out_ = provided_;");
    text.line("return POLYPLUG_OK;");
    text.close("}");
    text.line("");
    text.open(format!("static inline void {name}_destroy_(void *context_, void *instance_) {{"));
    text.line(format!("const {name}Functions *functions_ = (const {name}Functions *)context_;"));
    text.line("PolyplugProvided *provided_ = (PolyplugProvided *)instance_;");
    text.block("if (functions_->destroy_) {", "}", |text| text.line("functions_->destroy_(provided_->self);"));
    text.line("polyplug_provided_free(provided_);");
    text.close("}");
}

/// The registration of all that a bundle provides, and the macro that exports it.
fn initialisation(bundle: &Bundle, text: &mut Text) {
    let contracts = &bundle.api.guest_contracts;
    let provided = || bundle.plugins.iter().flat_map(|plugin| plugin.implements.iter().map(move |one| (plugin, *one)));
    text.line("");
    let mut params =
        vec!["const PolyplugHostApi *host_".to_owned(), "const PolyplugBundleInitContext *context_".to_owned()];
    params.extend(provided().map(|(_, one)| format!("const {0}Functions *{0}_functions_", contracts[one].name)));
    text.list("static inline uint32_t polyplug_bundle_(", &params, ") {", false);
    text.depth_more();
    text.line("uint32_t code_ = POLYPLUG_OK;");
    for (plugin, one) in provided() {
        let contract = &contracts[one];
        let name = &contract.name;
        text.open("if (code_ == POLYPLUG_OK) {");
        entries(contract, text);
        let (id, major) = (&contract.contract, contract.version.major);
        text.line(format!("uint64_t id_ = polyplug_guest_contract_id(\"{id}\", {major});"));
        text.line(format!("PolyplugVersion version_ = {};", version(contract.version)));
        text.line("PolyplugContractInterface contract_;");
        // The ABI's context is not const; nothing here writes to it.
        text.line(format!("void *table_ = (void *)(uintptr_t){name}_functions_;"));
        let count = contract.functions.len();
        text.line(format!("contract_ = polyplug_interface(id_, version_, entries_, {count}, table_);"));
        if contract.singleton {
            text.line("contract_.flags = POLYPLUG_SINGLETON;");
        }
        text.line(format!("contract_.create = {name}_create_;"));
        text.line(format!("contract_.destroy = {name}_destroy_;"));
        text.line(format!("version_ = {};", version(plugin.version)));
        let passed = [
            "host_".to_owned(),
            format!("\"{}\"", plugin.name),
            "version_".to_owned(),
            format!("\"{id}\""),
            "&contract_".to_owned(),
            "context_->arena".to_owned(),
        ];
        text.list("code_ = polyplug_register(", &passed, ");", false);
        text.close("}");
    }
    text.line("return code_;");
    text.close("}");
    text.line("");
    text.line("// Exports the bundle. To be written once, outside of any function, with the addresses of the tables:");
    let names: Vec<String> = provided().map(|(_, one)| format!("{}_", contracts[one].name)).collect();
    let tables: Vec<String> =
        provided().map(|(_, one)| format!("&{}", crate::names::lower_snake(&contracts[one].name))).collect();
    text.line(format!("// `POLYPLUG_BUNDLE({})`", tables.join(", ")));
    text.line(format!("#define POLYPLUG_BUNDLE({}) \\", names.join(", ")));
    text.line("    POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host_, \\");
    text.line("                                           const PolyplugBundleInitContext *context_) { \\");
    text.line(format!("        return polyplug_bundle_(host_, context_, {}); \\", names.join(", ")));
    text.line("    } \\");
    text.line("    POLYPLUG_EXPORT uint32_t polyplug_abi_version(void) { return POLYPLUG_ABI_VERSION; } \\");
    text.line("    typedef int polyplug_bundle_needs_semicolon_");
}
