//! What can go wrong, for the host and for the boundary.

use polyplug_abi::AbiErrorCode;

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
    /// The code for it at the boundary.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::DuplicateLoader { .. } => AbiErrorCode::DuplicateLoader.as_u32(),
            Self::InitFailed { code, .. } => *code,
        }
    }
}
