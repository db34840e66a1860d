//! init, create, upgrade: what makes or replaces files on its own.

use std::path::PathBuf;

use clap::Args;

/// `rust-bun init`
#[derive(Debug, Args)]
pub struct InitOptions {
    /// The folder [default: this one]
    pub folder: Option<PathBuf>,
    /// Ask nothing, take the defaults
    #[arg(short, long)]
    pub yes: bool,
    /// Only what is needed to run: package.json and the entry file
    #[arg(short, long)]
    pub minimal: bool,
    /// Show which files would be made, and make none
    #[arg(long)]
    pub dry_run: bool,
}

/// `rust-bun create`
#[derive(Debug, Args)]
pub struct CreateOptions {
    /// A folder, or an archive (.tar, .tar.gz, .tgz, .tar.xz, .tar.zst, .zip)
    pub template: PathBuf,
    /// Where the project goes; must not be there, or be empty [default: the template's name]
    pub destination: Option<PathBuf>,
    /// Start no git repository
    #[arg(long)]
    pub no_git: bool,
    /// Show which files would be made, and make none
    #[arg(long)]
    pub dry_run: bool,
}

/// `rust-bun upgrade`
#[derive(Debug, Args)]
pub struct UpgradeOptions {
    /// Where the release lies: a folder or URL that has a release.json [default: the variable RUST_BUN_RELEASES]
    #[arg(long, value_name = "FOLDER_OR_URL")]
    pub from: Option<String>,
    /// Show what would be replaced by what, and replace nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Take the release even if it is no newer
    #[arg(long)]
    pub force: bool,
    /// Put back the program that the last upgrade replaced
    #[arg(long, conflicts_with_all = ["from", "force"])]
    pub rollback: bool,
}
