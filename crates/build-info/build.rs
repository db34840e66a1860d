//! Passes on the two facts that only a build script can see: the target triple and the
//! compiler's version. It must not look at git or the clock: then a new commit changes no
//! compile input, and nothing is recompiled because of it.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=BUILD_INFO_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=BUILD_INFO_RUST_VERSION={}", rust_version());
}

/// A compiler that does not answer leaves "unknown": metadata must not break a build.
fn rust_version() -> String {
    Command::new(variable("RUSTC"))
        .arg("--version")
        .output()
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|text| text.lines().next().map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| "unknown".to_owned())
}
