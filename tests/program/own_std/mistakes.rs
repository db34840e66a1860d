//! What is said of manifests, packages and programs that do not fit a standard
//! library of one's own: where, and what to do.

use std::fs;

use super::{STD, X64, fixture};
use crate::support::{HOST, Run, files};

/// What a manifest with this change leads to.
fn refused(from: &str, to: &str, code: i32) -> Run {
    let fixture = fixture(0);
    let path = format!("profiles/targets/{X64}.toml");
    let text = fixture.text(&path);
    assert!(text.contains(from), "{text}");
    fixture.write(&path, text.replace(from, to)).commit("a mistake");
    fixture.run(["release", "--target", X64, "-p", "hello"]).exits(code)
}

#[test]
fn a_package_that_is_not_there_is_shown_at_its_place() {
    let failed = refused("\"my-std\"", "\"my-sdt\"", 2);
    failed.says(&["x86_64-mine-linux.toml:6:11", "there is no package `my-sdt`", "did you mean `my-std`?"]);
}

#[test]
fn a_package_that_is_no_library_named_std_is_shown_at_its_place() {
    let failed = refused("\"my-std\"", "\"my-platform\"", 2);
    failed.says(&["x86_64-mine-linux.toml:6:11", "its library is named `platform`", "name = \"std\""]);
    refused("\"my-std\"", "\"plain\"", 2).says(&["`plain` cannot be a standard library: it has no library"]);
}

#[test]
fn a_feature_that_it_does_not_have_is_shown_at_its_place() {
    let failed = refused("\"my-std\"", "\"my-std\"\nfeatures = [\"lout\"]", 2);
    failed.says(&["x86_64-mine-linux.toml:7:13", "has no feature `lout`", "did you mean `loud`?"]);
}

#[test]
fn a_spec_that_rustc_does_not_know_is_shown_at_its_place() {
    let failed = refused(HOST, "x86_64-unknown-linux-gun", 2);
    failed.says(&["x86_64-mine-linux.toml:3:8", "rustc knows no target `x86_64-unknown-linux-gun`", HOST]);
}

#[test]
fn a_target_of_ones_own_has_to_say_what_it_is_for_rustc() {
    let failed = refused(&format!("spec = \"{HOST}\"\n"), "", 2);
    failed.says(&["x86_64-mine-linux.toml:2:10", "its manifest does not say what to compile for", "spec = \"TRIPLE\""]);
}

#[test]
fn an_app_has_to_say_that_it_is_for_another_std() {
    let fixture = fixture(0);
    let failed = fixture.run(["build", "--target", X64, "-p", "plain"]).exits(2);
    failed.says(&[&format!("app `plain` is not for {X64}"), &format!("targets = [\"{X64}\"]")]);
    fs::remove_file(fixture.path("packaging/hello.toml")).unwrap();
    let failed = fixture.run(["build", "--target", X64]).exits(2);
    failed.says(&[&format!("no app is for {X64}")]);
}

#[test]
fn a_std_that_does_not_compile_is_shown_as_the_compiler_says_it() {
    let fixture = fixture(0);
    fixture.write("my-std/src/lib.rs", format!("{STD}\npub fn broken() {{ missing(); }}\n")).commit("broken");
    let failed = fixture.run(["release", "--target", X64, "-p", "hello"]).exits(1);
    // Under the name that it has here, not under that which it has in programs.
    failed.says(&[
        "cannot find function `missing`",
        "my-std/src/lib.rs:",
        "compile my-std, the standard library of x86_64-mine-linux",
    ]);
    assert_eq!(files(&fixture.dist()), [""; 0]);
}

#[test]
fn programs_cannot_name_what_their_std_is_made_of() {
    let fixture = fixture(0);
    fixture.write("hello/src/main.rs", "extern crate platform;\nfn main() { platform::write(1, b\"\"); }\n");
    let failed = fixture.run(["build", "--target", X64, "-p", "hello"]).exits(1);
    failed.says(&["can't find crate for `platform`"]);
}
