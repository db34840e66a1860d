//! Programs that take the build call in cargo's place, or that it cannot do
//! without: cargo-xwin, cross, zig. None of them runs here: stand-ins note how
//! they were called and let the real cargo build for the host.

use std::fs;

use serde_json::Value;

use crate::support::{Fixture, HOST};

const ARM: &str = "aarch64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// Notes arguments and environment, then has the real cargo build the same for the host and puts what it made where
/// the target's file would be. `first` words of the arguments are not cargo's; `said` is where it says that the file is.
fn caller(fixture: &Fixture, program: &str, first: usize, triple: &str, file: &str, said: &str) {
    let noted = fixture.base().join(program).display().to_string();
    let target = fixture.path("target").display().to_string();
    let script = format!(
        "printf '%s\\n' \"$@\" > {noted}.arguments\nenv > {noted}.environment\necho call >> {noted}.calls\n\
         shift {first}\ncargo build --profile release --target-dir {target}/stand-in --quiet || exit 1\n\
         mkdir -p {target}/{triple}/release\ncp {target}/stand-in/release/plain {target}/{triple}/release/{file}\n\
         cargo build --profile release --target-dir {target}/stand-in --quiet --message-format json |\n\
         sed 's#{target}/stand-in/release/plain\"#{said}/{triple}/release/{file}\"#g'\n"
    );
    fixture.stand_in(program, &script);
}

fn arguments(fixture: &Fixture, program: &str) -> Vec<String> {
    let text = fs::read_to_string(fixture.base().join(format!("{program}.arguments"))).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn variable(fixture: &Fixture, program: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(fixture.base().join(format!("{program}.environment"))).unwrap();
    let prefix = format!("{name}=");
    text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
}

fn has(arguments: &[String], words: &[&str]) -> bool {
    arguments.windows(words.len()).any(|window| window.iter().zip(words).all(|(a, b)| a == b))
}

fn backend(fixture: &Fixture, triple: &str, backend: &str) {
    let manifest = format!("schema = 1\ntriple = \"{triple}\"\ntier = 1\nbackend = \"{backend}\"\n");
    fixture.write(format!("profiles/targets/{triple}.toml"), manifest).commit("choose the backend");
}

#[test]
fn cargo_xwin_takes_the_call_and_leaves_the_licence_to_its_user() {
    let mut fixture = Fixture::plain();
    backend(&fixture, WINDOWS, "xwin");
    let target = fixture.path("target").display().to_string();
    caller(&fixture, "cargo-xwin", 1, WINDOWS, "plain.exe", &target);
    fixture.set_env("XWIN_ACCEPT_LICENSE", "said by the user");
    let built = fixture.run(["build", "--skip", "strip", "stamp", "--target", WINDOWS]).ok();
    assert!(built.stdout.trim_end().ends_with(&format!("{WINDOWS}/release/plain.exe")), "{built}");
    let arguments = arguments(&fixture, "cargo-xwin");
    assert!(has(&arguments, &["xwin", "build", "--profile", "release"]), "{arguments:?}");
    assert!(has(&arguments, &["--target", WINDOWS]) && has(&arguments, &["-p", "plain"]), "{arguments:?}");
    assert!(arguments.contains(&"--locked".to_owned()), "{arguments:?}");
    assert_eq!(variable(&fixture, "cargo-xwin", "XWIN_ACCEPT_LICENSE").as_deref(), Some("said by the user"));
    assert_eq!(variable(&fixture, "cargo-xwin", "CARGO_TARGET_DIR"), Some(target));
}

#[test]
fn cross_takes_the_call_is_told_what_to_hand_on_and_its_folder_is_known() {
    let mut fixture = Fixture::plain();
    backend(&fixture, ARM, "cross");
    // In cross's containers cargo builds in /target, and says so.
    caller(&fixture, "cross", 0, ARM, "plain", "/target");
    fixture.set_env("CROSS_BUILD_ENV_PASSTHROUGH", "OF_THE_USER");
    let built = fixture.run(["build", "--skip", "strip", "stamp", "--target", ARM]).ok();
    assert!(built.stdout.trim_end().ends_with(&format!("{ARM}/release/plain")), "{built}");
    let arguments = arguments(&fixture, "cross");
    assert_eq!(arguments[..3], ["build", "--profile", "release"]);
    assert!(has(&arguments, &["--target", ARM]), "{arguments:?}");
    let flags = arguments.iter().find(|argument| argument.starts_with("target.")).unwrap();
    assert!(flags.contains("--remap-path-prefix=/target=target"), "{flags}");
    let passed_on = variable(&fixture, "cross", "CROSS_BUILD_ENV_PASSTHROUGH").unwrap();
    let passed_on: Vec<&str> = passed_on.split(' ').collect();
    for name in ["OF_THE_USER", "SOURCE_DATE_EPOCH", "CFLAGS_aarch64_unknown_linux_gnu"] {
        assert!(passed_on.contains(&name), "{name}: {passed_on:?}");
    }
    assert!(!passed_on.iter().any(|name| name.starts_with("CARGO_")), "cross does that itself: {passed_on:?}");
}

#[test]
fn a_family_of_backends_is_one_call_and_each_family_its_own() {
    let fixture = Fixture::plain();
    backend(&fixture, WINDOWS, "xwin");
    backend(&fixture, "aarch64-pc-windows-msvc", "xwin");
    backend(&fixture, ARM, "cross");
    fixture.stand_in("cargo-xwin", "exit 1\n").stand_in("cross", "exit 1\n");
    let targets = [HOST, ARM, WINDOWS, "aarch64-pc-windows-msvc"];
    let plan = fixture.run(["plan", "--format", "json", "--target", &targets.join(",")]).ok().json();
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| step["stage"] == "compile");
    let mut calls: Vec<Value> = steps.map(|step| step["targets"].clone()).collect();
    calls.sort_by_key(ToString::to_string);
    let expected: [&[&str]; 3] = [&["aarch64-pc-windows-msvc", WINDOWS], &[ARM], &[HOST]];
    assert_eq!(Value::Array(calls), serde_json::json!(expected));
}

