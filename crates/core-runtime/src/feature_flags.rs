//! What is switched on and off: by the build, then by variables (`BUN_FEATURE_FLAG_SIMD=0`), then by the command line
//! (`--feature simd=off`).

use miette::Diagnostic;

use crate::build_environment::BuildEnvironment;
use crate::environment::Variables;
use crate::nearest::{as_question, nearest};

/// The switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureFlags {
    /// `auto-install`: fetch what is imported and not installed. For a package manager.
    pub enable_auto_install: bool,
    /// `macro`: run macros while bundling. For a JavaScript engine.
    pub enable_macro: bool,
    /// `native-bundler`: bundle with the engine's own bundler.
    pub enable_bun_native_bundler: bool,
    /// `force-install`: install anew whatever is there.
    pub force_bun_install: bool,
    /// This program is from the canary channel: its version begins its pre-release with `canary`.
    pub is_canary: bool,
    /// `simd`: use vector instructions.
    pub enable_simd: bool,
    /// Compiled with AddressSanitizer. Only the build decides it.
    pub enable_asan: bool,
    /// `logs`: log what is done and how, for those who look for the reason of something.
    pub enable_logs: bool,
    /// `dump-source`: write down what is run after it was transformed. For a JavaScript engine.
    pub dump_source: bool,
}

/// A switch that users have: its name, and where it is.
type Switch = (&'static str, fn(&mut FeatureFlags) -> &mut bool);

const SWITCHES: [Switch; 7] = [
    ("auto-install", |flags| &mut flags.enable_auto_install),
    ("dump-source", |flags| &mut flags.dump_source),
    ("force-install", |flags| &mut flags.force_bun_install),
    ("logs", |flags| &mut flags.enable_logs),
    ("macro", |flags| &mut flags.enable_macro),
    ("native-bundler", |flags| &mut flags.enable_bun_native_bundler),
    ("simd", |flags| &mut flags.enable_simd),
];

/// A switch that cannot be meant.
#[derive(Debug, PartialEq, Eq, thiserror::Error, Diagnostic)]
pub enum Error {
    /// There is no such switch
    #[error("--feature {given}: there is no `{name}` to switch")]
    #[diagnostic(help("{}", self.instead()))]
    Unknown {
        /// As it was given.
        given: String,
        /// What it names.
        name: String,
    },
    /// Neither on nor off
    #[error("{given} switches neither on nor off")]
    #[diagnostic(help("on, 1, true or yes; off, 0, false or no"))]
    Value {
        /// As it was given.
        given: String,
    },
}

impl Error {
    fn instead(&self) -> String {
        let names = SWITCHES.map(|(name, _)| name);
        let near = match self {
            Self::Unknown { name, .. } => nearest(name, names),
            Self::Value { .. } => Vec::new(),
        };
        match as_question(&near) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", names.join(", ")),
        }
    }
}

impl FeatureFlags {
    /// What holds where nobody says otherwise.
    #[must_use]
    pub fn of_build(build: &BuildEnvironment) -> Self {
        Self {
            enable_auto_install: true,
            enable_macro: true,
            enable_bun_native_bundler: true,
            force_bun_install: false,
            is_canary: build.version.pre.split('.').next() == Some("canary"),
            enable_simd: build.is_x64 || build.is_aarch64,
            enable_asan: cfg!(address_sanitizer),
            enable_logs: false,
            dump_source: false,
        }
    }

