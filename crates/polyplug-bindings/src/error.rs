//! How a call over the boundary fails.

use polyplug_abi::AbiErrorCode;

/// Why a call failed: a code, and words for people. Codes below 256 are [`AbiErrorCode`]s, the others a plugin's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    code: u32,
    message: String,
}

impl CallError {
    /// A failure with a code of one's own, from 256 on. A code of 0, which means success, becomes
    /// [`Failed`](AbiErrorCode::Failed).
    #[must_use]
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        let code = if code == 0 { AbiErrorCode::Failed.as_u32() } else { code };
        Self { code, message: message.into() }
    }

    /// A failure of a kind that the ABI knows.
    #[must_use]
    pub fn abi(code: AbiErrorCode, message: impl Into<String>) -> Self {
        Self::new(code.as_u32(), message)
    }

    /// The number that crosses the boundary.
    #[must_use]
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The code, if it is one of the ABI's.
    #[must_use]
    pub fn abi_code(&self) -> Option<AbiErrorCode> {
        AbiErrorCode::from_u32(self.code)
    }

    /// Why, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn of_argument(mut self, name: &str) -> Self {
        self.message = format!("`{name}`: {}", self.message);
        self
    }
}

impl From<String> for CallError {
    fn from(message: String) -> Self {
        Self::abi(AbiErrorCode::Failed, message)
    }
}

impl From<&str> for CallError {
    fn from(message: &str) -> Self {
        Self::abi(AbiErrorCode::Failed, message)
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.message.as_str(), self.abi_code()) {
            ("", Some(code)) => write!(f, "{code:?}"),
            ("", None) => write!(f, "code {}", self.code),
            (message, _) => f.write_str(message),
        }
    }
}

impl std::error::Error for CallError {}