#[test]
fn a_caller_that_is_missing_is_exit_3_and_how_to_get_it() {
    let fixture = Fixture::plain();
    backend(&fixture, WINDOWS, "xwin");
    backend(&fixture, ARM, "cross");
    let failed = fixture.run(["release", "--target", WINDOWS, ARM]).exits(3);
    failed.says(&["cargo install --locked cargo-xwin", "licence", "cargo install --locked cross", "docker or podman"]);
}

#[test]
fn no_zig_is_exit_3_and_how_to_get_it() {
    let mut fixture = Fixture::plain();
    fixture.hide(&["zig", "python", "python3"]);
    let failed = fixture.run(["release", "--target", ARM]).exits(3);
    failed.says(&["zig", "doctor --install", "pip install ziglang", "https://ziglang.org/download"]);
}

#[test]
fn a_zig_that_is_too_old_is_exit_3_and_a_newer_one_elsewhere_is_taken() {
    let mut fixture = Fixture::plain();
    fixture.stand_in("zig", "echo 0.9.0\n");
    let found = fixture.run(["doctor", "--target", ARM]).ok();
    assert!(found.stdout.contains("ziglang/zig"), "{found}");
    fixture.hide(&["python", "python3"]);
    fixture
        .run(["release", "--target", ARM])
        .exits(3)
        .says(&["is 0.9.0, needed is 0.15 or later", "pip install ziglang"]);
}

#[test]
fn zig_that_doctor_installed_is_found_without_any_python() {
    let mut fixture = Fixture::plain();
    fixture.hide(&["zig", "python", "python3"]);
    let own = "home/.local/share/build-tool/python/lib/python3.11/site-packages/ziglang/zig";
    crate::support::write_program(&fixture.base().join(own), "echo 0.17.0\n");
    fixture.run(["doctor", "--target", ARM]).ok().prints(&[own, "0.17.0"]);
}
