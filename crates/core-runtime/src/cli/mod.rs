//! The command line as types. What a word means is said here; what is done about it, in `commands`.

pub mod answers;
mod engine;
mod manager;
mod packages;
mod projects;
mod scripts;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use answers::{CompletionsOptions, HelpOptions, ManOptions, VersionOptions, command_names};
pub use engine::{BuildOptions, EngineOptions, ReplOptions, TestOptions};
pub use manager::{AddOptions, InstallOptions, ManagerOptions, RemoveOptions, UpdateOptions};
pub use packages::{LinkOptions, PmCommand, PmOptions, PmPkgCommand, UnlinkOptions};
pub use projects::{CreateOptions, InitOptions, UpgradeOptions};
pub use scripts::{BunxOptions, ExecOptions, RunOptions};

/// The program's name, in messages and in the names of its files.
pub const PROGRAM: &str = "rust-bun";

const USAGE: &str = "rust-bun [NAME=VALUE]... [OPTIONS] COMMAND [ARGUMENTS]...
       rust-bun [NAME=VALUE]... [OPTIONS] SCRIPT_OR_FILE [ARGUMENTS]...
       rust-bun [OPTIONS] -e CODE [ARGUMENTS]...";

const AFTER_HELP: &str = "\
A word that is no command is run: a script of package.json, a file, a command of an installed package, a command on PATH; \
`rust-bun run --help` has the options for it. NAME=VALUE words before it set variables, and win over all .env files.

Exit codes: 0 success; 1 failure; 2 wrong usage; 126 it cannot be executed; 127 there is no such script, file or command, \
or nothing that provides it. The exit code of what is run is passed on.";

/// The part of the help that the options of every command are in.
const EVERYWHERE: &str = "Everywhere";

/// A runtime for JavaScript and TypeScript, written in Rust.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, disable_version_flag = true, disable_help_subcommand = true)]
#[command(override_usage = USAGE, after_long_help = AFTER_HELP, subcommand_value_name = "COMMAND")]
pub struct Cli {
    /// Options that every command takes
    #[command(flatten)]
    pub global: GlobalOptions,
    /// Print the version; with --verbose, everything known about this build
    #[arg(short = 'V', long)]
    pub version: bool,
    /// Print the version and the commit that it was built from
    #[arg(long)]
    pub revision: bool,
    /// What to do; nothing: print help
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The `NAME=VALUE` words before the command
    #[arg(skip)]
    pub variables: Vec<(OsString, OsString)>,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct GlobalOptions {
    /// Work in this folder, as if started there
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FOLDER")]
    pub cwd: Option<PathBuf>,
    /// Read variables from this file, too; it wins over every other file and over the environment. May repeat; later files win
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub env_file: Vec<PathBuf>,
    /// Read none of the usual .env files
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub no_env_file: bool,
    /// Switch a feature on or off, as in simd=off: auto-install, dump-source, force-install, logs, macro, native-bundler, simd. May repeat
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME[=on|off]")]
    pub feature: Vec<String>,
    /// Say nothing but what was asked for, and errors
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub silent: bool,
    /// Say more
    #[arg(long, global = true, help_heading = EVERYWHERE, conflicts_with = "silent")]
    pub verbose: bool,
    /// At the end, print what the memory was used for
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub heap_report: bool,
}

impl Cli {
    /// Reads the words of a command line; the first is the program's own name. `NAME=VALUE` words and options may stand
    /// before the command, and `run` may be left out.
    ///
    /// # Errors
    ///
    /// What cannot be meant; also where help was asked for, as clap has it.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let words::Words { arranged, variables, implicit } = words::arrange(words, &command);
        let mut matches = command.try_get_matches_from_mut(arranged)?;
        let mut cli = Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))?;
        cli.variables = variables;
        if let Some(Command::Run(options)) = &mut cli.command {
            options.implicit = implicit;
        }
        Ok(cli)
    }
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
    /// Print help, for the program or a command
    Help(HelpOptions),
    /// Print the version; with --verbose, everything known about this build
    Version(VersionOptions),
    /// Print what makes a shell complete command lines
    Completions(CompletionsOptions),
    /// Write the man pages into a folder
    #[command(hide = true)]
    Man(ManOptions),
}

#[cfg(test)]
mod tests;
