//! `cargo metadata` → packages, apps' raw material, and what the root manifest
//! says of Cargo profiles. Reads; decides nothing.

pub mod features;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, NodeDep, Package, PackageId};
use miette::Diagnostic;

use crate::tool::{Invocation, Launcher, ToolError};

/// The workspace cannot be read.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum WorkspaceError {
    /// cargo did not start.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    /// cargo refused; its own words are the message.
    #[error("cargo cannot read the workspace at {}\n{message}", folder.display())]
    #[diagnostic(help("{help}"))]
    CargoMetadata {
        /// The folder that was asked about.
        folder: PathBuf,
        /// What cargo wrote.
        message: String,
        /// What to do.
        help: &'static str,
    },
    /// There is no lock file, or an outdated one.
    #[error("Cargo.lock is missing or out of date, and a release never changes it\n{message}")]
    #[diagnostic(help(
        "a release is built from locked versions: run `cargo generate-lockfile` (or `cargo update --workspace`) \
         and commit Cargo.lock"
    ))]
    NoLock {
        /// What cargo wrote.
        message: String,
    },
    /// cargo's answer is not what it documents.
    #[error("cannot understand what `cargo metadata` says")]
    Metadata {
        /// The reason.
        #[source]
        source: serde_json::Error,
    },
    /// The root manifest cannot be read.
    #[error("cannot read {}", path.display())]
    RootManifest {
        /// The root `Cargo.toml`.
        path: PathBuf,
        /// The reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A workspace with no member.
    #[error("the workspace at {} has no packages", root.display())]
    #[diagnostic(help(
        "add one: `cargo new --bin NAME`, then list it under [workspace] members in the root Cargo.toml"
    ))]
    NoPackages {
        /// The workspace's root.
        root: PathBuf,
    },
}

/// The workspace being released, as cargo sees it.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target_directory: PathBuf,
    /// Where cargo keeps what it makes on the way, where that is another folder.
    pub build_directory: Option<PathBuf>,
    /// Everything cargo says.
    pub metadata: Metadata,
    /// The Cargo profiles of the root manifest and of cargo's configuration files: name → settings.
    pub cargo_profiles: BTreeMap<String, CargoProfile>,
    /// The version of cargo's feature resolver: it decides what unifies.
    pub resolver: u8,
    by_id: BTreeMap<PackageId, usize>,
}

/// What the root manifest says of one Cargo profile, as far as the tool has to know it.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CargoProfile {
    /// The profile that it builds on.
    pub inherits: Option<String>,
    /// `true`, `false`, `"none"`, `"debuginfo"` or `"symbols"`.
    pub strip: Option<toml::Value>,
    /// Debug information: a bool, a level or a name.
    pub debug: Option<toml::Value>,
}

/// The profiles that cargo has without being told.
pub const CARGO_PROFILES: [&str; 4] = ["dev", "release", "test", "bench"];

#[derive(serde::Deserialize)]
struct RootManifest {
    #[serde(default)]
    profile: BTreeMap<String, CargoProfile>,
    workspace: Option<ResolverChoice>,
    package: Option<ResolverChoice>,
}

/// What counts here of one of cargo's configuration files.
#[derive(Default, serde::Deserialize)]
struct ConfigFile {
    #[serde(default)]
    profile: BTreeMap<String, CargoProfile>,
}

#[derive(serde::Deserialize)]
struct ResolverChoice {
    resolver: Option<String>,
}

/// The folder from which cargo, rustc and git are asked: the root of the workspace that holds `folder`,
/// so that answers do not depend on where in it one stands. Found by the manifests' words, without
/// asking cargo; whether it is the root is for cargo to confirm.
pub fn likely_root(folder: &Path) -> Option<PathBuf> {
    let manifest = |folder: &Path| std::fs::read_to_string(folder.join("Cargo.toml")).ok();
    let has_workspace = |folder: &&Path| {
        manifest(folder)
            .and_then(|text| toml::from_str::<RootManifest>(&text).ok())
            .is_some_and(|m| m.workspace.is_some())
    };
    folder.ancestors().find(has_workspace).map(Path::to_path_buf)
}

