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

/// Zig: the one that `CARGO_ZIGBUILD_ZIG_PATH` names, the one on PATH, the one that Python's package carries, or the
/// one that `doctor --install` got. The first that is new enough; one that is too old only where there is no other.
pub(super) fn zig(read: Read<'_>) -> Option<Zig> {
    let named = || std::env::var_os("CARGO_ZIGBUILD_ZIG_PATH").map(PathBuf::from);
    let ways: [&dyn Fn() -> Option<PathBuf>; 4] =
        [&named, &|| super::find(&["zig"]), &|| zig_of_python(read), &zig_of_our_own];
    let mut too_old = None;
    for program in ways.into_iter().filter_map(|way| way()) {
        let Some(version) = version(read, &program) else { continue };
        let zig = Zig { program, version };
        if super::is_new_enough(&zig) {
            return Some(zig);
        }
        too_old.get_or_insert(zig);
    }
    too_old
}

/// The Python environment in which `doctor --install` puts zig.
pub(super) fn own_python() -> Option<PathBuf> {
    let said = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let data = said.or_else(|| Some(std::env::home_dir()?.join(".local/share")))?;
    Some(data.join("build-tool/python"))
}

/// The one in that environment, which needs no Python to start.
fn zig_of_our_own() -> Option<PathBuf> {
    let folder = own_python()?;
    let versions = std::fs::read_dir(folder.join("lib")).into_iter().flatten().flatten();
    let unix = versions.map(|version| version.path().join("site-packages"));
    let mut places: Vec<PathBuf> = unix.chain([folder.join("Lib/site-packages")]).collect();
    places.sort();
    places.into_iter().map(|place| place.join("ziglang").join(super::exe("zig"))).find(|zig| zig.is_file())
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
