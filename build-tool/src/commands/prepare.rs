//! From what there is to a resolved and planned release: which compiler makes
//! it, and where the standard library of each target comes from. Where a way
//! fails, the next one is tried, and the release resolved anew.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Error, Prepared, Surroundings, Wish, test};
use crate::event::Event;
use crate::git::GitReading;
use crate::manifest::{ManifestErrors, Manifests};
use crate::plan::Plan;
use crate::release::{Imported, Inputs, Machine, Purpose, Release, StandardLibrary};
use crate::report::Reporter;
use crate::stages::{PIPELINE, Part, Tool};
use crate::tool::{Launcher, ToolError, signals};
use crate::toolchain::compiler::{self, Compiler, Wanted};
use crate::toolchain::rustup::Rustup;
use crate::toolchain::{self, Toolchain};

/// The way from surroundings that were read to a release that can be made; changes nothing, unless the wish is to
/// fetch standard libraries.
pub(crate) fn prepare_in(
    mut surroundings: Surroundings,
    folder: &Path,
    wish: &Wish<'_>,
    reporter: &Reporter,
) -> Result<Prepared, Error> {
    if let Some(state) = &wish.flags.git_state {
        surroundings.git = GitReading { state: state.clone(), ..surroundings.git };
    }
    let mut in_use = Compiler::in_use(surroundings.rustc.clone());
    if let Some(version) = wish.flags.compiler.as_ref().filter(|version| **version != in_use.rustc.version)
        && let Some(wanted) = compiler::of_version(&Launcher::new(), folder, version)
    {
        // To build a release again takes its compiler, which need not be the one that is in use today.
        surroundings.rustc = wanted.rustc.clone();
        in_use = wanted;
    }
    let rustup = if wish.flags.offline { None } else { Rustup::keeping(&in_use.rustc) };
    let mut resolved = resolve(&surroundings, folder, wish, reporter, &in_use, rustup.as_ref())?;
    if lacks_any(&resolved) {
        resolved = with_another(resolved, &mut surroundings, folder, wish, reporter)?;
    }
    let fetchable = resolved.release.targets_with(StandardLibrary::Rustup);
    let in_vain = lacks_any(&resolved) && !wish.flags.keep_going;
    if let Some(rustup) = rustup.filter(|_| wish.fetches && !in_vain && !fetchable.is_empty()) {
        let left = fetch(&rustup, &fetchable, reporter)?.then_some(&rustup);
        resolved = resolve(&surroundings, folder, wish, reporter, &in_use, left)?;
        if lacks_any(&resolved) {
            resolved = with_another(resolved, &mut surroundings, folder, wish, reporter)?;
        }
    }
    let Resolved { release, plan, tools, toolchain } = resolved;
    Ok(Prepared { workspace: surroundings.workspace, release, plan, tools, toolchain })
}

/// A release that was resolved and planned for one compiler.
struct Resolved {
    release: Release,
    plan: Plan,
    tools: Vec<Tool>,
    toolchain: Toolchain,
}

/// The same release with another toolchain of this machine, for all of its targets: one release, one compiler.
/// Unchanged where no other serves.
fn with_another(
    resolved: Resolved,
    surroundings: &mut Surroundings,
    folder: &Path,
    wish: &Wish<'_>,
    reporter: &Reporter,
) -> Result<Resolved, Error> {
    let triples: Vec<String> = resolved.release.targets.values().map(|target| target.spec.clone()).collect();
    let oldest = surroundings.workspace.rust_version();
    let wanted = Wanted { triples: &triples, oldest, offline: wish.flags.offline };
    let in_use = resolved.release.rustc.clone();
    let Some(other) = compiler::another(&Launcher::new(), folder, &in_use, &wanted) else { return Ok(resolved) };
    surroundings.rustc = other.rustc.clone();
    let mut with_other = resolve(surroundings, folder, wish, reporter, &other, None)?;
    with_other.release.warnings.push(format!(
        "everything is compiled with {} in {}; {} has no standard library for {}",
        other.rustc.version,
        other.rustc.sysroot.display(),
        in_use.version,
        resolved.release.targets_with(StandardLibrary::Missing).join(", "),
    ));
    Ok(with_other)
}

/// Whether there is a target that cannot be built; finished binaries need no standard library.
fn lacks_any(resolved: &Resolved) -> bool {
    resolved.release.imported.is_none() && !resolved.release.targets_with(StandardLibrary::Missing).is_empty()
}

