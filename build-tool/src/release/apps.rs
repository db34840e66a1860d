//! Which packages are apps, and what each of them releases.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{CrateType, Package, TargetKind};
use located::{LocatedError, Place, nearest};

use super::error::Problem;
use super::groups::CellSettings;
use super::resolve::{Inputs, Purpose, locate};
use super::targets::{self, Knowledge};
use super::{App, Library, bundles, files, profiles, signing};
use crate::artifact::ArtifactKind;
use crate::manifest::PackageManifest;
use crate::workspace::features::own_features;

/// A package that is to be an app, with its manifest where it has one.
pub(super) struct Candidate<'a> {
    pub(super) package: &'a Package,
    pub(super) manifest: Option<&'a PackageManifest>,
}

impl Candidate<'_> {
    pub(super) fn name(&self) -> &str {
        let said = self.manifest.and_then(|manifest| manifest.name.as_ref());
        said.map_or(self.package.name.as_str(), |name| name.as_str())
    }
}

/// The candidates that the command line names, or all of them; sorted by name.
pub(super) fn candidates<'a>(inputs: &'a Inputs<'a>, problems: &mut Vec<LocatedError<Problem>>) -> Vec<Candidate<'a>> {
    let all = match inputs.purpose {
        Purpose::Apps => all_candidates(inputs, problems),
        Purpose::Tests => members(inputs),
    };
    if inputs.flags.package.is_empty() {
        if all.is_empty() && problems.is_empty() {
            problems.push(LocatedError::nowhere(Problem::NoApps { unpublished: with_binaries(inputs) }));
        }
        return all;
    }
    for name in &inputs.flags.package {
        if !all.iter().any(|candidate| names(candidate, name)) {
            problems.push(LocatedError::nowhere(not_an_app(inputs, &all, name)));
        }
    }
    all.into_iter().filter(|c| inputs.flags.package.iter().any(|name| names(c, name))).collect()
}

fn names(candidate: &Candidate<'_>, name: &str) -> bool {
    candidate.name() == name || candidate.package.name.as_str() == name
}

/// Every member, with its manifest where it has one: what has tests need not be an app.
fn members<'a>(inputs: &'a Inputs<'a>) -> Vec<Candidate<'a>> {
    let manifest = |package: &Package| {
        let mut all = inputs.manifests.packages.iter().map(|(stem, loaded)| (stem, loaded.peek()));
        all.find(|(stem, manifest)| manifest.package_name(stem) == package.name.as_str()).map(|(_, manifest)| manifest)
    };
    inputs.workspace.members().into_iter().map(|package| Candidate { package, manifest: manifest(package) }).collect()
}

fn all_candidates<'a>(inputs: &'a Inputs<'a>, problems: &mut Vec<LocatedError<Problem>>) -> Vec<Candidate<'a>> {
    let members = inputs.workspace.members();
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    let mut described = BTreeSet::new();
    for (stem, loaded) in &inputs.manifests.packages {
        let manifest = loaded.peek();
        let name = manifest.package_name(stem);
        match members.iter().find(|package| package.name.as_str() == name) {
            Some(package) => {
                described.insert(package.name.as_str());
                candidates.push(Candidate { package, manifest: Some(manifest) });
            }
            None => {
                let known: Vec<String> = members.iter().map(|package| package.name.to_string()).collect();
                let problem = Problem::UnknownPackage {
                    name: name.to_owned(),
                    nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                    known,
                };
                let place = manifest.package.as_ref().map_or_else(|| loaded.source().at(0..0), |p| p.place().clone());
                problems.push(place.explain(problem, "no such package"));
            }
        }
    }
    let by_default = members.into_iter().filter(|package| {
        inputs.workspace.is_default_member(package)
            && is_published(package)
            && package.targets.iter().any(cargo_metadata::Target::is_bin)
            && !described.contains(package.name.as_str())
    });
    candidates.extend(by_default.map(|package| Candidate { package, manifest: None }));
    candidates.sort_by(|a, b| a.name().cmp(b.name()));
    for pair in candidates.windows(2) {
        if pair[0].name() == pair[1].name() {
            let packages = (pair[0].package.name.to_string(), pair[1].package.name.to_string());
            problems.push(LocatedError::nowhere(Problem::DuplicateApp { name: pair[0].name().to_owned(), packages }));
        }
    }
    candidates
}

fn is_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
}

fn with_binaries(inputs: &Inputs<'_>) -> Vec<String> {
    let members = inputs.workspace.members().into_iter();
    members.filter(|p| p.targets.iter().any(cargo_metadata::Target::is_bin)).map(|p| p.name.to_string()).collect()
}

fn not_an_app(inputs: &Inputs<'_>, all: &[Candidate<'_>], name: &str) -> Problem {
    let members = inputs.workspace.members();
    let Some(package) = members.iter().find(|package| package.name.as_str() == name) else {
        let known: Vec<String> = all.iter().map(|candidate| candidate.name().to_owned()).collect();
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        return Problem::UnknownPackage { name: name.to_owned(), nearest, known };
    };
    let name = name.to_owned();
    if !package.targets.iter().any(cargo_metadata::Target::is_bin) {
        Problem::NoBinary { name, needs: Vec::new() }
    } else if !is_published(package) {
        Problem::NotPublished { name }
    } else {
        Problem::NotDefault { name }
    }
}

