//! git2 → commit, branch, dirty, describe, commit time. Read-only. A workspace
//! without a repository is fine: everything is then unknown.

use std::path::{Path, PathBuf};

use git2::build::CheckoutBuilder;
use git2::{
    DescribeFormatOptions, DescribeOptions, ErrorCode, ObjectType, Oid, Repository, Status, StatusOptions,
    SubmoduleIgnore, SubmoduleStatus, TreeWalkMode, TreeWalkResult,
};
use miette::Diagnostic;
use serde::{Deserialize, Serialize};

/// How many hexadecimal digits name a commit in version strings. Fixed: git's
/// own abbreviation depends on how many objects the clone happens to hold.
const SHORT_HASH: usize = 12;

/// Said where there is nothing to say.
pub const UNKNOWN: &str = "unknown";

/// The repository cannot be read.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum GitError {
    /// git2 refused.
    #[error("cannot read the git repository of {}", folder.display())]
    #[diagnostic(help("{}", advice(source)))]
    Repository {
        /// The folder that was asked about.
        folder: PathBuf,
        /// git2's reason.
        #[source]
        source: git2::Error,
    },
}

fn advice(error: &git2::Error) -> &'static str {
    if error.code() == ErrorCode::Owner {
        "the repository belongs to another user; if you trust it: git config --global --add safe.directory '*'"
    } else {
        "`git status` in that folder should say more"
    }
}

/// What git knows of the tree that is released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitState {
    /// The whole commit hash, or `unknown`.
    pub commit: String,
    /// The branch, `HEAD` where none is checked out, or `unknown`.
    pub branch: String,
    /// Whether a tracked file differs from HEAD.
    pub dirty: bool,
    /// Like `git describe --tags --always`, or `unknown`.
    pub describe: String,
    /// The committer's time in seconds since 1970, where there is a commit.
    pub commit_time: Option<u64>,
}

impl GitState {
    /// No repository, or one without a commit.
    pub fn unknown() -> Self {
        Self {
            commit: UNKNOWN.to_owned(),
            branch: UNKNOWN.to_owned(),
            dirty: false,
            describe: UNKNOWN.to_owned(),
            commit_time: None,
        }
    }

    /// The commit as version strings show it.
    pub fn short_commit(&self) -> &str {
        self.commit.get(..SHORT_HASH).unwrap_or(&self.commit)
    }
}

/// What was read, and what a refusal or a warning has to name.
#[derive(Debug, Clone)]
pub struct GitReading {
    /// The state of the tree.
    pub state: GitState,
    /// The tracked files that differ from HEAD, relative to the repository, sorted.
    pub changed: Vec<String>,
    /// Files and folders that git neither tracks nor ignores, relative to the repository, sorted.
    pub untracked: Vec<String>,
    /// The repository's work tree, where there is one.
    pub root: Option<PathBuf>,
}

impl GitReading {
    /// No repository, or one that says nothing of this tree.
    fn unknown(root: Option<PathBuf>) -> Self {
        Self { state: GitState::unknown(), changed: Vec::new(), untracked: Vec::new(), root }
    }
}

/// Reads the repository that holds `folder`. One that merely lies around an unrelated workspace, and
/// ignores it, holds nothing of it.
///
/// # Errors
/// There is a repository, but it cannot be read.
pub fn read(folder: &Path) -> Result<GitReading, GitError> {
    let failed = |source| GitError::Repository { folder: folder.to_owned(), source };
    let repository = match Repository::discover(folder) {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(GitReading::unknown(None)),
        Err(source) => return Err(failed(source)),
    };
    if ignores(&repository, folder).map_err(failed)? {
        return Ok(GitReading::unknown(None));
    }
    read_repository(&repository).map_err(failed)
}

/// Whether the repository ignores the nearest `Cargo.toml` at or above `folder`, and does not track it either.
fn ignores(repository: &Repository, folder: &Path) -> Result<bool, git2::Error> {
    let canonical = |path: &Path| std::fs::canonicalize(path).ok();
    let manifest = |folder: &Path| Some(folder.join("Cargo.toml")).filter(|manifest| manifest.is_file());
    let Some(nearest) = canonical(folder).and_then(|folder| folder.ancestors().find_map(manifest)) else {
        return Ok(false);
    };
    let Some(work_tree) = repository.workdir().and_then(canonical) else { return Ok(false) };
    let Ok(path) = nearest.strip_prefix(&work_tree) else { return Ok(false) };
    Ok(repository.index()?.get_path(path, 0).is_none() && repository.status_should_ignore(path)?)
}

