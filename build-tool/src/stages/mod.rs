//! The pipeline: one ordered, annotated table, and the shape that every stage
//! has. The planner, `--skip`, `doctor` and the docs are derived from it.
//! A stage never knows another stage, the plan or the report.

pub mod apk;
pub mod archive;
mod authenticode;
pub mod checksums;
pub mod compile;
pub mod deb;
pub mod dmg;
pub mod fuse;
pub mod generate;
pub mod import;
mod installer;
pub mod msi;
mod open_pgp;
pub mod pkg;
pub mod release_json;
pub mod rpm;
pub mod session;
pub mod shard;
pub mod sign;
pub mod smoke;
pub mod split_debug;
pub mod stamp;
pub mod strip;

use std::fmt::Debug;
use std::path::PathBuf;

use serde::Serialize;

pub(crate) use crate::artifact::has_pdb;
use crate::artifact::{ArtifactId, ArtifactKind, DWARF, below};
use crate::description::Signature;
use crate::release::{App, Release};
pub use session::{Session, StageError};

/// One row of the pipeline.
pub struct Stage {
    /// The name: in plans, for `--skip`, in the state.
    pub name: &'static str,
    /// What it does, and why it stands at its place in the order.
    pub about: &'static str,
    /// Which verbs run it.
    pub part: Part,
    /// Whether `--skip` may name it.
    pub skippable: bool,
    /// The steps of this stage that a release needs. Pure: no disk, no tools.
    pub plan: fn(&Release) -> Vec<Box<dyn Step>>,
}

/// A part of the pipeline. Each verb runs some of them, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Binaries as they are linked, or as they come from elsewhere.
    Obtain,
    /// The rest of what makes a binary: each target's own, which a machine can do that has only this target.
    Finish,
    /// What is made of several targets' finished binaries.
    Combine,
    /// What users download.
    Package,
    /// In place of the last two: everything that another machine needs for them.
    Shard,
}

impl Part {
    /// `release` and `package`.
    pub const RELEASE: &[Self] = &[Self::Obtain, Self::Finish, Self::Combine, Self::Package];
    /// `build`.
    pub const BUILD: &[Self] = &[Self::Obtain, Self::Finish, Self::Combine];
    /// `release --shard`.
    pub const SHARD: &[Self] = &[Self::Obtain, Self::Finish, Self::Shard];
    /// `merge`: of a release what its shards have not done yet.
    pub const MERGE: &[Self] = &[Self::Obtain, Self::Combine, Self::Package];
}

/// The stages in order.
pub const PIPELINE: &[Stage] = &[
    Stage {
        name: compile::NAME,
        about: "cargo compiles and links; everything else works on its outputs",
        part: Part::Obtain,
        skippable: false,
        plan: compile::plan,
    },
    Stage {
        name: import::NAME,
        about: "in place of compile: takes binaries that were built elsewhere (`package --prebuilt`, `merge`)",
        part: Part::Obtain,
        skippable: false,
        plan: import::plan,
    },
    Stage {
        name: split_debug::NAME,
        about: "moves debug information to files of its own, while it is still there",
        part: Part::Finish,
        skippable: true,
        plan: split_debug::plan,
    },
    Stage {
        name: strip::NAME,
        about: "removes what running does not need; before stamping, so that nothing rewrites a stamped file",
        part: Part::Finish,
        skippable: true,
        plan: strip::plan,
    },
    Stage {
        name: stamp::NAME,
        about: "writes version and git metadata into the linked file, so that a new commit compiles nothing",
        part: Part::Finish,
        skippable: true,
        plan: stamp::plan,
    },
    Stage {
        name: sign::NAME,
        about: "signs each binary, since nothing may change after it; before fusing, so that each slice is signed",
        part: Part::Finish,
        skippable: true,
        plan: sign::plan,
    },
    Stage {
        name: smoke::NAME,
        about: "starts the finished programs that can run here and compares what they say with their stamps (--smoke)",
        part: Part::Finish,
        skippable: false,
        plan: smoke::plan,
    },
    Stage {
        name: shard::NAME,
        about: "in place of all that follows: packs finished binaries for `merge` (`release --shard`)",
        part: Part::Shard,
        skippable: false,
        plan: shard::plan,
    },
    Stage {
        name: fuse::NAME,
        about: "makes one universal file of the finished slices",
        part: Part::Combine,
        skippable: true,
        plan: fuse::plan,
    },
    Stage {
        name: archive::NAME,
        about: "packs binaries and documents into what users download",
        part: Part::Package,
        skippable: true,
        plan: archive::plan,
    },
    Stage {
        name: generate::NAME,
        about: "runs finished programs for the completions and man pages that installers hold; before them",
        part: Part::Package,
        skippable: true,
        plan: generate::plan,
    },
    Stage {
        name: deb::NAME,
        about: "packages for Debian and its kin, of finished binaries and what goes with them",
        part: Part::Package,
        skippable: true,
        plan: deb::plan,
    },
    Stage {
        name: rpm::NAME,
        about: "packages for Fedora, openSUSE and their kin",
        part: Part::Package,
        skippable: true,
        plan: rpm::plan,
    },
    Stage { name: apk::NAME, about: "packages for Alpine", part: Part::Package, skippable: true, plan: apk::plan },
    Stage {
        name: msi::NAME,
        about: "packages for Windows Installer",
        part: Part::Package,
        skippable: true,
        plan: msi::plan,
    },
    Stage {
        name: pkg::NAME,
        about: "installer packages for macOS",
        part: Part::Package,
        skippable: true,
        plan: pkg::plan,
    },
    Stage {
        name: dmg::NAME,
        about: "disk images for macOS; the last of those who need finished binaries",
        part: Part::Package,
        skippable: true,
        plan: dmg::plan,
    },
    Stage {
        name: release_json::NAME,
        about: "describes the whole release; after everything that it describes",
        part: Part::Package,
        skippable: true,
        plan: release_json::plan,
    },
    Stage {
        name: checksums::NAME,
        about: "SHA256SUMS over everything shipped, release.json included",
        part: Part::Package,
        skippable: true,
        plan: checksums::plan,
    },
];

