//! What can go wrong, for the host and for the boundary: every error has a code that a caller in another language gets,
//! and words that become the last error.

mod failure;
mod graph;
mod manifest;

use std::path::PathBuf;

use polyplug_abi::AbiErrorCode;

pub use failure::Failure;
pub use graph::{CycleStep, DuplicateBundle, DuplicateProvider, GraphError, MissingCapability, TooOld, VersionError};
pub use manifest::{ManifestError, ManifestProblem};

/// What goes wrong in the runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// A bundle could not be loaded, or its loader is not there.
    #[error(transparent)]
    Loader(#[from] LoaderError),
    /// Bundles do not fit together.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A manifest is no good.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Versions are too old.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// No loaded bundle has this name or id.
    #[error("no bundle `{bundle}` is loaded")]
    BundleNotFound {
        /// Its name, or its id if nobody knows the name.
        bundle: String,
    },
    /// Others depend on it.
    #[error("bundle `{bundle}` is in use by {}", quoted(dependents))]
    InUse {
        /// The bundle.
        bundle: String,
        /// Those that depend on it.
        dependents: Vec<String>,
    },
    /// The host did not switch reloading on.
    #[error("bundle `{bundle}` cannot be reloaded: the host has not switched hot reload on")]
    ReloadDisabled {
        /// The bundle.
        bundle: String,
    },
    /// The loader cannot do it.
    #[error("bundle `{bundle}` cannot be reloaded: its loader `{loader}` cannot do that")]
    ReloadUnsupported {
        /// The bundle.
        bundle: String,
        /// Its loader.
        loader: String,
    },
    /// Something that needs no type of its own.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Called from where it may not be called.
    #[error("{what} cannot be called from here: {why}")]
    Reentrant {
        /// The function.
        what: &'static str,
        /// Why not.
        why: &'static str,
    },
}

impl RuntimeError {
    /// The code for it at the boundary: an [`AbiErrorCode`], or what a plugin returned.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::Loader(error) => error.code(),
            Self::Graph(error) => error.code(),
            Self::Manifest(error) => error.code(),
            Self::Version(error) => error.code(),
            Self::Failed(failure) => failure.code,
            Self::BundleNotFound { .. } => AbiErrorCode::NotFound.as_u32(),
            Self::InUse { .. } => AbiErrorCode::InUse.as_u32(),
            Self::ReloadDisabled { .. } => AbiErrorCode::ReloadDisabled.as_u32(),
            Self::ReloadUnsupported { .. } => AbiErrorCode::ReloadUnsupported.as_u32(),
            Self::Reentrant { .. } => AbiErrorCode::Reentrant.as_u32(),
        }
    }
}

/// What goes wrong in a loader.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoaderError {
    /// Two loaders have one name.
    #[error("there are two loaders with the name `{loader_name}`")]
    DuplicateLoader {
        /// The name.
        loader_name: String,
    },
    /// Nobody registered the loader that a manifest names.
    #[error("bundle `{bundle}` is for the loader `{loader_name}`, which is not registered; there {}", are(there))]
    LoaderNotFound {
        /// The bundle.
        bundle: String,
        /// What its manifest says.
        loader_name: String,
        /// The loaders that are registered.
        there: Vec<String>,
    },
    /// The bundle's file is none that the loader can load.
    #[error("bundle `{bundle}`: {} cannot be loaded: {error}", file.display())]
    LoadFailed {
        /// The bundle.
        bundle: String,
        /// The file.
        file: PathBuf,
        /// Why.
        error: String,
    },
    /// The library does not export the entry point.
    #[error("bundle `{bundle}`: {} has no entry point `{symbol}`", file.display())]
    EntryMissing {
        /// The bundle.
        bundle: String,
        /// The library.
        file: PathBuf,
        /// What it should export.
        symbol: String,
    },
    /// The plugin was built for another version of the ABI.
    #[error("bundle `{bundle}` was built for version {found} of the plugin ABI; this host has version {expected}")]
    AbiMismatch {
        /// The bundle.
        bundle: String,
        /// What it was built for.
        found: u32,
        /// What this runtime is of.
        expected: u32,
    },
    /// The manifest and what the plugin registers are not the same.
    #[error("bundle `{bundle}` and its manifest disagree: {error}")]
    ContractMismatch {
        /// The bundle.
        bundle: String,
        /// About what.
        error: String,
    },
    /// A contract has other functions than the manifest says.
    #[error(
        "bundle `{bundle}` registers `{contract}` with {found} functions; its manifest says that there are {expected}"
    )]
    FunctionCountMismatch {
        /// The bundle.
        bundle: String,
        /// The contract, as in `x.Y@1`.
        contract: String,
        /// What it registered.
        found: u32,
        /// What the manifest says.
        expected: u32,
    },
    /// A bundle could not be started.
    #[error("bundle `{bundle}` could not be started: {error}")]
    InitFailed {
        /// The bundle.
        bundle: String,
        /// Why.
        error: String,
        /// The code for the boundary: what the plugin returned, or why it was not asked.
        code: u32,
    },
}

impl LoaderError {
    /// The code for it at the boundary: an [`AbiErrorCode`], or what a plugin returned.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::DuplicateLoader { .. } => AbiErrorCode::DuplicateLoader.as_u32(),
            Self::LoaderNotFound { .. } => AbiErrorCode::LoaderNotFound.as_u32(),
            Self::LoadFailed { .. } => AbiErrorCode::LoadFailed.as_u32(),
            Self::EntryMissing { .. } => AbiErrorCode::EntryMissing.as_u32(),
            Self::AbiMismatch { .. } => AbiErrorCode::AbiMismatch.as_u32(),
            Self::ContractMismatch { .. } => AbiErrorCode::ContractMismatch.as_u32(),
            Self::FunctionCountMismatch { .. } => AbiErrorCode::FunctionCountMismatch.as_u32(),
            // A plugin that fails with the code for success has failed all the same.
            Self::InitFailed { code: 0, .. } => AbiErrorCode::InitFailed.as_u32(),
            Self::InitFailed { code, .. } => *code,
        }
    }
}

/// "`a`, `b` and `c`".
pub(crate) fn quoted<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "is `a`", "are `a` and `b`", "is none".
fn are(names: &[String]) -> String {
    match names {
        [] => "is none".to_owned(),
        [_] => format!("is {}", quoted(names)),
        _ => format!("are {}", quoted(names)),
    }
}

#[cfg(test)]
mod tests;
