//! run, exec, bunx: what starts programs.

use std::ffi::OsString;

use clap::Args;

use super::EngineOptions;

/// `rust-bun run`
#[derive(Debug, Default, Args)]
pub struct RunOptions {
    /// Only in the workspace packages whose name matches, or whose folder does when it begins with `./`; `!` in front excludes. May repeat
    #[arg(short = 'F', long, value_name = "PATTERN")]
    pub filter: Vec<String>,
    /// In every package of the workspace
    #[arg(long, conflicts_with = "filter")]
    pub workspaces: bool,
    /// All at once, with each line marked by what said it
    #[arg(long)]
    pub parallel: bool,
    /// Go on with the others when one fails
    #[arg(long)]
    pub no_exit_on_error: bool,
    /// Do nothing, and succeed, where there is no such script
    #[arg(long)]
    pub if_present: bool,
    /// For files in JavaScript
    #[command(flatten)]
    pub engine: EngineOptions,
    /// The script, file or command, and what it gets [default: list the scripts]
    #[arg(trailing_var_arg = true, value_name = "SCRIPT")]
    pub script: Vec<OsString>,
    /// `run` was left out, so the word could have been meant as a command of this program
    #[arg(skip)]
    pub implicit: bool,
}

/// `rust-bun exec`
#[derive(Debug, Args)]
pub struct ExecOptions {
    /// The line, for the system's shell
    pub line: OsString,
    /// What the line gets as $1, $2, … (not on Windows)
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// `rust-bun bunx`
#[derive(Debug, Args)]
pub struct BunxOptions {
    /// The package that has the command, where it is not named after it
    #[arg(short, long, value_name = "PACKAGE")]
    pub package: Option<String>,
    /// Fail where the package is not installed (it always does for now: a package manager would fetch it)
    #[arg(long)]
    pub no_install: bool,
    /// The command, and what it gets
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}
