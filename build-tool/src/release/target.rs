//! Where an app will run, with every default filled in: how it is compiled,
//! linked and packed, and where its standard library comes from.

use std::collections::BTreeMap;

use release_formats::archive::ArchiveFormat;
use serde::Serialize;

use super::{Runner, Rustc};
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

/// The oldest macOS that Rust's standard library runs on.
pub(super) const OLDEST_MACOS: &str = "10.12";

impl Target {
    /// The oldest macOS, as compilers have to be told it: none where any answer up to 11.0 means the same, since
    /// there is no older macOS for this processor.
    pub(super) fn deployment_target(&self) -> Option<String> {
        if !self.triple.ends_with("-apple-darwin") {
            return None;
        }
        let arm = self.triple.starts_with("aarch64");
        let said = self.minimum_os.clone().filter(|version| !(arm && version == "11.0"));
        said.or_else(|| (!arm).then(|| OLDEST_MACOS.to_owned()))
    }
}

/// Where a target's standard library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandardLibrary {
    /// The toolchain has it ready.
    Prebuilt,
    /// rustup can fetch it, and will before anything is built.
    Rustup,
    /// It is compiled from the source that the toolchain carries.
    Source,
    /// There is no way to have it here.
    Missing,
}

impl StandardLibrary {
    /// As descriptions tell it: what rustup fetches is as prebuilt as what was there before. None where it is missing.
    pub fn origin(self) -> Option<&'static str> {
        match self {
            Self::Prebuilt | Self::Rustup => Some("prebuilt"),
            Self::Source => Some("source"),
            Self::Missing => None,
        }
    }

    /// In words.
    pub fn how(self, rustc: &Rustc) -> String {
        match self {
            Self::Prebuilt => "comes with the toolchain".to_owned(),
            Self::Rustup => "rustup target add will fetch it".to_owned(),
            Self::Source => {
                let version = rustc.version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                format!("compiled from the source that {version} carries")
            }
            Self::Missing => "cannot be had here".to_owned(),
        }
    }
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
