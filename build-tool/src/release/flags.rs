//! Rust flags and times from the surroundings. cargo takes one source of flags
//! and drops the others; a release takes all of them.

use std::ffi::OsString;
use std::path::Path;

use cargo_config2::{Config, Flags, ResolveOptions};

use super::EARLIEST_TIME;
use super::error::Problem;
use crate::git::GitState;

/// A way to ask for environment variables, so that the resolution stays testable.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What the surroundings say of compiling.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// Flags of `[build] rustflags` in cargo's configuration files, then those of the environment.
    /// `target.*.rustflags` need no reading: cargo itself joins them with ours.
    pub(super) rustflags: Vec<String>,
    /// Whether the user has put a wrapper of their own before rustc: then it stays there.
    pub(super) has_wrapper: bool,
}

/// Reads cargo's configuration files and the environment.
pub(super) fn surroundings(root: &Path, environment: Environment<'_>) -> Result<Surroundings, Problem> {
    // An empty environment: here only the files speak.
    let options = ResolveOptions::default().env(std::iter::empty::<(OsString, OsString)>());
    let config =
        Config::load_with_options(root, options).map_err(|error| Problem::CargoConfig { reason: error.to_string() })?;
    let mut flags = config.build.rustflags.map_or_else(Vec::new, |flags| flags.flags);
    let text = |name: &str| environment(name).map(|value| value.to_string_lossy().into_owned());
    if let Some(encoded) = text("CARGO_ENCODED_RUSTFLAGS") {
        flags.extend(Flags::from_encoded(&encoded).flags);
    } else if let Some(plain) = text("RUSTFLAGS").or_else(|| text("CARGO_BUILD_RUSTFLAGS")) {
        flags.extend(Flags::from_space_separated(&plain).flags);
    }
    flags.retain(|flag| !flag.is_empty());
    let wrappers = ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"];
    let has_wrapper =
        config.build.rustc_wrapper.is_some() || wrappers.into_iter().any(|name| environment(name).is_some());
    Ok(Surroundings { rustflags: flags, has_wrapper })
}

/// The time of the release: `SOURCE_DATE_EPOCH`, else the commit's, else the earliest that every format can hold.
pub(super) fn epoch(git: &GitState, environment: Environment<'_>) -> Result<u64, Problem> {
    let Some(value) = environment("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty()) else {
        return Ok(git.commit_time.unwrap_or(EARLIEST_TIME));
    };
    let value = value.to_string_lossy().into_owned();
    value.trim().parse().map_err(|_| Problem::BadEpoch { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_files_and_environment_are_joined() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".cargo")).unwrap();
        std::fs::write(folder.path().join(".cargo/config.toml"), "[build]\nrustflags = [\"--cfg\", \"file\"]\n")
            .unwrap();
        let environment = |name: &str| (name == "RUSTFLAGS").then(|| OsString::from("--cfg environment"));
        let found = surroundings(folder.path(), &environment).unwrap();
        assert!(!found.has_wrapper);
        assert_eq!(found.rustflags, ["--cfg", "file", "--cfg", "environment"]);
    }

    #[test]
    fn the_time_is_the_commits_unless_the_environment_says_another() {
        let git = GitState { commit_time: Some(7), ..GitState::unknown() };
        assert_eq!(epoch(&git, &|_| None), Ok(7));
        assert_eq!(epoch(&git, &|_| Some("9".into())), Ok(9));
        assert_eq!(epoch(&GitState::unknown(), &|_| None), Ok(EARLIEST_TIME));
        assert!(matches!(epoch(&git, &|_| Some("yesterday".into())), Err(Problem::BadEpoch { .. })));
    }
}