/// What a step reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The latest form of an artifact that an earlier stage makes.
    Artifact(ArtifactId),
    /// A file of the workspace.
    File(PathBuf),
    /// The latest form of everything that earlier stages put into the work folder.
    Finished,
    /// Everything that earlier stages put into the dist folder.
    Shipped,
}

/// Where an output lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the tool's own folder, for later stages and for `build`.
    Work,
    /// In the dist folder, for users.
    Dist,
}

/// What a step makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The artifact.
    pub id: ArtifactId,
    /// Where it lies.
    pub place: Place,
}

/// A program that a step starts, by the name under which the toolchain knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// cargo, and the rustc that it calls.
    Cargo,
    /// The linker driver of the host's C toolchain.
    Cc,
    /// LLVM's dsymutil, for debug information of Apple's systems; what it would make is made otherwise without it.
    Dsymutil,
    /// Apple's, on a Mac.
    Codesign,
    /// Signs for Apple's systems on any machine.
    Rcodesign,
    /// Signs for Windows on any machine.
    Osslsigncode,
    /// Microsoft's, on Windows.
    Signtool,
    /// Apple's for installer packages, on a Mac.
    Productsign,
    /// OpenPGP signatures.
    Gpg,
    /// objcopy for every object format: LLVM's, from the Rust toolchain or beside it.
    Objcopy,
    /// The compiler cache.
    Sccache,
    /// zig: a C compiler and linker for every target.
    Zig,
    /// LLVM's linker in link.exe's manner.
    Lld,
    /// `cargo-xwin`.
    Xwin,
    /// `cross`.
    Cross,
}

/// Which part of the release a step is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Apps, sorted.
    pub apps: Vec<String>,
    /// Target triples, sorted.
    pub targets: Vec<String>,
    /// The profile, where the subject has one.
    pub profile: Option<String>,
}

impl Subject {
    /// One app for one target.
    pub fn of(app: &App, target: &str) -> Self {
        Self { apps: vec![app.name.clone()], targets: vec![target.to_owned()], profile: Some(app.profile.clone()) }
    }
}

/// One step of a stage: plain data that says what it reads, makes and needs, and does it.
pub trait Step: Debug + Send + Sync {
    /// What it is about.
    fn subject(&self) -> Subject;
    /// What it reads: each is a dependency and part of the fingerprint.
    fn inputs(&self) -> Vec<Input>;
    /// What it makes.
    fn outputs(&self) -> Vec<Output>;
    /// Everything else that its outputs depend on.
    fn parameters(&self) -> serde_json::Value;
    /// The programs that it starts.
    fn tools(&self) -> Vec<Tool>;
    /// The line that the user sees.
    fn describe(&self) -> String;
    /// Why the plan holds this step.
    fn why(&self) -> String;
    /// Whether it is always run, since the program behind it knows best what is fresh.
    fn always_runs(&self) -> bool {
        false
    }
    /// Does it.
    ///
    /// # Errors
    /// What the step could not do, for the person who must act.
    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError>;
}

