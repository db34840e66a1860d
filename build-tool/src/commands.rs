//! One file per verb, and the way that most of them share: read everything,
//! resolve the release, plan it.

mod build;
mod check;
mod clean;
mod dev;
mod doctor;
mod generate;
mod init;
mod merge;
mod plan;
mod prepare;
mod release;
mod test;
mod verify;
mod watch;

use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::cli::{Cli, Command, ReleaseFlags};
use crate::execute::ExecuteError;
use crate::git::{self, GitError, GitReading};
use crate::manifest::{self, Folders, ManifestErrors, Manifests};
use crate::plan::{Plan, PlanError};
use crate::release::{Imported, Purpose, Release, ReleaseErrors, Rustc};
use crate::report::Reporter;
use crate::stages::{Part, Tool};
use crate::tool::{Launcher, ToolError};
use crate::toolchain::{self, Toolchain, ToolchainError};
use crate::workspace::{Access, Workspace, WorkspaceError, likely_root};
pub use dev::DevError;
pub use generate::RepositoryError;
pub use merge::MergeError;
pub(crate) use prepare::prepare_in;
pub use test::TestError;
pub use verify::VerifyError;

/// Everything that can end a command.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[expect(missing_docs, reason = "each variant is documented by the module whose error it is")]
pub enum Error {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(#[from] ManifestErrors),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Release(#[from] ReleaseErrors),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Toolchain(#[from] ToolchainError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Execute(#[from] ExecuteError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Dev(#[from] DevError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Merge(#[from] MergeError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Test(#[from] TestError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Usage(#[from] UsageError),
    #[error("cannot {action} {}", path.display())]
    #[diagnostic(help("the reason above is the system's own"))]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// What to show: the one error itself, where a collection holds only one.
    pub fn to_show(&self) -> &(dyn Diagnostic + 'static) {
        match self {
            Self::Release(ReleaseErrors { errors }) if errors.len() == 1 => &errors[0],
            Self::Merge(MergeError { problems }) if problems.len() == 1 => &problems[0],
            Self::Manifest(errors) if errors.errors().len() == 1 => &errors.errors()[0],
            Self::Execute(ExecuteError::Steps { failures, skipped: 0 }) if failures.len() == 1 => &failures[0],
            other => other,
        }
    }
}

impl Error {
    /// The commands that failed, as one can paste them.
    pub fn commands(&self) -> Vec<&str> {
        match self {
            Self::Tool(error) | Self::Workspace(WorkspaceError::Tool(error)) => error.command().into_iter().collect(),
            Self::Execute(ExecuteError::Steps { failures, .. }) => {
                failures.iter().filter_map(|failure| failure.error.command()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The command line asks for something that cannot be.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum UsageError {
    /// `-C` names no folder.
    #[error("there is no folder {}", folder.display())]
    #[diagnostic(help("-C takes the folder of a Cargo workspace"))]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A manifest is there already.
    #[error("these manifests are there already:\n  {}", files.join("\n  "))]
    #[diagnostic(help("to write them anew: build-tool init --force"))]
    ManifestsThere {
        /// The files.
        files: Vec<String>,
    },
    /// What was generated differs from what is there.
    #[error("{} is not what `build-tool generate` writes: {difference}", path.display())]
    #[diagnostic(help("run the same command without --check, and commit the result"))]
    Drift {
        /// The file.
        path: PathBuf,
        /// Where it begins to differ, or why it cannot be read.
        difference: String,
    },
    /// A verb that packs nothing was asked for a shard.
    #[error("a shard is a part of a release, and `build` packs nothing")]
    #[diagnostic(help("leave --shard out, or: build-tool release --shard"))]
    ShardOfBuild,
    /// Several apps, and none was named.
    #[error("this workspace has several apps: {}", apps.join(", "))]
    #[diagnostic(help("name one: build-tool dev -p {}", apps.first().map_or("APP", String::as_str)))]
    SeveralApps {
        /// The apps.
        apps: Vec<String>,
    },
}

/// Runs the command line's verb and says how the process ends.
///
/// # Errors
/// Whatever stopped it.
pub fn run(cli: &Cli, reporter: &Reporter) -> Result<u8, Error> {
    let folder = working_folder(cli)?;
    let dry_run = cli.dry_run;
    match &cli.command {
        Command::Plan { flags, format } => plan::run(&folder, flags, *format, reporter),
        Command::Release(flags) => release::run(&folder, flags, None, dry_run, reporter),
        Command::Package { flags, prebuilt } => {
            let imported = Imported::Folder(folder.join(prebuilt));
            release::run(&folder, flags, Some(imported), dry_run, reporter)
        }
        Command::Build(flags) => build::run(&folder, flags, dry_run, reporter),
        Command::Dev(flags) => dev::run(&folder, flags, dry_run, reporter),
        Command::Merge(flags) => merge::run(&folder, flags, dry_run, reporter),
        Command::Test(flags) => test::run(&folder, flags, dry_run, reporter),
        Command::Verify(flags) => verify::run(&folder, flags, dry_run, reporter),
        Command::Check => check::run(&folder, reporter),
        Command::Doctor { flags, install: false } => doctor::run(&folder, flags, reporter),
        Command::Doctor { flags, install: true } => doctor::install(&folder, flags, dry_run, reporter),
        Command::Init { force } => init::run(&folder, *force, dry_run, reporter),
        Command::Generate { what } => generate::run(&folder, what, dry_run, reporter),
        Command::Clean { cache, dist } => clean::run(&folder, *cache, dist, dry_run, reporter),
    }
}

fn working_folder(cli: &Cli) -> Result<PathBuf, Error> {
    let here =
        std::env::current_dir().map_err(|source| Error::File { action: "find", path: PathBuf::from("."), source })?;
    let folder = cli.directory.as_ref().map_or(here.clone(), |folder| here.join(folder));
    if folder.is_dir() { Ok(folder) } else { Err(UsageError::NoFolder { folder }.into()) }
}

/// What there is: workspace, compiler, repository, manifests.
pub(crate) struct Surroundings {
    pub(crate) workspace: Workspace,
    pub(crate) rustc: Rustc,
    pub(crate) git: GitReading,
    pub(crate) manifests: Manifests,
}

impl Surroundings {
    /// Reads everything, side by side: cargo, rustc and git do not need each other.
    pub(crate) fn read(launcher: &Launcher, folder: &Path, access: Access) -> Result<Self, Error> {
        let nearest = folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file());
        if let (Some(root), Some(nearest)) = (likely_root(folder), nearest)
            && root != folder
            && let Ok(surroundings) = Self::read_in(launcher, &root, access)
            && surroundings.workspace.root == root
            && surroundings.workspace.has_member_in(nearest)
        {
            return Ok(surroundings);
        }
        Self::read_in(launcher, folder, access)
    }

    fn read_in(launcher: &Launcher, folder: &Path, access: Access) -> Result<Self, Error> {
        let cargo = toolchain::cargo_program();
        let (workspace, rustc, git) = std::thread::scope(|scope| {
            let rustc = scope.spawn(|| toolchain::identify_rustc(launcher, folder));
            let git = scope.spawn(|| git::read(folder));
            let workspace = Workspace::read(launcher, &cargo, folder, access);
            let rustc = rustc.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let git = git.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (workspace, rustc, git)
        });
        let workspace = workspace?;
        let manifests = read_manifests(&workspace)?;
        Ok(Self { manifests, rustc: rustc?, git: git?, workspace })
    }
}

/// Reads the manifests of a workspace.
pub(crate) fn read_manifests(workspace: &Workspace) -> Result<Manifests, ManifestErrors> {
    let folders = Folders::load(&workspace.metadata.workspace_metadata, &workspace.root.join("Cargo.toml"))?;
    manifest::load_all(&workspace.root, &folders, &|name| std::env::var(name).ok())
}

/// How a verb wants its release.
pub(crate) struct Wish<'a> {
    pub(crate) flags: &'a ReleaseFlags,
    pub(crate) parts: &'a [Part],
    /// What the release is resolved for.
    pub(crate) purpose: Purpose,
    /// Whether a dirty tree is refused.
    pub(crate) refuse_dirty: bool,
    /// Binaries from elsewhere, in place of compiling.
    pub(crate) imported: Option<Imported>,
    /// Whether this verb may fetch what is missing; one that only shows says that it would be fetched.
    pub(crate) fetches: bool,
}

/// A resolved and planned release, and the programs to make it.
pub(crate) struct Prepared {
    pub(crate) workspace: Workspace,
    pub(crate) release: Release,
    pub(crate) plan: Plan,
    /// The programs that it takes, sorted.
    pub(crate) tools: Vec<Tool>,
    pub(crate) toolchain: Toolchain,
}

/// The way from a folder to a plan.
pub(crate) fn prepare(folder: &Path, wish: &Wish<'_>, reporter: &Reporter) -> Result<Prepared, Error> {
    let surroundings = Surroundings::read(&Launcher::new(), folder, wish.flags.access())?;
    prepare_in(surroundings, folder, wish, reporter)
}

/// How many things run side by side, when nobody says.
pub(crate) fn jobs(flags: &ReleaseFlags) -> usize {
    flags.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}
