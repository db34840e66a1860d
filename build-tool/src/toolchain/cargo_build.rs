//! The one cargo call of a compile group: profile settings as
//! `--config` values, every source of Rust flags joined, paths remapped; and
//! what cargo's standard error means while it runs.

use std::path::{Path, PathBuf};

use super::backends::{self, BackendError, Site};
use super::{Read, Toolchain, build_std, own_std};
use crate::release::{Caller, CompileGroup, OwnStd, Release, Target};
use crate::stages::Tool;
use crate::tool::Invocation;

/// The variables that would hide every other source of Rust flags; their flags are among the target's already.
pub(super) const FLAG_VARIABLES: [&str; 3] = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"];

/// What of a group's packages a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The programs and libraries of the group's apps.
    Products,
    /// The standard library that the group's target brings along.
    StandardLibrary(&'a OwnStd),
    /// The unit and integration tests of its packages, compiled and not run.
    Tests,
    /// The documentation tests of one package: rustdoc compiles and runs them in one go.
    Documentation {
        /// The package, as cargo's `-p` takes it.
        package: &'a str,
        /// The triple.
        target: &'a str,
    },
}

/// The programs that compiling `group` needs, sorted.
pub fn tools(release: &Release, group: &CompileGroup) -> Vec<Tool> {
    let mut tools = vec![Tool::Cargo];
    let targets = group.targets.iter().filter_map(|triple| release.targets.get(triple));
    tools.extend(targets.flat_map(|target| backends::of(target.backend.backend).tools(target)));
    if release.sccache_for(&group.profile) {
        tools.push(Tool::Sccache);
    }
    tools.sort_unstable();
    tools.dedup();
    tools
}

/// The call that compiles `group`, against a `sysroot` of its own where its target has one; `read` runs what a backend
/// has to ask.
///
/// # Errors
/// A backend cannot prepare the call.
pub fn invocation(
    release: &Release,
    toolchain: &Toolchain,
    group: &CompileGroup,
    subject: Subject<'_>,
    sysroot: Option<&Path>,
    read: Read<'_>,
) -> Result<Invocation, BackendError> {
    let profile = &release.profiles[&group.profile];
    let targets: Vec<&Target> = group.targets.iter().filter_map(|triple| release.targets.get(triple)).collect();
    let call = caller(toolchain, group, subject);
    let mut call = what(call, release, group, subject)
        .args(release.access.flags())
        .args(["--color", if release.color { "always" } else { "never" }])
        .cwd(&release.folders.root);
    call = features(call, group, subject);
    for (key, value) in profile.cargo_settings.iter().chain(&profile.forced_settings) {
        call = call.arg("--config").arg(format!("profile.{}.{key}={value}", profile.cargo_profile));
    }
    let mut all_flags = None;
    for target in &targets {
        let mut flags = group.rustflags[&target.triple].clone();
        flags.extend(build_std::flags(release, toolchain, target));
        flags.extend(sysroot.into_iter().flat_map(|sysroot| own_std::flags(toolchain, target, sysroot)));
        flags.extend(remapping(release, toolchain, group));
        let Target { spec, linker, .. } = target;
        if target.passes_all_flags() {
            all_flags = Some(in_one_variable(&flags));
        } else {
            let flags = toml::Value::from(flags);
            call = call.arg("--config").arg(format!("target.{spec}.rustflags={flags}"));
        }
        if let Some(linker) = linker.as_deref().filter(|_| target.own_std.is_none()) {
            let linker = toml::Value::from(linker);
            call = call.arg("--config").arg(format!("target.{spec}.linker={linker}"));
        }
        call = c_flags(call, release, target);
    }
    for variable in FLAG_VARIABLES.into_iter().chain(["CARGO_TERM_QUIET", "CARGO_TERM_VERBOSE"]) {
        if std::env::var_os(variable).is_some() {
            call = call.env_remove(variable);
        }
    }
    if let Some((name, flags)) = all_flags {
        call = call.env(name, flags);
    }
    let folder = target_directory(release, group, subject);
    if group.apart.is_some() && release.folders.build_directory.is_some() {
        call = call.env("CARGO_BUILD_BUILD_DIR", &folder);
    }
    if matches!(subject, Subject::StandardLibrary(_)) {
        // It may name lang items and use what is unstable. Whatever is built here serves nothing else.
        call = call.env("RUSTC_BOOTSTRAP", "1");
    }
    call = call
        .env("CARGO_INCREMENTAL", "0")
        // The one that `cargo metadata` named, whatever a relative path would mean here.
        .env("CARGO_TARGET_DIR", folder)
        .env("SOURCE_DATE_EPOCH", release.compile_epoch().to_string())
        // The only stable way to learn how many units there are is cargo's own progress line.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100");
    if targets.iter().any(|target| target.spec.ends_with("-apple-darwin")) {
        call = call.env("MACOSX_DEPLOYMENT_TARGET", &group.deployment_target);
    }
    for (key, value) in &group.env {
        call = call.env_shown(key, &value.value, value.shown.as_deref());
    }
    if let Some(sccache) = &toolchain.sccache
        && release.sccache_for(&group.profile)
    {
        call = call.env("RUSTC_WRAPPER", sccache);
    }
    let call = toolchain.steer(call, &release.folders.state())?;
    backends::configure(call, &Site { release, toolchain, group, targets, read })
}

