//! The cargo and rustc of this machine: the pair that is in use, and the others
//! that could take its place where it has no standard library for a target.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;

use super::{cargo_program, exe, rustup, standard_library};
use crate::release::{Rustc, StandardLibrary};
use crate::tool::{Invocation, Launcher, ToolError};

/// A cargo and the rustc behind it.
#[derive(Debug, Clone)]
pub struct Compiler {
    /// cargo.
    pub cargo: PathBuf,
    /// The rustc to use, where it is not the one that cargo would find by itself.
    pub chosen: Option<PathBuf>,
    /// Who rustc is.
    pub rustc: Rustc,
}

impl Compiler {
    /// The pair that is in use here.
    pub fn in_use(rustc: Rustc) -> Self {
        Self { cargo: cargo_program(), chosen: None, rustc }
    }
}

/// What another toolchain has to be good for.
pub struct Wanted<'a> {
    /// The targets.
    pub triples: &'a [String],
    /// The oldest version that the workspace compiles with.
    pub oldest: Option<Version>,
    /// Whether only this machine may be asked for sources.
    pub offline: bool,
}

/// Asks rustc who it is, in `folder`, whose toolchain file may choose it.
///
/// # Errors
/// rustc is missing or does not answer as it should.
pub fn identify(launcher: &Launcher, program: &Path, folder: &Path) -> Result<Rustc, ToolError> {
    let ask = |question: &[&str]| {
        let invocation = Invocation::new(program, "ask rustc for its version").args(question).cwd(folder);
        launcher.read(&invocation).map(|answer| String::from_utf8_lossy(&answer).into_owned())
    };
    // Two questions, asked at once: behind rustup each costs a start of its own.
    let (verbose, sysroot) = std::thread::scope(|scope| {
        let sysroot = scope.spawn(|| ask(&["--print", "sysroot"]));
        (ask(&["-vV"]), sysroot.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let (verbose, sysroot) = (verbose?, sysroot?);
    let field =
        |name: &str| verbose.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    Ok(Rustc {
        version: verbose.lines().next().unwrap_or_default().to_owned(),
        commit: field("commit-hash:").filter(|hash| hash != "unknown"),
        host: field("host:").unwrap_or_default(),
        sysroot: PathBuf::from(sysroot.trim()),
    })
}

/// Another toolchain of this machine that has, or can compile, the standard library of every target that is wanted:
/// a finished release before a nightly, then one that needs nothing from outside, then the newest.
pub fn another(launcher: &Launcher, folder: &Path, in_use: &Rustc, wanted: &Wanted<'_>) -> Option<Compiler> {
    let mut found: Vec<(_, Compiler)> = pairs()
        .into_iter()
        .filter_map(|(cargo, program)| {
            let rustc = identify(launcher, &program, folder).ok()?;
            let version = version(&rustc)?;
            let same = rustc.sysroot == in_use.sysroot || rustc.host != in_use.host;
            let serves = |triple: &String| standard_library::of(&rustc, None, triple) != StandardLibrary::Missing;
            if same || wanted.oldest.as_ref() > Some(&version) || !wanted.triples.iter().all(serves) {
                return None;
            }
            let outside = wanted.offline && standard_library::vendored(&rustc).is_none();
            let order = (!version.pre.is_empty(), outside, Reverse(version));
            Some((order, Compiler { cargo, chosen: Some(program), rustc }))
        })
        .collect();
    found.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.cargo.cmp(&other.cargo)));
    found.into_iter().map(|(_, compiler)| compiler).next()
}

/// The toolchain of this machine whose compiler is this one.
pub fn of_version(launcher: &Launcher, folder: &Path, version: &str) -> Option<Compiler> {
    pairs().into_iter().find_map(|(cargo, program)| {
        let rustc = identify(launcher, &program, folder).ok().filter(|rustc| rustc.version == version)?;
        Some(Compiler { cargo, chosen: Some(program), rustc })
    })
}

/// `1.96.0` of `rustc 1.96.0 (ac68faa20 2026-05-25)`.
fn version(rustc: &Rustc) -> Option<Version> {
    rustc.version.split_whitespace().nth(1).and_then(|word| Version::parse(word).ok())
}

/// Every cargo that has a rustc beside it: rustup's toolchains, and the folders of PATH.
fn pairs() -> Vec<(PathBuf, PathBuf)> {
    let kept = rustup::toolchains().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    let mut folders: Vec<PathBuf> = kept.flatten().map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let mut pairs: Vec<(PathBuf, PathBuf)> = Vec::new();
    for folder in folders {
        let (cargo, rustc) = (folder.join(exe("cargo")), folder.join(exe("rustc")));
        let known = pairs.iter().any(|(_, other)| other.canonicalize().ok() == rustc.canonicalize().ok());
        if cargo.is_file() && rustc.is_file() && !known && !rustup::is_proxy(&rustc) {
            pairs.push((cargo, rustc));
        }
    }
    pairs
}
