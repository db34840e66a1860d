//! Targets with their own standard library: a `std` of the fixture's own, over
//! the real toolchain's core and alloc, linked by its real linker, and run.

use std::fs;
use std::process::Command;

use crate::support::{Fixture, HOST, Run, files, sums, tool};

const STD: &str = include_str!("own_std/std.rs");
const PLATFORM: &str = include_str!("own_std/platform.rs");

const X64: &str = "x86_64-mine-linux";
const ARM: &str = "aarch64-mine-linux";

/// Says its version line, and that alloc is there; ends with a code.
const HELLO: &str = r#"use std::process::ExitCode;

fn main() -> ExitCode {
    let info = build_info::build_info!();
    println!("hello {}", info.version_string());
    let words: Vec<String> = ["from", "my", "std"].iter().map(|word| word.to_string()).collect();
    println!("{}", words.join(" "));
    ExitCode::from(CODE)
}
"#;

/// A build script, which runs on this machine and with Rust's own library.
const BUILD_SCRIPT: &str = r#"fn main() {
    let file = std::fs::File::open("Cargo.toml").unwrap();
    assert!(file.metadata().unwrap().len() > 0);
    println!("cargo::rerun-if-changed=build.rs");
}
"#;

/// The manifest of a target, with whatever else it should say.
fn target(triple: &str, spec: &str, more: &str) -> String {
    format!(
        "schema = 1\ntriple = \"{triple}\"\nspec = \"{spec}\"\n\
         rustflags = [\"--cfg=mine\", \"-Crelocation-model=static\", \"-Clink-arg=-static\"]\n{more}\
         [std]\npackage = \"my-std\"\n"
    )
}

/// A workspace of `hello`, which is released for its own target only and ends with `code`, `plain`, an ordinary
/// program, and the standard library.
fn fixture(code: u8) -> Fixture {
    fixture_in("workspace", code)
}

fn fixture_in(folder: &str, code: u8) -> Fixture {
    let fixture = Fixture::empty(folder);
    let profile = "[profile.release]\nopt-level = \"z\"\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n";
    let dependency = "build = \"build.rs\"\n[dependencies]\nbuild-info = { path = \"../crates/build-info\" }\n";
    fixture
        .workspace(&["hello", "plain", "my-std", "my-platform", "crates/build-info"], profile)
        .build_info()
        .member("plain", "", "fn main() { println!(\"plain\"); }\n")
        .member("hello", dependency, &HELLO.replace("CODE", &code.to_string()))
        .write("hello/build.rs", BUILD_SCRIPT)
        .write(
            "my-std/Cargo.toml",
            "[package]\nname = \"my-std\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\
             [lib]\nname = \"std\"\ndoctest = false\n[features]\nloud = []\n\
             [target.'cfg(mine)'.dependencies]\nplatform = { package = \"my-platform\", path = \"../my-platform\" }\n\
             [lints.rust]\nunexpected_cfgs = { level = \"warn\", check-cfg = [\"cfg(mine)\"] }\n",
        )
        .write("my-std/src/lib.rs", STD)
        .write(
            "my-platform/Cargo.toml",
            "[package]\nname = \"my-platform\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\
             [lib]\nname = \"platform\"\n",
        )
        .write("my-platform/src/lib.rs", PLATFORM)
        .write(format!("profiles/targets/{X64}.toml"), target(X64, HOST, ""))
        .write(format!("profiles/targets/{ARM}.toml"), target(ARM, "aarch64-unknown-linux-gnu", ""))
        .write("profiles/release.toml", "schema = 1\nstrip = \"symbols\"\n")
        .write("packaging/hello.toml", format!("schema = 1\ntargets = [\"{X64}\", \"{ARM}\"]\n"))
        .lock()
        .commit("first");
    fixture
}

