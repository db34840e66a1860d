//! Puts the release together: profiles, targets, apps, groups, times. Every
//! problem is collected; a release is either whole or an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use located::{Located, LocatedError, nearest};

use super::error::{Problem, ReleaseErrors};
use super::flags;
use super::groups::{self, CellSettings, Grouping};
use super::imported::{Imported, check_folder};
use super::installers::{self, Installers, Settled};
use super::targets::Knowledge;
use super::{
    App, BuildChoices, Caller, Folders, Machine, Probe, Profile, Release, Rustc, StandardLibrary, Target, apps,
    profiles,
};
use crate::cli::ReleaseFlags;
use crate::git::GitReading;
use crate::manifest::Manifests;
use crate::manifest::target::Backend;
use crate::workspace::Workspace;
use crate::workspace::features::{FeatureRequest, cfgs};

/// What a release is resolved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Its apps, whose bytes depend on nothing beside them.
    Apps,
    /// The tests of the workspace's packages, apps or not: nothing is shipped.
    Tests,
}

/// Everything that a release is made from.
pub struct Inputs<'a> {
    /// The command line's choices.
    pub flags: &'a ReleaseFlags,
    /// The workspace.
    pub workspace: &'a Workspace,
    /// Its manifests.
    pub manifests: &'a Manifests,
    /// Its repository.
    pub git: &'a GitReading,
    /// The compiler.
    pub rustc: &'a Rustc,
    /// What the release is resolved for.
    pub purpose: Purpose,
    /// Whether this verb refuses a dirty tree.
    pub refuse_dirty: bool,
    /// Whether this verb makes what users download.
    pub packages: bool,
    /// Binaries from elsewhere, in place of compiling.
    pub imported: Option<Imported>,
    /// Whether sccache is installed.
    pub sccache_found: bool,
    /// Whether diagnostics are coloured.
    pub color: bool,
    /// The stages that `--skip` may name.
    pub skippable: Vec<&'static str>,
    /// The folder that a relative `--dist` starts from.
    pub dist_base: PathBuf,
    /// cargo's home.
    pub cargo_home: PathBuf,
    /// What this machine has; asked for only where a foreign target needs it.
    pub machine: &'a dyn Fn() -> Machine,
    /// What decides how programs run here.
    pub probe: Probe<'a>,
    /// Where a target's standard library comes from.
    pub standard_library: &'a dyn Fn(&str) -> StandardLibrary,
    /// Whether rustc knows a triple.
    pub knows_target: &'a dyn Fn(&str) -> bool,
    /// The environment.
    pub environment: &'a dyn Fn(&str) -> Option<std::ffi::OsString>,
}

/// A problem, at its value in a manifest where it has one.
pub(super) fn locate<T>(problem: Problem, value: Option<&Located<T>>, label: &str) -> LocatedError<Problem> {
    match value {
        Some(value) => value.explain(problem, label),
        None => LocatedError::nowhere(problem),
    }
}

