//! The typed ledger: which artifacts a plan makes, where they lie, and what is
//! known of those that are made.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

/// What kind of file an artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// An executable program.
    Binary,
    /// A dynamic library with a C interface.
    Cdylib,
    /// A static library with a C interface.
    Staticlib,
    /// Debug information split from a binary.
    DebugSymbols,
    /// What users download: the binaries of one app for one target, and its documents.
    Archive,
    /// The debug symbols of one app for one target.
    DebugArchive,
    /// What the app itself printed for its installers.
    Generated,
    /// A package for Debian and its kin.
    Deb,
    /// The debug symbols of one app for one target, as a package for Debian and its kin.
    DebugDeb,
    /// A package for Fedora, openSUSE and their kin.
    Rpm,
    /// The debug symbols of one app for one target, as such a package.
    DebugRpm,
    /// A package for Alpine.
    Apk,
    /// A package for Windows Installer.
    Msi,
    /// An installer package for macOS.
    Pkg,
    /// A disk image for macOS.
    Dmg,
    /// What one machine made of a release, for `merge`.
    Shard,
    /// `release.json`.
    ReleaseDescription,
    /// `SHA256SUMS`.
    Checksums,
}

impl ArtifactKind {
    /// The name in tables and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Cdylib => "cdylib",
            Self::Staticlib => "staticlib",
            Self::DebugSymbols => "debug-symbols",
            Self::Archive => "archive",
            Self::DebugArchive => "debug-archive",
            Self::Generated => "generated",
            Self::Deb => "deb",
            Self::DebugDeb => "debug-deb",
            Self::Rpm => "rpm",
            Self::DebugRpm => "debug-rpm",
            Self::Apk => "apk",
            Self::Msi => "msi",
            Self::Pkg => "pkg",
            Self::Dmg => "dmg",
            Self::Shard => "shard",
            Self::ReleaseDescription => "release-description",
            Self::Checksums => "checksums",
        }
    }

    /// Whether a package manager or an installation program takes the file, and it holds finished programs.
    pub fn is_installer(self) -> bool {
        matches!(self, Self::Deb | Self::Rpm | Self::Apk | Self::Msi | Self::Pkg | Self::Dmg)
    }

    /// Whether the file is linked machine code that stages transform.
    pub fn is_program(self) -> bool {
        matches!(self, Self::Binary | Self::Cdylib)
    }
}

/// Names one artifact of a plan: a stage that transforms it keeps its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArtifactId {
    /// What it is.
    pub kind: ArtifactKind,
    /// The app that it belongs to; none for what describes the whole release.
    pub app: Option<String>,
    /// The target's triple.
    pub target: Option<String>,
    /// The folder that it has in archives and below whatever an installer's files go below, with `/`; none where the
    /// kind alone decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The file's name.
    pub name: String,
}

impl ArtifactId {
    /// An artifact of one app for one target.
    pub fn of(kind: ArtifactKind, app: &str, target: &str, name: impl Into<String>) -> Self {
        Self { kind, app: Some(app.to_owned()), target: Some(target.to_owned()), folder: None, name: name.into() }
    }

    /// An artifact that describes the whole release.
    pub fn whole(kind: ArtifactKind, name: &str) -> Self {
        Self { kind, app: None, target: None, folder: None, name: name.to_owned() }
    }

    /// Its folder and its name.
    pub fn path(&self) -> String {
        below(self.folder.as_deref(), &self.name)
    }
}

/// A file's path, with `/`, in a folder that it may have.
pub(crate) fn below(folder: Option<&str>, name: &str) -> String {
    folder.map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"))
}

impl ArtifactId {
    /// The debug information that is split from this binary, which rustc compiles for `spec`.
    pub(crate) fn symbols(&self, spec: &str) -> Self {
        let file = &self.name;
        let name = if spec.contains("-apple-") {
            format!("{file}{DWARF}")
        } else if has_pdb(spec) {
            // As cargo and the linker name it.
            let (stem, _) = file.rsplit_once('.').unwrap_or((file, ""));
            format!("{}.pdb", stem.replace('-', "_"))
        } else {
            format!("{file}.debug")
        };
        Self { kind: ArtifactKind::DebugSymbols, name, ..self.clone() }
    }
}

/// What dsymutil calls debug information that is one file and no bundle.
pub(crate) const DWARF: &str = ".dwarf";

/// Whether the linker itself puts debug information into a file of its own.
pub(crate) fn has_pdb(spec: &str) -> bool {
    spec.ends_with("-windows-msvc")
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Some(target) => write!(f, "{} ({target})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// What is known of a made artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
    /// Whether version and git metadata were written into it.
    pub stamped: bool,
}

/// The record of artifacts made so far, shared by the steps that run side by
/// side. Keyed by path: each stage that transforms an artifact writes its own file.
#[derive(Debug, Default)]
pub struct Ledger(RwLock<BTreeMap<PathBuf, Made>>);

impl Ledger {
    /// What is known of the file at `path`, once it is made.
    pub fn get(&self, path: &Path) -> Option<Made> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// Records a made artifact.
    pub fn insert(&self, made: Made) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(made.path.clone(), made);
    }
}
