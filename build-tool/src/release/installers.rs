//! Installers, resolved: what each of them holds, where that goes, and what it says of itself, with every default
//! filled in. Stages turn it into the bytes of a format and ask nothing again.

mod apk;
mod apple;
mod cargo_deb;
mod contents;
mod deb;
mod details;
mod generated;
mod identity;
mod msi;
mod places;
mod relations;
mod rpm;
mod scripts;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cargo_metadata::Package;
use located::{LocatedError, Place};
use serde::Serialize;

use super::apps::Candidate;
use super::error::Problem;
use super::resolve::Inputs;
use super::{App, Profile, Target, files};
use crate::artifact::ArtifactId;
use crate::manifest::package::{FileKind, PackageManifest};
use crate::manifest::target::Installer as Format;
pub use details::{
    ApkDetails, DebDetails, Details, DmgDetails, MsiDetails, PkgDetails, PkgSigner, RpmDetails, Shortcut,
};
pub use generated::Generation;

/// Names of stages: what is skipped is not there to be installed.
const GENERATE: &str = crate::stages::generate::NAME;
const SPLIT_DEBUG: &str = crate::stages::split_debug::NAME;
const FUSE: &str = crate::stages::fuse::NAME;

/// One installer of one app for one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installer {
    /// Its format.
    pub format: Format,
    /// The app.
    pub app: String,
    /// The target's triple or the universal platform.
    pub platform: String,
    /// Whether it holds the split debug symbols in place of the programs.
    pub debug: bool,
    /// The file's name.
    pub file: String,
    /// What it says of itself.
    pub identity: Identity,
    /// What it holds, sorted by path.
    pub nodes: Vec<InstalledNode>,
    /// What package managers run.
    pub scripts: Scripts,
    /// How it stands to other packages, in the format's own words.
    pub relations: Relations,
    /// What only its format knows.
    pub details: Details,
}

impl Installer {
    /// Whether a key or certificate signs it: nobody makes it again without that.
    pub fn has_identity(&self) -> bool {
        match &self.details {
            Details::Deb(own) => own.gpg_key.is_some(),
            Details::Rpm(own) => own.gpg_key.is_some(),
            Details::Apk(own) => own.key.is_some(),
            Details::Msi(own) => own.signing.is_some(),
            Details::Pkg(own) => own.signer.is_some(),
            Details::Dmg(_) => false,
        }
    }
}

/// What an installer says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The package's name.
    pub name: String,
    /// The app's version, as Cargo writes it.
    pub version: String,
    /// One line, without a full stop.
    pub summary: String,
    /// Paragraphs with a blank line between them.
    pub description: String,
    /// `Name <mail>`.
    pub maintainer: String,
    /// An SPDX expression.
    pub licence: String,
    /// Who holds the copyright.
    pub copyright: Vec<String>,
    /// An address of the web.
    pub homepage: Option<String>,
    /// Whose product it is.
    pub vendor: Option<String>,
    /// The section, in Debian's words.
    pub section: String,
    /// The name that systems know the package by, in reverse order of domains.
    pub identifier: String,
}

/// One thing that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstalledNode {
    /// Where: relative to the root of the system or, on Windows and in a disk image, to the product's folder.
    pub path: String,
    /// What it is to the installer.
    pub kind: FileKind,
    /// Where its bytes come from.
    pub contents: Contents,
    /// The permission bits.
    pub mode: u32,
    /// The owner's name.
    pub owner: String,
    /// The group's name.
    pub group: String,
    /// Whether it is compressed as `gzip -9n` does.
    pub compressed: bool,
}

/// Where the bytes of what is installed come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    /// A finished program or library, split symbols, or what the app printed.
    Artifact(ArtifactId),
    /// A file of the workspace.
    File(#[serde(serialize_with = "super::path_bytes")] PathBuf),
    /// A directory.
    Directory,
    /// A symbolic link, and where it leads.
    Symlink(String),
    /// Debian's `copyright`, with the texts of these files.
    Copyright(#[serde(serialize_with = "all_path_bytes")] Vec<PathBuf>),
    /// Debian's changelog of the package.
    Changelog,
}

/// Scripts that package managers run, as files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Scripts {
    /// Before its files are there.
    #[serde(serialize_with = "some_path_bytes")]
    pub pre_install: Option<PathBuf>,
    /// Once they are.
    #[serde(serialize_with = "some_path_bytes")]
    pub post_install: Option<PathBuf>,
    /// Before its files go.
    #[serde(serialize_with = "some_path_bytes")]
    pub pre_remove: Option<PathBuf>,
    /// Once they are gone.
    #[serde(serialize_with = "some_path_bytes")]
    pub post_remove: Option<PathBuf>,
}

