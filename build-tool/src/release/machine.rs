//! What this machine has, as far as it decides how a target is built. Plain
//! data: the toolchain finds it, the release only reads it.

use std::path::PathBuf;

/// What this machine has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Zig, which compiles C and links for foreign targets.
    pub zig: Option<Zig>,
    /// LLVM's linker in its Windows manner: the Rust toolchain's own or one on PATH.
    pub lld: Option<PathBuf>,
    /// `cargo-xwin`.
    pub xwin: Option<PathBuf>,
    /// `cross`.
    pub cross: Option<PathBuf>,
    /// Apple's SDK, where `SDKROOT` names one.
    pub sdk: Option<PathBuf>,
}

/// A zig that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zig {
    /// The program itself, not a Python module that starts it.
    pub program: PathBuf,
    /// What `zig version` says.
    pub version: String,
}
