//! Structs and enumerations, and how they cross the boundary.

use super::super::text::Text;
use super::{document, raw, type_of};
use crate::model::{Api, Enum, Number, Struct};

pub(super) fn enumeration(one: &Enum, text: &mut Text) {
    text.line("");
    document(text, &one.docs, &format!("The enumeration `{}`.", one.name));
    text.block(format!("enum class {} : {} {{", one.name, one.repr.c_name()), "};", |text| {
        let suffix = if one.repr == Number::U64 { "ull" } else { "u" };
        for variant in &one.variants {
            document(text, &variant.docs, "");
            text.line(format!("{} = {}{suffix},", variant.name, variant.value));
        }
    });
}

pub(super) fn structure(api: &Api, one: &Struct, text: &mut Text) {
    text.line("");
    document(text, &one.docs, &format!("The struct `{}`.", one.name));
    text.block(format!("struct {} {{", one.name), "};", |text| {
        for field in &one.fields {
            document(text, &field.docs, "");
            text.line(format!("{} {};", type_of(api, &field.ty, ""), field.name));
        }
    });
}

pub(super) fn enumeration_value(one: &Enum, text: &mut Text) {
    let name = format!("api::{}", one.name);
    text.line("");
    text.open(format!("template <> struct Value<{name}> {{"));
    text.line(format!("typedef {} Raw;", one.repr.c_name()));
    text.line(format!("static Raw encode({name} value_, Encoder &) {{ return static_cast<Raw>(value_); }}"));
    text.open(format!("static {name} decode(Raw raw_) {{"));
    text.line(format!("switch (static_cast<{name}>(raw_)) {{"));
    one.variants.iter().for_each(|variant| text.line(format!("case {name}::{}:", variant.name)));
    text.line(format!("    return static_cast<{name}>(raw_);"));
    text.line("}");
    text.line(format!("throw CallError(POLYPLUG_INVALID_ARGUMENT, std::to_string(raw_) + \" is no {}\");", one.name));
    text.close("}");
    text.close("};");
}

pub(super) fn structure_value(api: &Api, one: &Struct, text: &mut Text) {
    let name = format!("api::{}", one.name);
    text.line("");
    text.open(format!("template <> struct Value<{name}> {{"));
    text.block("struct Raw {", "};", |text| {
        for field in &one.fields {
            text.line(format!("{} {};", raw(api, &field.ty, "api::"), field.name));
        }
    });
    text.open(format!("static Raw encode(const {name} &value_, Encoder &encoder_) {{"));
    text.line("Raw raw_;");
    text.line("memset(&raw_, 0, sizeof raw_);");
    for field in &one.fields {
        let (field, ty) = (&field.name, type_of(api, &field.ty, "api::"));
        text.line(format!("raw_.{field} = Value<{ty}>::encode(value_.{field}, encoder_);"));
    }
    text.line("return raw_;");
    text.close("}");
    text.open(format!("static {name} decode(const Raw &raw_) {{"));
    text.line(format!("{name} value_;"));
    for field in &one.fields {
        let (field, ty) = (&field.name, type_of(api, &field.ty, "api::"));
        text.line(format!("value_.{field} = Value<{ty}>::decode(raw_.{field});"));
    }
    text.line("return value_;");
    text.close("}");
    text.close("};");
    text.line("#if UINTPTR_MAX == UINT64_MAX");
    text.line(format!("static_assert(sizeof(Value<{name}>::Raw) == {}, \"the layout of C\");", one.size));
    text.line("#endif");
}
