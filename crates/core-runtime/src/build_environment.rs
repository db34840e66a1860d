//! What was fixed when this program was built.

use build_info::BuildInfo;
use miette::Diagnostic;

/// The version of Node.js whose interfaces scripts can expect: what `process.versions.node` says.
pub const REPORTED_NODEJS_VERSION: &str = "24.3.0";

/// What was fixed when this program was built: what the compiler was told, and what was stamped afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildEnvironment {
    /// Compiled with debug assertions.
    pub is_debug: bool,
    /// Compiled without debug assertions.
    pub is_release: bool,
    /// Compiled as this library's own unit tests.
    pub is_test: bool,
    /// For macOS.
    pub is_mac: bool,
    /// For Linux.
    pub is_linux: bool,
    /// For Windows.
    pub is_windows: bool,
    /// For anything but Windows.
    pub is_posix: bool,
    /// For 64-bit ARM.
    pub is_aarch64: bool,
    /// For 64-bit x86.
    pub is_x64: bool,
    /// With musl as its C library.
    pub is_musl: bool,
    /// See [`REPORTED_NODEJS_VERSION`].
    pub reported_nodejs_version: &'static str,
    /// The commit; `unknown` in a development build.
    pub git_sha: &'static str,
    /// This program's version.
    pub version: semver::Version,
    /// All that was stamped.
    pub info: BuildInfo,
}

/// What was stamped into this program makes no sense.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("this program was stamped with the version `{version}`, which is none")]
#[diagnostic(help("take it from a release again; the one who made it stamped it wrongly"))]
pub struct Error {
    version: &'static str,
    source: semver::Error,
}

impl BuildEnvironment {
    /// Takes it from what the program's own crate laid down with `build_info!`.
    ///
    /// # Errors
    ///
    /// Where the stamped version is not a semantic version.
    pub fn of(info: BuildInfo) -> Result<Self, Error> {
        let version = info.version.parse().map_err(|source| Error { version: info.version, source })?;
        Ok(Self {
            is_debug: cfg!(debug_assertions),
            is_release: !cfg!(debug_assertions),
            is_test: cfg!(test),
            is_mac: cfg!(target_os = "macos"),
            is_linux: cfg!(target_os = "linux"),
            is_windows: cfg!(windows),
            is_posix: cfg!(unix),
            is_aarch64: cfg!(target_arch = "aarch64"),
            is_x64: cfg!(target_arch = "x86_64"),
            is_musl: cfg!(target_env = "musl"),
            reported_nodejs_version: REPORTED_NODEJS_VERSION,
            git_sha: info.git_hash,
            version,
            info,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_of_each_kind_holds() {
        let build = BuildEnvironment::of(BuildInfo::development("1.2.3-canary.4", "debug")).unwrap();
        assert_ne!(build.is_debug, build.is_release);
        assert_ne!(build.is_windows, build.is_posix);
        assert!(u8::from(build.is_mac) + u8::from(build.is_linux) + u8::from(build.is_windows) <= 1);
        assert!(u8::from(build.is_aarch64) + u8::from(build.is_x64) <= 1);
        assert!(build.is_test);
        assert_eq!(build.version.to_string(), "1.2.3-canary.4");
        assert_eq!((build.git_sha, build.reported_nodejs_version), ("unknown", REPORTED_NODEJS_VERSION));
        assert!(REPORTED_NODEJS_VERSION.parse::<semver::Version>().is_ok());
    }

    #[test]
    fn a_version_that_is_none_is_an_error_with_its_text() {
        let error = BuildEnvironment::of(BuildInfo::development("v1", "debug")).unwrap_err();
        assert_eq!(error.to_string(), "this program was stamped with the version `v1`, which is none");
    }
}
