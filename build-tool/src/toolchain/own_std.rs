//! The sysroot of a target that brings its own standard library: the
//! toolchain's core and alloc, and the workspace's `std` on top of them.
//!
//! rustc takes `core`, `alloc` and `std` from one folder, so the toolchain's
//! part is linked into a first sysroot, against which cargo compiles the
//! workspace's `std`, and a second one holds both for the programs. cargo does
//! not see that a library of a sysroot changes; so the second one's name is a
//! hash of what is in it, and a new library means new flags.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cargo_metadata::Message;
use release_formats::checksums::{sha256_file, sha256_reader};

use super::backends::BackendError;
use super::cargo_build::{self, Subject};
use super::provision::{LibraryError, Stream};
use super::{Read, Toolchain, build_std};
use crate::release::{CompileGroup, OwnStd, Release, Rustc, StandardLibrary, Target};

/// What every standard library builds on. alloc needs the last one, and so does the code that rustc makes.
const CORE: [&str; 3] = ["core", "alloc", "compiler_builtins"];

/// Groups run side by side, and several may be for one target.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Compiles the standard library of a group's target, and puts together the sysroot for its programs.
///
/// # Errors
/// The toolchain has no core for the target, the library does not compile, or files cannot be written.
pub fn provide(
    release: &Release,
    toolchain: &Toolchain,
    group: &CompileGroup,
    own: &OwnStd,
    stream: Stream<'_>,
    read: Read<'_>,
) -> Result<PathBuf, LibraryError> {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let target = group.targets.first().and_then(|triple| release.targets.get(triple));
    let target = target.ok_or_else(|| no_std(own, "no target", String::new()))?;
    let below = match target.standard_library {
        StandardLibrary::Source => build_std::sysroot(release, toolchain),
        _ => toolchain.rustc.sysroot.clone(),
    };
    let core = core(&below, &target.spec)?;
    let folder = group.target_directory(&release.folders).join("sysroot").join(&group.profile);
    let base = lay_out(&folder, &format!("core-{}", identity(&toolchain.rustc, &core)?), &target.spec, &core, &[])?;
    let subject = Subject::StandardLibrary(own);
    let call = cargo_build::invocation(release, toolchain, group, subject, Some(&base), read)?;
    let built = cargo_build::target_directory(release, group, subject).join(&target.spec);
    let mut libraries: BTreeMap<String, PathBuf> = BTreeMap::new();
    stream(&call, &mut |line| {
        let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return };
        let files = artifact.filenames.into_iter().map(PathBuf::from);
        // What runs here, build scripts and macros, lies elsewhere.
        for file in files.filter(|file| file.starts_with(&built) && file.extension().is_some_and(|e| e == "rlib")) {
            libraries.insert(name_of(&file), file);
        }
    })?;
    if !libraries.contains_key(STD) {
        return Err(no_std(own, &target.spec, call.command_line()));
    }
    let libraries: Vec<PathBuf> = libraries.into_values().collect();
    let name = content(&base, &libraries)?;
    let sysroot = lay_out(&folder, &name, &target.spec, &core, &libraries)?;
    remove_others(&folder, &[&base, &sysroot]);
    Ok(sysroot)
}

/// What cargo calls the library itself.
const STD: &str = "libstd.rlib";

/// The flags that make rustc use a sysroot, and link as programs without a C library are linked.
pub fn flags(toolchain: &Toolchain, target: &Target, sysroot: &Path) -> Vec<String> {
    let libraries = build_std::libraries(sysroot, &target.spec);
    let mut flags = vec![
        format!("--sysroot={}", sysroot.display()),
        // Not in the sysroot's own folder, where programs could name them.
        format!("-Ldependency={}", libraries.join(DEPENDENCIES).display()),
    ];
    if target.spec.contains("-linux-musl") {
        // Start-up objects and libc, which rustc takes from its own sysroot.
        flags.push("-Clink-self-contained=no".to_owned());
    }
    match (&target.linker, target.bare_linker()) {
        (Some(linker), _) => flags.push(format!("-Clinker={linker}")),
        (None, Some(flavour)) => {
            let lld = toolchain.machine.lld.clone().unwrap_or_else(|| PathBuf::from("rust-lld"));
            flags.extend([format!("-Clinker={}", lld.display()), format!("-Clinker-flavor={flavour}")]);
        }
        (None, None) => {}
    }
    flags
}

/// Under which names the sources of the library appear in programs: as if Rust's own library had them.
pub fn prefixes(release: &Release, own: &OwnStd) -> Vec<(String, String)> {
    let root = &release.folders.root;
    let library = format!("{}/library/std", release.rustc.source_prefix());
    let names = (0..own.sources.len()).map(|at| if at == 0 { library.clone() } else { format!("{library}/{at}") });
    // cargo names the sources of members by their path in the workspace. The innermost folder comes last, and wins.
    let mut all: Vec<(&PathBuf, String)> = own.sources.iter().zip(names).collect();
    all.sort();
    let both = all.into_iter().flat_map(|(folder, name)| {
        let inside = folder.strip_prefix(root).ok().map(Path::to_path_buf);
        let inside = inside.map(|inside| match inside.as_os_str().is_empty() {
            true => (PathBuf::from("src"), format!("{name}/src")),
            false => (inside, name.clone()),
        });
        [Some((folder.clone(), name)), inside].into_iter().flatten()
    });
    both.map(|(folder, name)| (folder.to_string_lossy().into_owned(), name)).collect()
}

