//! Where an app will run, with every default filled in: how it is compiled,
//! linked and packed, and where its standard library comes from.

use std::collections::BTreeMap;

use release_formats::archive::ArchiveFormat;
use serde::Serialize;

use super::Runner;
use crate::manifest::target::Backend;

/// Where an app will run.
#[derive(Debug, Clone)]
pub struct Target {
    /// The full Rust triple.
    pub triple: String,
    /// How well it is kept: 1 to 3.
    pub tier: u8,
    /// How it is compiled and linked; never `Auto`.
    pub backend: BackendChoice,
    /// The archive's format.
    pub archive: ArchiveFormat,
    /// The linker, where the manifest names one.
    pub linker: Option<String>,
    /// The oldest glibc that its programs run on, such as `2.17`; only for `*-linux-gnu*`.
    pub glibc: Option<String>,
    /// The oldest macOS that its programs run on, such as `11.0`; only for Apple's.
    pub minimum_os: Option<String>,
    /// Where its standard library comes from.
    pub standard_library: StandardLibrary,
    /// How its programs run on this machine.
    pub runner: Runner,
    /// The machine that builds it in a CI matrix.
    pub ci_runner: String,
    /// The user's flags for C and C++ compilers: variable without the target → flags.
    pub c_flags: BTreeMap<&'static str, String>,
}

impl Target {
    /// The minimum macOS that rustc has to be told of: none where it is what rustc takes anyway.
    pub(super) fn deployment_target(&self) -> Option<String> {
        let default = if self.triple.starts_with("aarch64") { "11.0" } else { "10.12" };
        self.minimum_os.clone().filter(|version| version != default)
    }
}

/// Where a target's standard library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandardLibrary {
    /// The toolchain has it ready.
    Prebuilt,
    /// cargo compiles it from the source that the toolchain carries.
    Source,
}

/// A backend that was settled on, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendChoice {
    /// Which.
    pub backend: Backend,
    /// Why this one.
    pub why: String,
}

impl BackendChoice {
    /// The name in plans and in release.json.
    pub fn name(&self) -> &'static str {
        self.backend.as_str()
    }
}

/// The program that takes a build call: what makes a family of backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caller {
    /// cargo itself, told of linkers and C compilers by variables: native, zig, lld.
    Cargo,
    /// `cargo xwin`.
    Xwin,
    /// `cross`.
    Cross,
}

impl Caller {
    /// Who calls for a backend.
    pub fn of(backend: Backend) -> Self {
        match backend {
            Backend::Auto | Backend::Cargo | Backend::Zig | Backend::Lld => Self::Cargo,
            Backend::Xwin => Self::Xwin,
            Backend::Cross => Self::Cross,
        }
    }
}
