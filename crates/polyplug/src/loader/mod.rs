//! What a loader has to do: bring a bundle's code to life so that it registers its contracts.

mod foreign;
mod manifest;
pub mod names;
mod platform;
mod scan;

use std::path::Path;

use polyplug_abi::HostApi;

use crate::error::LoaderError;

pub(crate) use foreign::ForeignLoader;
pub use manifest::{BundleFile, Dependency, MANIFEST_FILE, MANIFEST_LIMIT, ManifestData, ManifestDocument, Provided};
pub use platform::{Platform, check_platform};
pub use scan::{Ignored, ScanDiagnostic, ScanResult, scan_dirs};

/// Brings bundles of one kind to life.
pub trait BundleLoader: Send + Sync {
    /// What manifests call it in `loader`.
    fn loader_name(&self) -> &str;

    /// Whether a bundle may be loaded again while its old self is still there.
    fn can_reload(&self) -> bool;

    /// Loads a bundle: starts its code, and lets it register its contracts through [`LoadRequest::host`]. When this
    /// returns, everything is registered. A load that fails leaves nothing behind.
    ///
    /// # Errors
    ///
    /// Whatever keeps the bundle from starting.
    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError>;
}

/// A bundle that runs. Dropping it ends it: the library is closed, the virtual machine is let go. The runtime drops it
/// when nobody can call it any more, on any thread.
pub trait LoadedBundle: Send + Sync {}

/// What is to be loaded.
#[derive(Debug)]
pub struct LoadRequest<'a> {
    /// Its manifest.
    pub manifest: &'a ManifestData,
    /// The folder that the manifest is in, absolute.
    pub folder: &'a Path,
    /// The file that the manifest names for this platform, absolute, with links resolved; it is a file, and in the folder.
    pub file: &'a Path,
    /// The table that this bundle calls the runtime through: its own, valid until the [`LoadedBundle`]'s drop has
    /// returned, or until `load` has returned an error.
    pub host: *const HostApi,
}
