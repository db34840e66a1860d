//! Makes the header from the sources, and holds the committed one against it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use polyplug_abi::{ABI_VERSION_SYMBOL, ENTRY_SYMBOL};

use crate::layouts::layouts;

pub(crate) fn include_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// The header as the sources say it.
fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    // In the order of the names, whatever order the folder has: types come out in it.
    let mut sources: Vec<PathBuf> =
        std::fs::read_dir(root.join("src")).unwrap().map(|entry| entry.unwrap().path()).collect();
    sources.sort();
    let for_c = tempfile::tempdir().unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources.iter().filter(|source| !source.ends_with("lib.rs")) {
        let copy = for_c.path().join(source.file_name().unwrap());
        std::fs::write(&copy, as_c_has_it(&std::fs::read_to_string(source).unwrap())).unwrap();
        builder = builder.with_src(copy);
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    // The codes are what a plugin's author writes most.
    let text = String::from_utf8(text).unwrap().replace("POLYPLUG_ABI_ERROR_CODE_", "POLYPLUG_");
    // cbindgen puts its own trailer behind the guard.
    let (body, guard) = text.rsplit_once("#endif").unwrap();
    format!("{body}{}\n\n#endif{guard}", trailer())
}

/// Sources whose function pointers are nullable as C's are, which cbindgen sees only where their type is written out;
/// without aliases, which come too late in the header, a parameter that is a keyword of C++, and links in comments.
fn as_c_has_it(source: &str) -> String {
    let mut text = String::new();
    for line in source.lines() {
        let mut line = line.to_owned();
        if let Some((before, rest)) = line.split_once(": Option<")
            && let Some(name) = rest.strip_suffix(">,")
        {
            line = format!("{before}: {name},");
        }
        line = line.replace("this: *const HostApi", "host: *const HostApi");
        for alias in ["GuestContractInterface", "HostContractInterface"] {
            line = line.replace(&format!("*const {alias}"), "*const ContractInterface");
        }
        if line.trim_start().starts_with("///") {
            while let Some((before, rest)) = line.split_once("[`") {
                let (name, rest) = rest.split_once("`]").unwrap();
                let rest = match rest.strip_prefix('(') {
                    Some(link) => link.split_once(')').unwrap().1,
                    None => rest,
                };
                line = format!("{before}`{name}`{rest}");
            }
        }
        writeln!(text, "{line}").unwrap();
    }
    text
}

/// What cbindgen does not make: the entry points' names, and the layouts as Rust has them, for the compiler to check.
fn trailer() -> String {
    let mut text = format!(
        "\
// The functions that a native bundle exports: polyplug_init, and, if it likes, polyplug_abi_version. A plugin defines them
// with POLYPLUG_EXPORT in front.
#define POLYPLUG_ENTRY_SYMBOL \"{ENTRY_SYMBOL}\"
#define POLYPLUG_ABI_VERSION_SYMBOL \"{ABI_VERSION_SYMBOL}\"

#ifdef __cplusplus
}} // extern \"C\"
#endif

// Layouts, as the runtime has them on 64-bit targets.
#if defined(__cplusplus)
#define POLYPLUG_ASSERT(condition) static_assert(condition, #condition)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define POLYPLUG_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#if defined(POLYPLUG_ASSERT) && UINTPTR_MAX == UINT64_MAX
"
    );
    for layout in layouts() {
        let name = format!("Polyplug{}", layout.name);
        writeln!(text, "POLYPLUG_ASSERT(sizeof({name}) == {});", layout.size).unwrap();
        for (field, offset) in layout.fields {
            writeln!(text, "POLYPLUG_ASSERT(offsetof({name}, {field}) == {offset});").unwrap();
        }
    }
    text.push_str("#endif\n\n#if defined(_WIN32)\n#pragma pop_macro(\"interface\")\n#endif");
    text
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let committed = include_folder().join("polyplug.h");
    let generated = generated();
    if std::env::var_os("POLYPLUG_WRITE_HEADERS").is_some() {
        std::fs::write(&committed, &generated).unwrap();
    }
    assert!(
        std::fs::read_to_string(&committed).unwrap() == generated,
        "include/polyplug.h is not what src/ says: POLYPLUG_WRITE_HEADERS=1 cargo test -p polyplug-abi --test header",
    );
}

#[test]
fn every_struct_of_the_header_and_each_of_its_fields_is_held_against_rust() {
    let header = generated();
    let mut found = Vec::new();
    for definition in header.split("\ntypedef struct ").skip(1) {
        let Some((name, body)) = definition.split_once(" {\n") else { continue };
        let (body, _) = body.split_once("\n}").unwrap();
        let fields = body.lines().filter(|line| !line.trim_start().starts_with("//") && line.ends_with(';')).count();
        found.push((name.to_owned(), fields));
    }
    let mut held: Vec<(String, usize)> =
        layouts().iter().map(|layout| (format!("Polyplug{}", layout.name), layout.fields.len())).collect();
    found.sort();
    held.sort();
    assert_eq!(found, held);
    assert!(!header.contains("PolyplugOption"), "a pointer that cbindgen took for a struct");
}
