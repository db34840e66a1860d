//! The header of libpolyplug_c is what the sources say, and compilers take it.
//! `POLYPLUG_WRITE_HEADERS=1 cargo test -p polyplug-c --test header` writes it anew.

use std::mem::{offset_of, size_of};
use std::path::{Path, PathBuf};
use std::process::Command;

use polyplug_c::{ProvidedContract, RuntimeError, RuntimeOptions};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn committed() -> PathBuf {
    root().join("include/polyplug_runtime.h")
}

fn generated() -> String {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).unwrap();
    let for_c = tempfile::tempdir().unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in ["create.rs", "error.rs", "options.rs"] {
        let copy = for_c.path().join(name);
        std::fs::write(&copy, as_c_has_it(&std::fs::read_to_string(root().join("src").join(name)).unwrap())).unwrap();
        builder = builder.with_src(copy);
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    let text = String::from_utf8(text).unwrap();
    let (body, guard) = text.rsplit_once("#endif").unwrap();
    format!("{body}{}\n\n#endif{guard}", assertions())
}

/// Function pointers are nullable in C, and its comments have neither links nor Rust's headings.
fn as_c_has_it(source: &str) -> String {
    source
        .replace("Option<OnReload>", "OnReload")
        .replace("/// # Safety\n", "/// What the caller has to see to:\n")
        .lines()
        .map(|line| match line.trim_start().starts_with("///") {
            true => line.replace("[`", "`").replace("`]", "`").replace("(polyplug_abi::AbiErrorCode)", ""),
            false => line.to_owned(),
        } + "\n")
        .collect()
}

/// Layouts as Rust has them, for compilers to check.
fn assertions() -> String {
    format!(
        "\
#if defined(POLYPLUG_ASSERT) && UINTPTR_MAX == UINT64_MAX
POLYPLUG_ASSERT(sizeof(PolyplugRuntimeError) == {});
POLYPLUG_ASSERT(offsetof(PolyplugRuntimeError, message) == {});
POLYPLUG_ASSERT(sizeof(PolyplugRuntimeOptions) == {});
POLYPLUG_ASSERT(offsetof(PolyplugRuntimeOptions, config) == {});
POLYPLUG_ASSERT(offsetof(PolyplugRuntimeOptions, compatibility) == {});
POLYPLUG_ASSERT(offsetof(PolyplugRuntimeOptions, host_language) == {});
POLYPLUG_ASSERT(offsetof(PolyplugRuntimeOptions, on_reload) == {});
POLYPLUG_ASSERT(offsetof(PolyplugRuntimeOptions, host_contracts) == {});
POLYPLUG_ASSERT(sizeof(PolyplugProvidedContract) == {});
#endif

#if defined(_WIN32)
#pragma pop_macro(\"interface\")
#endif",
        size_of::<RuntimeError>(),
        offset_of!(RuntimeError, message),
        size_of::<RuntimeOptions>(),
        offset_of!(RuntimeOptions, config),
        offset_of!(RuntimeOptions, compatibility),
        offset_of!(RuntimeOptions, host_language),
        offset_of!(RuntimeOptions, on_reload),
        offset_of!(RuntimeOptions, host_contracts),
        size_of::<ProvidedContract>(),
    )
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let generated = generated();
    if std::env::var_os("POLYPLUG_WRITE_HEADERS").is_some() {
        std::fs::write(committed(), &generated).unwrap();
    }
    assert!(
        std::fs::read_to_string(committed()).unwrap() == generated,
        "include/polyplug_runtime.h is not what src/ says: \
         POLYPLUG_WRITE_HEADERS=1 cargo test -p polyplug-c --test header",
    );
}

#[test]
fn c_and_cpp_compilers_take_the_header_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::write(&source, "#include \"polyplug_runtime.h\"\nint main(void) { return 0; }\n").unwrap();
    for (compiler, standard, language) in [
        ("gcc", "c99", "c"),
        ("gcc", "c17", "c"),
        ("clang", "c99", "c"),
        ("clang", "c11", "c"),
        ("g++", "c++11", "c++"),
        ("clang++", "c++17", "c++"),
    ] {
        let output = Command::new(compiler)
            .args([&format!("-std={standard}"), "-x", language, "-fsyntax-only"])
            .args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-I"])
            .arg(root().join("include"))
            .arg("-I")
            .arg(root().join("../polyplug-abi/include"))
            .arg(&source)
            .output()
            .unwrap();
        assert!(output.status.success(), "{compiler} {standard}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