/// How strictly cargo holds to the lock file and off the network.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access {
    /// `--locked`: a release never changes the lock file.
    pub locked: bool,
    /// `--offline`.
    pub offline: bool,
}

impl Access {
    /// The flags for any cargo call.
    pub fn flags(self) -> impl Iterator<Item = &'static str> {
        [(self.locked, "--locked"), (self.offline, "--offline")].into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag)
    }
}

impl Workspace {
    /// Asks cargo about the workspace that holds `folder`.
    ///
    /// # Errors
    /// cargo is missing or refuses, or its answer or the root manifest cannot be read.
    pub fn read(launcher: &Launcher, cargo: &Path, folder: &Path, access: Access) -> Result<Self, WorkspaceError> {
        let invocation = Invocation::new(cargo, "read the workspace")
            .args(["metadata", "--format-version", "1", "--color", "never"])
            .args(access.flags())
            .cwd(folder);
        let output = launcher.output(&invocation)?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(refusal(folder, message));
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).map_err(|source| WorkspaceError::Metadata { source })?;
        Self::from_metadata(metadata)
    }

    fn from_metadata(metadata: Metadata) -> Result<Self, WorkspaceError> {
        let root = metadata.workspace_root.clone().into_std_path_buf();
        if metadata.workspace_members.is_empty() {
            return Err(WorkspaceError::NoPackages { root });
        }
        let manifest = read_root_manifest(&root.join("Cargo.toml"))?;
        let by_id = metadata.packages.iter().enumerate().map(|(index, package)| (package.id.clone(), index)).collect();
        let chosen = [&manifest.workspace, &manifest.package].into_iter().flatten().find_map(|c| c.resolver.clone());
        let edition_2021 = metadata.root_package().is_some_and(|package| package.edition.as_str() >= "2021");
        let resolver = match chosen.as_deref() {
            Some("1") => 1,
            Some(_) => 2,
            None => 1 + u8::from(edition_2021),
        };
        Ok(Self {
            target_directory: metadata.target_directory.clone().into_std_path_buf(),
            build_directory: metadata
                .build_directory
                .clone()
                .filter(|folder| *folder != metadata.target_directory)
                .map(|folder| folder.into_std_path_buf()),
            cargo_profiles: with_config_profiles(manifest.profile, &root),
            root,
            resolver,
            metadata,
            by_id,
        })
    }

    /// A package by cargo's id.
    pub fn package(&self, id: &PackageId) -> Option<&Package> {
        self.by_id.get(id).and_then(|&index| self.metadata.packages.get(index))
    }

    /// The workspace's own packages, sorted by name.
    pub fn members(&self) -> Vec<&Package> {
        let mut members: Vec<_> = self.metadata.workspace_members.iter().filter_map(|id| self.package(id)).collect();
        members.sort_by_key(|package| package.name.as_str());
        members
    }

    /// The oldest Rust that all of its own packages compile with, where they say.
    pub fn rust_version(&self) -> Option<Version> {
        self.members().into_iter().filter_map(|package| package.rust_version.clone()).max()
    }

    /// Whether the folder is a member's, or the root's own.
    pub fn has_member_in(&self, folder: &Path) -> bool {
        let own = |package: &Package| package.manifest_path.parent().is_some_and(|own| own.as_std_path() == folder);
        self.root == folder || self.members().into_iter().any(own)
    }

    /// Whether cargo builds this package when nobody names one.
    pub fn is_default_member(&self, package: &Package) -> bool {
        self.metadata.workspace_default_members.contains(&package.id)
    }

    /// Whether cargo knows a profile of this name.
    pub fn has_cargo_profile(&self, name: &str) -> bool {
        CARGO_PROFILES.contains(&name) || self.cargo_profiles.contains_key(name)
    }

    /// A setting of a Cargo profile, looked up along `inherits` as cargo does.
    pub fn cargo_profile_setting<T>(&self, name: &str, setting: impl Fn(&CargoProfile) -> Option<T>) -> Option<T> {
        let mut name = name.to_owned();
        // Cargo refuses cycles; the bound keeps a hostile manifest from hanging us first.
        for _ in 0..=self.cargo_profiles.len() {
            let profile = self.cargo_profiles.get(&name)?;
            if let Some(value) = setting(profile) {
                return Some(value);
            }
            name = profile.inherits.clone()?;
        }
        None
    }

    /// The workspace's own packages that `package` builds on, itself last: cargo's order of building.
    pub fn local_dependencies(&self, package: &PackageId) -> Vec<&Package> {
        self.local(package, false)
    }

    /// The same, and what the package's own tests, examples and benches build on besides.
    pub fn local_test_dependencies(&self, package: &PackageId) -> Vec<&Package> {
        self.local(package, true)
    }

    fn local(&self, package: &PackageId, with_development: bool) -> Vec<&Package> {
        let (mut visited, mut order) = (BTreeSet::new(), Vec::new());
        self.visit_local(package, with_development, &mut visited, &mut order);
        order.into_iter().filter_map(|id| self.package(id)).collect()
    }

    /// Depth first. A package may lead back to itself through a dev-dependency: marked on entry, it is visited once.
    fn visit_local<'a>(
        &'a self,
        id: &'a PackageId,
        with_development: bool,
        visited: &mut BTreeSet<&'a PackageId>,
        order: &mut Vec<&'a PackageId>,
    ) {
        if !self.metadata.workspace_members.contains(id) || !visited.insert(id) {
            return;
        }
        let node = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).find(|node| node.id == *id);
        for dependency in node.iter().flat_map(|node| &node.deps) {
            if with_development || !is_development_only(dependency) {
                // Only the package's own tests are built, not those of what it depends on.
                self.visit_local(&dependency.pkg, false, visited, order);
            }
        }
        order.push(id);
    }
}