fn read_repository(repository: &Repository) -> Result<GitReading, git2::Error> {
    let root = repository.workdir().map(Path::to_owned);
    let head = match repository.head() {
        Ok(head) => head,
        // A repository before its first commit has a branch, but nothing else to say.
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
            return Ok(GitReading::unknown(root));
        }
        Err(error) => return Err(error),
    };
    let commit = head.peel_to_commit()?;
    let branch = if repository.head_detached()? { "HEAD" } else { head.shorthand().unwrap_or(UNKNOWN) };
    let (changed, untracked) = differences(repository)?;
    let state = GitState {
        commit: commit.id().to_string(),
        branch: branch.to_owned(),
        dirty: !changed.is_empty(),
        describe: describe(repository)?,
        commit_time: Some(u64::try_from(commit.time().seconds()).unwrap_or(0)),
    };
    Ok(GitReading { state, changed, untracked, root })
}

fn describe(repository: &Repository) -> Result<String, git2::Error> {
    let mut format = DescribeFormatOptions::new();
    format.abbreviated_size(SHORT_HASH as u32);
    repository.describe(DescribeOptions::new().describe_tags().show_commit_oid_as_fallback(true))?.format(Some(&format))
}

/// Tracked files and submodules that differ from HEAD, and what is neither tracked nor ignored.
fn differences(repository: &Repository) -> Result<(Vec<String>, Vec<String>), git2::Error> {
    if repository.is_bare() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(false).include_ignored(false).exclude_submodules(true);
    let statuses = repository.statuses(Some(&mut options))?;
    let path = |entry: &git2::StatusEntry<'_>| String::from_utf8_lossy(entry.path_bytes()).into_owned();
    let (untracked, changed): (Vec<_>, Vec<_>) = statuses.iter().partition(|entry| entry.status() == Status::WT_NEW);
    let sorted = |entries: Vec<git2::StatusEntry<'_>>| {
        let mut paths: Vec<String> = entries.iter().map(path).collect();
        paths.sort();
        paths
    };
    let mut changed = sorted(changed);
    changed.extend(changed_submodules(repository)?);
    changed.sort();
    Ok((changed, sorted(untracked)))
}

/// Submodules at another commit than HEAD says, or with tracked files that differ from theirs. The
/// status of the files cannot say this: it would take a submodule's untracked files for a change.
fn changed_submodules(repository: &Repository) -> Result<Vec<String>, git2::Error> {
    let differs = SubmoduleStatus::INDEX_ADDED
        | SubmoduleStatus::INDEX_DELETED
        | SubmoduleStatus::INDEX_MODIFIED
        | SubmoduleStatus::WD_DELETED
        | SubmoduleStatus::WD_MODIFIED
        | SubmoduleStatus::WD_INDEX_MODIFIED
        | SubmoduleStatus::WD_WD_MODIFIED;
    let mut changed = Vec::new();
    for submodule in repository.submodules()? {
        let path = submodule.path().to_string_lossy().into_owned();
        if repository.submodule_status(&path, SubmoduleIgnore::Untracked)?.intersects(differs) {
            changed.push(path);
        }
    }
    Ok(changed)
}

/// Writes the files of `commit` into the empty folder `destination`, those of its submodules too.
///
/// # Errors
/// The commit is not in the repository, a submodule is not checked out, or the files cannot be written.
pub fn export(repository_folder: &Path, commit: &str, destination: &Path) -> Result<(), GitError> {
    let export = || export_commit(&Repository::discover(repository_folder)?, Oid::from_str(commit)?, destination);
    export().map_err(|source| GitError::Repository { folder: repository_folder.to_owned(), source })
}

fn export_commit(repository: &Repository, commit: Oid, destination: &Path) -> Result<(), git2::Error> {
    let commit = repository.find_commit(commit)?;
    let mut checkout = CheckoutBuilder::new();
    checkout.target_dir(destination).force().recreate_missing(true).update_index(false);
    repository.checkout_tree(commit.as_object(), Some(&mut checkout))?;
    let mut submodules = Vec::new();
    commit.tree()?.walk(TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(ObjectType::Commit) {
            submodules.push((format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes())), entry.id()));
        }
        TreeWalkResult::Ok
    })?;
    for (path, commit) in submodules {
        let destination = destination.join(&path);
        // The tree says which commit it needs; its objects are in the repository that is checked out here.
        let exported = std::fs::create_dir_all(&destination)
            .map_err(|error| git2::Error::from_str(&error.to_string()))
            .and_then(|()| repository.find_submodule(&path)?.open())
            .and_then(|submodule| export_commit(&submodule, commit, &destination));
        exported.map_err(|error| {
            let text = format!(
                "the submodule {path} cannot be read at {commit} ({}): git submodule update --init --recursive",
                error.message()
            );
            git2::Error::from_str(&text)
        })?;
    }
    Ok(())
}