/// Resolves the whole.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn resolve(inputs: &Inputs<'_>) -> Result<Release, ReleaseErrors> {
    let mut problems: Vec<LocatedError<Problem>> = Vec::new();
    let flags = inputs.flags;
    if inputs.refuse_dirty && inputs.git.state.dirty && !flags.allow_dirty {
        problems.push(LocatedError::nowhere(Problem::Dirty { files: inputs.git.changed.clone() }));
    }
    let skip = skipped_stages(inputs, &mut problems);
    let asked_for_epoch = flags::source_date_epoch(inputs.environment).unwrap_or_else(|problem| {
        problems.push(LocatedError::nowhere(problem));
        None
    });
    let surroundings = flags::surroundings(&inputs.workspace.root, inputs.environment).unwrap_or_else(|problem| {
        problems.push(LocatedError::nowhere(problem));
        flags::Surroundings::default()
    });
    let knowledge = Knowledge::new(inputs);
    let asked_for = knowledge.asked_for(&mut problems);
    let candidates = apps::candidates(inputs, &mut problems);
    check_features(flags, &candidates, &mut problems);

    let mut resolved_profiles: BTreeMap<String, Option<Profile>> = BTreeMap::new();
    if let Some(name) = &flags.profile {
        // Said even where no app is left to ask for it.
        let profile = profiles::resolve(name, None, inputs.manifests, inputs.workspace, &mut problems);
        resolved_profiles.insert(name.clone(), profile);
    }
    let mut settings = BTreeMap::new();
    let mut known_targets: BTreeMap<String, (Target, Vec<LocatedError<Problem>>)> = BTreeMap::new();
    let mut resolved_apps: Vec<App> = Vec::new();
    for candidate in &candidates {
        let (name, place) = apps::profile_of(candidate, inputs);
        let profile = resolved_profiles
            .entry(name.to_owned())
            .or_insert_with(|| profiles::resolve(name, place, inputs.manifests, inputs.workspace, &mut problems));
        let Some(profile) = profile.as_ref() else { continue };
        let cells: BTreeMap<String, CellSettings> = all_triples(&asked_for, candidate)
            .into_iter()
            .map(|triple| {
                let (target, _) =
                    known_targets.entry(triple.clone()).or_insert_with(|| knowledge.resolve(&triple, &surroundings));
                let cell = cell(candidate.package, profile, target, &surroundings, &knowledge, flags);
                (triple, cell)
            })
            .collect();
        let app = match inputs.purpose {
            Purpose::Apps => apps::resolve(candidate, &asked_for, &knowledge, &cells, name, inputs, &mut problems),
            Purpose::Tests => apps::tested(candidate, &asked_for, &knowledge, name, inputs, &mut problems),
        };
        if let Some(app) = app {
            settings.extend(cells.into_iter().map(|(triple, cell)| ((app.name.clone(), triple), cell)));
            resolved_apps.push(app);
        }
    }
    let targets: BTreeSet<&String> = resolved_apps.iter().flat_map(|app| &app.targets).collect();
    if flags.package.is_empty() {
        let asked_for = flags.target.iter().filter(|triple| knowledge.has_own_std(triple));
        let nobodys = asked_for.filter(|triple| !targets.contains(triple));
        problems.extend(nobodys.map(|triple| LocatedError::nowhere(Problem::NobodyFor { triple: triple.clone() })));
    }
    let mut used_targets = BTreeMap::new();
    for triple in targets {
        // What is wrong with a target matters only where it is used.
        if let Some((target, wrong)) = known_targets.remove(triple) {
            problems.extend(wrong);
            used_targets.insert(triple.clone(), target);
        }
    }
    if let Some(Imported::Folder(folder)) = &inputs.imported {
        check_folder(folder, &resolved_apps, &mut problems);
    }
    let profiles: BTreeMap<String, Profile> =
        resolved_profiles.into_iter().filter_map(|(name, profile)| Some((name, profile?))).collect();
    let mut installers = Installers::default();
    if inputs.packages {
        let of = |app: &App| candidates.iter().find(|candidate| candidate.package.id.repr == app.package_id);
        let apps = resolved_apps.iter().filter_map(|app| Some((app, of(app)?))).collect();
        let settled = Settled { apps, targets: &used_targets, profiles: &profiles, skip: &skip };
        installers = installers::resolve(&settled, inputs, &mut problems);
    }
    if !problems.is_empty() {
        return Err(ReleaseErrors { errors: problems });
    }
    let zig = zig(inputs, &used_targets);
    let unify = inputs.purpose == Purpose::Tests;
    let grouping = Grouping { workspace: inputs.workspace, rustc: inputs.rustc, settings: &settings, unify };
    let release = Release {
        groups: groups::groups(&resolved_apps, &grouping),
        folders: folders(inputs),
        git: inputs.git.state.clone(),
        epoch: flags::epoch(&inputs.git.state, asked_for_epoch),
        rustc: inputs.rustc.clone(),
        targets: used_targets,
        zig,
        apps: resolved_apps,
        profiles,
        choices: BuildChoices { source_date_epoch: asked_for_epoch, ..choices(flags) },
        skip,
        access: flags.access(),
        keep_going: flags.keep_going,
        color: inputs.color,
        imported: inputs.imported.clone(),
        smoke: flags.smoke,
        sccache_found: inputs.sccache_found && !surroundings.has_wrapper,
        warnings: warnings(inputs).into_iter().chain(installers.warnings).collect(),
        installers: installers.installers,
        generated: installers.generated,
    };
    check_stamps(&release)?;
    Ok(release)
}

