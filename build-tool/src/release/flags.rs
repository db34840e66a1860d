//! Rust flags and times from the surroundings. cargo takes one source of flags
//! and drops the others; a release takes all of them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use cargo_config2::{Config, Flags, ResolveOptions};

use super::error::Problem;
use super::{EARLIEST_TIME, Profile, Target};
use crate::git::GitState;
use crate::manifest::profile::Strip;
use crate::manifest::target::Backend;

/// A way to ask for environment variables, so that the resolution stays testable.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The variables in which C and C++ compilers get flags.
pub(super) const C_FLAGS: [&str; 2] = ["CFLAGS", "CXXFLAGS"];

impl Surroundings {
    /// All that rustc is told for a target: by `flags`, and by the sources that cargo joins with them itself.
    pub(super) fn joined(&self, triple: &str, flags: &[String], environment: Environment<'_>) -> Vec<String> {
        let from_files = self.config.as_ref().and_then(|config| config.rustflags(triple).ok().flatten());
        let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", triple.to_uppercase().replace(['-', '.'], "_"));
        let from_environment = environment(&variable).map(|text| Flags::from_space_separated(&text.to_string_lossy()));
        let joined = [from_files, from_environment].into_iter().flatten().flat_map(|flags| flags.flags);
        flags.iter().cloned().chain(joined).collect()
    }

    /// The linker that cargo's configuration files or environment name for a target.
    pub(super) fn linker(&self, triple: &str, environment: Environment<'_>) -> Option<String> {
        let variable = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace(['-', '.'], "_"));
        let from_environment = environment(&variable).map(|linker| linker.to_string_lossy().into_owned());
        let from_files = || self.config.as_ref()?.linker(triple).ok().flatten();
        from_environment.or_else(|| from_files().map(|linker| linker.display().to_string()))
    }

    /// The flags for one language and target: the most specific variable counts, alone, as in the `cc` crate.
    pub(super) fn c_flags_for(&self, language: &str, triple: &str, environment: Environment<'_>) -> String {
        let underscored = triple.replace('-', "_");
        let names = [
            format!("{language}_{triple}"),
            format!("{language}_{underscored}"),
            format!("TARGET_{language}"),
            language.to_owned(),
        ];
        let find = |name: &String| {
            let from_environment = environment(name).map(|value| value.to_string_lossy().into_owned());
            from_environment.or_else(|| self.c_flags.get(name).cloned())
        };
        names.iter().find_map(find).unwrap_or_default()
    }
}

/// What the surroundings say of compiling.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// Flags of `[build] rustflags` in cargo's configuration files, then those of the environment.
    /// `target.*.rustflags` need no reading: cargo itself joins them with ours.
    pub(super) rustflags: Vec<String>,
    /// Flags for C and C++ compilers, under the names that the `cc` crate looks for: the environment's,
    /// else those of `[env]` in cargo's configuration files.
    pub(super) c_flags: BTreeMap<String, String>,
    /// cargo's configuration files, where they could be read.
    config: Option<Config>,
    /// Whether the user has put a wrapper of their own before rustc: then it stays there.
    pub(super) has_wrapper: bool,
}

/// Reads cargo's configuration files and the environment.
pub(super) fn surroundings(root: &Path, environment: Environment<'_>) -> Result<Surroundings, Problem> {
    // An empty environment: here only the files speak.
    let options = ResolveOptions::default().env(std::iter::empty::<(OsString, OsString)>());
    let config =
        Config::load_with_options(root, options).map_err(|error| Problem::CargoConfig { reason: error.to_string() })?;
    let mut flags = config.build.rustflags.as_ref().map_or_else(Vec::new, |flags| flags.flags.clone());
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
    let is_c = |name: &String| C_FLAGS.iter().any(|language| name.contains(language));
    let in_files = config.env.iter().filter(|(name, _)| is_c(name));
    let c_flags = in_files.map(|(name, value)| (name.clone(), value.value.to_string_lossy().into_owned())).collect();
    Ok(Surroundings { rustflags: flags, c_flags, config: Some(config), has_wrapper })
}

/// What a release tells the linker besides, so that symbols can be split off and the same program comes out anywhere.
pub(super) fn for_the_linker(profile: &Profile, target: &Target) -> Vec<String> {
    let spec = target.spec.as_str();
    let mut flags: Vec<&str> = Vec::new();
    if profile.split_debug && spec.contains("-linux-") {
        // From the content, as linkers do by default; said, so that no linker's configuration says otherwise.
        let bare = target.bare_linker().is_some();
        flags.push(if bare { "-Clink-arg=--build-id=sha1" } else { "-Clink-arg=-Wl,--build-id=sha1" });
    }
    if target.bare_linker() == Some("lld-link") {
        // A hash in place of the time. rustc asks for a PDB in any case: one that nobody ships stays unmade, since the
        // program would hold a hash of it, which is one of paths.
        let symbols = if profile.split_debug { "-Clink-arg=/PDBALTPATH:%_PDB%" } else { "-Clink-arg=/DEBUG:NONE" };
        flags.extend(["-Clink-arg=/Brepro", symbols]);
    }
    if profile.split_debug && spec.contains("-apple-") {
        // Linkers of Apple's systems leave debug information in the object files, which rustc deletes otherwise.
        flags.push("-Csplit-debuginfo=unpacked");
    }
    let zig = target.backend.backend == Backend::Zig;
    if zig && spec.ends_with("-windows-gnu") && !profile.split_debug && profile.strip != Strip::None {
        // Else zig makes a PDB that nobody ships, and writes its hash into the program: one of paths.
        flags.push("-Clink-arg=-s");
    }
    flags.into_iter().map(str::to_owned).collect()
}

