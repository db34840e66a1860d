//! `cross`: each target in a container of its own, with its own C toolchain.
//! It mounts the workspace and cargo's home at their own paths (before its
//! version 0.3 at `/project` and `/cargo`), the target folder at `/target`; and
//! of our variables it hands on only cargo's and those that it is told of
//! (its documentation, `environment_variables.md`).

use super::{Backend, BackendError, Site};
use crate::release::Target;
use crate::stages::Tool;
use crate::tool::Invocation;

/// Where cross has cargo build, whatever we say.
pub const TARGET_FOLDER: &str = "/target";

/// The paths in its containers that are not those outside, and what they are called in binaries.
pub const PREFIXES: [(&str, &str); 2] = [("/project", "."), (TARGET_FOLDER, "target")];

/// The variable that names those to hand on, separated by blanks.
const PASSED_ON: &str = "CROSS_BUILD_ENV_PASSTHROUGH";

/// `cross build` in place of `cargo build`.
pub(super) struct Cross;

impl Backend for Cross {
    fn tools(&self, _target: &Target) -> Vec<Tool> {
        vec![Tool::Cross]
    }

    fn configure(&self, call: Invocation, _site: &Site<'_>) -> Result<Invocation, BackendError> {
        let users = std::env::var(PASSED_ON).unwrap_or_default();
        let own = call.variables().filter(|name| !name.starts_with("CARGO_") && *name != "RUSTC_WRAPPER");
        let mut names: Vec<&str> = users.split_whitespace().chain(own).collect();
        names.sort_unstable();
        names.dedup();
        let names = names.join(" ");
        Ok(call.env(PASSED_ON, names))
    }
}
