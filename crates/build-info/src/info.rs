//! What a program knows about its own build, and the two lines it commonly prints of it.

use core::fmt;

/// The build metadata of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildInfo {
    /// The package's version, as in its `Cargo.toml`.
    pub version: &'static str,
    /// The commit, in full or shortened; "unknown" in a development build.
    pub git_hash: &'static str,
    /// The branch; "unknown" in a development build.
    pub git_branch: &'static str,
    /// Whether a tracked file differed from the commit.
    pub git_dirty: bool,
    /// The commit's time (not the clock's), RFC 3339 in UTC; "unknown" in a development build.
    pub build_time: &'static str,
    /// The profile; "debug" or "release" in a development build.
    pub build_profile: &'static str,
    /// The target triple.
    pub build_target: &'static str,
    /// The compiler's version line.
    pub rust_version: &'static str,
}

impl BuildInfo {
    /// What can honestly be said when nothing was stamped.
    pub const fn development(version: &'static str, build_profile: &'static str) -> Self {
        Self {
            version,
            git_hash: "unknown",
            git_branch: "unknown",
            git_dirty: false,
            build_time: "unknown",
            build_profile,
            build_target: crate::TARGET,
            rust_version: crate::RUST_VERSION,
        }
    }

    /// `VERSION (HASH[-dirty]) built TIME [PROFILE]`; the same as `Display` writes.
    #[cfg(feature = "alloc")]
    pub fn version_string(&self) -> alloc::string::String {
        alloc::format!("{self}")
    }

    /// `NAME/VERSION (TARGET)`, for the HTTP header.
    #[cfg(feature = "alloc")]
    pub fn user_agent(&self, name: &str) -> alloc::string::String {
        alloc::format!("{name}/{} ({})", self.version, self.build_target)
    }
}

impl fmt::Display for BuildInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dirty = if self.git_dirty { "-dirty" } else { "" };
        write!(f, "{} ({}{dirty}) built {} [{}]", self.version, self.git_hash, self.build_time, self.build_profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: BuildInfo = BuildInfo {
        git_hash: "abc123",
        git_dirty: true,
        build_time: "2026-01-02T03:04:05Z",
        build_target: "x86_64-unknown-linux-gnu",
        ..BuildInfo::development("1.2.3", "release")
    };

    #[test]
    fn version_string_names_hash_time_and_profile() {
        let text = "1.2.3 (abc123-dirty) built 2026-01-02T03:04:05Z [release]";
        assert_eq!(INFO.version_string(), text);
        let clean = BuildInfo { git_dirty: false, ..INFO };
        assert_eq!(clean.version_string(), text.replace("-dirty", ""));
    }

    #[test]
    fn user_agent_names_the_target() {
        assert_eq!(INFO.user_agent("tool"), "tool/1.2.3 (x86_64-unknown-linux-gnu)");
    }
}
