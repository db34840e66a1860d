//! What `release.json` and the description in a shard have in common: how they
//! tell of apps and of finished files.

use serde::{Deserialize, Serialize};

use crate::artifact::{ArtifactId, ArtifactKind, Made, below};
use crate::release::{App, Bundle};

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
    /// Its bundles of plugins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<DescribedBundle>,
}

/// One bundle of plugins of a description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedBundle {
    /// The bundle's name.
    pub name: String,
    /// The version of the package that its library comes from.
    pub version: String,
    /// The folder that it has in archives, and below whatever an installer's files go below.
    pub folder: String,
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
            bundles: app.bundles.iter().map(DescribedBundle::of).collect(),
        }
    }

    /// The version of what a program of it is compiled from.
    pub fn version_of(&self, program: &DescribedProgram) -> &str {
        let bundle = self.bundles.iter().find(|bundle| Some(&bundle.folder) == program.folder.as_ref());
        bundle.map_or(&self.version, |bundle| &bundle.version)
    }
}

impl DescribedBundle {
    fn of(bundle: &Bundle) -> Self {
        Self { name: bundle.name.clone(), version: bundle.version.clone(), folder: bundle.folder.clone() }
    }
}

/// One finished program, library or file of debug symbols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedProgram {
    /// The file's name.
    pub name: String,
    /// The folder that it has in archives; none where it lies at their root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
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
            folder: id.folder.clone(),
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
        ArtifactId { folder: self.folder.clone(), ..ArtifactId::of(self.kind, &self.app, &self.target, &self.name) }
    }

    /// Its folder and its name.
    pub fn path(&self) -> String {
        below(self.folder.as_deref(), &self.name)
    }

    /// Whether its names stay where they belong, and lead nowhere.
    pub fn has_plain_names(&self) -> bool {
        let folders = self.folder.iter().flat_map(|folder| folder.split('/'));
        [self.target.as_str(), &self.app, &self.name].into_iter().chain(folders).all(is_plain_name)
    }
}

/// Whether a name is one of a file, and not of a path that leads anywhere.
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}
