//! A call that failed for a reason that needs no type of its own: a code and the words for it.

use polyplug_abi::AbiErrorCode;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The code for the boundary: an [`AbiErrorCode`], or a plugin's own from 256 on.
    pub code: u32,
    /// What was wrong, where, and what would be right.
    pub message: String,
}

impl Failure {
    /// A failure with one of the ABI's codes.
    #[must_use]
    pub fn new(code: AbiErrorCode, message: impl Into<String>) -> Self {
        Self { code: code.as_u32(), message: message.into() }
    }
}
