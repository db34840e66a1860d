//! What the callers of polyplug_bindings.h do when they are called while they give an instance back.

use std::process::Command;

use crate::compilers::{built, compiler, run};

#[test]
fn an_instance_whose_end_calls_its_caller_is_ended_once() {
    let folder = tempfile::tempdir().unwrap();
    for (name, standard, language) in [("gcc", "c99", "c"), ("clang++", "c++11", "c++")] {
        let program = built(folder.path(), include_str!("caller.c"), compiler(name, standard, language));
        run(&mut Command::new(program));
    }
}
