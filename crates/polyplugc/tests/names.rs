//! Names that an API may have, and what generated code makes of them: it compiles, or the API is told.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use polyplugc::api::read_api;
use polyplugc::bundle::read_bundle;
use polyplugc::generate::{Language, Side, generate};
use polyplugc::input::{SourceFile, read};
use support::run;

fn contract(name: &str, functions: &[&str]) -> String {
    let functions: Vec<String> = functions
        .iter()
        .map(|name| format!("{{ name = \"{name}\", params = [{{ name = \"x\", type = \"u8\" }}] }}"))
        .collect();
    format!("[[guest_contract]]\nname = \"{name}\"\nversion = \"1.0.0\"\nfunctions = [{}]\n", functions.join(", "))
}

/// Whether the API is right; if it is not, what is told.
fn told(api: &str) -> Result<(), String> {
    let read = read_api(&SourceFile::new("api.toml", "api.toml", api));
    read.map(drop).map_err(|errors| errors.errors().iter().map(|error| format!("{error}\n")).collect())
}

/// The bundle `b`, which implements one contract of the API a plugin.
fn bundle(folder: &Path, api: &str, plugins: &[(&str, &str)]) -> PathBuf {
    let mut text =
        "[bundle]\nname = \"b\"\nversion = \"1.0.0\"\napi = \"api.toml\"\nloader = \"native\"\nfile = \"libb.so\"\n"
            .to_owned();
    for (name, contract) in plugins {
        text += &format!("[[plugin]]\nname = \"{name}\"\nimplements = [\"{contract}\"]\n");
    }
    std::fs::write(folder.join("api.toml"), api).unwrap();
    std::fs::write(folder.join("bundle.toml"), text).unwrap();
    folder.join("bundle.toml")
}

fn compiler(name: &str) -> Command {
    let mut command = Command::new(name);
    command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../polyplug-abi/include"));
    command
}

/// Writes the host's file of an API, under another name.
fn write_host(folder: &Path, api: &str, language: Language, name: &str) {
    let api = read_api(&SourceFile::new("api.toml", "api.toml", api)).unwrap();
    std::fs::write(folder.join(name), &generate(Side::Host(&api), language)[0].text).unwrap();
}

#[test]
fn functions_called_create_and_destroy_are_not_those_of_instances() {
    let folder = tempfile::tempdir().unwrap();
    let api = contract("a.Painter", &["create", "destroy", "interface_of", "open"]);
    let bundle = read_bundle(&read(&bundle(folder.path(), &api, &[("p", "a.Painter@1")])).unwrap()).unwrap();
    for (language, compilers, file, standard) in [
        (Language::C, ["gcc", "clang"], "guest.h", "-std=c99"),
        (Language::Cpp, ["g++", "clang++"], "guest.hpp", "-std=c++11"),
    ] {
        let text = &generate(Side::Guest(&bundle), language)[0].text;
        std::fs::write(folder.path().join(file), text).unwrap();
        let program = folder.path().join(if language == Language::C { "program.c" } else { "program.cpp" });
        std::fs::write(&program, format!("#include \"{file}\"\n")).unwrap();
        for name in compilers {
            run(compiler(name).args([standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]).arg(&program));
        }
    }
}

#[test]
fn functions_that_differ_in_underscores_alone_are_told() {
    assert_eq!(told(&contract("a.Server", &["a1", "b1"])), Ok(()));
    assert_eq!(told(&contract("a.Server", &["a1", "a_1"])).unwrap_err(), "the function `a_1` is there twice\n");
    // Where one name ends and the other begins is not to be seen in Rust.
    let api = contract("a.Server", &["ab_c"]) + &contract("a.ServerAb", &["c"]);
    assert_eq!(told(&api).unwrap_err(), "the name `arguments::ServerAbC` is there twice\n");
}

#[test]
fn plugins_that_differ_in_underscores_alone_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let api = contract("a.One", &["go"]) + &contract("a.Two", &["go"]);
    let path = bundle(folder.path(), &api, &[("brush_2", "a.One@1"), ("brush2", "a.Two@1")]);
    let errors = read_bundle(&read(&path).unwrap()).unwrap_err();
    assert!(errors.errors()[0].to_string().contains("the plugin `brush2` is there twice"), "{errors:?}");
}

#[test]
fn what_generated_code_has_from_headers_is_no_name() {
    for name in ["memset", "size_t", "uint32_t"] {
        assert!(told(&contract("a.Server", &[name])).unwrap_err().contains("has a meaning in C"), "{name}");
    }
}

const FIRST: &str = "[[types]]\nname = \"Point\"\nfields = [{ name = \"x\", type = \"f64\" }]\n";
const SECOND: &str = "[[types]]\nname = \"Point\"\nfields = [{ name = \"skipped\", type = \"f64\" }, { name = \"x\", type = \"f64\" }]\n";

#[test]
fn types_of_one_name_in_two_apis_of_one_cpp_program_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (number, api) in [FIRST, SECOND].into_iter().enumerate() {
        write_host(
            folder,
            &(api.to_owned() + &contract("a.One", &["go"])),
            Language::Cpp,
            &format!("api_{number}.hpp"),
        );
        let text = format!(
            "#include \"api_{number}.hpp\"\ndouble read_{number}() {{\n    api::Point point = api::Point();\n    \
             point.x = 7;\n    polyplug::Encoder encoder(nullptr, true);\n    \
             return polyplug::Value<api::Point>::encode(point, encoder).x;\n}}\n"
        );
        std::fs::write(folder.join(format!("read_{number}.cpp")), text).unwrap();
    }
    let main = "double read_0(); double read_1();\nint main() { return read_0() == 7 && read_1() == 7 ? 0 : 1; }\n";
    std::fs::write(folder.join("main.cpp"), main).unwrap();
    for name in ["g++", "clang++"] {
        let sources = ["main.cpp", "read_0.cpp", "read_1.cpp"].map(|file| folder.join(file));
        run(compiler(name).args(["-std=c++11", "-O0", "-o"]).arg(folder.join("program")).args(sources));
        run(&mut Command::new(folder.join("program")));
    }
}

#[test]
fn two_apis_are_in_one_file_of_c() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_host(folder, &contract("a.One", &["go"]), Language::C, "one.h");
    write_host(folder, &contract("a.Two", &["go"]), Language::C, "two.h");
    let program = "#include \"one.h\"\n#include \"two.h\"\nOneCaller one;\nTwoCaller two;\n";
    std::fs::write(folder.join("program.c"), program).unwrap();
    for name in ["gcc", "clang"] {
        run(compiler(name).args(["-std=c99", "-Wall", "-Werror", "-fsyntax-only"]).arg(folder.join("program.c")));
    }
}
