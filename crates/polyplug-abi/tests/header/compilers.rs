//! Compilers take the headers in every standard that they promise to work in, and see the layouts that Rust has.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::generate::include_folder;
use crate::layouts::layouts;

const COMPILERS: [(&str, &[&str], &str); 4] = [
    ("gcc", &["c99", "c11", "c17"], "c"),
    ("clang", &["c99", "c11", "c17"], "c"),
    ("g++", &["c++11", "c++17"], "c++"),
    ("clang++", &["c++11", "c++17"], "c++"),
];

pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn compiler(name: &str, standard: &str, language: &str) -> Command {
    let mut command = Command::new(name);
    command.args([&format!("-std={standard}"), "-x", language, "-I"]).arg(include_folder());
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]);
    command
}

#[test]
fn c_and_cpp_compilers_take_the_headers_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    for header in ["polyplug.h", "polyplug_arena.h"] {
        // Twice: the guard holds, and in a file that uses nothing of it.
        let source = folder.path().join("source");
        std::fs::write(
            &source,
            format!("#include \"{header}\"\n#include \"{header}\"\nint main(void) {{ return 0; }}\n"),
        )
        .unwrap();
        for (name, standards, language) in COMPILERS {
            for standard in standards {
                run(compiler(name, standard, language).arg("-fsyntax-only").arg(&source));
            }
        }
    }
}

#[test]
fn a_layout_that_differs_does_not_compile() {
    let header = std::fs::read_to_string(include_folder().join("polyplug.h")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    let wrong = header.replacen("uint32_t function_count;", "uint64_t function_count;", 1);
    assert_ne!(wrong, header);
    std::fs::write(&source, wrong).unwrap();
    for (name, standard, language) in [("gcc", "c11", "c"), ("clang++", "c++11", "c++")] {
        let output = compiler(name, standard, language).arg("-fsyntax-only").arg(&source).output().unwrap();
        assert!(!output.status.success(), "{name} took it");
        assert!(String::from_utf8_lossy(&output.stderr).contains("sizeof(PolyplugContractInterface) == 72"));
    }
}

#[test]
fn a_c_program_sees_every_size_and_offset_as_rust_does() {
    let mut source = String::from("#include <stdio.h>\n#include \"polyplug.h\"\nint main(void) {\n");
    let mut expected = String::new();
    for layout in layouts() {
        let name = layout.name;
        writeln!(source, "    printf(\"{name} %zu\\n\", sizeof(Polyplug{name}));").unwrap();
        writeln!(expected, "{name} {}", layout.size).unwrap();
        for (field, offset) in layout.fields {
            writeln!(source, "    printf(\"{name}.{field} %zu\\n\", offsetof(Polyplug{name}, {field}));").unwrap();
            writeln!(expected, "{name}.{field} {offset}").unwrap();
        }
    }
    source.push_str("    return 0;\n}\n");
    let folder = tempfile::tempdir().unwrap();
    for (name, standard, language) in [("gcc", "c99", "c"), ("clang", "c17", "c"), ("g++", "c++11", "c++")] {
        let program = built(folder.path(), &source, compiler(name, standard, language));
        assert_eq!(run(&mut Command::new(program)), expected, "{name}");
    }
}

pub(crate) fn built(folder: &Path, source: &str, mut compiler: Command) -> std::path::PathBuf {
    let file = folder.join("source");
    let program = folder.join("program");
    std::fs::write(&file, source).unwrap();
    run(compiler.arg("-g").arg("-o").arg(&program).arg(&file));
    program
}