/// Runs the program that was built; what it printed and its code.
fn started(program: &str) -> (String, Option<i32>) {
    let output = Command::new(program).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn a_program_runs_on_the_workspaces_own_std_and_changes_with_it() {
    let fixture = fixture(7);
    let build = |fixture: &Fixture| {
        let built = fixture.run(["build", "--target", X64, "-p", "hello"]).ok();
        started(built.stdout.trim())
    };
    let (said, code) = build(&fixture);
    assert!(said.starts_with("hello 1.2.3 ("), "{said}");
    assert!(said.ends_with("from my std\n"), "{said}");
    assert_eq!(code, Some(7));
    // cargo does not look into sysroots: it has to be told.
    let changed = STD.replace("Console(1).write_fmt(text)", "Console(1).write_fmt(format_args!(\"> {text}\"))");
    assert_ne!(changed, STD);
    fixture.write("my-std/src/lib.rs", changed);
    assert!(build(&fixture).0.ends_with("> from my std\n"));
    // So it is with what it is built on.
    let quiet = PLATFORM.replace("pub fn write(descriptor: usize", "pub fn write(_: usize");
    let changed = quiet.replace("in(\"rdi\") descriptor", "in(\"rdi\") 2usize");
    fixture.write("my-platform/src/lib.rs", changed);
    assert_eq!(build(&fixture), (String::new(), Some(7)));
}

#[test]
fn its_features_and_flags_are_those_of_the_targets_manifest() {
    let fixture = fixture(0);
    let lib = STD.replace("Console(1).write_fmt(text)", "Console(1).write_fmt(format_args!(\"{LOUD}{text}\"))");
    let loud = "pub const LOUD: &str = if cfg!(feature = \"loud\") { \"!\" } else { \"\" };";
    let lib = lib.replace("struct Console(usize);", &format!("struct Console(usize);\n    {loud}"));
    fixture.write("my-std/src/lib.rs", lib);
    let build = |features: &str| {
        fixture.write(format!("profiles/targets/{X64}.toml"), format!("{}{features}", target(X64, HOST, "")));
        started(fixture.run(["build", "--target", X64, "-p", "hello"]).ok().stdout.trim()).0
    };
    assert!(build("").ends_with("\nfrom my std\n"));
    assert!(build("features = [\"loud\"]\n").ends_with("\n!from my std\n"));
}

#[test]
fn a_blank_in_the_folders_name_is_no_end_of_a_flag() {
    let fixture = fixture_in("a work space", 0);
    let built = fixture.run(["build", "--target", X64, "-p", "hello"]).ok();
    assert!(started(built.stdout.trim()).0.ends_with("from my std\n"));
}

#[test]
fn a_program_shows_no_trace_of_what_its_std_is_made_of() {
    let fixture = fixture(0);
    // A panic that can happen names its place in the source.
    let lib = STD.replace(
        "pub fn print(text: Arguments<'_>) {",
        "pub fn print(text: Arguments<'_>) {\n        assert_eq!(text.as_str(), Some(\"never\"));",
    );
    let lib = lib.replace("use core::fmt::{Arguments", "use core::assert_eq;\n    use core::fmt::{Arguments");
    let platform = PLATFORM.replace(
        "pub fn write(descriptor: usize, bytes: &[u8]) {",
        "pub fn write(descriptor: usize, bytes: &[u8]) {\n    assert!(bytes.len() < 1_000);",
    );
    fixture.write("my-std/src/lib.rs", lib).write("my-platform/src/lib.rs", platform);
    let built = fixture.run(["build", "--target", X64, "-p", "hello"]).ok();
    let program = fs::read(built.stdout.trim()).unwrap();
    let text = String::from_utf8_lossy(&program);
    assert!(text.contains("/library/std/src/lib.rs") && text.contains("/library/std/1/src/lib.rs"));
    let root = fixture.root().to_str().unwrap();
    for trace in ["my-std", "my_std", "platform", root] {
        assert!(!text.contains(trace), "{trace}");
    }
}

#[test]
fn programs_cannot_name_what_their_std_is_made_of() {
    let fixture = fixture(0);
    fixture.write("hello/src/main.rs", "extern crate platform;\nfn main() { platform::write(1, b\"\"); }\n");
    let failed = fixture.run(["build", "--target", X64, "-p", "hello"]).exits(1);
    failed.says(&["can't find crate for `platform`"]);
}

#[test]
fn a_release_holds_it_beside_ordinary_programs_and_every_proof_holds() {
    let fixture = fixture(0);
    // A package manifest's targets take the place of those of --all-targets, which are tier 1.
    for (triple, tier) in [("x86_64-pc-windows-msvc", 3), ("x86_64-apple-darwin", 3), ("aarch64-apple-darwin", 3)] {
        let text = format!("schema = 1\ntriple = \"{triple}\"\ntier = {tier}\n");
        fixture.write(format!("profiles/targets/{triple}.toml"), text);
    }
    fixture
        .write(
            "profiles/targets/aarch64-unknown-linux-gnu.toml",
            "schema = 1\ntriple = \"aarch64-unknown-linux-gnu\"\ntier = 3\n",
        )
        .commit("one tier-1 target");
    let run = fixture.run(["release", "--all-targets", "--smoke", "--skip", "deb", "--skip", "rpm"]).ok();
    run.says(&["start hello natively", "start hello through qemu-aarch64", "start plain natively"]);
    let expected = [
        "SHA256SUMS".to_owned(),
        format!("hello-1.2.3-{ARM}.tar.gz"),
        format!("hello-1.2.3-{X64}.tar.gz"),
        format!("plain-1.2.3-{HOST}.tar.gz"),
        "release.json".to_owned(),
        "report.json".to_owned(),
    ];
    assert_eq!(files(&fixture.dist()), expected);
    let release: serde_json::Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    assert_eq!(release["standard_libraries"][X64], "own");
    assert_eq!(release["specs"], serde_json::json!({ X64: HOST, ARM: "aarch64-unknown-linux-gnu" }));
    let proved = fixture.run(["verify", "--rebuild"]).ok();
    proved.prints(&[&format!("hello-1.2.3-{X64}.tar.gz: contents are for {X64}, stamped"), "every byte the same"]);
    let again = fixture.run(["release", "--all-targets", "--smoke", "--skip", "deb", "--skip", "rpm"]).ok();
    again.prints(&["0 run"]);
}

#[test]
fn two_folders_give_the_same_bytes() {
    let fixture = fixture(0);
    let released = |folder: &str| {
        let clone = fixture.base().join(folder);
        let mut git = Command::new("git");
        git.args(["clone", "--quiet"]).arg(fixture.root()).arg(&clone);
        Run::of(fixture.in_place(git)).ok();
        let mut command = fixture.command(["release", "--target", X64, ARM, "-p", "hello"]);
        Run::of({
            command.current_dir(&clone);
            command
        })
        .ok();
        sums(&clone.join("dist"))
    };
    assert_eq!(released("one"), released("a much longer folder/two"));
}

#[test]
fn an_app_for_both_kinds_of_targets_is_the_same_beside_the_other() {
    let fixture = fixture(0);
    fixture
        .write("packaging/hello.toml", format!("schema = 1\ntargets = [\"{X64}\", \"{HOST}\"]\n"))
        .commit("for both");
    let program = |triple: &str| fs::read(fixture.path(format!("target/build-tool/{triple}/release/hello"))).unwrap();
    fixture.run(["build", "--target", HOST, "-p", "hello"]).ok();
    let ordinary = program(HOST);
    fixture.run(["build", "--target", X64, HOST, "-p", "hello"]).ok();
    assert_eq!(program(HOST), ordinary);
    let own = program(X64);
    assert!(own.len() < ordinary.len() / 4, "{} {}", own.len(), ordinary.len());
    fixture.run(["build", "--target", X64, "-p", "hello"]).ok();
    assert_eq!(program(X64), own);
}

#[test]
fn shards_of_both_kinds_merge_into_the_release() {
    let fixture = fixture(0);
    let targets = format!("{X64},{HOST}");
    fixture.run(["release", "--target", &targets, "--skip", "deb", "--skip", "rpm"]).ok();
    let whole = sums(&fixture.dist());
    for triple in [X64, HOST] {
        fixture
            .run(["release", "--shard", "--dist", triple, "--target", triple, "--skip", "deb", "--skip", "rpm"])
            .ok();
    }
    fixture.run(["merge", X64, HOST]).ok();
    assert_eq!(sums(&fixture.dist()), whole);
}

#[test]
fn symbols_can_be_split_off() {
    let fixture = fixture(0);
    fixture.write("profiles/release.toml", "schema = 1\nstrip = \"symbols\"\nsplit-debug = true\n").commit("split");
    fixture.run(["release", "--target", X64, "-p", "hello"]).ok();
    assert!(files(&fixture.dist()).contains(&format!("hello-1.2.3-{X64}-debug.tar.gz")));
    fixture.run(["verify", "--rebuild"]).ok().prints(&["every byte the same"]);
}

#[test]
fn the_plan_and_the_doctor_tell_of_it() {
    let fixture = fixture(0);
    let plan = fixture.run(["plan", "--target", X64, HOST]).ok();
    plan.prints(&[
        "rust-lld links it, without a C library; std: package my-std",
        "its own cargo call, after that of its standard library, my-std",
    ]);
    let plan = fixture.run(["plan", "--format", "json", "--target", X64, "-p", "hello"]).ok().json();
    let target = &plan["targets"][0];
    assert_eq!((&target["triple"], &target["spec"], &target["own_std"]), (&X64.into(), &HOST.into(), &"my-std".into()));
    assert_eq!(plan["tools"], serde_json::json!(["cargo", "objcopy", "lld"]));
    fixture.run(["doctor", "--target", X64, "-p", "hello"]).ok().prints(&[&format!("core and alloc for {X64}"), "lld"]);
}

#[test]
fn the_workspace_stays_whole_for_cargo_and_its_tests_run_for_ordinary_targets_only() {
    let fixture = fixture(0);
    fixture.run(["test", "--target", HOST, "--no-run"]).ok();
    let cargo = |args: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(args).args(["--workspace", "--offline", "--exclude", "build-info"]);
        Run::of(fixture.in_place(cargo)).ok()
    };
    cargo(&["test"]);
    cargo(&["clippy", "--all-targets"]).never_says(&["warning"]);
    let tested = fixture.run(["test", "--target", X64, "-p", "hello"]).ok();
    tested.says(&[&format!("no tests for {X64}"), "a library named `test`"]).never_says(&["compile the tests"]);
}