/// The linked programs and libraries of one app for one target.
pub(crate) fn programs(app: &App, target: &str) -> Vec<ArtifactId> {
    app.products(target).filter(|id| id.kind.is_program()).collect()
}

/// The split symbols' artifact of a binary that rustc compiles for `spec`.
pub(crate) fn symbols(binary: &ArtifactId, spec: &str) -> ArtifactId {
    binary.symbols(spec)
}

/// Where an archive holds an artifact: Apple's debuggers look for symbols in a bundle beside the program.
pub(crate) fn path_in_archive(id: &ArtifactId) -> String {
    match id.name.strip_suffix(DWARF).filter(|_| id.kind == ArtifactKind::DebugSymbols) {
        Some(binary) => below(id.folder.as_deref(), &format!("{binary}.dSYM/Contents/Resources/DWARF/{binary}")),
        None => id.path(),
    }
}

/// What linking gives: programs and libraries, and the symbols that are apart from the start.
pub(crate) fn linked(release: &Release, app: &App, target: &str) -> Vec<ArtifactId> {
    let mut all: Vec<_> = app.products(target).collect();
    let spec = app.spec_of(target);
    if has_pdb(spec) && splits_symbols(release, app) {
        all.extend(programs(app, target).iter().map(|binary| symbols(binary, spec)));
    }
    all
}

/// What an app is released for: its targets, and the universal platforms that they are fused into.
pub(crate) fn platforms<'a>(release: &Release, app: &'a App) -> impl Iterator<Item = &'a String> {
    let universal = app.universal.keys().filter(|_| !release.skip.contains(fuse::NAME));
    app.targets.iter().chain(universal)
}

/// Whether the symbols of an app are split off: its profile asks for it, and nobody skips it.
pub(crate) fn splits_symbols(release: &Release, app: &App) -> bool {
    release.profile_of(app).split_debug && !release.skip.contains(split_debug::NAME)
}

/// How the programs and dynamic libraries of an app are signed; none where they are not.
pub(crate) fn signature(release: &Release, app: &App, platform: &str) -> Option<Signature> {
    if release.skip.contains(sign::NAME) {
        return None;
    }
    let mac = if app.macos.has_identity() { Signature::Identity } else { Signature::AdHoc };
    let windows =
        app.windows.as_ref().filter(|_| app.spec_of(platform).contains("-windows")).map(|_| Signature::Identity);
    if app.spec_of(platform).contains("-apple-") { Some(mac) } else { windows }
}

/// A step for every app and target: the common shape of the stages that work on one app's files.
pub(crate) fn for_each_app_target<S: Step + 'static>(
    release: &Release,
    step: impl Fn(&App, &str) -> Option<S>,
) -> Vec<Box<dyn Step>> {
    release
        .apps
        .iter()
        .flat_map(|app| app.targets.iter().map(move |target| (app, target)))
        .filter_map(|(app, target)| step(app, target).map(|step| Box::new(step) as Box<dyn Step>))
        .collect()
}

/// Inputs and outputs of a stage that transforms artifacts in the work folder.
pub(crate) fn work_outputs(ids: &[ArtifactId]) -> Vec<Output> {
    ids.iter().map(|id| Output { id: id.clone(), place: Place::Work }).collect()
}

/// Artifacts as inputs.
pub(crate) fn artifact_inputs(ids: &[ArtifactId]) -> Vec<Input> {
    ids.iter().cloned().map(Input::Artifact).collect()
}

/// The parameters of a step are its own fields.
pub(crate) fn fields(step: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(step).unwrap_or(serde_json::Value::Null)
}

/// Whether this is something that users download.
pub(crate) fn is_shipped(kind: ArtifactKind) -> bool {
    matches!(
        kind,
        ArtifactKind::Archive
            | ArtifactKind::DebugArchive
            | ArtifactKind::Deb
            | ArtifactKind::DebugDeb
            | ArtifactKind::Rpm
            | ArtifactKind::DebugRpm
            | ArtifactKind::Apk
            | ArtifactKind::Msi
            | ArtifactKind::Pkg
            | ArtifactKind::Dmg
            | ArtifactKind::ReleaseDescription
            | ArtifactKind::Checksums
    )
}