/// Relations to other packages, each in the format's own words.
#[allow(missing_docs, reason = "the names are the field's own words")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Relations {
    pub depends: Vec<String>,
    pub pre_depends: Vec<String>,
    pub recommends: Vec<String>,
    pub suggests: Vec<String>,
    pub enhances: Vec<String>,
    pub conflicts: Vec<String>,
    pub breaks: Vec<String>,
    pub provides: Vec<String>,
    pub replaces: Vec<String>,
}

fn all_path_bytes<S: serde::Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| path.as_os_str().as_encoded_bytes().escape_ascii().to_string()))
}

fn some_path_bytes<S: serde::Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    all_path_bytes(path.as_slice(), serializer)
}

/// What all installers of one app are made from.
struct Sources<'a> {
    inputs: &'a Inputs<'a>,
    app: &'a App,
    package: &'a Package,
    manifest: Option<&'a PackageManifest>,
    /// What `[package.metadata.deb]` says, for Linux.
    cargo_deb: cargo_deb::CargoDeb,
    /// Whether what the app prints is made.
    generate: bool,
    /// The target whose programs print it.
    printer: Option<String>,
    /// Whether debug symbols are split off.
    splits_symbols: bool,
    targets: &'a BTreeMap<String, Target>,
}

impl Sources<'_> {
    /// An installer without scripts and relations.
    fn installer(
        &self,
        format: Format,
        platform: &str,
        file: String,
        identity: Identity,
        nodes: Vec<InstalledNode>,
        details: Details,
    ) -> Installer {
        Installer {
            format,
            app: self.app.name.clone(),
            platform: platform.to_owned(),
            debug: false,
            file,
            identity,
            nodes,
            scripts: Scripts::default(),
            relations: Relations::default(),
            details,
        }
    }

    /// Whether certificates and keys may be used.
    fn signs(&self) -> bool {
        !self.inputs.flags.no_identity
    }

    /// The texts of the app's licences.
    fn licences(&self) -> Vec<PathBuf> {
        let found = files::documents_of(&self.inputs.workspace.root, self.package).into_iter();
        found.filter(|(name, _)| contents::is_licence(&name.to_string_lossy())).map(|(_, path)| path).collect()
    }

    /// The symbols of an installer's programs, where debuggers look for them: below `usr/lib/debug`, at the
    /// program's own path ("Debugging with GDB", 18.3 Separate Files).
    fn symbols(&self, main: &Installer, findings: &mut Findings) -> Vec<InstalledNode> {
        let mut tree = tree::Tree::new(main.format, &self.inputs.workspace.root);
        for node in main.nodes.iter().filter(|_| self.splits_symbols) {
            let Contents::Artifact(id) = &node.contents else { continue };
            if !id.kind.is_program() {
                continue;
            }
            let symbols = id.symbols(self.app.spec_of(&main.platform));
            let (folder, _) = node.path.rsplit_once('/').unwrap_or(("", &node.path));
            let path = contents::join(&contents::join("usr/lib/debug", folder), &symbols.name);
            let node = InstalledNode {
                path,
                kind: FileKind::Data,
                contents: Contents::Artifact(symbols),
                mode: 0o644,
                ..node.clone()
            };
            tree.add(node, tree::Origin::Cargo, findings);
        }
        tree.finish(findings)
    }
}

/// What was found while installers were resolved: each thing once, though several installers meet it.
#[derive(Default)]
struct Findings {
    problems: Vec<LocatedError<Problem>>,
    warnings: Vec<String>,
    /// Whether somebody wants the installer that is being resolved. One that nobody asked for is left out where it
    /// cannot be made, so that a release without manifests does not fail for it.
    asked_for: bool,
    /// Whether it was left out.
    left_out: bool,
}

impl Findings {
    fn problem(&mut self, problem: Problem, place: Option<&Place>, label: &str) {
        let same = |other: &LocatedError<Problem>| {
            let spans = other.place().map(Place::span) == place.map(Place::span);
            spans && *other.error() == problem
        };
        if !self.problems.iter().any(same) {
            self.problems.push(match place {
                Some(place) => place.explain(problem, label),
                None => LocatedError::nowhere(problem),
            });
        }
    }

    /// An installer that cannot be made for a reason of its format.
    fn cannot(&mut self, format: Format, sources: &Sources<'_>, reason: String, advice: &str) {
        self.cannot_at(format, sources, reason, advice, None);
    }

    /// The same, at the value that is the reason.
    fn cannot_at(
        &mut self,
        format: Format,
        sources: &Sources<'_>,
        reason: String,
        advice: &str,
        place: Option<&Place>,
    ) {
        let (app, advice) = (sources.app.name.clone(), advice.to_owned());
        if !self.asked_for && place.is_none() {
            self.left_out = true;
            self.warn(format!("no {format} of {app} is made: {reason}"));
            return;
        }
        self.problem(Problem::Installer { format, app, reason, advice }, place, "here");
    }

    fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// Everything that the installers of a release are, and what has to be printed for them.
#[derive(Default)]
pub(super) struct Installers {
    pub(super) installers: Vec<Installer>,
    pub(super) generated: Vec<Generation>,
    pub(super) warnings: Vec<String>,
}

/// What of a release is settled before its installers are.
pub(super) struct Settled<'a> {
    pub(super) apps: Vec<(&'a App, &'a Candidate<'a>)>,
    pub(super) targets: &'a BTreeMap<String, Target>,
    pub(super) profiles: &'a BTreeMap<String, Profile>,
    pub(super) skip: &'a BTreeSet<String>,
}

/// Resolves the installers of all apps.
pub(super) fn resolve(
    settled: &Settled<'_>,
    inputs: &Inputs<'_>,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Installers {
    let Settled { apps, targets, profiles, skip } = settled;
    let mut all = Installers::default();
    let mut findings = Findings::default();
    for &(app, candidate) in apps {
        let (package, manifest) = (candidate.package, candidate.manifest);
        let sources = Sources {
            inputs,
            app,
            package,
            manifest,
            cargo_deb: cargo_deb::read(package, &inputs.workspace.root, app),
            generate: !skip.contains(GENERATE),
            printer: generated::printer(app, &inputs.rustc.host, targets),
            splits_symbols: profiles.get(&app.profile).is_some_and(|profile| profile.split_debug)
                && !skip.contains(SPLIT_DEBUG),
            targets,
        };
        let before = all.installers.len();
        for platform in platforms(app, skip) {
            for format in formats(app, &platform, manifest, targets) {
                if skip.contains(format.as_str()) {
                    continue;
                }
                findings.asked_for = is_asked_for(format, &platform, &sources);
                findings.left_out = false;
                let made = one(format, &platform, &sources, &mut findings);
                if !findings.left_out {
                    all.installers.extend(made);
                }
            }
        }
        let own = &all.installers[before..];
        if own.iter().any(|installer| matches!(installer.details, Details::Deb(_))) {
            for warning in &sources.cargo_deb.warnings {
                findings.warn(warning.clone());
            }
        }
        all.generated.extend(generated::resolve(&sources, own, targets, &mut findings));
    }
    problems.extend(findings.problems);
    all.warnings = findings.warnings;
    all
}

/// The platforms that installers are made for: a slice of a universal file is installed with the others.
fn platforms(app: &App, skip: &BTreeSet<String>) -> Vec<String> {
    if skip.contains(FUSE) {
        return app.targets.clone();
    }
    let is_slice = |triple: &&String| app.universal.values().any(|slices| slices.contains(triple));
    app.targets.iter().filter(|triple| !is_slice(triple)).chain(app.universal.keys()).cloned().collect()
}

/// The formats for a platform: the package's own choice as far as it is for it, else the target's.
fn formats(
    app: &App,
    platform: &str,
    manifest: Option<&PackageManifest>,
    targets: &BTreeMap<String, Target>,
) -> Vec<Format> {
    if let Some(said) = manifest.and_then(|manifest| manifest.installers.as_ref()) {
        return said
            .iter()
            .map(|format| *format.value())
            .filter(|format| format.is_for(app.spec_of(platform)))
            .collect();
    }
    // A universal platform is no target of its own: its slices say what is made for it.
    let first = app.universal.get(platform).and_then(|slices| slices.first()).map_or(platform, String::as_str);
    targets.get(first).map_or_else(Vec::new, |target| target.installers.clone())
}

/// Whether somebody wants this format here, and it is not only made because nobody said otherwise.
fn is_asked_for(format: Format, platform: &str, sources: &Sources<'_>) -> bool {
    let by_package = sources.manifest.is_some_and(|manifest| {
        let own_table = match format {
            Format::Deb => manifest.deb.is_some(),
            Format::Rpm => manifest.rpm.is_some(),
            Format::Apk => manifest.apk.is_some(),
            Format::Msi => manifest.msi.is_some(),
            Format::Pkg => manifest.pkg.is_some(),
            Format::Dmg => manifest.dmg.is_some(),
        };
        own_table || manifest.installers.is_some()
    });
    let mut triples = sources.app.universal.get(platform).into_iter().flatten().map(String::as_str).chain([platform]);
    let manifests = &sources.inputs.manifests.targets;
    by_package || triples.any(|triple| manifests.get(triple).is_some_and(|target| target.peek().installers.is_some()))
}

/// An installer, and its debug package where there is one.
fn one(format: Format, platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    match format {
        Format::Deb => deb::resolve(platform, sources, findings),
        Format::Rpm => rpm::resolve(platform, sources, findings),
        Format::Apk => apk::resolve(platform, sources, findings),
        Format::Msi => msi::resolve(platform, sources, findings),
        Format::Pkg => apple::pkg(platform, sources, findings),
        Format::Dmg => apple::dmg(platform, sources, findings),
    }
}
