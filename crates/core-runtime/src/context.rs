//! What a run knows when its command begins: made once by `startup`, only read by commands.

use crate::build_environment::BuildEnvironment;
use crate::environment::{Environment, Variables};
use crate::feature_flags::FeatureFlags;
use crate::providers::Providers;

/// What every command gets.
#[derive(Debug)]
pub struct Context {
    /// The machine and the folders.
    pub environment: Environment,
    /// The variables that children get: the process's own, the files' and the command line's.
    pub variables: Variables,
    /// What is switched on.
    pub flags: FeatureFlags,
    /// What was fixed when this program was built.
    pub build: BuildEnvironment,
    /// Who does what this core cannot.
    pub providers: Providers,
    /// How much is said: the command line's `--silent` and `--verbose`.
    pub report: crate::report::Report,
}