/// Whether only tests, examples and benches use it: no part of what comes before the package itself.
fn is_development_only(dependency: &NodeDep) -> bool {
    let kinds = &dependency.dep_kinds;
    !kinds.is_empty() && kinds.iter().all(|info| info.kind == DependencyKind::Development)
}

fn refusal(folder: &Path, message: String) -> WorkspaceError {
    if message.contains("--locked was passed") || message.contains("because --locked") {
        return WorkspaceError::NoLock { message };
    }
    let help = if message.contains("could not find `Cargo.toml`") {
        "run build-tool inside a Cargo workspace, or name one: build-tool -C FOLDER …"
    } else if message.contains("virtual manifest") || message.contains("no targets specified") {
        "the message above is cargo's own; `cargo metadata` in that folder repeats it"
    } else {
        "mend what cargo names above; `cargo check` shows whether it is mended"
    };
    WorkspaceError::CargoMetadata { folder: folder.to_owned(), message, help }
}

/// The root manifest's profiles with those of cargo's configuration files, which win, the innermost most.
/// A file that cannot be read is cargo's to complain of.
fn with_config_profiles(mut profiles: BTreeMap<String, CargoProfile>, root: &Path) -> BTreeMap<String, CargoProfile> {
    let files: Vec<PathBuf> = cargo_config2::Walk::new(root).collect();
    for file in files.iter().rev() {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for (name, own) in toml::from_str::<ConfigFile>(&text).unwrap_or_default().profile {
            let profile = profiles.entry(name).or_default();
            profile.inherits = own.inherits.or_else(|| profile.inherits.take());
            profile.strip = own.strip.or_else(|| profile.strip.take());
            profile.debug = own.debug.or_else(|| profile.debug.take());
        }
    }
    profiles
}

fn read_root_manifest(path: &Path) -> Result<RootManifest, WorkspaceError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| WorkspaceError::RootManifest {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.into()))?;
    toml::from_str(&text).map_err(|error| failed(error.into()))
}
