//! The command line, as types. Help lives here; meaning lives elsewhere.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::git::GitState;
use crate::workspace::Access;

/// Turns a Cargo workspace into a verified, reproducible release.
#[derive(Debug, Parser)]
#[command(name = "build-tool", version, long_version = long_version(), max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 a step failed, 2 bad usage or manifest, 3 a tool is missing, \
                        4 verification failed, 130/143 stopped by a signal.")]
pub struct Cli {
    /// Work as if started in this folder
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Say more: the commands that are run, what was cached, every step of a plan
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// When to use colour (auto also minds NO_COLOR)
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto, global = true)]
    pub color: ColorChoice,
    /// How results and events are written; json is one object a line on stdout, and nothing else
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = MessageFormat::Human, global = true)]
    pub message_format: MessageFormat,
    /// Show what the verb would do; change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// `--version`: everything in one line; `-V`: the number alone.
fn long_version() -> String {
    build_info::build_info!().version_string()
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// For whom output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what a release would do, and why; runs nothing
    Plan {
        /// What to release, and how
        #[command(flatten)]
        flags: ReleaseFlags,
        /// How to show it
        #[arg(long, value_enum, default_value_t = PlanFormat::Table)]
        format: PlanFormat,
    },
    /// Make a release: compile, strip, stamp, pack, describe, checksum
    Release(ReleaseFlags),
    /// Make the finished binaries, and pack nothing
    Build(ReleaseFlags),
    /// Build and run an app for this machine, with the dev profile
    Dev(DevFlags),
    /// Compile the tests of the workspace's packages for the targets, and run those that can run here
    ///
    /// Unit and integration tests; for this machine's own target documentation tests, too. The profile is `dev` unless
    /// --profile names another. How programs of another target run here: as its manifest's `runner` says, else by what is
    /// found: qemu-user, wine; `build-tool doctor` shows it.
    Test(TestFlags),
    /// Make a release from binaries that were built elsewhere
    Package {
        /// What to release, and how
        #[command(flatten)]
        flags: ReleaseFlags,
        /// The folder of finished binaries: DIR/TRIPLE/PROGRAM
        #[arg(long, value_name = "DIR")]
        prebuilt: PathBuf,
    },
    /// Make the release of which the shards are parts: the same bytes as on one machine
    Merge(MergeFlags),
    /// Prove a finished release: checksums, contents, targets, stamps
    Verify(VerifyFlags),
    /// Check the manifests of this workspace
    Check,
    /// Show the tools that this plan needs: there, missing, how to get them
    Doctor {
        /// What to release, and how
        #[command(flatten)]
        flags: ReleaseFlags,
        /// Get what is missing, where that asks nothing of you; show the commands for the rest
        #[arg(long)]
        install: bool,
    },
    /// Write commented manifests that say what holds without them
    Init {
        /// Replace manifests that are there
        #[arg(long)]
        force: bool,
    },
    /// Write completions, man pages, a release workflow, package repositories or the manifests' JSON Schema
    Generate {
        /// What to write
        #[command(subcommand)]
        what: Generate,
    },
    /// Remove what the tool has made: its work folder, and its own files in the dist folder
    Clean {
        /// Remove what cargo has built, too
        #[arg(long)]
        cache: bool,
        /// The dist folder
        #[arg(long, value_name = "DIR", default_value = "dist")]
        dist: PathBuf,
    },
}

/// How `plan` shows a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// A table for people.
    Table,
    /// One versioned JSON document.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// The matrix of a GitHub workflow.
    GithubMatrix,
}

/// What is released, for which targets, and how.
#[derive(Debug, Clone, Default, Args)]
pub struct ReleaseFlags {
    /// Release for every tier-1 target
    #[arg(long, conflicts_with = "target")]
    pub all_targets: bool,
    /// With --all-targets: take the targets up to this tier
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3), requires = "all_targets")]
    pub tier: u8,
    /// Release for these targets [default: this machine's]
    #[arg(long, value_name = "TRIPLE", value_delimiter = ',', num_args = 1..)]
    pub target: Vec<String>,
    /// Release these apps only
    #[arg(short, long, value_name = "APP", value_delimiter = ',', num_args = 1..)]
    pub package: Vec<String>,
    /// The profile [default: the package manifest's, else release]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Cargo features to switch on: FEATURE or PACKAGE/FEATURE
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    pub features: Vec<String>,
    /// Switch all features on
    #[arg(long)]
    pub all_features: bool,
    /// Switch the default features off
    #[arg(long)]
    pub no_default_features: bool,
    /// Where finished artifacts go
    #[arg(long, value_name = "DIR", default_value = "dist")]
    pub dist: PathBuf,
    /// Leave these stages out
    #[arg(long, value_name = "STAGE", value_delimiter = ',', num_args = 1..)]
    pub skip: Vec<String>,
    /// How many things run side by side [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub jobs: Option<u16>,
    /// Never touch the network
    #[arg(long)]
    pub offline: bool,
    /// After a failure, go on with what does not depend on it
    #[arg(long)]
    pub keep_going: bool,
    /// Run every step, whether or not anything has changed
    #[arg(long)]
    pub force: bool,
    /// Release a tree with uncommitted changes
    #[arg(long)]
    pub allow_dirty: bool,
    /// Use no certificate: programs for macOS are signed ad hoc, others not at all
    #[arg(long)]
    pub no_identity: bool,
    /// Write a shard for `merge` instead of a finished release
    #[arg(long)]
    pub shard: bool,
    /// Start every program that can run on this machine, and compare what it says with its stamp
    #[arg(long)]
    pub smoke: bool,
    /// What stands for the repository (JSON), for a tree that was taken out of one
    #[arg(long, value_name = "JSON", hide = true, value_parser = parse_git_state)]
    pub git_state: Option<GitState>,
    /// The compiler to take, of those on this machine: what `rustc --version` says
    #[arg(long, value_name = "VERSION", hide = true)]
    pub compiler: Option<String>,
}