/// The variable that holds these flags, and its value: the one that people can read, where the flags allow it.
fn in_one_variable(flags: &[String]) -> (&'static str, String) {
    match flags.iter().any(|flag| flag.is_empty() || flag.contains(char::is_whitespace)) {
        true => ("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")),
        false => ("RUSTFLAGS", flags.join(" ")),
    }
}

/// Where cargo builds. A standard library of the workspace's own shares nothing with the programs, not even what it is
/// built by: a build script or macro that was built with unstable features switched on would serve them, too.
pub fn target_directory(release: &Release, group: &CompileGroup, subject: Subject<'_>) -> PathBuf {
    let folder = group.target_directory(&release.folders);
    if matches!(subject, Subject::StandardLibrary(_)) { folder.join("std") } else { folder }
}

/// The words that choose features.
fn features(call: Invocation, group: &CompileGroup, subject: Subject<'_>) -> Invocation {
    let (names, all, default) = match subject {
        Subject::StandardLibrary(own) => (&own.features, false, own.default_features),
        _ => (&group.features, group.request.all, group.request.default),
    };
    let names = if names.is_empty() { Vec::new() } else { vec!["--features".to_owned(), names.join(",")] };
    let all = all.then_some("--all-features");
    call.args(names).args(all).args((!default).then_some("--no-default-features"))
}

/// The words that say what is built: the verb, the profile, packages and targets.
fn what(call: Invocation, release: &Release, group: &CompileGroup, subject: Subject<'_>) -> Invocation {
    const MESSAGES: [&str; 2] = ["--message-format", "json-render-diagnostics"];
    let profile = release.profiles[&group.profile].cargo_profile.as_str();
    // As `cargo test` does: the workspace may say something of its own of [profile.test], which inherits from dev.
    let test_profile = ["--profile", if profile == "dev" { "test" } else { profile }];
    let everything = |call: Invocation| {
        let call = group.packages.iter().fold(call, |call, package| call.args(["-p", package]));
        group.targets.iter().fold(call, |call, target| call.args(["--target", release.spec_of(target)]))
    };
    match subject {
        Subject::Products => {
            let mut call = everything(call.arg("build").args(["--profile", profile]).args(MESSAGES));
            for binary in group.only_binaries.iter().flatten() {
                call = call.args(["--bin", binary]);
            }
            if group.only_binaries.is_some() && group.library {
                call = call.arg("--lib");
            }
            if release.keep_going { call.arg("--keep-going") } else { call }
        }
        Subject::StandardLibrary(own) => {
            let call = call.args(["build", "--profile", profile]).args(MESSAGES).args(["-p", &own.spec, "--lib"]);
            group.targets.iter().fold(call, |call, target| call.args(["--target", release.spec_of(target)]))
        }
        Subject::Tests => {
            // `cargo test --no-fail-fast` goes on when tests fail, but not when one does not compile.
            let words: &[&str] =
                if release.keep_going { &["build", "--tests", "--keep-going"] } else { &["test", "--no-run"] };
            everything(call.args(words).args(test_profile).args(MESSAGES))
        }
        Subject::Documentation { package, target } => {
            call.args(["test", "--doc"]).args(test_profile).args(["-p", package, "--target", release.spec_of(target)])
        }
    }
}

/// The program that takes the call, and its first words.
fn caller(toolchain: &Toolchain, group: &CompileGroup, subject: Subject<'_>) -> Invocation {
    let purpose = match subject {
        Subject::StandardLibrary(own) => {
            format!("compile {}, the standard library of {}", own.package, group.targets.join(", "))
        }
        _ => format!("compile {}", group.apps.join(", ")),
    };
    let found = |path: &Option<PathBuf>, name: &str| path.clone().unwrap_or_else(|| PathBuf::from(name));
    match group.caller {
        Caller::Cargo => Invocation::new(&toolchain.cargo, purpose),
        Caller::Xwin => Invocation::new(found(&toolchain.machine.xwin, "cargo-xwin"), purpose).arg("xwin"),
        Caller::Cross => Invocation::new(found(&toolchain.machine.cross, "cross"), purpose),
    }
}

/// `--remap-path-prefix` for every folder whose path could reach the binary. The last match wins in rustc,
/// so the folders go from the outermost inwards.
fn remapping(release: &Release, toolchain: &Toolchain, group: &CompileGroup) -> Vec<String> {
    let in_containers = backends::cross::PREFIXES.map(|(from, to)| (from.to_owned(), to.to_owned()));
    let further = in_containers.into_iter().filter(|_| group.caller == Caller::Cross);
    let apart = group.apart.is_some().then(|| group.target_directory(&release.folders));
    let apart = apart.map(|folder| (folder.to_string_lossy().into_owned(), "target".to_owned()));
    let sources = group.own_std.iter().flat_map(|own| own_std::prefixes(release, own));
    prefixes(release, toolchain)
        .into_iter()
        .chain(apart)
        .chain(sources)
        .chain(further)
        .map(|(from, to)| format!("--remap-path-prefix={from}={to}"))
        .collect()
}

