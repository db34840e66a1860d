//! The release: the resolved, validated whole. Manifests + flags + workspace +
//! git → every default filled in, every invariant checked, so that the planner
//! can be a pure function and no stage asks a question again.

mod app;
mod apps;
mod backends;
mod bundles;
mod error;
mod files;
mod flags;
mod groups;
mod imported;
mod installers;
mod machine;
mod own_std;
mod profiles;
mod resolve;
mod runners;
mod signing;
mod target;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::DateTime;
use located::{LocatedError, nearest};
use release_formats::archive::ArchiveFormat;
use release_formats::stamp::Stamp;
use serde::{Deserialize, Serialize};

use crate::artifact::ArtifactId;
use crate::git::{GitState, UNKNOWN};
use crate::manifest::Manifests;
use crate::manifest::profile::{Sccache, Strip};
use crate::workspace::features::FeatureRequest;
use crate::workspace::{Access, Workspace};
use app::path_bytes;
pub use app::{App, Bundle, Library, PackagedFile};
pub use error::{Problem, ReleaseErrors};
pub use imported::{Imported, ImportedShard, ImportedShards};
pub use installers::{
    ApkDetails, Contents, DebDetails, Details, DmgDetails, Generation, Identity, InstalledNode, Installer, MsiDetails,
    PkgDetails, PkgSigner, Relations, RpmDetails, Scripts, Shortcut,
};
pub use machine::{Machine, Zig};
pub use own_std::OwnStd;
pub use resolve::{Inputs, Purpose, resolve};
pub use runners::{Probe, Runner, Wine};
pub use signing::{Authenticode, MacSigner, MacSigning, WindowsSigner};
pub use target::{BackendChoice, Caller, StandardLibrary, Target};

/// The resolved whole.
#[derive(Debug, Clone)]
pub struct Release {
    /// The folders that matter.
    pub folders: Folders,
    /// The tree that is released.
    pub git: GitState,
    /// Seconds since 1970 that stand for every time in the release.
    pub epoch: u64,
    /// The compiler.
    pub rustc: Rustc,
    /// What is released, by name.
    pub apps: Vec<App>,
    /// Where it will run, by triple.
    pub targets: BTreeMap<String, Target>,
    /// The version of zig, where it compiles or links for one of them.
    pub zig: Option<String>,
    /// How it is compiled, by name.
    pub profiles: BTreeMap<String, Profile>,
    /// What one cargo call compiles.
    pub groups: Vec<CompileGroup>,
    /// The stages that were switched off.
    pub skip: BTreeSet<String>,
    /// The choices of the command line that change bytes.
    pub choices: BuildChoices,
    /// How cargo may reach out.
    pub access: Access,
    /// Go on with what does not depend on a failed step.
    pub keep_going: bool,
    /// Whether cargo's diagnostics are coloured.
    pub color: bool,
    /// What package managers and installation programs take, by app, platform and format.
    pub installers: Vec<Installer>,
    /// What apps print for their installers.
    pub generated: Vec<Generation>,
    /// Start every program that can run here.
    pub smoke: bool,
    /// Binaries from elsewhere, in place of compiling.
    pub imported: Option<Imported>,
    /// Whether sccache is installed.
    pub sccache_found: bool,
    /// What the user should know of it.
    pub warnings: Vec<String>,
}

/// The choices of the command line and the environment that change bytes: `verify --rebuild` repeats them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildChoices {
    /// `--profile`, where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// `--features`.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// `--skip`.
    pub skip: Vec<String>,
    /// `--no-identity`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_identity: bool,
    /// `SOURCE_DATE_EPOCH`, where the environment said one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_date_epoch: Option<u64>,
}

/// The folders that a release is made in and from.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The workspace's root.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target_directory: PathBuf,
    /// Where finished artifacts go.
    pub dist: PathBuf,
    /// cargo's home.
    pub cargo_home: PathBuf,
    /// Where cargo keeps what it makes on the way, where that is another folder.
    pub build_directory: Option<PathBuf>,
    /// Where packages from outside the workspace lie → a name without the machine in it.
    pub package_sources: Vec<(PathBuf, String)>,
}

impl Folders {
    /// The tool's own folder: state, and the work of its stages.
    pub fn state(&self) -> PathBuf {
        self.target_directory.join("build-tool")
    }
}

/// The compiler of this release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rustc {
    /// What `rustc --version` says.
    pub version: String,
    /// The commit that it was built from.
    pub commit: Option<String>,
    /// The triple of this machine.
    pub host: String,
    /// Where its libraries lie.
    pub sysroot: PathBuf,
}

