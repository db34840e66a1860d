//! The variables that this program itself goes by, each with its type.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::Variables;

/// A typed view of [`Variables`]: what is not listed here changes nothing about this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentVariables {
    /// `NODE_ENV`, unless it is empty or not Unicode.
    pub node_env: Option<String>,
    /// `BUN_ENV`: goes before `NODE_ENV`.
    pub bun_env: Option<String>,
    /// `BUN_INSTALL`: where this user's packages and commands are.
    pub bun_install: Option<PathBuf>,
    /// `PATH`, in its order.
    pub path: Vec<PathBuf>,
    /// `SHELL`, or `ComSpec` on Windows.
    pub shell: Option<PathBuf>,
    /// `RUST_BUN_RELEASES`: where `upgrade` looks for releases, a folder or a URL.
    pub releases: Option<String>,
    /// `RUST_BUN_LOG`: which messages are logged.
    pub log: Option<String>,
    /// `RUST_BUN_MEMORY_LIMIT`: how many MiB scripts in JavaScript may use.
    pub memory_limit: Option<String>,
    /// `NO_COLOR` is set and not empty (no-color.org).
    pub no_color: bool,
    /// `FORCE_COLOR` is set and neither empty nor 0.
    pub force_color: bool,
}

/// Which of the `.env` files are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Whatever is not one of the others.
    #[default]
    Development,
    /// `production`
    Production,
    /// `test`
    Test,
}

impl EnvironmentVariables {
    /// Reads them.
    #[must_use]
    pub fn of(variables: &Variables) -> Self {
        let text = |name: &str| variables.text(name).map(str::to_owned);
        let path = |name: &str| variables.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let some = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        Self {
            node_env: text("NODE_ENV"),
            bun_env: text("BUN_ENV"),
            bun_install: path("BUN_INSTALL"),
            path: variables.path(),
            shell: path(if cfg!(windows) { "ComSpec" } else { "SHELL" }),
            releases: text("RUST_BUN_RELEASES"),
            log: text("RUST_BUN_LOG"),
            memory_limit: text("RUST_BUN_MEMORY_LIMIT"),
            no_color: some("NO_COLOR").is_some(),
            force_color: some("FORCE_COLOR").is_some_and(|value| value != OsStr::new("0")),
        }
    }

    /// The mode that `BUN_ENV` says, or else `NODE_ENV`.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self.bun_env.as_deref().or(self.node_env.as_deref()) {
            Some("production") => Mode::Production,
            Some("test") => Mode::Test,
            _ => Mode::Development,
        }
    }
}

impl Mode {
    /// As it stands in the names of files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &[(&str, &str)]) -> EnvironmentVariables {
        EnvironmentVariables::of(&list.iter().copied().collect())
    }

    #[test]
    fn each_variable_has_its_type() {
        let variables = of(&[
            ("NODE_ENV", "production"),
            ("BUN_INSTALL", "/opt/bun"),
            ("RUST_BUN_RELEASES", "https://example.org"),
            ("NO_COLOR", "1"),
            ("FORCE_COLOR", "0"),
        ]);
        assert_eq!(variables.node_env.as_deref(), Some("production"));
        assert_eq!(variables.bun_install, Some(PathBuf::from("/opt/bun")));
        assert_eq!(variables.releases.as_deref(), Some("https://example.org"));
        assert_eq!((variables.no_color, variables.force_color), (true, false));
        assert_eq!(of(&[("NODE_ENV", ""), ("BUN_INSTALL", ""), ("NO_COLOR", "")]), EnvironmentVariables::default());
    }

    #[test]
    fn the_mode_is_development_unless_it_is_one_of_the_others() {
        for (list, mode) in [
            (&[][..], Mode::Development),
            (&[("NODE_ENV", "test")], Mode::Test),
            (&[("NODE_ENV", "test"), ("BUN_ENV", "production")], Mode::Production),
            (&[("NODE_ENV", "production"), ("BUN_ENV", "")], Mode::Production),
            (&[("NODE_ENV", "staging")], Mode::Development),
        ] {
            assert_eq!(of(list).mode(), mode, "{list:?}");
        }
    }
}
