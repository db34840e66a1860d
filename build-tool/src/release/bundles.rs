//! The bundles of plugins that are shipped with an app: `[[bundles]]` of its package manifest, checked against the
//! workspace and against each bundle's own manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{CrateType, Package, TargetKind};
use cfg_expr::targets::get_builtin_target_by_triple;
use located::{Located, LocatedError, nearest};
use polyplug::error::ManifestError;
use polyplug::loader::{MANIFEST_FILE, ManifestDocument, Platform};

use super::app::library_file;
use super::apps::Candidate;
use super::error::Problem;
use super::resolve::Inputs;
use super::{Bundle, Library, PackagedFile, files};
use crate::artifact::ArtifactKind;
use crate::manifest::package::BundleEntry;

type Problems = Vec<LocatedError<Problem>>;

/// The bundles of an app that rustc compiles for `platforms`, sorted by name. `files` are those that its archives hold
/// besides.
pub(super) fn find(
    candidate: &Candidate<'_>,
    platforms: &BTreeSet<&str>,
    files: &[PackagedFile],
    inputs: &Inputs<'_>,
    problems: &mut Problems,
) -> Vec<Bundle> {
    let entries = candidate.manifest.and_then(|manifest| manifest.bundles.as_deref()).unwrap_or_default();
    let mut bundles: BTreeMap<String, Bundle> = BTreeMap::new();
    for entry in entries {
        let Some(bundle) = bundle(entry, candidate, platforms, inputs, problems) else { continue };
        if let Some(other) = bundles.get(&bundle.name) {
            let packages = (other.package.clone(), bundle.package.clone());
            let problem = Problem::DuplicateBundle { name: bundle.name.clone(), packages };
            problems.push(entry.manifest.explain(problem, "the second"));
            continue;
        }
        check_places(&bundle, entry, platforms, files, problems);
        bundles.insert(bundle.name.clone(), bundle);
    }
    bundles.into_values().collect()
}

/// No other file of the archive may take the place of one of the bundle's.
fn check_places(
    bundle: &Bundle,
    entry: &Located<BundleEntry>,
    platforms: &BTreeSet<&str>,
    files: &[PackagedFile],
    problems: &mut Problems,
) {
    let names: BTreeSet<String> = platforms.iter().map(|platform| library_file(&bundle.library, platform)).collect();
    let library = |name| (Path::new(&bundle.folder).join(name), format!("the library of {}", bundle.package).into());
    let own = files_in_archives(bundle).map(|file| (file.destination, file.source));
    for (destination, source) in own.chain(names.into_iter().map(library)) {
        let Some(other) = files.iter().find(|file| file.destination == destination) else { continue };
        let destination = destination.to_string_lossy().into_owned();
        let problem = Problem::DuplicateFile { destination, sources: (other.source.clone(), source) };
        problems.push(entry.manifest.explain(problem, "the second is of this bundle"));
    }
}

/// What lies beside a bundle's library, by its path in archives.
pub(super) fn files_in_archives(bundle: &Bundle) -> impl Iterator<Item = PackagedFile> {
    let at = |file: &PackagedFile| Path::new(&bundle.folder).join(&file.destination);
    bundle.files.iter().map(move |file| PackagedFile { destination: at(file), ..file.clone() })
}

fn bundle(
    entry: &Located<BundleEntry>,
    candidate: &Candidate<'_>,
    platforms: &BTreeSet<&str>,
    inputs: &Inputs<'_>,
    problems: &mut Problems,
) -> Option<Bundle> {
    let package = package(entry, inputs, problems);
    let library = package.and_then(|package| library(package, entry, problems));
    let manifest = manifest(entry, inputs, problems);
    let (package, library, (source, manifest)) = (package?, library?, manifest?);
    check_files(entry, &manifest, &library, platforms, problems);
    let names = platforms.iter().map(|platform| library_file(&library, platform)).collect();
    Some(Bundle {
        folder: format!("lib/{}/bundles/{}", candidate.name(), manifest.name),
        files: all_files(entry, source, &names, inputs, problems),
        name: manifest.name,
        package: package.name.to_string(),
        package_id: package.id.repr.clone(),
        has_programs: package.targets.iter().any(cargo_metadata::Target::is_bin)
            && package.name != candidate.package.name,
        version: package.version.to_string(),
        library,
    })
}

fn package<'a>(entry: &BundleEntry, inputs: &'a Inputs<'_>, problems: &mut Problems) -> Option<&'a Package> {
    let members = inputs.workspace.members();
    let found = members.iter().copied().find(|package| package.name.as_str() == entry.package.value());
    if found.is_none() {
        let names = members.iter().map(|package| package.name.as_str());
        let name = entry.package.value().clone();
        let nearest = nearest(&name, names).map(str::to_owned);
        problems.push(entry.package.explain(Problem::UnknownBundlePackage { name, nearest }, "no such package"));
    }
    found
}