    /// What holds here: `words` are the command line's `NAME` and `NAME=VALUE`, of which a later one wins.
    ///
    /// # Errors
    ///
    /// A name that is none, a value that is neither on nor off. An empty variable says nothing.
    pub fn read(build: &BuildEnvironment, variables: &Variables, words: &[String]) -> Result<Self, Error> {
        let mut flags = Self::of_build(build);
        for (name, place) in SWITCHES {
            let variable = format!("BUN_FEATURE_FLAG_{}", name.to_ascii_uppercase().replace('-', "_"));
            if let Some(value) = variables.get(&variable).filter(|value| !value.is_empty()) {
                let value = value.to_string_lossy();
                *place(&mut flags) =
                    switch(&value).ok_or_else(|| Error::Value { given: format!("{variable}={value}") })?;
            }
        }
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, "on"));
            let place = SWITCHES.iter().find(|(known, _)| *known == name);
            let (_, place) = place.ok_or_else(|| Error::Unknown { given: word.clone(), name: name.to_owned() })?;
            let given = || Error::Value { given: format!("--feature {word}") };
            *place(&mut flags) = switch(value).ok_or_else(given)?;
        }
        Ok(flags)
    }
}

fn switch(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "on" | "1" | "true" | "yes" => Some(true),
        "off" | "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use build_info::BuildInfo;

    use super::*;

    fn read(version: &'static str, variables: &[(&str, &str)], words: &[&str]) -> Result<FeatureFlags, Error> {
        let build = BuildEnvironment::of(BuildInfo::development(version, "release")).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        FeatureFlags::read(&build, &variables.iter().copied().collect(), &words)
    }

    #[test]
    fn every_switch_is_reached_by_variable_and_by_command_line() {
        for (name, place) in SWITCHES {
            let before = *place(&mut read("1.0.0", &[], &[]).unwrap());
            let (other, same) = if before { ("off", "on") } else { ("on", "off") };
            let variable = format!("BUN_FEATURE_FLAG_{}", name.to_ascii_uppercase().replace('-', "_"));
            let mut switched = read("1.0.0", &[(&variable, other)], &[]).unwrap();
            assert_ne!(*place(&mut switched), before, "{variable}");
            let mut switched = read("1.0.0", &[], &[&format!("{name}={other}")]).unwrap();
            assert_ne!(*place(&mut switched), before, "{name}");
            // The command line wins, and the last of it.
            let words = [format!("{name}={other}"), format!("{name}={same}")];
            let words = words.each_ref().map(String::as_str);
            assert_eq!(*place(&mut read("1.0.0", &[(&variable, other)], &words).unwrap()), before, "{name}");
        }
    }

    #[test]
    fn values_are_words_for_on_and_off() {
        for (value, expected) in
            [("1", true), ("TRUE", true), ("yes", true), ("0", false), ("False", false), ("no", false)]
        {
            assert_eq!(
                read("1.0.0", &[("BUN_FEATURE_FLAG_LOGS", value)], &[]).unwrap().enable_logs,
                expected,
                "{value}"
            );
        }
        assert!(read("1.0.0", &[], &["logs"]).unwrap().enable_logs);
        assert!(!read("1.0.0", &[("BUN_FEATURE_FLAG_LOGS", "")], &[]).unwrap().enable_logs);
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_with_what_can() {
        let error = read("1.0.0", &[], &["smid"]).unwrap_err();
        assert_eq!(error.to_string(), "--feature smid: there is no `smid` to switch");
        assert_eq!(error.help().unwrap().to_string(), "did you mean `simd`?");
        let error = read("1.0.0", &[("BUN_FEATURE_FLAG_SIMD", "maybe")], &[]).unwrap_err();
        assert_eq!(error.to_string(), "BUN_FEATURE_FLAG_SIMD=maybe switches neither on nor off");
        // Only the build decides these.
        assert!(read("1.0.0", &[], &["asan"]).is_err());
        assert!(read("1.0.0", &[], &["canary"]).is_err());
    }

    #[test]
    fn the_version_says_whether_it_is_a_canary() {
        assert!(read("1.0.0-canary.3", &[], &[]).unwrap().is_canary);
        assert!(!read("1.0.0-beta.canary", &[], &[]).unwrap().is_canary);
        assert!(!read("1.0.0", &[], &[]).unwrap().is_canary);
    }
}
