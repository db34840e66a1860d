//! What a bundle's `manifest.toml` says: for all platforms as it is written, and for this one as the runtime uses it.

mod document;
mod file;
mod parse;
mod source;

use std::path::{Path, PathBuf};

use polyplug_abi::DependencyKind;
use polyplug_abi::identity::{guest_contract_id, host_contract_id};
use polyplug_abi::types::Version;

use crate::error::ManifestError;

pub use document::{BundleFile, ManifestDocument};
pub use file::{MANIFEST_FILE, MANIFEST_LIMIT};

/// A bundle's manifest, checked, for this platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestData {
    /// The bundle's name.
    pub name: String,
    /// [`bundle_id`](polyplug_abi::identity::bundle_id) of the name.
    pub id: u64,
    /// The bundle's version.
    pub version: Version,
    /// The name of the loader that it is for.
    pub loader: String,
    /// The file to load on this platform, relative to [`path`](Self::path).
    pub file: PathBuf,
    /// The contracts that it provides.
    pub provides: Vec<Provided>,
    /// Whether it is to be started anew when a bundle that it depends on is reloaded.
    pub needs_reinit_on_dep_reload: bool,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// The folder that the manifest is in.
    pub path: PathBuf,
}

/// A contract that a bundle provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provided {
    /// Its name, as in `image.Decoder`.
    pub contract: String,
    /// Its version.
    pub version: Version,
    /// How many functions it has, if the manifest says so.
    pub function_count: Option<u32>,
    /// Whether other bundles may provide it, too.
    pub multiple: bool,
}

/// A contract that a bundle depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Of a bundle or of the host.
    pub kind: DependencyKind,
    /// The contract's name.
    pub contract: String,
    /// The least version; its major is part of the contract's identity.
    pub min_version: Version,
    /// The bundle that has to provide it; `None` for any.
    pub bundle: Option<String>,
}

impl ManifestData {
    /// Reads the manifest in `folder` and checks that the file that it names is there. [`path`](Self::path) is the
    /// folder, absolute and with links resolved.
    ///
    /// # Errors
    ///
    /// There is no manifest, it is broken, or it has no file for this platform, or one that is not there.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let (text, folder) = file::read(folder)?;
        let manifest = Self::parse(&text, &folder)?;
        manifest.resolve_file()?;
        Ok(manifest)
    }

    /// Reads a manifest's text for this platform, as that of a bundle in `folder`. No file is looked at.
    ///
    /// # Errors
    ///
    /// It is broken, or has no file for this platform.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ManifestError> {
        ManifestDocument::parse(text, &folder.join(MANIFEST_FILE))?.for_platform(super::Platform::current(), folder)
    }

    /// The file to load, absolute and with links resolved. It is a regular file in the bundle's folder, or was one.
    ///
    /// # Errors
    ///
    /// It is not there, leads out of the folder, or is no regular file.
    pub fn resolve_file(&self) -> Result<PathBuf, ManifestError> {
        file::resolve(&self.path, &self.file)
    }

    /// The manifest as a file, with [`file`](Self::file) for every platform.
    #[must_use]
    pub fn to_toml(&self) -> String {
        ManifestDocument::from(self.clone()).to_toml()
    }
}

impl Provided {
    /// [`guest_contract_id`] of it.
    #[must_use]
    pub fn id(&self) -> u64 {
        guest_contract_id(&self.contract, self.version.major)
    }

    /// As in `image.Decoder@1`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}@{}", self.contract, self.version.major)
    }
}

impl Dependency {
    /// [`guest_contract_id`] or [`host_contract_id`] of it.
    #[must_use]
    pub fn id(&self) -> u64 {
        match self.kind {
            DependencyKind::GuestContract => guest_contract_id(&self.contract, self.min_version.major),
            DependencyKind::HostContract => host_contract_id(&self.contract, self.min_version.major),
        }
    }

    /// As in `image.Decoder@1`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}@{}", self.contract, self.min_version.major)
    }
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
