//! The second way to a standard library, with the real thing: Debian's
//! toolchain, which carries the library's source and has only the host's
//! library ready, with no network allowed. `scripts/setup.sh` installs it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Fixture, HOST, Run, tool};

const ARM: &str = "aarch64-unknown-linux-gnu";
const MUSL: &str = "x86_64-unknown-linux-musl";

/// A program that says what its build script saw, and panics where it is told to.
const MAIN: &str = r#"fn main() {
    println!("unstable features {}", if cfg!(unstable) { "on" } else { "off" });
    println!("bootstrap {}", env!("BOOTSTRAP"));
    let caught = std::panic::catch_unwind(|| panic!("thrown")).is_err();
    println!("caught {caught}");
}
"#;

/// Tries out unstable features as well-known crates do (proc-macro2, anyhow): with the variable that allows them on a
/// stable compiler, where it is set.
const BUILD: &str = r##"use std::{env, fs, path::PathBuf, process::Command};
fn main() {
    println!("cargo::rustc-check-cfg=cfg(unstable)");
    let folder = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let probe = folder.join("probe.rs");
    fs::write(&probe, "#![feature(never_type)]\npub fn probe() -> Option<!> { None }\n").unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap());
    rustc.args(["--crate-type=lib", "--emit=metadata", "--edition=2021", "--out-dir"]).arg(&folder).arg(&probe);
    if rustc.output().unwrap().status.success() {
        println!("cargo::rustc-cfg=unstable");
    }
    println!("cargo::rustc-env=BOOTSTRAP={:?}", env::var_os("RUSTC_BOOTSTRAP"));
}
"##;

/// The fixture, whose only toolchain is Debian's.
fn with_debians_toolchain(profile: &str) -> Fixture {
    let source = Path::new("/usr/lib/rustlib/src/rust/library/vendor");
    assert!(
        source.is_dir() && Path::new("/usr/bin/cargo").exists(),
        "this test needs Debian's toolchain with its library's source: scripts/setup.sh, or \
         apt install rustc-web cargo-web rust-web-src rust-web-llvm"
    );
    let mut fixture = Fixture::empty("workspace");
    fixture
        .plain_package("tells")
        .write("src/main.rs", MAIN)
        .write("build.rs", BUILD)
        .write("Cargo.toml", format!("{}{profile}", fixture.text("Cargo.toml")))
        .write("tests/passes.rs", "#[test]\nfn passes() { assert_eq!(2 + 2, 4); }\n")
        .lock()
        .commit("first");
    for name in ["cargo", "rustc", "rustdoc"] {
        fixture.stand_in(name, &format!("exec /usr/bin/{name} \"$@\"\n"));
    }
    fixture.set_env("RUSTUP_HOME", fixture.base().join("no-rustup"));
    fixture
}

fn program<'a>(built: &'a Run, triple: &str) -> &'a str {
    built.stdout.lines().find(|path| path.contains(triple)).unwrap_or_else(|| panic!("{built}"))
}

const EXPECTED: &str = "unstable features off\nbootstrap None\ncaught true\n";

#[test]
#[ignore = "slow: compiles the standard library for two targets, twice"]
fn offline_the_library_is_compiled_and_nobody_but_it_notices() {
    let fixture = with_debians_toolchain("");
    let plan = fixture.run(["plan", "--offline", "--target", ARM, MUSL]).ok();
    plan.prints(&["compiled from the source that rustc 1."]);
    let all = [HOST, ARM, MUSL].join(",");
    let built = fixture.run(["build", "--offline", "--target", &all]).ok();
    let built = built.says_times("compiling the standard library for", 1);
    // The host's library came ready: what is compiled against it sees the same as what is compiled against ours.
    assert_eq!(tool(program(&built, HOST), &[]), EXPECTED);
    assert_eq!(tool("qemu-aarch64", &["-L", "/usr/aarch64-linux-gnu", program(&built, ARM)]), EXPECTED);
    assert_eq!(tool(program(&built, MUSL), &[]), EXPECTED);
    for triple in [ARM, MUSL] {
        let bytes = fs::read(program(&built, triple)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for path in [fixture.base().to_str().unwrap(), "/usr/lib/rustlib"] {
            assert!(!text.contains(path), "{triple} holds {path}");
        }
    }
    let again = fixture.run(["build", "--offline", "--target", &all, "--message-format", "json"]).ok();
    assert!(again.outcomes().iter().all(|(_, outcome)| outcome == "cached"), "{again}");
    // Tests unwind and take the library's test crate.
    let tested = fixture.run(["test", "--offline", "--target", MUSL]).ok();
    assert!(tested.stdout.contains("passes"), "{tested}");
    assert_eq!(fixture.rustup_calls(), [""; 0]);
    // In another folder the library is compiled anew, and every byte is the same.
    fixture.run(["release", "--offline", "--target", ARM, MUSL]).ok();
    fixture.run(["verify", "--rebuild", "--offline"]).ok().prints(&["every byte the same"]);
}

#[test]
#[ignore = "slow: compiles the standard library"]
fn a_profile_that_aborts_and_optimizes_at_link_time_takes_the_same_library() {
    let fixture = with_debians_toolchain("[profile.release]\npanic = \"abort\"\nlto = true\n");
    let built = fixture.run(["build", "--offline", "--target", MUSL]).ok();
    let mut aborts = Command::new(program(&built, MUSL));
    aborts.env("RUST_BACKTRACE", "0");
    let run = Run::of(aborts);
    assert_eq!(run.code, None, "it is ended by a signal: {run}");
    assert!(run.stdout.starts_with("unstable features off\n") && run.stderr.contains("thrown"), "{run}");
}

#[test]
#[ignore = "slow: compiles the standard library"]
fn a_toolchain_of_the_second_choice_is_named_and_used_for_all() {
    let fixture = with_debians_toolchain("");
    // In use is a toolchain without source: the real one, which some rustup keeps here.
    let real = std::env::var_os("CARGO").map(std::path::PathBuf::from).unwrap();
    for name in ["cargo", "rustc", "rustdoc"] {
        let program = real.with_file_name(name);
        fixture.stand_in(name, &format!("exec {} \"$@\"\n", program.display()));
    }
    let target = "riscv64gc-unknown-linux-musl";
    let built = fixture.run(["build", "--offline", "--target", &[HOST, target].join(",")]).ok();
    let built = built.says(&["everything is compiled with rustc", "no standard library for", target]);
    assert_eq!(tool(program(&built, HOST), &[]), EXPECTED);
    let debians = tool("/usr/bin/rustc", &["--version"]);
    let comment = tool("readelf", &["-p", ".comment", program(&built, target)]);
    let version = debians.split_whitespace().nth(1).unwrap();
    assert!(comment.contains(&format!("rustc version {version}")), "{comment}");
}