fn prefixes(release: &Release, toolchain: &Toolchain) -> Vec<(String, String)> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let folders = &release.folders;
    let mut prefixes = vec![(text(&folders.cargo_home), "/cargo".to_owned())];
    for (folder, name) in &folders.package_sources {
        prefixes.push((text(folder), name.clone()));
    }
    prefixes.push((text(&toolchain.rustc.sysroot.join("lib/rustlib/src/rust")), release.rustc.source_prefix()));
    prefixes.push((text(&folders.root), ".".to_owned()));
    for folder in own_outputs(release) {
        prefixes.push((text(folder), "target".to_owned()));
    }
    prefixes
}

/// Where this workspace's builds put what they make.
fn own_outputs(release: &Release) -> impl Iterator<Item = &std::path::PathBuf> {
    [Some(&release.folders.target_directory), release.folders.build_directory.as_ref()].into_iter().flatten()
}

/// The same for C code in dependencies: the `cc` crate reads these, the most specific only, so ours repeat the user's.
fn c_flags(mut call: Invocation, release: &Release, target: &Target) -> Invocation {
    let folders = &release.folders;
    for (language, own) in &target.c_flags {
        let mut flags = own.clone();
        let outside = [(&folders.cargo_home, "/cargo"), (&folders.root, ".")];
        for (folder, name) in outside.into_iter().chain(own_outputs(release).map(|folder| (folder, "target"))) {
            let folder = folder.to_string_lossy();
            // The cc crate splits these values at blanks.
            if !folder.contains(char::is_whitespace) {
                flags += &format!(" -ffile-prefix-map={folder}={name}");
            }
        }
        call = call.env(format!("{language}_{}", target.spec.replace('-', "_")), flags.trim_start());
    }
    call
}

/// What a line of cargo's standard error is.
#[derive(Debug, PartialEq, Eq)]
pub enum StderrLine<'line> {
    /// `Building [==> ] 3/14: serde, toml`.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all.
        total: u64,
        /// What is being compiled.
        current: &'line str,
    },
    /// cargo waits for something that the user should know of.
    Waiting(String),
    /// `Compiling serde v1.0`, `Finished …`, and nothing at all: noise here.
    Status,
    /// Everything else: compilers, linkers, build scripts, cargo's errors.
    Diagnostic,
}

/// cargo's status words, as it prints them: right-aligned in twelve columns.
const STATUS_WORDS: [&str; 14] = [
    "Compiling",
    "Finished",
    "Fresh",
    "Downloading",
    "Downloaded",
    "Updating",
    "Locking",
    "Adding",
    "Checking",
    "Building",
    "Dirty",
    "Running",
    "Fetch",
    "Unpacking",
];

/// Classifies one line (or one overwritten part of a line).
pub fn stderr_line(line: &str) -> StderrLine<'_> {
    let plain = console::strip_ansi_codes(line);
    let trimmed = plain.trim();
    if trimmed.is_empty() && line != trimmed {
        return StderrLine::Status; // an erased progress bar
    }
    let word = trimmed.split_whitespace().next().unwrap_or_default();
    if word == "Building"
        && let Some((done, total)) = trimmed.split_once("] ").and_then(|(_, rest)| unit_counts(rest))
    {
        let current = line.rsplit_once(&format!("{done}/{total}: ")).map_or("", |(_, current)| current.trim());
        return StderrLine::Progress { done, total, current };
    }
    let aligned = plain.len() - plain.trim_start().len() + word.len() == 12;
    if aligned && word == "Blocking" {
        return StderrLine::Waiting(format!("cargo: {trimmed}"));
    }
    if aligned && STATUS_WORDS.contains(&word) { StderrLine::Status } else { StderrLine::Diagnostic }
}

fn unit_counts(text: &str) -> Option<(u64, u64)> {
    let counts = text.split([':', ' ']).next()?;
    let (done, total) = counts.split_once('/')?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_lines_are_counted_and_status_lines_are_noise() {
        let progress = stderr_line("    Building [=======>      ] 12/40: serde, toml(build)");
        assert_eq!(progress, StderrLine::Progress { done: 12, total: 40, current: "serde, toml(build)" });
        assert_eq!(stderr_line("   Compiling serde v1.0.0"), StderrLine::Status);
        assert_eq!(stderr_line("\u{1b}[1m\u{1b}[92m   Compiling\u{1b}[0m serde v1.0.0"), StderrLine::Status);
        assert_eq!(stderr_line("error: could not compile `a`"), StderrLine::Diagnostic);
        // A diagnostic that merely begins with one of cargo's words stays.
        assert_eq!(stderr_line("Compiling is what I do"), StderrLine::Diagnostic);
        // The blank line between two diagnostics belongs to them.
        assert_eq!(stderr_line(""), StderrLine::Diagnostic);
    }
}
