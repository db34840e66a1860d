//! What is generated: the same bytes for the same input, formatted, and accepted by the compilers as it is.

mod support;

use std::path::Path;
use std::process::Command;

use polyplugc::api::read_api;
use polyplugc::bundle::read_bundle;
use polyplugc::generate::{Language, OutputFile, Side, generate};
use polyplugc::input::read;
use support::{fixture, run};

const SMALL: &str = r#"
[[types]]
name = "Point"
docs = "A point of the plane."
fields = [{ name = "x", type = "f32" }, { name = "label", type = "StringView", docs = "Its name." }]

[[enum]]
name = "Color"
repr = "u32"
variants = [{ name = "Red", value = 1 }, { name = "DeepBlue", value = 0x10 }]

[[guest_contract]]
name = "image.Painter"
docs = "Paints."
version = "1.2.0"

[[guest_contract.functions]]
name = "paint"
docs = "Paints points."
params = [{ name = "at", type = "Array<Point>" }, { name = "color", type = "Color" }]
return = "u32"

[[guest_contract.functions]]
name = "clear"

[[host_contract]]
name = "host.Canvas"
version = "1.0.0"

[[host_contract.functions]]
name = "set"
params = [{ name = "at", type = "Point" }]
"#;

const BUNDLE: &str = r#"
[bundle]
name = "painter"
version = "1.0.0"
api = "api.toml"
loader = "native"
file = { linux = "libpainter.so", windows = "painter.dll" }

[[plugin]]
name = "brush"
version = "0.2.0"
implements = ["image.Painter@1"]

[[dependency]]
kind = "host_contract"
contract = "host.Canvas@1"
"#;

fn small() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("api.toml"), SMALL).unwrap();
    let bundle = folder.path().join("bundle.toml");
    std::fs::write(&bundle, BUNDLE).unwrap();
    (folder, bundle)
}

fn all(language: Language) -> Vec<OutputFile> {
    let (_folder, bundle) = small();
    let bundle = read_bundle(&read(&bundle).unwrap()).unwrap();
    let mut files = generate(Side::Host(&bundle.api), language);
    files.extend(generate(Side::Guest(&bundle), language));
    files
}

#[test]
fn every_language_has_its_files() {
    for language in Language::ALL {
        for file in all(language) {
            if file.name == "manifest.toml" && language != Language::Rust {
                continue;
            }
            insta::assert_snapshot!(file.name, file.text);
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for language in Language::ALL {
        assert_eq!(all(language), all(language));
    }
}

#[test]
fn the_manifest_is_one_that_the_runtime_takes() {
    let file = all(Language::C).pop().unwrap();
    let document = polyplug::loader::ManifestDocument::parse(&file.text, Path::new("manifest.toml")).unwrap();
    assert_eq!(document.provides[0].reference(), "image.Painter@1");
    assert_eq!(document.provides[0].function_count, Some(2));
    assert_eq!(document.dependencies[0].reference(), "host.Canvas@1");
}

/// The files of the large API, in a folder.
fn written(language: Language) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("api.toml"), folder.path().join("api.toml")).unwrap();
    let bundle = folder.path().join("bundle.toml");
    std::fs::write(&bundle, support::bundle_toml("echo", "native", "libecho.so")).unwrap();
    let bundle = read_bundle(&read(&bundle).unwrap()).unwrap();
    let api = read_api(&read(&fixture("api.toml")).unwrap()).unwrap();
    for file in generate(Side::Host(&api), language).into_iter().chain(generate(Side::Guest(&bundle), language)) {
        std::fs::write(folder.path().join(file.name), file.text).unwrap();
    }
    folder
}

#[test]
fn generated_rust_is_as_rustfmt_has_it() {
    let folder = written(Language::Rust);
    for file in ["host.rs", "guest.rs"] {
        run(Command::new("rustfmt").args(["--check", "--edition", "2024"]).arg(folder.path().join(file)));
    }
}

fn compile(language: Language, compilers: &[&str], flags: &[&str], files: &[&str], extension: &str) {
    let folder = written(language);
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../polyplug-abi/include");
    for file in files {
        // A program that includes the file twice is one that includes it once.
        let program = folder.path().join("program").with_extension(extension);
        std::fs::write(&program, format!("#include \"{file}\"\n#include \"{file}\"\n")).unwrap();
        for compiler in compilers {
            let mut command = Command::new(compiler);
            command.args(flags).args(["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"]);
            run(command.arg(&include).arg("-I").arg(folder.path()).arg(&program));
        }
    }
}

#[test]
fn generated_c_compiles_without_a_warning() {
    compile(Language::C, &["gcc", "clang"], &["-std=c99", "-Wconversion"], &["host.h", "guest.h"], "c");
    compile(Language::C, &["gcc", "clang"], &["-std=c17"], &["guest.h"], "c");
}

#[test]
fn generated_c_is_cpp_too() {
    compile(Language::C, &["g++"], &["-std=c++11"], &["host.h", "guest.h"], "cpp");
}

#[test]
fn generated_cpp_compiles_without_a_warning() {
    for standard in ["-std=c++11", "-std=c++20"] {
        compile(Language::Cpp, &["g++", "clang++"], &[standard], &["host.hpp", "guest.hpp"], "cpp");
    }
}