impl Rustc {
    /// The path that rustc itself gives the standard library's sources when they are not installed.
    pub fn source_prefix(&self) -> String {
        format!("/rustc/{}", self.commit.as_deref().unwrap_or("source"))
    }
}

/// How apps are compiled, with every default filled in.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The profile's name.
    pub name: String,
    /// The Cargo profile that it starts from.
    pub cargo_profile: String,
    /// Keys of the Cargo profile that the manifest sets: key → TOML value.
    pub cargo_settings: BTreeMap<String, String>,
    /// Those that a release forces besides, to be reproducible and to leave stripping to its stage.
    pub forced_settings: BTreeMap<String, String>,
    /// What the strip stage removes.
    pub strip: Strip,
    /// Whether debug information is shipped apart.
    pub split_debug: bool,
    /// Features for every app, before the command line's.
    pub features: Vec<String>,
    /// Whether default features are on.
    pub default_features: bool,
    /// Whether all features are on.
    pub all_features: bool,
    /// When the compiler cache is used.
    pub sccache: Sccache,
    /// Variables of the compilation.
    pub env: BTreeMap<String, EnvValue>,
    /// What is added for one target.
    pub additions: BTreeMap<String, TargetAdditions>,
}

/// The value of a variable of the compilation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EnvValue {
    /// The value.
    pub value: String,
    /// What is shown instead, where a part of it came from outside and may be a secret: the manifest's own words.
    #[serde(skip)]
    pub shown: Option<String>,
}

/// What a profile adds for one target.
#[derive(Debug, Clone, Default)]
pub struct TargetAdditions {
    /// Features.
    pub features: Vec<String>,
    /// Flags for rustc.
    pub rustflags: Vec<String>,
    /// Variables.
    pub env: BTreeMap<String, EnvValue>,
}

/// Apps and targets that one cargo call compiles, since each gets in it exactly what it would get alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompileGroup {
    /// The profile's name.
    pub profile: String,
    /// The apps, sorted.
    pub apps: Vec<String>,
    /// The packages, as cargo's `-p` takes them, in the apps' order.
    pub packages: Vec<String>,
    /// The triples, sorted.
    pub targets: Vec<String>,
    /// The one target that it is for, where that shares nothing with others: it has a name of its own, or its own
    /// standard library.
    pub apart: Option<String>,
    /// The standard library that this target brings along.
    pub own_std: Option<OwnStd>,
    /// Which program takes the call: `cross` and `cargo xwin` are called in cargo's place.
    pub caller: Caller,
    /// Whether the standard library can be had: the others are built without those for which it cannot.
    pub buildable: bool,
    /// `MACOSX_DEPLOYMENT_TARGET`: the oldest macOS that its programs run on.
    pub deployment_target: String,
    /// `PACKAGE/FEATURE`, sorted.
    pub features: Vec<String>,
    /// Default features and all features.
    #[serde(skip)]
    pub request: FeatureRequest,
    /// The programs to build, where a package manifest wants fewer than the package has.
    pub only_binaries: Option<Vec<String>>,
    /// Whether the library is wanted besides those.
    pub library: bool,
    /// Flags for rustc, by triple.
    pub rustflags: BTreeMap<String, Vec<String>>,
    /// Variables of the compilation.
    pub env: BTreeMap<String, EnvValue>,
    /// Why these are together.
    pub why: String,
}

impl CompileGroup {
    /// Where cargo builds the group. What is apart has a folder of its own, since cargo keys what it makes by rustc's
    /// triple: another target's programs would lie in the same place.
    pub fn target_directory(&self, folders: &Folders) -> PathBuf {
        match &self.apart {
            Some(triple) => folders.state().join("apart").join(triple),
            None => folders.target_directory.clone(),
        }
    }
}

/// One profile, for work that is no release.
///
/// # Errors
/// There is no such profile, or it names a Cargo profile that does not exist.
pub fn profile(name: &str, manifests: &Manifests, workspace: &Workspace) -> Result<Profile, ReleaseErrors> {
    let mut errors = Vec::new();
    profiles::resolve(name, None, manifests, workspace, &mut errors).ok_or(ReleaseErrors { errors })
}

/// The error for an app that is not there.
pub fn unknown_package(name: &str, known: Vec<String>) -> ReleaseErrors {
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    let problem = Problem::UnknownPackage { name: name.to_owned(), nearest, known };
    ReleaseErrors { errors: vec![LocatedError::nowhere(problem)] }
}

/// The error for a workspace without any app.
pub fn no_apps() -> ReleaseErrors {
    ReleaseErrors { errors: vec![LocatedError::nowhere(Problem::NoApps { unpublished: Vec::new() })] }
}

