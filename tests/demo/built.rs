//! The programs, each built once for all tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

pub(crate) const LINUX: &str = "x86_64-rusticated-linux";
pub(crate) const ARM: &str = "aarch64-rusticated-linux";
pub(crate) const WINDOWS: &str = "x86_64-rusticated-windows";

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where the tests put what they build.
pub(crate) fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo")
}

/// The tool, to be run in the workspace.
pub(crate) fn tool() -> Command {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_build-tool"));
    tool.current_dir(root()).env("CARGO_TARGET_DIR", scratch()).env_remove("RUSTFLAGS");
    tool
}

/// What a command prints; it must end well.
#[track_caller]
pub(crate) fn printed(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, show(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Both streams, for people.
pub(crate) fn show(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The demo for a target, as it is released.
pub(crate) fn demo(target: &str) -> PathBuf {
    // One at a time: they share cargo's folder.
    static BUILT: Mutex<Vec<(String, PathBuf)>> = Mutex::new(Vec::new());
    let mut built = BUILT.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some((_, program)) = built.iter().find(|(known, _)| known == target) {
        return program.clone();
    }
    let mut build = tool();
    build.args(["build", "--target", target, "-p", "last-byte", "--allow-dirty"]);
    let program = PathBuf::from(printed(build).trim());
    built.push((target.to_owned(), program.clone()));
    program
}

/// The demo on Rust's own library.
pub(crate) fn reference() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let program = scratch().join("last-byte-on-rusts-own-library");
        compile(&root().join("crates/last-byte/src/main.rs"), &program, &[]);
        program
    })
}

/// Compiles one source.
pub(crate) fn compile(source: &Path, program: &Path, flags: &[String]) {
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "--crate-name", "program", "-Cpanic=abort", "-o"]).arg(program).arg(source);
    printed({
        rustc.current_dir(root()).args(flags);
        rustc
    });
}

/// The flags with which programs are compiled for a target, as its manifest and the tool say.
pub(crate) fn flags(target: &str) -> Vec<String> {
    let program = demo(target);
    let manifest = std::fs::read_to_string(root().join(format!("profiles/targets/{target}.toml"))).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let said = manifest["rustflags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().to_owned());
    let spec = manifest["spec"].as_str().unwrap();
    // …/build-tool/TARGET/PROFILE/last-byte, and the sysroots beside.
    let below = program.ancestors().nth(3).unwrap().join("apart").join(target).join("sysroot/release-small");
    let sysroots = std::fs::read_dir(&below).unwrap().map(|entry| entry.unwrap().path());
    let whole = |sysroot: &PathBuf| sysroot.join(format!("lib/rustlib/{spec}/lib/libstd.rlib")).is_file();
    let sysroot = sysroots.filter(whole).last().expect("the tool has put together a sysroot");
    let dependencies = sysroot.join(format!("lib/rustlib/{spec}/lib/dependencies"));
    let linker = rust_lld();
    let more = [
        format!("--target={spec}"),
        format!("--sysroot={}", sysroot.display()),
        format!("-Ldependency={}", dependencies.display()),
        format!("-Clinker={}", linker.display()),
        format!("-Clinker-flavor={}", if target == WINDOWS { "lld-link" } else { "ld.lld" }),
    ];
    said.chain(more).collect()
}

/// The toolchain's linker.
fn rust_lld() -> PathBuf {
    let of = |question: &[&str]| {
        let mut rustc = Command::new("rustc");
        printed({
            rustc.current_dir(root()).args(question);
            rustc
        })
    };
    let version = of(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    Path::new(of(&["--print", "sysroot"]).trim()).join("lib/rustlib").join(host).join("bin/rust-lld")
}
