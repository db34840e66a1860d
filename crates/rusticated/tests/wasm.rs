//! WebAssembly: a module of its own (`wasm/program`) in Node, with a host written in JavaScript (`wasm/host`): real
//! files through node:fs, real sockets through node:net, and both ways to run a module. Needs Node and the target
//! wasm32-unknown-unknown.
// A program in Wine cannot start this machine's cargo and Node, and there is nothing new to see from there.
#![cfg(not(windows))]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The module, compiled once.
fn module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm");
        let compiled = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--target", "wasm32-unknown-unknown", "--manifest-path"])
            .arg(folder().join("program/Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            .env_remove("RUSTFLAGS")
            .status()
            .expect("cargo starts");
        assert!(compiled.success(), "the module does not compile (rustup target add wasm32-unknown-unknown?)");
        target.join("wasm32-unknown-unknown/debug/behaviours.wasm")
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wasm")
}

fn run(mode: &str) {
    let scratch = tempfile::tempdir().unwrap();
    let mut node = Command::new("node")
        .arg(folder().join("host/run.mjs"))
        .arg(module())
        .arg(mode)
        .arg(std::fs::canonicalize(scratch.path()).unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node starts");
    node.stdin.take().unwrap().write_all(b"read by the module"[..17].as_ref()).unwrap();
    let output = node.wait_with_output().unwrap();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{told}{errors}");
    assert!(output.status.success(), "{}:\n{told}{errors}", output.status);
    assert!(told.contains("written by the module\n"));
    let passed = told.lines().filter(|line| line.starts_with("ok: ")).count();
    assert!(told.ends_with(&format!("{passed} passed, 0 failed\n")) && passed > 30, "{told}");
}

#[test]
fn the_behaviours_hold_on_a_host_that_blocks() {
    run("block");
}

#[test]
fn the_behaviours_hold_on_a_host_that_ticks() {
    run("tick");
}