/// The zig that takes part: it links for the one backend, and compiles C for both.
fn zig(inputs: &Inputs<'_>, targets: &BTreeMap<String, Target>) -> Option<String> {
    match &inputs.imported {
        Some(imported) => imported.zig(),
        None => {
            let with_zig = |target: &Target| matches!(target.backend.backend, Backend::Zig | Backend::Lld);
            targets.values().any(with_zig).then(|| (inputs.machine)().zig)?.map(|zig| zig.version)
        }
    }
}

fn all_triples(asked_for: &BTreeSet<String>, candidate: &apps::Candidate<'_>) -> BTreeSet<String> {
    let own = candidate.manifest.and_then(|manifest| manifest.targets.as_ref()).into_iter().flatten();
    asked_for.iter().cloned().chain(own.map(|triple| triple.as_str().to_owned())).collect()
}

/// The settings of one app for one target.
fn cell(
    package: &cargo_metadata::Package,
    profile: &Profile,
    target: &Target,
    surroundings: &flags::Surroundings,
    knowledge: &Knowledge<'_>,
    flags: &ReleaseFlags,
) -> CellSettings {
    let triple = target.triple.as_str();
    let additions = profile.additions.get(triple).cloned().unwrap_or_default();
    let mut named: Vec<String> = flags
        .features
        .iter()
        .chain(&profile.features)
        .chain(&additions.features)
        .chain(&knowledge.features(triple))
        .filter_map(|feature| applicable(package, feature))
        .collect();
    named.sort();
    named.dedup();
    let mut rustflags = surroundings.rustflags.clone();
    rustflags.extend(knowledge.rustflags(triple));
    rustflags.extend(additions.rustflags);
    rustflags.extend(flags::for_the_linker(profile, target));
    let mut env = profile.env.clone();
    env.extend(additions.env);
    env.extend(knowledge.env(triple));
    let request = FeatureRequest {
        all: flags.all_features || profile.all_features,
        default: !flags.no_default_features && profile.default_features,
        named,
    };
    let said = match target.passes_all_flags() {
        true => rustflags.clone(),
        false => surroundings.joined(&target.spec, &rustflags, knowledge.environment()),
    };
    CellSettings {
        request,
        rustflags,
        env,
        caller: Caller::of(target.backend.backend),
        spec: target.spec.clone(),
        apart: target.is_apart().then(|| target.triple.clone()),
        own_std: target.own_std.clone(),
        buildable: target.standard_library != StandardLibrary::Missing,
        deployment_target: target.deployment_target(),
        cfgs: cfgs(&said),
        links_statically: flags::links_statically(&target.spec, &said),
    }
}

/// The feature as this package takes it; none if it is not for this package.
fn applicable(package: &cargo_metadata::Package, feature: &str) -> Option<String> {
    match feature.split_once('/') {
        Some((name, own)) if name == package.name.as_str() => Some(own.to_owned()),
        Some((name, _)) => {
            let is_dependency = |dependency: &cargo_metadata::Dependency| {
                dependency.rename.as_ref().unwrap_or(&dependency.name) == name.trim_end_matches('?')
            };
            package.dependencies.iter().any(is_dependency).then(|| feature.to_owned())
        }
        None => package.features.contains_key(feature).then(|| feature.to_owned()),
    }
}

