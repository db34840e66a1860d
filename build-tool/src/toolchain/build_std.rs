//! Compiles the standard library for targets for which the toolchain has none,
//! into a sysroot of our own that rustc is then given with `--sysroot`.
//!
//! cargo's `-Zbuild-std` would do it inside the build call. But then every
//! rustc of that call, and every build script, sees `RUSTC_BOOTSTRAP`: crates
//! that try out unstable features would switch them on, and the same source
//! would become another program than with a prebuilt library. The library's
//! own dependencies would have to come from the sources that the workspace's
//! come from, so nothing could be built offline; the panic strategy of the
//! library would have to be that of the profile; and symbols would depend on
//! where the toolchain lies. With a sysroot of its own the library is compiled
//! once, as Rust's own build does it (both panic strategies, bitcode for LTO,
//! line tables), from the packages that it brings along, and whoever uses it
//! is compiled exactly as with a prebuilt one.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::backends::BackendError;
use super::cargo_build::FLAG_VARIABLES;
use super::{Toolchain, standard_library};
use crate::release::{Release, StandardLibrary, Target};
use crate::tool::Invocation;

/// Counts the ways in which we compile it: another one makes another sysroot.
const FORM: u32 = 1;

/// The Cargo profile, which is in no file of the user's.
const PROFILE: &str = "standard-library";

/// The packages that have to be there at the same place in the library's own manifests.
const PATCHES: [&str; 3] = ["rustc-std-workspace-core", "rustc-std-workspace-alloc", "rustc-std-workspace-std"];

/// The sysroot. Its path says what it is made from, since cargo asks for no other change of it.
pub fn sysroot(release: &Release, toolchain: &Toolchain) -> PathBuf {
    let rustc = &toolchain.rustc;
    let version = rustc.version.split_whitespace().nth(1).unwrap_or("unknown");
    let commit = rustc.commit.as_deref().and_then(|hash| hash.get(..12)).unwrap_or("source");
    release.folders.state().join("std").join(format!("{version}-{commit}-{FORM}"))
}

/// The flags that make rustc use it; none for a target that has its library elsewhere.
pub fn flags(release: &Release, toolchain: &Toolchain, target: &Target) -> Vec<String> {
    if target.standard_library != StandardLibrary::Source || target.own_std.is_some() {
        return Vec::new();
    }
    let mut flags = vec![format!("--sysroot={}", sysroot(release, toolchain).display())];
    if target.spec.contains("-linux-musl") {
        // rustup's library for musl brings start-up objects and libc along; here they are the linker's.
        flags.push("-Clink-self-contained=no".to_owned());
    }
    flags
}

/// What rustc compiles for, for those of these targets whose library is still to be compiled.
pub fn missing(release: &Release, toolchain: &Toolchain, targets: &[String]) -> Vec<String> {
    let sysroot = sysroot(release, toolchain);
    let targets = targets.iter().filter_map(|triple| release.targets.get(triple));
    let from_source = targets.filter(|target| target.standard_library == StandardLibrary::Source);
    let specs: BTreeSet<&String> = from_source.map(|target| &target.spec).collect();
    specs.into_iter().filter(|spec| !libraries(&sysroot, spec).is_dir()).cloned().collect()
}