/// The processors of rustc's targets for musl that link statically unless they are told otherwise
/// (`crt-static-default` in their specifications).
const STATIC_MUSL: [&str; 8] = ["aarch64", "arm", "armv5te", "armv7", "i586", "i686", "powerpc64le", "x86_64"];

/// Whether rustc, told `flags`, makes programs that hold their C library, and so no dynamic libraries.
pub(super) fn links_statically(spec: &str, flags: &[String]) -> bool {
    let Some((processor, _)) = spec.split_once("-unknown-linux-musl") else { return false };
    let after_c = |at: usize| at.checked_sub(1).is_some_and(|before| flags[before] == "-C");
    let features = flags.iter().enumerate().filter_map(|(at, flag)| {
        let option = if after_c(at) { Some(flag.as_str()) } else { flag.strip_prefix("-C") };
        option?.strip_prefix("target-feature=")
    });
    let mut said = features.flat_map(|features| features.split(','));
    let said = said.rfind(|feature| feature.get(1..) == Some("crt-static"));
    said.map_or(STATIC_MUSL.contains(&processor), |feature| feature.starts_with('+'))
}

/// `SOURCE_DATE_EPOCH`, where it is set.
pub(super) fn source_date_epoch(environment: Environment<'_>) -> Result<Option<u64>, Problem> {
    let Some(value) = environment("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty()) else { return Ok(None) };
    let value = value.to_string_lossy().into_owned();
    value.trim().parse().map(Some).map_err(|_| Problem::BadEpoch { value })
}

/// The time of the release: what was asked for, else the commit's, else the earliest that every format can hold.
pub(super) fn epoch(git: &GitState, asked_for: Option<u64>) -> u64 {
    asked_for.or(git.commit_time).unwrap_or(EARLIEST_TIME)
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
    fn c_flags_of_cargos_configuration_count_where_the_environment_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".cargo")).unwrap();
        std::fs::write(folder.path().join(".cargo/config.toml"), "[env]\nCFLAGS = \"-DFILE\"\n").unwrap();
        let nothing = |_: &str| None;
        let found = surroundings(folder.path(), &nothing).unwrap();
        assert_eq!(found.c_flags_for("CFLAGS", "x86_64-unknown-linux-gnu", &nothing), "-DFILE");
        assert_eq!(found.c_flags_for("CXXFLAGS", "x86_64-unknown-linux-gnu", &nothing), "");
        let specific = |name: &str| (name == "CFLAGS_x86_64_unknown_linux_gnu").then(|| OsString::from("-DMINE"));
        assert_eq!(found.c_flags_for("CFLAGS", "x86_64-unknown-linux-gnu", &specific), "-DMINE");
    }

    #[test]
    fn musl_is_linked_statically_unless_flags_say_otherwise() {
        let says = |spec: &str, flags: &[&str]| {
            links_statically(spec, &flags.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert!(says("x86_64-unknown-linux-musl", &[]));
        assert!(says("armv7-unknown-linux-musleabihf", &["-Ctarget-cpu=generic"]));
        assert!(!says("x86_64-unknown-linux-musl", &["-Ctarget-feature=+aes,-crt-static"]));
        assert!(!says("x86_64-unknown-linux-musl", &["-C", "target-feature=-crt-static"]));
        assert!(!says("riscv64gc-unknown-linux-musl", &[]));
        assert!(says("riscv64gc-unknown-linux-musl", &["-Ctarget-feature=+crt-static"]));
        assert!(!says("x86_64-unknown-linux-gnu", &[]));
    }

    #[test]
    fn the_time_is_the_commits_unless_the_environment_says_another() {
        let git = GitState { commit_time: Some(7), ..GitState::unknown() };
        assert_eq!(source_date_epoch(&|_| None), Ok(None));
        assert_eq!(source_date_epoch(&|_| Some("9".into())), Ok(Some(9)));
        assert!(matches!(source_date_epoch(&|_| Some("yesterday".into())), Err(Problem::BadEpoch { .. })));
        assert_eq!(epoch(&git, None), 7);
        assert_eq!(epoch(&git, Some(9)), 9);
        assert_eq!(epoch(&GitState::unknown(), None), EARLIEST_TIME);
    }
}