fn check_features(flags: &ReleaseFlags, candidates: &[apps::Candidate<'_>], problems: &mut Vec<LocatedError<Problem>>) {
    for feature in &flags.features {
        if candidates.is_empty() || candidates.iter().any(|c| applicable(c.package, feature).is_some()) {
            continue;
        }
        let mut known: Vec<String> = candidates.iter().flat_map(|c| c.package.features.keys().cloned()).collect();
        known.sort();
        known.dedup();
        let nearest = nearest(feature, known.iter().map(String::as_str)).map(str::to_owned);
        problems.push(LocatedError::nowhere(Problem::UnknownFeature { name: feature.clone(), nearest, known }));
    }
}

fn skipped_stages(inputs: &Inputs<'_>, problems: &mut Vec<LocatedError<Problem>>) -> BTreeSet<String> {
    let (flags, known) = (inputs.flags, inputs.skippable.iter().map(ToString::to_string).collect::<Vec<_>>());
    for name in flags.skip.iter().filter(|name| !known.contains(name)) {
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        let problem = Problem::UnknownStage { name: name.clone(), nearest, known: known.clone() };
        problems.push(LocatedError::nowhere(problem));
    }
    flags.skip.iter().cloned().collect()
}

/// A value that no slot can hold is found before anything is compiled.
fn check_stamps(release: &Release) -> Result<(), ReleaseErrors> {
    let cells = release.apps.iter().flat_map(|app| app.targets.iter().map(move |target| (app, target)));
    let errors: Vec<_> = cells
        .filter_map(|(app, target)| {
            let unfit = |id| release.stamp_for(app, &id).check().err();
            let reason = app.products(target).find_map(unfit)?.to_string();
            Some(LocatedError::nowhere(Problem::Unstampable { app: app.name.clone(), reason }))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(ReleaseErrors { errors }) }
}

fn choices(flags: &ReleaseFlags) -> BuildChoices {
    BuildChoices {
        profile: flags.profile.clone(),
        features: flags.features.clone(),
        all_features: flags.all_features,
        no_default_features: flags.no_default_features,
        skip: flags.skip.clone(),
        no_identity: flags.no_identity,
        source_date_epoch: None,
    }
}

fn folders(inputs: &Inputs<'_>) -> Folders {
    let workspace = inputs.workspace;
    let mut package_sources: BTreeMap<PathBuf, String> = BTreeMap::new();
    for package in &workspace.metadata.packages {
        let Some(folder) = package.manifest_path.parent() else { continue };
        match (&package.source, folder.parent()) {
            (Some(_), Some(parent)) => {
                // A mirror's folder has another name than the registry's own: neither may show.
                let kind = if parent.as_str().contains("checkouts") { "git" } else { "registry" };
                package_sources.insert(parent.as_std_path().to_owned(), format!("/cargo/{kind}"));
            }
            (None, _) if !folder.starts_with(&workspace.metadata.workspace_root) => {
                package_sources.insert(folder.as_std_path().to_owned(), format!("/path/{}", package.name));
            }
            _ => {}
        }
    }
    Folders {
        root: workspace.root.clone(),
        target_directory: workspace.target_directory.clone(),
        dist: inputs.dist_base.join(&inputs.flags.dist),
        cargo_home: inputs.cargo_home.clone(),
        build_directory: workspace.build_directory.clone(),
        package_sources: package_sources.into_iter().collect(),
    }
}

fn warnings(inputs: &Inputs<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    if inputs.git.state.commit_time.is_none() {
        warnings.push("no git commit here: version metadata says `unknown`, and times are the year 1980's".to_owned());
    } else if inputs.git.state.dirty {
        warnings
            .push("the tree is dirty: the version says -dirty, and nobody can rebuild it from the commit".to_owned());
    }
    let outside: Vec<_> = inputs
        .workspace
        .metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none() && !package.manifest_path.starts_with(&inputs.workspace.root))
        .map(|package| package.name.as_str())
        .collect();
    if !outside.is_empty() {
        let names = outside.join(", ");
        warnings.push(format!(
            "outside the workspace: {names}; cargo hashes the path of such a package, so bytes depend on it"
        ));
    }
    let dist = inputs.dist_base.join(&inputs.flags.dist);
    let made = [&dist, &inputs.workspace.target_directory];
    let is_ours = |path: &str| {
        inputs.git.root.as_ref().is_some_and(|root| made.contains(&&root.join(path).components().collect()))
    };
    let untracked: Vec<&str> =
        inputs.git.untracked.iter().map(|path| path.trim_end_matches('/')).filter(|path| !is_ours(path)).collect();
    if inputs
        .git
        .root
        .as_ref()
        .is_some_and(|root| inputs.git.untracked.iter().any(|path| root.join(path).components().eq(dist.components())))
    {
        warnings.push(
            "git does not ignore the dist folder: once it is committed, every release makes the tree dirty".to_owned(),
        );
    }
    if let Some(first) = untracked.first() {
        let others = if untracked.len() > 1 { format!(" and {} more", untracked.len() - 1) } else { String::new() };
        warnings.push(format!("not in any commit, so not in a clone: {first}{others} (git add, or ignore it)"));
    }
    warnings
}