/// The call that compiles the library for these targets.
///
/// # Errors
/// The folder that it is compiled from cannot be laid out.
pub fn call(
    release: &Release,
    toolchain: &Toolchain,
    triples: &[String],
    wrapper: Option<&Path>,
) -> Result<Invocation, BackendError> {
    let sysroot = sysroot(release, toolchain);
    let workspace = sysroot.join("source");
    let source = standard_library::source(&toolchain.rustc).unwrap_or_default();
    lay_out(&source, &workspace)?;
    let mut call =
        Invocation::new(&toolchain.cargo, format!("compile the standard library for {}", triples.join(", ")))
            .args(["build", "--package", "sysroot", "--profile", PROFILE])
            .args(["--message-format", "json-render-diagnostics"])
            .args(["--color", if release.color { "always" } else { "never" }])
            .cwd(&workspace);
    for triple in triples {
        call = call.args(["--target", triple]);
    }
    if release.keep_going {
        call = call.arg("--keep-going");
    }
    if standard_library::vendored(&toolchain.rustc).is_some() {
        let folder = Value::from(workspace.join("library/vendor").to_string_lossy().into_owned());
        call = call
            .arg("--offline")
            .args(["--config", "source.crates-io.replace-with=\"vendored-library\""])
            .args(["--config", &format!("source.vendored-library.directory={folder}")]);
    } else if release.access.offline {
        call = call.arg("--offline");
    }
    for variable in FLAG_VARIABLES {
        call = call.env_remove(variable);
    }
    let mut flags = vec!["-Zforce-unstable-if-unmarked".to_owned(), "-Cembed-bitcode=yes".to_owned()];
    let prefixes = [
        (&release.folders.cargo_home, "/cargo".to_owned()),
        (&workspace, release.rustc.source_prefix()),
        (&source, format!("{}/library", release.rustc.source_prefix())),
    ];
    flags.extend(prefixes.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display())));
    call = call
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", work_folder(&sysroot))
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .env("SOURCE_DATE_EPOCH", release.compile_epoch().to_string())
        .env_remove("MACOSX_DEPLOYMENT_TARGET")
        // The library is made of unstable features; nothing else is compiled by this call.
        .env("RUSTC_BOOTSTRAP", "1");
    if let Some(wrapper) = wrapper {
        call = call.env("RUSTC_WRAPPER", wrapper);
    }
    toolchain.steer(call, &release.folders.state())
}

/// Which target a file that cargo reports is part of the library for; none for what runs here.
pub fn library_of(release: &Release, toolchain: &Toolchain, file: &Path) -> Option<String> {
    let inside = file.strip_prefix(work_folder(&sysroot(release, toolchain))).ok()?;
    let triple = inside.components().next()?.as_os_str().to_str()?;
    let is_library = file.extension().is_some_and(|extension| extension == "rlib");
    (is_library && release.targets.values().any(|target| target.spec == triple)).then(|| triple.to_owned())
}

/// Puts what was compiled into the sysroot: the library of a target whole, or not at all.
///
/// # Errors
/// A file cannot be moved.
pub fn finish(
    release: &Release,
    toolchain: &Toolchain,
    compiled: &BTreeMap<String, Vec<PathBuf>>,
) -> Result<(), BackendError> {
    let sysroot = sysroot(release, toolchain);
    for (triple, files) in compiled {
        // The package that depends on all others is the last.
        if !files.iter().any(|file| file_name(file).starts_with("libsysroot")) {
            continue;
        }
        let place = libraries(&sysroot, triple);
        let half = place.with_file_name("lib.partial");
        let _from_before = std::fs::remove_dir_all(&half);
        std::fs::create_dir_all(&half).map_err(BackendError::file("create", &half))?;
        for file in files {
            std::fs::rename(file, half.join(file_name(file))).map_err(BackendError::file("move", file))?;
        }
        std::fs::rename(&half, &place).map_err(BackendError::file("move", &half))?;
    }
    if compiled.keys().all(|spec| libraries(&sysroot, spec).is_dir()) {
        let _only_costs_room = std::fs::remove_dir_all(work_folder(&sysroot));
    }
    Ok(())
}

pub(super) fn libraries(sysroot: &Path, triple: &str) -> PathBuf {
    sysroot.join("lib/rustlib").join(triple).join("lib")
}

