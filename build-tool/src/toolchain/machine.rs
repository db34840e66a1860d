//! Looks at this machine for what decides how a target is built.

use std::path::{Path, PathBuf};

use super::Read;
use crate::release::{Machine, Rustc, Zig};
use crate::tool::{Invocation, Launcher};

/// Looks for everything that a foreign target may need.
pub fn look(launcher: &Launcher, rustc: &Rustc) -> Machine {
    Machine {
        zig: zig(&|invocation| launcher.read(invocation)),
        lld: lld(rustc),
        xwin: super::find(&["cargo-xwin"]),
        cross: super::find(&["cross"]),
        sdk: std::env::var_os("SDKROOT").map(PathBuf::from).filter(|path| path.is_dir()),
    }
}

/// Zig: the one that `CARGO_ZIGBUILD_ZIG_PATH` names, the one on PATH, or the one that Python's package carries.
pub(super) fn zig(read: Read<'_>) -> Option<Zig> {
    let named = std::env::var_os("CARGO_ZIGBUILD_ZIG_PATH").map(PathBuf::from);
    let candidates = [named, super::find(&["zig"])].into_iter().flatten();
    candidates
        .chain(std::iter::once_with(|| zig_of_python(read)).flatten())
        .find_map(|program| Some(Zig { version: version(read, &program)?, program }))
}

/// The program inside the package: to start it through Python costs more than to start it.
fn zig_of_python(read: Read<'_>) -> Option<PathBuf> {
    let python = super::find(&["python3", "python"])?;
    // -I: nothing that lies in this folder may pass for the package.
    let question = "import os, ziglang; print(os.path.dirname(ziglang.__file__))";
    let invocation = Invocation::new(python, "ask Python for zig").args(["-I", "-c", question]);
    let answer = String::from_utf8(read(&invocation).ok()?).ok()?;
    let program = Path::new(answer.trim()).join(super::exe("zig"));
    program.is_file().then_some(program)
}

fn version(read: Read<'_>, zig: &Path) -> Option<String> {
    let answer = read(&Invocation::new(zig, "ask zig for its version").arg("version")).ok()?;
    Some(String::from_utf8(answer).ok()?.trim().to_owned())
}

/// The Rust toolchain's own linker, else LLVM's on PATH: below version 15 it lacks what rustc's link lines hold.
fn lld(rustc: &Rustc) -> Option<PathBuf> {
    let own = rustc.sysroot.join("lib/rustlib").join(&rustc.host).join("bin").join(super::exe("rust-lld"));
    Some(own).filter(|path| path.is_file()).or_else(|| {
        let versioned: Vec<String> = (15..=40).rev().map(|version| format!("lld-link-{version}")).collect();
        let names: Vec<&str> = std::iter::once("lld-link").chain(versioned.iter().map(String::as_str)).collect();
        super::find(&names)
    })
}
