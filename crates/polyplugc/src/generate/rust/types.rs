//! Structs and enumerations, and how they cross the boundary.

use super::super::text::Text;
use super::{document, owned, raw};
use crate::model::{Api, Enum, Struct, Type};

pub(super) fn enumeration(one: &Enum, text: &mut Text) {
    let (name, repr) = (&one.name, one.repr.name());
    text.line("");
    document(text, &one.docs, &format!("The enumeration `{name}`."));
    text.line(format!("#[repr({repr})]"));
    text.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]");
    text.open(format!("pub enum {name} {{"));
    for variant in &one.variants {
        document(text, &variant.docs, &format!("{}.", variant.value));
        text.line(format!("{} = {},", variant.name, variant.value));
    }
    text.close("}");
    text.line("");
    text.open(format!("impl {name} {{"));
    document(text, "", "The variant of a number, if there is one.");
    text.line("#[must_use]");
    text.open(format!("pub const fn from_number(number: {repr}) -> Option<Self> {{"));
    text.open("match number {");
    for variant in &one.variants {
        text.line(format!("{} => Some(Self::{}),", variant.value, variant.name));
    }
    text.line("_ => None,");
    text.close("}");
    text.close("}");
    text.close("}");
    text.line("");
    text.open(format!("impl bindings::Encode for {name} {{"));
    text.line(format!("type Raw = {repr};"));
    text.open(format!("fn encode(&self, _: &mut bindings::Arena<'_>) -> Result<{repr}, CallError> {{"));
    text.line(format!("Ok(*self as {repr})"));
    text.close("}");
    text.close("}");
    text.line("");
    text.open(format!("impl bindings::Decode<'_> for {name} {{"));
    text.line(format!("type Raw = {repr};"));
    text.open(format!("unsafe fn decode(raw_: {repr}) -> Result<Self, CallError> {{"));
    text.open("Self::from_number(raw_).ok_or_else(|| {");
    text.line("let code = bindings::abi::AbiErrorCode::InvalidArgument;");
    text.line(format!("CallError::abi(code, format!(\"{{raw_}} is no {name}\"))"));
    text.close("})");
    text.close("}");
    text.close("}");
}

fn is_copy(api: &Api, ty: &Type) -> bool {
    match ty {
        Type::Number(_) | Type::Bool | Type::Enum(_) => true,
        Type::String | Type::Bytes | Type::Array(_) => false,
        Type::Struct(index) => api.structs[*index].fields.iter().all(|field| is_copy(api, &field.ty)),
    }
}

pub(super) fn structure(api: &Api, one: &Struct, text: &mut Text) {
    let name = &one.name;
    let copy = one.fields.iter().all(|field| is_copy(api, &field.ty));
    text.line("");
    document(text, &one.docs, &format!("The struct `{name}`."));
    text.line(format!("#[derive(Clone, {}Debug, PartialEq)]", if copy { "Copy, " } else { "" }));
    text.open(format!("pub struct {name} {{"));
    for field in &one.fields {
        document(text, &field.docs, &format!("The field `{}`.", field.name));
        text.line(format!("pub {}: {},", field.name, owned(api, &field.ty)));
    }
    text.close("}");
    text.line("");
    text.open(format!("impl bindings::Encode for {name} {{"));
    text.line(format!("type Raw = raw::{name};"));
    text.list(
        "fn encode(",
        &["&self".to_owned(), "arena_: &mut bindings::Arena<'_>".to_owned()],
        &format!(") -> Result<raw::{name}, CallError> {{"),
        true,
    );
    text.depth_more();
    text.open(format!("Ok(raw::{name} {{"));
    for field in &one.fields {
        text.line(format!("{0}: bindings::Encode::encode(&self.{0}, arena_)?,", field.name));
    }
    text.close("})");
    text.close("}");
    text.close("}");
    text.line("");
    text.open(format!("impl bindings::Decode<'_> for {name} {{"));
    text.line(format!("type Raw = raw::{name};"));
    text.open(format!("unsafe fn decode(raw_: raw::{name}) -> Result<Self, CallError> {{"));
    text.line("// SAFETY: the caller's promise, which is about every field.");
    text.open("unsafe {");
    text.open("Ok(Self {");
    for field in &one.fields {
        text.line(format!("{0}: bindings::Decode::decode(raw_.{0})?,", field.name));
    }
    text.close("})");
    text.close("}");
    text.close("}");
    text.close("}");
}

/// The structs as C has them.
pub(super) fn raw_structs(api: &Api, text: &mut Text) {
    text.line("");
    text.line("/// The structs, as they cross the boundary.");
    text.open("mod raw {");
    let views = |ty: &Type| matches!(ty, Type::String | Type::Bytes | Type::Array(_));
    if api.structs.iter().any(|one| one.fields.iter().any(|field| views(&field.ty))) {
        text.line("use polyplug_bindings as bindings;");
        text.line("");
    }
    for (place, one) in api.structs.iter().enumerate() {
        if place > 0 {
            text.line("");
        }
        text.lines(&["#[repr(C)]", "#[derive(Clone, Copy)]"]);
        text.open(format!("pub struct {} {{", one.name));
        for field in &one.fields {
            text.line(format!("pub {}: {},", field.name, raw(api, &field.ty, "")));
        }
        text.close("}");
        text.line("#[cfg(target_pointer_width = \"64\")]");
        text.line(format!("const _: () = assert!(size_of::<{}>() == {});", one.name, one.size));
    }
    text.close("}");
}