/// Lets rustup fetch standard libraries; whether it could. If not, there are other ways.
fn fetch(rustup: &Rustup, triples: &[String], reporter: &Reporter) -> Result<bool, Error> {
    let launcher = Launcher::guarded();
    reporter.event(&Event::Note { text: format!("rustup fetches the standard library for {}", triples.join(", ")) });
    match signals::watch(&launcher, || rustup.fetch(&launcher, triples)) {
        Ok(()) => Ok(true),
        Err(error @ ToolError::Cancelled { .. }) => Err(error.into()),
        Err(error) => {
            let words = match &error {
                ToolError::Failed { tail, .. } => tail.iter().rev().find(|line| !line.trim().is_empty()).cloned(),
                _ => None,
            };
            let words = words.unwrap_or_else(|| error.to_string());
            reporter.event(&Event::Note { text: format!("rustup could not: {}; trying the next way", words.trim()) });
            Ok(false)
        }
    }
}

/// Resolves and plans the release for one compiler.
fn resolve(
    surroundings: &Surroundings,
    folder: &Path,
    wish: &Wish<'_>,
    reporter: &Reporter,
    compiler: &Compiler,
    rustup: Option<&Rustup>,
) -> Result<Resolved, Error> {
    let launcher = Launcher::new();
    let mut toolchain = Toolchain::discover(compiler.clone());
    let machine = OnceCell::new();
    let environment = |name: &str| -> Option<OsString> {
        match &wish.imported {
            // What holds is what held where the shards were made.
            Some(Imported::Shards(shards)) if name == "SOURCE_DATE_EPOCH" => {
                shards.source_date_epoch.map(|epoch| epoch.to_string().into())
            }
            _ => std::env::var_os(name),
        }
    };
    let inputs = Inputs {
        flags: wish.flags,
        workspace: &surroundings.workspace,
        manifests: &surroundings.manifests,
        git: &surroundings.git,
        rustc: &compiler.rustc,
        purpose: wish.purpose,
        refuse_dirty: wish.refuse_dirty,
        packages: wish.purpose == Purpose::Apps && wish.parts.contains(&Part::Package),
        imported: wish.imported.clone(),
        sccache_found: toolchain.sccache.is_some(),
        color: reporter.color(),
        skippable: PIPELINE.iter().filter(|stage| stage.skippable).map(|stage| stage.name).collect(),
        dist_base: dist_base(folder, &wish.flags.dist, &surroundings.workspace.root),
        cargo_home: cargo_home(),
        machine: &|| match wish.imported {
            // Nothing is compiled, so it takes no look at what could: some of it has to be started to answer.
            Some(_) => Machine::default(),
            None => machine.get_or_init(|| toolchain::machine::look(&launcher, &compiler.rustc)).clone(),
        },
        probe: toolchain::runners::MACHINE,
        standard_library: &|triple| toolchain::standard_library::of(&compiler.rustc, rustup, triple),
        knows_target: &|triple| toolchain::knows_target(&launcher, folder, triple),
        environment: &environment,
    };
    let release = crate::release::resolve(&inputs)?;
    used_manifests(&surroundings.manifests, &release)?;
    let plan = crate::plan::plan(&release, wish.parts)?;
    let tools = match wish.purpose {
        Purpose::Apps => plan.tools(),
        Purpose::Tests => test::tools(&release),
    };
    let at_work = [Tool::Zig, Tool::Lld, Tool::Xwin, Tool::Cross];
    if tools.iter().any(|tool| at_work.contains(tool)) {
        // Where manifests name the backend, the resolution had no reason to look.
        machine.get_or_init(|| toolchain::machine::look(&launcher, &compiler.rustc));
    }
    toolchain.machine = machine.into_inner().unwrap_or_default();
    Ok(Resolved { release, plan, tools, toolchain })
}

/// The default `dist` lies at the workspace's root, wherever in it one stands; a folder that was named, where one stands.
pub(super) fn dist_base(folder: &Path, dist: &Path, root: &Path) -> PathBuf {
    if dist == Path::new("dist") { root.to_owned() } else { folder.to_owned() }
}

/// A variable that is not set is an error only where its manifest is used.
fn used_manifests(manifests: &Manifests, release: &Release) -> Result<(), ManifestErrors> {
    let mut errors = Vec::new();
    let mut take = |result: Result<(), ManifestErrors>| {
        errors.extend(result.err().map(ManifestErrors::into_errors).into_iter().flatten())
    };
    for name in release.profiles.keys() {
        take(manifests.profiles.get(name).map_or(Ok(()), |loaded| loaded.get().map(drop)));
    }
    for triple in release.targets.keys() {
        take(manifests.targets.get(triple).map_or(Ok(()), |loaded| loaded.get().map(drop)));
    }
    for (stem, loaded) in &manifests.packages {
        if release.apps.iter().any(|app| app.package == loaded.peek().package_name(stem)) {
            take(loaded.get().map(drop));
        }
    }
    ManifestErrors::check(errors)
}

fn cargo_home() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}
