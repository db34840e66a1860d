//! What `doctor --install` may do of itself: rustup's standard libraries, zig
//! in a folder of our own, and Debian's packages where it is root. The rest is
//! for the user, as commands.

use std::path::{Path, PathBuf};

use super::machine::own_python;
use super::rustup::Rustup;
use super::{Finding, Toolchain, find};
use crate::release::{Release, Runner, StandardLibrary};
use crate::stages::Tool;
use crate::tool::{Invocation, Launcher};

/// Something to do.
#[derive(Debug)]
pub struct Action {
    /// The call.
    pub call: Invocation,
    /// Whether we do it; else it is shown.
    pub ours: bool,
    /// Whether a release can be made without it.
    pub optional: bool,
}

/// What would bring what is missing, in the order in which it has to be done.
pub fn actions(toolchain: &Toolchain, release: &Release, tools: &[Tool], launcher: &Launcher) -> Vec<Action> {
    let missing = |tool: Tool| {
        tools.contains(&tool) && toolchain.finding(release, tool).is_some_and(|Finding { answer, .. }| answer.is_err())
    };
    let mut actions = Vec::new();
    let fetchable = release.targets_with(StandardLibrary::Rustup);
    if let Some(rustup) = Rustup::keeping(&toolchain.rustc).filter(|_| !fetchable.is_empty()) {
        actions.push(Action { call: rustup.target_add(&fetchable), ours: true, optional: false });
    }
    let mut packages: Vec<&str> = Vec::new();
    let mut wanted = |tool: Tool, names: &[&'static str]| {
        if missing(tool) {
            packages.extend(names);
        }
    };
    wanted(Tool::Cc, &["gcc", "libc6-dev"]);
    wanted(Tool::Objcopy, &["llvm"]);
    wanted(Tool::Lld, &["lld-22"]);
    if !release.targets_with(StandardLibrary::Missing).is_empty() {
        packages.extend(["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"]);
    }
    let zig = missing(Tool::Zig);
    if zig && find(&["apt-get"]).is_some() && !makes_environments(launcher) {
        packages.extend(["python3", "python3-venv"]);
    }
    actions.extend(apt(&packages, false));
    if let Some(folder) = own_python().filter(|_| zig) {
        actions.extend(zig_from_pypi(&folder));
    }
    for (tool, program) in [(Tool::Xwin, "cargo-xwin"), (Tool::Cross, "cross"), (Tool::Sccache, "sccache")] {
        if missing(tool) {
            // Each asks something of its user: a licence to accept, a container engine, a choice for every release.
            let call = Invocation::new(&toolchain.cargo, format!("install {program}"));
            let call = call.args(["install", "--locked", program]);
            actions.push(Action { call, ours: false, optional: false });
        }
    }
    actions.extend(apt(&runners(release), true));
    actions
}

/// Debian's packages of what runs programs of foreign targets.
fn runners(release: &Release) -> Vec<&'static str> {
    let nowhere = |triple: &str| {
        release.targets.values().any(|target| target.spec == triple && matches!(target.runner, Runner::Nowhere(_)))
    };
    let mut packages = Vec::new();
    if nowhere("aarch64-unknown-linux-gnu") {
        packages.extend(["qemu-user", "libc6-arm64-cross"]);
    }
    if nowhere("x86_64-pc-windows-msvc") || nowhere("x86_64-pc-windows-gnu") {
        packages.extend(["wine", "wine64"]);
    }
    packages
}

/// Debian's packages: installed as root on Debian, else shown.
fn apt(packages: &[&str], optional: bool) -> Vec<Action> {
    if packages.is_empty() || find(&["apt-get"]).is_none() {
        return Vec::new();
    }
    let root = is_root();
    let call = |words: &[&str]| {
        let (program, first) = if root { ("apt-get", None) } else { ("sudo", Some("apt-get")) };
        Invocation::new(program, format!("install {}", packages.join(", "))).args(first).args(words)
    };
    let install = call(&["install", "--yes", "--no-install-recommends"]).args(packages);
    let calls =
        [call(&["update", "--quiet"]), if root { install.env("DEBIAN_FRONTEND", "noninteractive") } else { install }];
    calls.into_iter().map(|call| Action { call, ours: root, optional }).collect()
}

/// zig from PyPI, in an environment of our own: distributions refuse packages in their own Python (PEP 668), and
/// what a user's Python holds is the user's affair. `machine` looks there.
fn zig_from_pypi(folder: &Path) -> Vec<Action> {
    let python = find(&["python3", "python"]).unwrap_or_else(|| PathBuf::from("python3"));
    let own = if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python") };
    let calls = [
        Invocation::new(python, "make a Python environment for zig").args(["-m", "venv"]).arg(folder),
        Invocation::new(own, "install zig").args(["-m", "pip", "install", "--quiet", "--upgrade", "ziglang"]),
    ];
    calls.into_iter().map(|call| Action { call, ours: true, optional: false }).collect()
}

/// Whether Python is here, and can make environments: on Debian that is a package of its own.
fn makes_environments(launcher: &Launcher) -> bool {
    find(&["python3", "python"]).is_some_and(|python| {
        let question = Invocation::new(python, "ask Python for ensurepip").args(["-I", "-c", "import ensurepip, venv"]);
        launcher.read(&question).is_ok()
    })
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}