fn work_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("build")
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A workspace around the library's source: links to it, but a manifest of its own. What cargo mixes into symbols is
/// then the path below that workspace, the same wherever the toolchain lies.
fn lay_out(source: &Path, workspace: &Path) -> Result<(), BackendError> {
    let library = workspace.join("library");
    let _from_before = std::fs::remove_dir_all(workspace);
    let std = library.join("std");
    std::fs::create_dir_all(&std).map_err(BackendError::file("create", &std))?;
    for (from, to, own) in [(source.to_owned(), library, "std"), (source.join("std"), std, "Cargo.toml")] {
        let entries = std::fs::read_dir(&from).map_err(BackendError::file("read", &from))?;
        for entry in entries {
            let entry = entry.map_err(BackendError::file("read", &from))?;
            if entry.file_name() != own {
                let place = to.join(entry.file_name());
                super::link(&entry.path(), &place).map_err(BackendError::file("create the link", &place))?;
            }
        }
    }
    let own = read(&source.join("Cargo.toml"))?;
    write(&workspace.join("Cargo.toml"), &manifest(&own))?;
    let mut std = read(&source.join("std/Cargo.toml"))?;
    // Rust's own build makes a dynamic library of it, too, which takes a linker and which nobody here uses.
    if let Some(Value::Table(lib)) = std.get_mut("lib") {
        lib.insert("crate-type".to_owned(), Value::from(vec!["rlib"]));
    }
    write(&workspace.join("library/std/Cargo.toml"), &std)?;
    let (lock, own_lock) = (source.join("Cargo.lock"), workspace.join("Cargo.lock"));
    std::fs::copy(&lock, own_lock).map_err(BackendError::file("copy", &lock))?;
    let root = workspace.join("lib.rs");
    std::fs::write(&root, "").map_err(BackendError::file("write", &root))
}

/// The manifest of that workspace. Its profile is that of the libraries which Rust publishes: without it a user's
/// profile would decide how the library is compiled.
fn manifest(library: &Table) -> Table {
    let published = library.get("profile").and_then(|profiles| profiles.get("release")?.get("package")?.as_table());
    let mut packages = published.cloned().unwrap_or_default();
    let mut set = |package: &str, key: &str, value: Value| {
        let own = packages.entry(package).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(own) = own {
            own.insert(key.to_owned(), value);
        }
    };
    // Each intrinsic in an object of its own, so that none clashes with libgcc's.
    set("compiler_builtins", "codegen-units", Value::from(10_000));
    // This one is for programs that abort; all others are for both.
    set("panic_abort", "rustflags", Value::from(vec!["-Cpanic=abort"]));
    let mut profile = toml::toml! {
        inherits = "release"
        opt-level = 3
        debug = 1
        split-debuginfo = "off"
        strip = "none"
        debug-assertions = false
        overflow-checks = false
        lto = false
        panic = "unwind"
        incremental = false
        codegen-units = 1
        rpath = false
    };
    let mut manifest = toml::toml! {
        cargo-features = ["profile-rustflags"]
        [package]
        name = "library"
        version = "0.0.0"
        edition = "2021"
        [lib]
        path = "lib.rs"
        [dependencies.sysroot]
        path = "library/sysroot"
        default-features = false
        features = ["panic-unwind", "backtrace"]
        [workspace]
        exclude = ["library"]
    };
    profile.insert("package".to_owned(), Value::Table(packages));
    let table = |key: &str, value: Table| Value::Table(Table::from_iter([(key.to_owned(), Value::Table(value))]));
    manifest.insert("profile".to_owned(), table(PROFILE, profile));
    let path = |name: &&str| Table::from_iter([("path".to_owned(), Value::from(format!("library/{name}")))]);
    let patches = PATCHES.iter().map(|name| ((*name).to_owned(), Value::Table(path(name))));
    manifest.insert("patch".to_owned(), table("crates-io", patches.collect()));
    manifest
}

fn read(path: &Path) -> Result<Table, BackendError> {
    let text = std::fs::read_to_string(path).map_err(BackendError::file("read", path))?;
    text.parse().map_err(|error: toml::de::Error| io::Error::other(error)).map_err(BackendError::file("read", path))
}

fn write(path: &Path, table: &Table) -> Result<(), BackendError> {
    std::fs::write(path, table.to_string()).map_err(BackendError::file("write", path))
}