/// The app that a candidate is, with the request for its own features on each of its targets.
pub(super) fn resolve(
    candidate: &Candidate<'_>,
    asked_for: &BTreeSet<String>,
    knowledge: &Knowledge<'_>,
    cells: &BTreeMap<String, CellSettings>,
    profile: &str,
    inputs: &Inputs<'_>,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<App> {
    let name = candidate.name().to_owned();
    let targets = own_targets(candidate, asked_for, knowledge, inputs, problems)?;
    let enabled: Vec<BTreeSet<String>> = targets
        .iter()
        .filter_map(|target| cells.get(target))
        .map(|cell| own_features(candidate.package, &cell.request))
        .collect();
    let (binaries, narrowed) = binaries(candidate, &enabled, problems)?;
    let libraries = libraries(candidate, problems);
    if inputs.imported.is_none() {
        let links_statically = |target: &&String| cells.get(*target).is_some_and(|cell| cell.links_statically);
        check_dynamic_libraries(candidate, targets.iter().filter(links_statically).cloned().collect(), problems);
    }
    let entries = candidate.manifest.and_then(|manifest| manifest.files.as_deref()).unwrap_or_default();
    let mut files = files::find(&inputs.workspace.root, candidate.package, entries, problems);
    let specs = knowledge.specs(&targets);
    let platforms: BTreeSet<&str> =
        targets.iter().map(|target| specs.get(target).map_or(target.as_str(), String::as_str)).collect();
    let bundles = bundles::find(candidate, &platforms, &files, inputs, problems);
    files.extend(bundles.iter().flat_map(bundles::files_in_archives));
    Some(App {
        name,
        package: candidate.package.name.to_string(),
        package_id: candidate.package.id.repr.clone(),
        version: candidate.package.version.to_string(),
        profile: profile.to_owned(),
        binaries,
        narrowed: narrowed || bundles.iter().any(|bundle| bundle.has_programs),
        libraries,
        bundles,
        universal: knowledge.universal(&targets),
        specs,
        targets,
        macos: signing::macos(candidate.name(), candidate.manifest, !inputs.flags.no_identity),
        windows: signing::windows(candidate.manifest, !inputs.flags.no_identity),
        archive: candidate.manifest.and_then(|m| m.archive.as_ref()).map(|format| targets::archive(*format.value())),
        files,
    })
}

/// A package as far as its tests are concerned: it is called by its own name, and ships nothing.
pub(super) fn tested(
    candidate: &Candidate<'_>,
    asked_for: &BTreeSet<String>,
    knowledge: &Knowledge<'_>,
    profile: &str,
    inputs: &Inputs<'_>,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<App> {
    let targets = own_targets(candidate, asked_for, knowledge, inputs, problems)?;
    Some(App {
        name: candidate.package.name.to_string(),
        package: candidate.package.name.to_string(),
        package_id: candidate.package.id.repr.clone(),
        version: candidate.package.version.to_string(),
        profile: profile.to_owned(),
        binaries: Vec::new(),
        narrowed: false,
        libraries: Vec::new(),
        bundles: Vec::new(),
        specs: knowledge.specs(&targets),
        targets,
        universal: BTreeMap::new(),
        macos: signing::macos(candidate.name(), None, false),
        windows: None,
        archive: None,
        files: Vec::new(),
    })
}

/// A package manifest's targets take the place of `--all-targets`, and narrow everything else. Where none is named an
/// app is for every target but those that bring their own standard library: few programs can do with another one.
fn own_targets(
    candidate: &Candidate<'_>,
    asked_for: &BTreeSet<String>,
    knowledge: &Knowledge<'_>,
    inputs: &Inputs<'_>,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<Vec<String>> {
    let Some(own) = candidate.manifest.and_then(|manifest| manifest.targets.as_ref()) else {
        let all = asked_for.iter().filter(|triple| inputs.purpose == Purpose::Tests || !knowledge.has_own_std(triple));
        let usual: Vec<String> = all.cloned().collect();
        if usual.is_empty() && inputs.flags.package.iter().any(|name| names(candidate, name)) {
            let name = candidate.name().to_owned();
            let triples = asked_for.iter().cloned().collect();
            problems.push(LocatedError::nowhere(Problem::NotForOwnStd { name, triples }));
        }
        return (!usual.is_empty()).then_some(usual);
    };
    let check = |place: &Place, triple: &str, problems: &mut Vec<_>| knowledge.check(triple, Some(place), problems);
    let own: BTreeSet<String> = own
        .iter()
        .filter(|triple| check(triple.place(), triple.as_str(), problems))
        .map(|triple| triple.as_str().to_owned())
        .collect();
    if inputs.flags.all_targets {
        return Some(own.into_iter().collect());
    }
    let both: Vec<_> = own.intersection(asked_for).cloned().collect();
    if !both.is_empty() {
        return Some(both);
    }
    if inputs.flags.package.iter().any(|name| names(candidate, name)) {
        let only = own.into_iter().collect();
        problems.push(LocatedError::nowhere(Problem::NoTarget { name: candidate.name().to_owned(), only }));
    }
    None
}

