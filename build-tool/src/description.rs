//! What `release.json` and the description in a shard have in common: how they
//! tell of apps and of finished files.

use serde::{Deserialize, Serialize};

use crate::artifact::{ArtifactId, ArtifactKind, Made};
use crate::release::App;

/// One app of a description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedApp {
    /// The app's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The profile that it was built with.
    pub profile: String,
    /// The names of its programs.
    pub binaries: Vec<String>,
    /// The names of its libraries with a C interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
}

impl DescribedApp {
    /// What is told of an app.
    pub fn of(app: &App) -> Self {
        Self {
            name: app.name.clone(),
            version: app.version.clone(),
            profile: app.profile.clone(),
            binaries: app.binaries.clone(),
            libraries: app.libraries.iter().map(|library| library.name.clone()).collect(),
        }
    }
}

/// One finished program, library or file of debug symbols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedProgram {
    /// The file's name.
    pub name: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// The app.
    pub app: String,
    /// The target's triple.
    pub target: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Whether it carries its version and git metadata.
    pub stamped: bool,
    /// What stands behind its signature; none where it has none, or where nothing is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// What stands behind the signature of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// Nobody: it proves that the file is whole. The same each time.
    AdHoc,
    /// A certificate: nobody makes it again without the key, and a timestamp makes it another each time.
    Identity,
}

impl DescribedProgram {
    /// What the ledger says of a file.
    pub fn of(id: &ArtifactId, made: Made) -> Self {
        Self {
            name: id.name.clone(),
            kind: id.kind,
            app: id.app.clone().unwrap_or_default(),
            target: id.target.clone().unwrap_or_default(),
            size: made.size,
            sha256: made.sha256,
            stamped: made.stamped,
            signature: None,
        }
    }

    /// The artifact that it is.
    pub fn id(&self) -> ArtifactId {
        ArtifactId::of(self.kind, &self.app, &self.target, &self.name)
    }
}

/// Whether a name is one of a file, and not of a path that leads anywhere.
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}
