//! Structs and enumerations, and the functions that check values which came over the boundary.

use super::super::text::Text;
use super::{document, field, remark, type_of};
use crate::model::{Api, Enum, Number, Struct, Type};

pub(super) fn enumeration(one: &Enum, text: &mut Text) {
    let name = &one.name;
    text.line("");
    document(text, &one.docs, &format!("The enumeration `{name}`."));
    text.line(format!("typedef {} {name};", one.repr.c_name()));
    let macro_name = match one.repr {
        Number::U64 => "UINT64_C",
        Number::U16 => "UINT16_C",
        Number::U8 => "UINT8_C",
        _ => "UINT32_C",
    };
    for variant in &one.variants {
        document(text, &variant.docs, "");
        text.line(format!("#define {name}_{} (({name}){macro_name}({}))", variant.name, variant.value));
    }
    text.line("");
    let head = format!("static inline uint32_t {name}_check_(");
    let params = [format!("{name} value_"), "const char *what_".to_owned(), "PolyplugCallArena *arena_".to_owned()];
    text.list(&head, &params, ") {", false);
    text.depth_more();
    text.line("switch (value_) {");
    for variant in &one.variants {
        text.line(format!("case {name}_{}:", variant.name));
    }
    text.line("    return POLYPLUG_OK;");
    text.line("default:");
    text.line(format!(
        "    return polyplug_fail_at(arena_, POLYPLUG_INVALID_ARGUMENT, what_, \"the number is no {name}\");"
    ));
    text.line("}");
    text.close("}");
}

pub(super) fn structure(api: &Api, one: &Struct, checks: &mut Vec<String>, text: &mut Text) {
    let name = &one.name;
    let types: Vec<&Type> = one.fields.iter().map(|field| &field.ty).collect();
    array_checks(api, &types, checks, text);
    text.line("");
    document(text, &one.docs, &format!("The struct `{name}`."));
    text.block(format!("typedef struct {name} {{"), &format!("}} {name};"), |text| {
        for member in &one.fields {
            document(text, &member.docs, "");
            let remark = remark(api, &member.ty).map(|remark| format!(" // {remark}")).unwrap_or_default();
            text.line(format!("{};{remark}", field(api, &member.ty, &member.name)));
        }
    });
    if !needs_check(api, &Type::Struct(index_of(api, one))) {
        return;
    }
    text.line("");
    let head = format!("static inline uint32_t {name}_check_(");
    let params =
        [format!("const {name} *value_"), "const char *what_".to_owned(), "PolyplugCallArena *arena_".to_owned()];
    text.list(&head, &params, ") {", false);
    text.depth_more();
    text.line("uint32_t code_ = POLYPLUG_OK;");
    for member in &one.fields {
        checked(api, &member.ty, &format!("value_->{}", member.name), "what_", text);
    }
    text.line("return code_;");
    text.close("}");
}

fn index_of(api: &Api, one: &Struct) -> usize {
    api.structs.iter().position(|other| std::ptr::eq(other, one)).unwrap_or_default()
}

fn needs_check(api: &Api, ty: &Type) -> bool {
    match ty {
        Type::Number(_) => false,
        Type::Struct(index) => api.structs[*index].fields.iter().any(|field| needs_check(api, &field.ty)),
        _ => true,
    }
}

/// The expression that checks a value, if one is enough and there is anything to check.
pub(super) fn check(api: &Api, ty: &Type, value: &str, what: &str) -> Option<String> {
    if !needs_check(api, ty) {
        return None;
    }
    Some(match ty {
        Type::Number(_) => return None,
        Type::Bool => format!("polyplug_check_bool({value}, {what}, arena_)"),
        Type::String => format!("polyplug_check_string({value}, {what}, arena_)"),
        Type::Bytes => format!("polyplug_check_bytes({value}, {what}, arena_)"),
        Type::Array(item) => format!("{}({value}, {what}, arena_)", array_check_name(api, item)),
        Type::Struct(index) => format!("{}_check_(&{value}, {what}, arena_)", api.structs[*index].name),
        Type::Enum(index) => format!("{}_check_({value}, {what}, arena_)", api.enums[*index].name),
    })
}

/// Statements that set `code_` if a value is none, unless it is already set.
pub(super) fn checked(api: &Api, ty: &Type, value: &str, what: &str, text: &mut Text) {
    if let Some(check) = check(api, ty, value, what) {
        text.block("if (code_ == POLYPLUG_OK) {", "}", |text| text.line(format!("code_ = {check};")));
    }
}

fn array_check_name(api: &Api, item: &Type) -> String {
    format!("check_{}_", array_name(api, item))
}

/// `array_of_Point`
fn array_name(api: &Api, item: &Type) -> String {
    let item = match item {
        Type::Array(item) => array_name(api, item),
        Type::String => "string".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        _ => api.type_name(item),
    };
    format!("array_of_{item}")
}

/// Functions that check arrays: one for each type of item that is used with one.
pub(super) fn array_checks(api: &Api, types: &[&Type], written: &mut Vec<String>, text: &mut Text) {
    for ty in types {
        let Type::Array(item) = ty else { continue };
        array_checks(api, &[item], written, text);
        let name = array_check_name(api, item);
        if written.contains(&name) {
            continue;
        }
        text.line("");
        let params = [
            "PolyplugArrayView value_".to_owned(),
            "const char *what_".to_owned(),
            "PolyplugCallArena *arena_".to_owned(),
        ];
        text.list(&format!("static inline uint32_t {name}("), &params, ") {", false);
        text.depth_more();
        let item_type = type_of(api, item);
        let align = format!("POLYPLUG_ALIGNOF({item_type})");
        match check(api, item, "items_[index_]", "what_") {
            None => {
                text.line(format!("return polyplug_check_array(value_, sizeof({item_type}), {align}, what_, arena_);"));
            }
            Some(check) => {
                text.line(format!("const {item_type} *items_ = (const {item_type} *)value_.items;"));
                text.line(format!(
                    "uint32_t code_ = polyplug_check_array(value_, sizeof({item_type}), {align}, what_, arena_);"
                ));
                text.line("size_t index_;");
                text.block("for (index_ = 0; code_ == POLYPLUG_OK && index_ < value_.len; index_++) {", "}", |text| {
                    text.line(format!("code_ = {check};"));
                });
                text.line("return code_;");
            }
        }
        text.close("}");
        written.push(name);
    }
}
