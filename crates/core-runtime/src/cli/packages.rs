//! link, unlink, pm: packages on this machine.

use clap::{Args, Subcommand};

/// `rust-bun link`
#[derive(Debug, Args)]
pub struct LinkOptions {
    /// Packages that were linked before, to take into this project [default: makes this package available]
    pub packages: Vec<String>,
    /// Write them to package.json as link: dependencies
    #[arg(long, requires = "packages")]
    pub save: bool,
    /// Show what would be linked, and link nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `rust-bun unlink`
#[derive(Debug, Args)]
pub struct UnlinkOptions {
    /// Packages to take out of this project [default: makes this package no longer available]
    pub packages: Vec<String>,
    /// Show what would be unlinked, and unlink nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `rust-bun pm`
#[derive(Debug, Args)]
pub struct PmOptions {
    /// Which of them
    #[command(subcommand)]
    pub command: PmCommand,
}

/// The commands of `pm`.
#[derive(Debug, Subcommand)]
pub enum PmCommand {
    /// Print the folder of the project's commands
    Bin {
        /// The folder of this user's commands instead
        #[arg(short, long)]
        global: bool,
    },
    /// List what node_modules holds
    Ls {
        /// Dependencies of dependencies, too
        #[arg(short, long)]
        all: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List the bundles of plugins: where they were found, what they provide, and what is wrong with them
    Bundles {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the hash of the lockfile
    Hash,
    /// Print or raise the package's version
    Version {
        /// major, minor, patch, premajor, preminor, prepatch, prerelease, or a version [default: print it]
        new: Option<String>,
        /// The name that a prerelease's version gets, as in 1.0.0-beta.0
        #[arg(long, value_name = "NAME")]
        preid: Option<String>,
        /// Make no git commit and tag
        #[arg(long)]
        no_git_tag_version: bool,
        /// The message of commit and tag; %s is the version
        #[arg(short, long)]
        message: Option<String>,
        /// Take the version that it already has
        #[arg(long)]
        allow_same_version: bool,
        /// Show the new version, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Read and change package.json
    Pkg {
        /// Which of them
        #[command(subcommand)]
        command: PmPkgCommand,
    },
}

/// The commands of `pm pkg`.
#[derive(Debug, Subcommand)]
pub enum PmPkgCommand {
    /// Print values as JSON; keys as in scripts.build, contributors[0].name
    Get {
        /// [default: everything]
        keys: Vec<String>,
    },
    /// Set values: KEY=VALUE
    Set {
        /// What to set, as in scripts.build=make
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<String>,
        /// Values are JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete keys
    Delete {
        /// Which of them
        #[arg(required = true)]
        keys: Vec<String>,
    },
}
