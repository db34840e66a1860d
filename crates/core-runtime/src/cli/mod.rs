//! The command line as types. What a word means is said here; what is done about it, in `commands`.

mod engine;
mod manager;
mod packages;
mod projects;
mod scripts;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use engine::{BuildOptions, EngineOptions, ReplOptions, TestOptions};
pub use manager::{AddOptions, InstallOptions, ManagerOptions, RemoveOptions, UpdateOptions};
pub use packages::{LinkOptions, PmCommand, PmOptions, PmPkgCommand, UnlinkOptions};
pub use projects::{CreateOptions, InitOptions, UpgradeOptions};
pub use scripts::{BunxOptions, ExecOptions, RunOptions};

/// A runtime for JavaScript and TypeScript, written in Rust.
#[derive(Debug, Parser)]
#[command(name = "rust-bun", disable_version_flag = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalOptions,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct GlobalOptions {
    /// Work in this folder, as if started there
    #[arg(long, global = true, value_name = "FOLDER")]
    pub cwd: Option<PathBuf>,
    /// Read variables from this file, too; it wins over every other source. May repeat; later files win
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Vec<PathBuf>,
    /// Read no .env files
    #[arg(long, global = true, conflicts_with = "env_file")]
    pub no_env_file: bool,
    /// Say nothing but what was asked for, and errors
    #[arg(long, global = true)]
    pub silent: bool,
    /// Say more
    #[arg(long, global = true, conflicts_with = "silent")]
    pub verbose: bool,
    /// At the end, print what the memory was used for
    #[arg(long, global = true)]
    pub heap_report: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a script of package.json, a file, or a command
    #[command(visible_alias = "r")]
    Run(RunOptions),
    /// Bundle files for a browser or for this runtime
    Build(BuildOptions),
    /// Install the dependencies that package.json names
    #[command(visible_alias = "i")]
    Install(InstallOptions),
    /// Add a dependency to package.json and install it
    #[command(visible_alias = "a")]
    Add(AddOptions),
    /// Remove a dependency from package.json
    #[command(visible_alias = "rm")]
    Remove(RemoveOptions),
    /// Bring dependencies up to date
    Update(UpdateOptions),
    /// Run tests
    Test(TestOptions),
    /// Start a project in a folder
    Init(InitOptions),
    /// Make a project from a template: a folder or an archive
    #[command(visible_alias = "c")]
    Create(CreateOptions),
    /// Replace this program with another release of it
    Upgrade(UpgradeOptions),
    /// Run the command of a package that is installed or linked
    #[command(visible_alias = "x")]
    Bunx(BunxOptions),
    /// Make this package available to others on this machine, or take one that is
    Link(LinkOptions),
    /// Undo a link
    Unlink(UnlinkOptions),
    /// Look at packages and at package.json
    Pm(PmOptions),
    /// Run a line of shell with the project's commands on PATH
    Exec(ExecOptions),
    /// Try JavaScript, line by line
    Repl(ReplOptions),
    /// Print the version
    Version,
    /// A script, file or command without `run` before it
    #[command(external_subcommand)]
    Implicit(Vec<OsString>),
}