fn binaries(
    candidate: &Candidate<'_>,
    enabled: &[BTreeSet<String>],
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<(Vec<String>, bool)> {
    let package = candidate.package;
    let bins = || package.targets.iter().filter(|target| target.is_bin());
    let has_all = |target: &cargo_metadata::Target, features: &BTreeSet<String>| {
        target.required_features.iter().all(|feature| features.contains(feature))
    };
    for target in bins() {
        let on_some = enabled.iter().any(|features| has_all(target, features));
        if on_some && !enabled.iter().all(|features| has_all(target, features)) {
            let (package, name) = (package.name.to_string(), target.name.clone());
            let needs = target.required_features.clone();
            problems.push(LocatedError::nowhere(Problem::BinaryForSome { package, name, needs }));
        }
    }
    let is_built = |target: &&cargo_metadata::Target| enabled.iter().all(|features| has_all(target, features));
    let mut built: Vec<String> = bins().filter(is_built).map(|target| target.name.clone()).collect();
    built.sort();
    if let Some(wanted) = candidate.manifest.and_then(|manifest| manifest.binaries.as_ref()) {
        let known = built.clone();
        for name in wanted.iter().filter(|name| !known.contains(name.value())) {
            let problem = Problem::UnknownBinary {
                package: package.name.to_string(),
                name: name.value().clone(),
                nearest: nearest(name.value(), known.iter().map(String::as_str)).map(str::to_owned),
                known: known.clone(),
            };
            problems.push(name.explain(problem, "no such binary"));
        }
        built.retain(|name| wanted.iter().any(|wanted| wanted.value() == name));
        let narrowed = built.len() < known.len();
        return Some((built, narrowed));
    }
    let wants_library = candidate
        .manifest
        .is_some_and(|m| [&m.cdylib, &m.staticlib].into_iter().flatten().any(|wanted| *wanted.value()));
    if built.is_empty() && !wants_library {
        let mut needs: Vec<String> = bins().flat_map(|target| target.required_features.clone()).collect();
        needs.sort();
        needs.dedup();
        problems.push(LocatedError::nowhere(Problem::NoBinary { name: package.name.to_string(), needs }));
        return None;
    }
    Some((built, false))
}

fn libraries(candidate: &Candidate<'_>, problems: &mut Vec<LocatedError<Problem>>) -> Vec<Library> {
    let Some(manifest) = candidate.manifest else { return Vec::new() };
    let wanted = [
        (&manifest.cdylib, CrateType::CDyLib, ArtifactKind::Cdylib, "cdylib"),
        (&manifest.staticlib, CrateType::StaticLib, ArtifactKind::Staticlib, "staticlib"),
    ];
    let mut libraries = Vec::new();
    for (said, crate_type, kind, word) in wanted {
        let Some(said) = said.as_ref().filter(|said| *said.value()) else { continue };
        let library = candidate
            .package
            .targets
            .iter()
            .find(|target| target.crate_types.contains(&crate_type) && !target.kind.contains(&TargetKind::Example));
        match library {
            Some(target) => libraries.push(Library { name: target.name.clone(), kind }),
            None => {
                let problem = Problem::NoLibrary { package: candidate.package.name.to_string(), kind: word };
                problems.push(locate(problem, Some(said), "there is none"));
            }
        }
    }
    libraries
}

/// What is to be a dynamic library cannot be one for `triples`.
fn check_dynamic_libraries(candidate: &Candidate<'_>, triples: Vec<String>, problems: &mut Vec<LocatedError<Problem>>) {
    let Some(manifest) = candidate.manifest.filter(|_| !triples.is_empty()) else { return };
    let problem = |package: &str| Problem::LinkedStatically { package: package.to_owned(), triples: triples.clone() };
    if let Some(said) = manifest.cdylib.as_ref().filter(|said| *said.value()) {
        problems.push(said.explain(problem(candidate.package.name.as_str()), "one is wanted here"));
    }
    for entry in manifest.bundles.iter().flatten() {
        problems.push(entry.package.explain(problem(entry.package.as_str()), "bundles are such libraries"));
    }
}

/// The profile that a candidate asks for, where the command line does not.
pub(super) fn profile_of<'a>(
    candidate: &Candidate<'a>,
    inputs: &'a Inputs<'a>,
) -> (&'a str, Option<&'a located::Located<String>>) {
    let said = candidate.manifest.and_then(|manifest| manifest.profile.as_ref());
    if inputs.purpose == Purpose::Tests {
        return (inputs.flags.profile.as_deref().unwrap_or(profiles::FOR_TESTS), None);
    }
    match (&inputs.flags.profile, said) {
        (Some(flag), _) => (flag, None),
        (None, Some(said)) => (said.value(), Some(said)),
        (None, None) => (profiles::DEFAULT, None),
    }
}