#[test]
fn what_cargos_configuration_says_of_the_spec_is_for_the_ordinary_target() {
    let fixture = fixture(0);
    let config = format!("[target.{HOST}]\nlinker = \"no-such-linker\"\nrustflags = [\"-Clink-arg=-fuse-ld=none\"]\n");
    // Build scripts are this machine's: their linker is the configured one.
    fs::remove_file(fixture.path("hello/build.rs")).unwrap();
    fixture.write("hello/Cargo.toml", fixture.text("hello/Cargo.toml").replace("build = \"build.rs\"\n", ""));
    fixture.write("hello/src/main.rs", "fn main() { println!(\"linked\"); }\n");
    fixture.write("hello/Cargo.toml", fixture.text("hello/Cargo.toml").split("[dependencies]").next().unwrap());
    fixture.lock().write(".cargo/config.toml", config);
    let built = fixture.run(["build", "--target", X64, "-p", "hello"]).ok();
    assert_eq!(tool(built.stdout.trim(), &[]), "linked\n");
}

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
fn of_tier_1_it_is_still_only_for_those_who_say_so() {
    let fixture = fixture(0);
    fixture.write(format!("profiles/targets/{X64}.toml"), target(X64, HOST, "tier = 1\n")).commit("tier 1");
    let plan = fixture.run(["plan", "--all-targets", "--format", "json"]).ok().json();
    let targets = |app: usize| plan["apps"][app]["targets"].as_array().unwrap().clone();
    assert_eq!((plan["apps"][0]["name"].as_str(), plan["apps"][1]["name"].as_str()), (Some("hello"), Some("plain")));
    assert_eq!(targets(0), [ARM, X64]);
    assert!(targets(1).contains(&HOST.into()) && !targets(1).contains(&X64.into()));
}