fn parse_git_state(text: &str) -> Result<GitState, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl ReleaseFlags {
    /// How cargo may reach out: a release never changes the lock file.
    pub fn access(&self) -> Access {
        Access { locked: true, offline: self.offline }
    }
}

/// `merge`.
#[derive(Debug, Clone, Args)]
pub struct MergeFlags {
    /// The shards that `release --shard` wrote, or folders that hold them
    #[arg(value_name = "SHARD", required = true)]
    pub shards: Vec<PathBuf>,
    /// Where finished artifacts go
    #[arg(long, value_name = "DIR", default_value = "dist")]
    pub dist: PathBuf,
    /// The release is for every tier-1 target: a shard that is missing is an error
    #[arg(long, conflicts_with = "target")]
    pub all_targets: bool,
    /// With --all-targets: the targets up to this tier
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3), requires = "all_targets")]
    pub tier: u8,
    /// The release is for these targets [default: those of the shards]
    #[arg(long, value_name = "TRIPLE", value_delimiter = ',')]
    pub target: Vec<String>,
    /// The release is of these apps [default: those of the shards]
    #[arg(short, long, value_name = "APP", value_delimiter = ',')]
    pub package: Vec<String>,
    /// How many things run side by side [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub jobs: Option<u16>,
    /// Never touch the network
    #[arg(long)]
    pub offline: bool,
    /// Run every step, whether or not anything has changed
    #[arg(long)]
    pub force: bool,
    /// Merge shards of a tree with uncommitted changes
    #[arg(long)]
    pub allow_dirty: bool,
}

/// `dev`.
#[derive(Debug, Clone, Args)]
pub struct DevFlags {
    /// The app to run; needed where the workspace has several
    #[arg(short, long, value_name = "APP")]
    pub package: Option<String>,
    /// Build and run again whenever a file changes
    #[arg(long)]
    pub watch: bool,
    /// Run the tests of what changed instead of the app
    #[arg(long)]
    pub test: bool,
    /// The profile
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub profile: String,
    /// Never touch the network
    #[arg(long)]
    pub offline: bool,
    /// Arguments for the app
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<std::ffi::OsString>,
}

/// `test`.
#[derive(Debug, Clone, Args)]
pub struct TestFlags {
    /// What to test, and how
    #[command(flatten)]
    pub release: ReleaseFlags,
    /// Compile the tests, and run none
    #[arg(long)]
    pub no_run: bool,
}

/// `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyFlags {
    /// The folder of the finished release
    #[arg(value_name = "DIST", default_value = "dist")]
    pub dist: PathBuf,
    /// Build the release again in another folder, and compare every byte
    #[arg(long)]
    pub rebuild: bool,
    /// Never touch the network
    #[arg(long)]
    pub offline: bool,
}

/// `generate`.
#[derive(Debug, Clone, Subcommand)]
pub enum Generate {
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write a man page for every verb
    Man {
        /// The folder to write to
        #[arg(value_name = "DIR", default_value = "man")]
        folder: PathBuf,
        /// Write nothing; fail if what is there differs
        #[arg(long)]
        check: bool,
    },
    /// Write the GitHub workflow that makes releases and, on a tag, publishes them
    Ci(CiFlags),
    /// Make an apt repository of a release's debs, from which apt installs
    AptRepo(AptRepoFlags),
    /// Make a yum repository of a release's rpms, from which dnf, yum and zypper install
    YumRepo(RepositoryFlags),
    /// Print the JSON Schema of the manifests, for editors
    Schema {
        /// Write to this file instead
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write nothing; fail if what is there differs
        #[arg(long, requires = "output")]
        check: bool,
    },
}

/// `generate ci`.
#[derive(Debug, Clone, Args)]
pub struct CiFlags {
    /// The file to write [default: .github/workflows/release.yml of the repository]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A job for each target, on its own runner, instead of one Linux job for all
    #[arg(long)]
    pub matrix: bool,
    /// Release for the targets up to this tier
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub tier: u8,
    /// Write nothing; fail if what is there differs
    #[arg(long)]
    pub check: bool,
}

/// What repositories have in common.
#[derive(Debug, Clone, Args)]
pub struct RepositoryFlags {
    /// The folder of the finished release
    #[arg(value_name = "DIST", default_value = "dist")]
    pub dist: PathBuf,
    /// The folder to write to: the one to publish
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Sign with this key, a name that gpg knows it by; the public key is put beside
    #[arg(long, value_name = "ID")]
    pub gpg_key: Option<String>,
    /// Write nothing; fail if what is there differs
    #[arg(long)]
    pub check: bool,
}

/// `generate apt-repo`.
#[derive(Debug, Clone, Args)]
pub struct AptRepoFlags {
    /// What it is made of, and where
    #[command(flatten)]
    pub repository: RepositoryFlags,
    /// The suite, as sources.list names it
    #[arg(long, value_name = "NAME", default_value = "stable")]
    pub suite: String,
    /// The component of the suite
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub component: String,
    /// Whose repository it is
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub origin: String,
    /// What it is called, for clients that choose by it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub label: String,
}