impl Release {
    /// The profile of an app.
    pub fn profile_of(&self, app: &App) -> &Profile {
        &self.profiles[&app.profile]
    }

    /// The triples, as rustc knows them, whose standard library comes from there.
    pub fn targets_with(&self, standard_library: StandardLibrary) -> Vec<String> {
        let such = self.targets.values().filter(|target| target.standard_library == standard_library);
        such.map(|target| target.spec.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What rustc compiles for where the release says `platform`: it tells which system and processor that is.
    pub fn spec_of<'a>(&'a self, platform: &'a str) -> &'a str {
        self.targets.get(platform).map_or(platform, |target| &target.spec)
    }

    /// The targets with names of their own: name → what rustc compiles for.
    pub fn specs(&self) -> BTreeMap<String, String> {
        let named = self.targets.values().filter(|target| target.spec != target.triple);
        named.map(|target| (target.triple.clone(), target.spec.clone())).collect()
    }

    /// How programs of a target run here. What is made for this machine while another target is asked for
    /// (tests of procedural macros) runs as it is.
    pub fn runner_of(&self, triple: &str) -> &Runner {
        self.targets.get(triple).map_or(&Runner::Natively, |target| &target.runner)
    }

    /// `SOURCE_DATE_EPOCH` for build scripts and C compilers. Unless somebody says one it is fixed, not the
    /// commit's time: cargo runs build scripts again when it changes, so every commit would compile C code anew;
    /// and where they are not run again, what they made would depend on the commit that happened to be first.
    /// The commit's time reaches programs through their stamp.
    pub fn compile_epoch(&self) -> u64 {
        self.choices.source_date_epoch.unwrap_or(EARLIEST_TIME)
    }

    /// Whether compiles with this profile go through sccache.
    pub fn sccache_for(&self, profile: &str) -> bool {
        match self.profiles[profile].sccache {
            Sccache::Auto => self.sccache_found,
            Sccache::Off => false,
            Sccache::Required => true,
        }
    }

    /// How each target is compiled and linked, as descriptions tell it.
    pub fn backends(&self) -> BTreeMap<String, String> {
        self.targets.values().map(|target| (target.triple.clone(), target.backend.name().to_owned())).collect()
    }

    /// Where each target's standard library comes from, as descriptions tell it: `prebuilt`, `source` or `own`. Nothing is
    /// known of binaries that somebody else built.
    pub fn standard_libraries(&self) -> BTreeMap<String, String> {
        match &self.imported {
            None => {
                let origin = |target: &Target| Some((target.triple.clone(), target.origin()?.to_owned()));
                self.targets.values().filter_map(origin).collect()
            }
            Some(Imported::Folder(_)) => BTreeMap::new(),
            Some(Imported::Shards(shards)) => {
                let mut known = shards.standard_libraries.clone();
                known.retain(|triple, _| self.targets.contains_key(triple));
                known
            }
        }
    }

    /// The archive's format: the package manifest's, else the target's.
    pub fn archive_format(&self, app: &App, target: &str) -> ArchiveFormat {
        // A universal platform is no target of its own: its slices say how it is packed.
        let first = app.universal.get(target).and_then(|slices| slices.first()).map_or(target, String::as_str);
        app.archive.unwrap_or_else(|| self.targets[first].archive)
    }

    /// What is written into the binaries of `app` for `target`.
    pub fn stamp_of(&self, app: &App, target: &str) -> Stamp {
        Stamp {
            version: app.version.clone(),
            git_hash: self.git.short_commit().to_owned(),
            git_branch: self.git.branch.clone(),
            git_dirty: self.git.dirty,
            build_time: self.build_time(),
            build_profile: app.profile.clone(),
            build_target: target.to_owned(),
            rust_version: self.rustc.version.trim_start_matches("rustc ").to_owned(),
        }
    }

    /// What is written into one of the programs and libraries of `app`: a bundle has a version of its own.
    pub fn stamp_for(&self, app: &App, id: &ArtifactId) -> Stamp {
        let stamp = self.stamp_of(app, id.target.as_deref().unwrap_or_default());
        let version = app.bundle_of(id).map_or(&app.version, |bundle| &bundle.version);
        Stamp { version: version.clone(), ..stamp }
    }

    fn build_time(&self) -> String {
        let known = self.epoch != EARLIEST_TIME || self.git.commit_time.is_some();
        let time = i64::try_from(self.epoch).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        match time {
            Some(time) if known => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            _ => UNKNOWN.to_owned(),
        }
    }
}

/// 1980-01-01T00:00:00Z, the earliest time that a zip archive can hold: stands where nothing says a time.
pub const EARLIEST_TIME: u64 = 315_532_800;