fn library(package: &Package, entry: &BundleEntry, problems: &mut Problems) -> Option<Library> {
    let is_library = |target: &&cargo_metadata::Target| {
        target.crate_types.contains(&CrateType::CDyLib) && !target.kind.contains(&TargetKind::Example)
    };
    let found = package.targets.iter().find(is_library);
    if found.is_none() {
        let problem = Problem::NoLibrary { package: package.name.to_string(), kind: "cdylib" };
        problems.push(entry.package.explain(problem, "builds none"));
    }
    found.map(|target| Library { name: target.name.clone(), kind: ArtifactKind::Cdylib })
}

/// Where a bundle's manifest is, and what it says.
fn manifest(entry: &BundleEntry, inputs: &Inputs<'_>, problems: &mut Problems) -> Option<(PathBuf, ManifestDocument)> {
    let (said, root) = (&entry.manifest, &inputs.workspace.root);
    let path = root.join(said.as_str());
    let mut problem = |problem, label: &str| {
        problems.push(said.explain(problem, label));
        None
    };
    if !path.is_file() {
        return problem(Problem::NoFile { path: said.to_string() }, "not there");
    }
    match files::leads_outside(root, &path) {
        Ok(None) => {}
        Ok(Some(leads_to)) => return problem(Problem::Outside { path, leads_to }, "here"),
        Err(error) => return problem(Problem::Unreadable { path, reason: error.to_string() }, "here"),
    }
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return problem(Problem::Unreadable { path, reason: error.to_string() }, "here"),
    };
    match ManifestDocument::parse(&text, Path::new(said.as_str())) {
        Ok(manifest) => Some((path, manifest)),
        Err(error) => problem(Problem::BadBundle { mistakes: mistakes(&error) }, "is broken"),
    }
}

fn mistakes(error: &ManifestError) -> String {
    error.to_string().replace('\n', "\n  ")
}

/// The manifest has to name, for each platform, what the package's library is called there.
fn check_files(
    entry: &BundleEntry,
    manifest: &ManifestDocument,
    library: &Library,
    platforms: &BTreeSet<&str>,
    problems: &mut Problems,
) {
    let mut right = BTreeMap::new();
    let mut wrong = Vec::new();
    for spec in platforms {
        let file = library_file(library, spec);
        // Of a target that rustc does not have built in, nobody can tell what bundles call it.
        let Some(target) = get_builtin_target_by_triple(spec) else { continue };
        let Some(system) = target.os.as_ref().map(|os| os.as_str()) else { continue };
        let platform = Platform { system, processor: target.arch.as_str() };
        let said = manifest.file.for_platform(platform);
        if said != Some(file.as_str()) {
            let said = said.map_or_else(|| "no file".to_owned(), |file| format!("`{file}`"));
            wrong.push(format!("{platform}: {said}, and it is compiled as `{file}`"));
        }
        right.insert(system.to_owned(), file);
    }
    if !wrong.is_empty() {
        let right: Vec<String> = right.into_iter().map(|(system, file)| format!("{system} = \"{file}\"")).collect();
        let problem = Problem::BundleFile {
            bundle: manifest.name.clone(),
            wrong,
            right: format!("file = {{ {} }}", right.join(", ")),
        };
        problems.push(entry.manifest.explain(problem, "its `file`"));
    }
}

/// The manifest and whatever else goes into the folder; none of it may take the library's place.
fn all_files(
    entry: &BundleEntry,
    manifest: PathBuf,
    libraries: &BTreeSet<String>,
    inputs: &Inputs<'_>,
    problems: &mut Problems,
) -> Vec<PackagedFile> {
    let root = &inputs.workspace.root;
    let own = PackagedFile { source: manifest, destination: MANIFEST_FILE.into(), executable: false };
    let mut found = BTreeMap::from([(own.destination.clone(), own)]);
    for glob in entry.files.iter().flatten() {
        let sources = match files::sources(root, glob) {
            Ok(sources) => sources,
            Err(problem) => {
                problems.push(glob.explain(problem, "matches nothing"));
                continue;
            }
        };
        for (source, destination) in sources {
            match files::leads_outside(root, &source) {
                Ok(None) => {}
                Ok(Some(leads_to)) => {
                    problems.push(glob.explain(Problem::Outside { path: source, leads_to }, "matches it"));
                    continue;
                }
                Err(error) => {
                    let problem = Problem::Unreadable { path: source, reason: error.to_string() };
                    problems.push(glob.explain(problem, "matches it"));
                    continue;
                }
            }
            let name = destination.to_string_lossy().into_owned();
            let taken = found.get(&destination).map(|other| other.source.clone()).filter(|other| *other != source);
            let library =
                libraries.contains(&name).then(|| PathBuf::from(format!("the library of {}", *entry.package)));
            if let Some(other) = taken.or(library) {
                let problem = Problem::DuplicateFile { destination: name, sources: (other, source) };
                problems.push(glob.explain(problem, "the second"));
                continue;
            }
            let file = PackagedFile { executable: files::is_executable(&source), source, destination };
            found.insert(file.destination.clone(), file);
        }
    }
    found.into_values().collect()
}
