//! What polyplug_arena.h does, in a C and a C++ program that use it; under valgrind, so that a byte too many is told.

use std::process::Command;

use polyplug_abi::identity::{bundle_id, guest_contract_id, host_contract_id};

use crate::compilers::{built, compiler, run};

#[test]
fn identities_in_c_are_those_of_rust() {
    let names = ["", "x.Y", "image.Decoder", "größer"];
    let majors = [0, 1, 9, 10, 1_020, 65_535];
    let mut calls = String::new();
    let mut expected = String::new();
    for name in names {
        calls.push_str(&format!("print(polyplug_bundle_id(\"{name}\"));\n"));
        expected.push_str(&format!("{:016x}\n", bundle_id(name)));
        for major in majors {
            calls.push_str(&format!("print(polyplug_guest_contract_id(\"{name}\", {major}));\n"));
            calls.push_str(&format!("print(polyplug_host_contract_id(\"{name}\", {major}));\n"));
            expected.push_str(&format!(
                "{:016x}\n{:016x}\n",
                guest_contract_id(name, major),
                host_contract_id(name, major)
            ));
        }
    }
    let source = format!(
        "#include <inttypes.h>\n#include <stdio.h>\n#include \"polyplug_arena.h\"\n\
         static void print(uint64_t id) {{ printf(\"%016\" PRIx64 \"\\n\", id); }}\nint main(void) {{\n{calls}return 0;\n}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    for (name, standard, language) in [("gcc", "c99", "c"), ("clang++", "c++11", "c++")] {
        let program = built(folder.path(), &source, compiler(name, standard, language));
        assert_eq!(run(&mut Command::new(program)), expected);
    }
}

#[test]
fn the_arena_of_c_keeps_its_promises_under_valgrind() {
    let folder = tempfile::tempdir().unwrap();
    for (name, standard, language) in
        [("gcc", "c99", "c"), ("clang", "c17", "c"), ("g++", "c++17", "c++"), ("clang++", "c++11", "c++")]
    {
        let program = built(folder.path(), include_str!("arena.c"), compiler(name, standard, language));
        run(Command::new("valgrind")
            .args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=all"])
            .arg(program));
    }
}
