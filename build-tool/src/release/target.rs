//! Where an app will run, with every default filled in: how it is compiled,
//! linked and packed, and where its standard library comes from.

use std::collections::BTreeMap;

use release_formats::archive::ArchiveFormat;
use serde::Serialize;

use super::{OwnStd, Runner, Rustc};
use crate::manifest::target::{Backend, Installer};

/// Where an app will run.
#[derive(Debug, Clone)]
pub struct Target {
    /// The full Rust triple, or a name of its own.
    pub triple: String,
    /// The triple that rustc compiles for: the same, unless the target has a name of its own.
    pub spec: String,
    /// The standard library that it brings along.
    pub own_std: Option<OwnStd>,
    /// How well it is kept: 1 to 3.
    pub tier: u8,
    /// How it is compiled and linked; never `Auto`.
    pub backend: BackendChoice,
    /// The archive's format.
    pub archive: ArchiveFormat,
    /// The installers that are made for it when the package says no others.
    pub installers: Vec<Installer>,
    /// The linker, where the manifest names one.
    pub linker: Option<String>,
    /// The oldest glibc that its programs run on, such as `2.17`; only for `*-linux-gnu*`.
    pub glibc: Option<String>,
    /// The oldest macOS that its programs run on, such as `11.0`; only for Apple's.
    pub minimum_os: Option<String>,
    /// Where its standard library comes from; where it brings its own, the core and alloc below that.
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
    /// Whether it shares nothing with other targets, not even the folder that cargo builds in.
    pub fn is_apart(&self) -> bool {
        self.own_std.is_some() || self.spec != self.triple
    }

    /// The flavour of the Rust toolchain's linker that links it by itself, without a C compiler: for targets with
    /// their own standard library that name no linker, since a C compiler would add the system's start-up objects and
    /// libraries.
    pub fn bare_linker(&self) -> Option<&'static str> {
        let is_cargos = self.own_std.is_some() && self.linker.is_none() && self.backend.backend == Backend::Cargo;
        match self.spec.as_str() {
            _ if !is_cargos => None,
            spec if spec.ends_with("-windows-msvc") => Some("lld-link"),
            spec if spec.contains("-linux-") || spec.contains("bsd") => Some("ld.lld"),
            _ => None,
        }
    }

    /// Whether cargo is given every flag for rustc in one variable. What its configuration files say of the triple is
    /// for another target then: the one that has this triple for a name, and the usual standard library.
    pub fn passes_all_flags(&self) -> bool {
        self.own_std.is_some() && self.backend.backend == Backend::Cargo
    }

    /// Where its standard library comes from, as descriptions tell it.
    pub fn origin(&self) -> Option<&'static str> {
        let below = self.standard_library.origin()?;
        Some(if self.own_std.is_some() { "own" } else { below })
    }

    /// The same in words; none where it is what everybody expects.
    pub fn library_in_words(&self, rustc: &Rustc) -> Option<String> {
        let below = self.standard_library.how(rustc);
        match (&self.own_std, self.standard_library) {
            (Some(own), StandardLibrary::Prebuilt) => Some(format!("package {}", own.package)),
            (Some(own), _) => Some(format!("package {}; core and alloc: {below}", own.package)),
            (None, StandardLibrary::Prebuilt) => None,
            (None, _) => Some(below),
        }
    }

    /// The oldest macOS, as compilers have to be told it: none where any answer up to 11.0 means the same, since
    /// there is no older macOS for this processor.
    pub(super) fn deployment_target(&self) -> Option<String> {
        if !self.spec.ends_with("-apple-darwin") {
            return None;
        }
        let arm = self.spec.starts_with("aarch64");
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