/// What the compiler says of the library, with the names that its files have in the workspace.
pub fn as_written(release: &Release, own: &OwnStd, line: &str) -> String {
    // The longer names first: those of what it is built on begin like its own.
    let prefixes = prefixes(release, own).into_iter().filter(|(folder, _)| Path::new(folder).is_relative());
    let mut names: Vec<(String, String)> = prefixes.collect();
    names.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    names
        .into_iter()
        .fold(line.to_owned(), |line, (folder, name)| line.replace(&format!("{name}/"), &format!("{folder}/")))
}

/// The files of the toolchain's part: of each library one, and what belongs to it.
///
/// # Errors
/// One is missing, or there are several of one name.
pub fn core(sysroot: &Path, spec: &str) -> Result<Vec<PathBuf>, LibraryError> {
    let folder = build_std::libraries(sysroot, spec);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let mut files = Vec::new();
    for name in CORE {
        let stem = format!("lib{name}-");
        let own = |file: &&String, extension: &str| {
            let hash = file.strip_prefix(&stem).and_then(|rest| rest.strip_suffix(extension));
            hash.is_some_and(|hash| !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        let libraries = names.iter().filter(|file| own(file, ".rlib")).count();
        if libraries != 1 {
            let reason = match libraries {
                0 => format!("no {stem}….rlib in {}", folder.display()),
                several => format!("{several} of {stem}….rlib in {}", folder.display()),
            };
            return Err(LibraryError::NoCore { name, spec: spec.to_owned(), reason });
        }
        // The library may carry only a stub of what rustc reads: the whole is beside it then.
        files.extend(
            names.iter().filter(|file| own(file, ".rlib") || own(file, ".rmeta")).map(|file| folder.join(file)),
        );
    }
    Ok(files)
}

/// What the toolchain's part is, as far as it shows without reading it: the compiler, and the hashes that it puts into
/// the names.
fn identity(rustc: &Rustc, core: &[PathBuf]) -> Result<String, BackendError> {
    let mut text = format!("{}\n{:?}\n", rustc.version, rustc.commit);
    for file in core {
        let size = file.metadata().map_err(BackendError::file("read", file))?.len();
        let _never_fails = writeln!(text, "{} {size}", file.display());
    }
    short_hash(&text)
}

/// What is in a sysroot, as a name.
fn content(base: &Path, libraries: &[PathBuf]) -> Result<String, BackendError> {
    let mut text = format!("{}\n", name_of(base));
    for file in libraries {
        let (sum, _) = sha256_file(file).map_err(BackendError::file("read", file))?;
        let _never_fails = writeln!(text, "{} {sum}", name_of(file));
    }
    short_hash(&text)
}

fn short_hash(text: &str) -> Result<String, BackendError> {
    let (sum, _) = sha256_reader(text.as_bytes()).map_err(BackendError::file("read", Path::new("memory")))?;
    Ok(sum.to_string().chars().take(16).collect())
}

/// Where the packages lie that the library is made of, beside it.
const DEPENDENCIES: &str = "dependencies";

/// A sysroot of this name: whole, or not at all.
fn lay_out(
    folder: &Path,
    name: &str,
    spec: &str,
    core: &[PathBuf],
    libraries: &[PathBuf],
) -> Result<PathBuf, BackendError> {
    let sysroot = folder.join(name);
    if sysroot.is_dir() {
        return Ok(sysroot);
    }
    let half = folder.join(format!("{name}.partial"));
    let _from_before = fs::remove_dir_all(&half);
    let place = build_std::libraries(&half, spec);
    let dependencies = place.join(DEPENDENCIES);
    fs::create_dir_all(&dependencies).map_err(BackendError::file("create", &dependencies))?;
    for file in core {
        let link = place.join(name_of(file));
        super::link(file, &link).map_err(BackendError::file("create the link", &link))?;
    }
    for file in libraries {
        let own = name_of(file);
        let copy = if own == STD { place.join(own) } else { dependencies.join(own) };
        fs::copy(file, &copy).map_err(BackendError::file("write", &copy))?;
    }
    fs::rename(&half, &sysroot).map_err(BackendError::file("move", &half))?;
    Ok(sysroot)
}

/// Only the last ones are of use.
fn remove_others(folder: &Path, kept: &[&PathBuf]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !kept.contains(&&path) {
            let _only_costs_room = fs::remove_dir_all(path);
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn no_std(own: &OwnStd, spec: &str, command: String) -> LibraryError {
    LibraryError::NoStd { package: own.package.clone(), spec: spec.to_owned(), command }
}
