//! install, add, remove, update: parsed in full here, done by a package manager.

use std::path::PathBuf;

use clap::Args;

/// What all commands of the package manager take.
#[derive(Clone, Debug, Default, Args)]
pub struct ManagerOptions {
    /// Leave devDependencies out
    #[arg(short, long)]
    pub production: bool,
    /// Fail where the lockfile would change
    #[arg(long)]
    pub frozen_lockfile: bool,
    /// Change neither package.json nor the lockfile
    #[arg(long)]
    pub no_save: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Fetch and lay down everything anew
    #[arg(short, long)]
    pub force: bool,
    /// For this user, not for this project
    #[arg(short, long)]
    pub global: bool,
    /// Run no scripts of packages
    #[arg(long)]
    pub ignore_scripts: bool,
    /// Ask this registry
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// Keep what was fetched here
    #[arg(long, value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
    /// Write only the lockfile
    #[arg(long)]
    pub lockfile_only: bool,
}

/// `rust-bun install`
#[derive(Debug, Args)]
pub struct InstallOptions {
    /// Packages to add [default: install what package.json names]
    pub packages: Vec<String>,
    /// What all commands of the package manager take
    #[command(flatten)]
    pub manager: ManagerOptions,
}

/// `rust-bun add`
#[derive(Debug, Args)]
pub struct AddOptions {
    /// NAME, NAME@RANGE, a folder, an archive or a URL
    #[arg(required = true)]
    pub packages: Vec<String>,
    /// To devDependencies
    #[arg(short = 'd', long, visible_alias = "development")]
    pub dev: bool,
    /// To optionalDependencies
    #[arg(long, conflicts_with = "dev")]
    pub optional: bool,
    /// To peerDependencies
    #[arg(long, conflicts_with_all = ["dev", "optional"])]
    pub peer: bool,
    /// The version alone, without ^
    #[arg(short = 'E', long)]
    pub exact: bool,
    /// What all commands of the package manager take
    #[command(flatten)]
    pub manager: ManagerOptions,
}

/// `rust-bun remove`
#[derive(Debug, Args)]
pub struct RemoveOptions {
    /// The names
    #[arg(required = true)]
    pub packages: Vec<String>,
    /// What all commands of the package manager take
    #[command(flatten)]
    pub manager: ManagerOptions,
}

/// `rust-bun update`
#[derive(Debug, Args)]
pub struct UpdateOptions {
    /// The names [default: all]
    pub packages: Vec<String>,
    /// Beyond the ranges that package.json names
    #[arg(long)]
    pub latest: bool,
    /// What all commands of the package manager take
    #[command(flatten)]
    pub manager: ManagerOptions,
}
