//! What a bundle's `manifest.toml` says.

use std::path::PathBuf;

use polyplug_abi::DependencyKind;
use polyplug_abi::types::Version;

/// A bundle's manifest, checked.
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