#[test]
fn a_debug_build_runs_too() {
    let fixture = fixture(3);
    let built = fixture.run(["build", "--profile", "dev", "--target", X64, "-p", "hello"]).ok();
    assert_eq!(started(built.stdout.trim()).1, Some(3));
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
fn a_target_can_have_a_name_of_its_own_without_a_std_of_its_own() {
    let fixture = Fixture::plain();
    let text = format!(
        "schema = 1\ntriple = \"x86_64-v3-linux\"\nspec = \"{HOST}\"\nrustflags = [\"-Ctarget-cpu=x86-64-v3\"]\n"
    );
    fixture.write("profiles/targets/x86_64-v3-linux.toml", text).commit("a faster one");
    let built = fixture.run(["build", "--target", "x86_64-v3-linux", HOST]).ok();
    assert_eq!(built.stdout.lines().count(), 2, "{built}");
    fixture.run(["release", "--target", "x86_64-v3-linux"]).ok();
    assert_eq!(files(&fixture.dist()).first().map(String::as_str), Some("SHA256SUMS"));
    fixture.run(["verify"]).ok().prints(&["plain-1.2.3-x86_64-v3-linux.tar.gz: contents are for x86_64-v3-linux"]);
    fixture.run(["test", "--target", "x86_64-v3-linux"]).ok().prints(&["x86_64-v3-linux"]);
}
