//! Any API that is right can be read, and code for every language be generated from it.

use polyplugc::api::read_api;
use polyplugc::generate::{Language, Side, generate};
use polyplugc::input::SourceFile;
use proptest::prelude::*;

/// Types by their names; `structs` of them are there to be used.
fn type_name(structs: usize) -> impl Strategy<Value = String> {
    let mut names: Vec<String> = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64", "bool"]
        .into_iter()
        .chain(["StringView", "Buffer", "Kind"])
        .map(str::to_owned)
        .collect();
    names.extend((0..structs).map(|number| format!("Type{number}")));
    (proptest::sample::select(names), 0_usize..3)
        .prop_map(|(name, arrays)| format!("{}{name}{}", "Array<".repeat(arrays), ">".repeat(arrays)))
}

fn fields(structs: usize, least: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec((type_name(structs), "\\PC{0,20}"), least..6).prop_map(|types| {
        let field = |(number, (ty, docs)): (usize, &(String, String))| {
            let docs = toml::Value::String(docs.clone());
            format!("{{ name = \"field_{number}\", type = \"{ty}\", docs = {docs} }}")
        };
        types.iter().enumerate().map(field).collect::<Vec<_>>().join(", ")
    })
}

fn contract(kind: &'static str, name: &'static str) -> impl Strategy<Value = String> {
    let function = (fields(4, 0), proptest::option::of(type_name(4)));
    (proptest::collection::vec(function, 1..5), any::<u16>(), any::<u16>()).prop_map(
        move |(functions, major, minor)| {
            let mut text = format!("[[{kind}]]\nname = \"{name}\"\nversion = \"{major}.{minor}.0\"\n");
            for (number, (params, result)) in functions.iter().enumerate() {
                text += &format!("[[{kind}.functions]]\nname = \"function_{number}\"\nparams = [{params}]\n");
                text += &result.as_ref().map(|ty| format!("return = \"{ty}\"\n")).unwrap_or_default();
            }
            text
        },
    )
}

fn api() -> impl Strategy<Value = String> {
    let structs = (fields(0, 1), fields(1, 1), fields(2, 1), fields(3, 1));
    let contracts = (contract("guest_contract", "any.Guest"), contract("host_contract", "any.Host"));
    (structs, contracts, any::<u16>()).prop_map(|((a, b, c, d), (guest, host), value)| {
        let mut text = format!(
            "[[enum]]\nname = \"Kind\"\nrepr = \"u16\"\nvariants = [{{ name = \"A\", value = {value} }}]\n{guest}{host}"
        );
        // Backwards, so that types are used before they are declared.
        for (number, fields) in [a, b, c, d].iter().enumerate().rev() {
            text += &format!("[[types]]\nname = \"Type{number}\"\nfields = [{fields}]\n");
        }
        text.replace("any.Host", "any.Desk")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_api_becomes_code_in_every_language(text in api()) {
        let api = read_api(&SourceFile::new("api.toml", "api.toml", text)).map_err(|errors| {
            TestCaseError::fail(errors.errors().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        for language in Language::ALL {
            let file = generate(Side::Host(&api), language).remove(0);
            prop_assert!(!file.text.is_empty());
            if language == Language::Rust {
                prop_assert!(syn::parse_file(&file.text).is_ok(), "{}", file.text);
            }
        }
    }

    #[test]
    fn no_text_is_too_strange_to_be_told_what_is_wrong_with_it(text in "\\PC{0,200}", tail in "[a-z\\[\\]=\"{}0-9\n_.]{0,200}") {
        let _told = read_api(&SourceFile::new("api.toml", "api.toml", format!("{text}\n{tail}")));
    }
}
