//! `verify --rebuild`: the same commit, compiled again in another folder by
//! this very program, must give the same bytes.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use release_formats::checksums::Checksums;

use super::{Proof, VerifyError};
use crate::artifact::ArtifactKind;
use crate::cli::VerifyFlags;
use crate::commands::Error;
use crate::description::Signature;
use crate::exit;
use crate::git::{self, UNKNOWN};
use crate::report::Reporter;
use crate::stages::release_json::{DescribedArtifact, Description};
use crate::stages::{checksums, release_json};
use crate::tool::{Invocation, Launcher, ToolError, signals};
use crate::toolchain::cargo_program;
use crate::workspace::{Access, Workspace};

/// Builds the described release again and compares.
pub(super) fn check(
    folder: &Path,
    released: &Path,
    flags: &VerifyFlags,
    sums: &Checksums,
    description: &Description,
    proof: &mut Proof,
    reporter: &Reporter,
) -> Result<(), Error> {
    let launcher = Launcher::new();
    let access = Access { locked: true, offline: flags.offline };
    let workspace = Workspace::read(&launcher, &cargo_program(), folder, access)?;
    let other = tempfile::tempdir().map_err(|source| Error::File {
        action: "create a folder in",
        path: std::env::temp_dir(),
        source,
    })?;
    let tree = other.path().join("tree");
    let root = lay_out(&workspace, released, description, &tree)?;
    let dist = other.path().join("dist");
    reporter.say(&format!("building the release again in {}", root.display()));
    let invocation = invocation(&root, &dist, &other.path().join("target"), flags, description)?;
    signals::watch(&launcher, || {
        launcher.stream(&invocation, &mut |_| {}, &mut |line| reporter.say(&format!("rebuild: {line}")))
    })
    .map_err(|error| not_rebuilt(error, released))?;
    let again: Checksums = fs::read_to_string(dist.join(checksums::FILE))
        .map_err(|source| Error::File { action: "read the checksums of", path: dist.clone(), source })?
        .parse()
        .unwrap_or_default();
    let before = proof.problems.len();
    let signed = signed_with_identity(description);
    let compared = sums.0.iter().filter(|(name, _)| !signed.contains(name.as_str()));
    let count = compared.clone().count();
    for (name, sum) in compared {
        match again.0.get(name) {
            Some(other) if other == sum => {}
            Some(other) => proof.problems.push(format!("{name}: built again it has SHA-256 {other}, not {sum}")),
            None => proof.problems.push(format!("{name}: built again it is not there")),
        }
    }
    if proof.problems.len() == before {
        proof.proved.push(format!("built again in another folder: {count} files, every byte the same"));
    }
    if !signed.is_empty() {
        let names = signed.into_iter().collect::<Vec<_>>().join(", ");
        let line = format!("not compared, since a certificate's signature cannot be made again: {names}");
        proof.proved.push(line);
    }
    Ok(())
}

/// The files that hold what a certificate signed, and so the description of their bytes.
fn signed_with_identity(description: &Description) -> BTreeSet<&str> {
    let by_identity: Vec<_> =
        description.programs.iter().filter(|program| program.signature == Some(Signature::Identity)).collect();
    let holds = |artifact: &&DescribedArtifact| {
        let has_programs = artifact.kind == ArtifactKind::Archive || artifact.kind.is_installer();
        artifact.signature == Some(Signature::Identity)
            || has_programs && by_identity.iter().any(|program| super::is_of(program, artifact))
    };
    let mut names: BTreeSet<&str> =
        description.artifacts.iter().filter(holds).map(|artifact| artifact.name.as_str()).collect();
    if !names.is_empty() {
        names.insert(release_json::FILE);
    }
    names
}

/// What the child's end means for us: a signal is a signal, but a release that cannot be made again is not proved.
fn not_rebuilt(error: ToolError, released: &Path) -> Error {
    let ToolError::Failed { status, tail, .. } = &error else { return error.into() };
    match status.code() {
        // As the child says that it was stopped: 128 + the signal's number.
        Some(code @ (130 | 143)) => ToolError::Cancelled { signal: code - 128 }.into(),
        code => VerifyError::NotRebuilt {
            dist: released.to_owned(),
            tool_missing: code == Some(i32::from(exit::MISSING_TOOL)),
            tail: tail.clone(),
        }
        .into(),
    }
}

/// Puts the released tree into `tree`; says where in it the workspace's root is.
fn lay_out(workspace: &Workspace, released: &Path, description: &Description, tree: &Path) -> Result<PathBuf, Error> {
    let root = &workspace.root;
    let failed = |source| Error::File { action: "copy the workspace to", path: tree.to_owned(), source };
    fs::create_dir_all(tree).map_err(failed)?;
    if description.git.commit == UNKNOWN || description.git.dirty {
        // No commit says what was released: what is here now is the best guess, and a wrong one shows.
        copy_tree(root, tree, [&workspace.target_directory, released]).map_err(failed)?;
        return Ok(tree.to_owned());
    }
    git::export(root, &description.git.commit, tree)?;
    let repository = git::read(root)?.root.unwrap_or_else(|| root.to_owned());
    let canonical = |path: &Path| fs::canonicalize(path).map_err(failed);
    let (root, repository) = (canonical(root)?, canonical(&repository)?);
    Ok(tree.join(root.strip_prefix(repository).unwrap_or(Path::new(""))))
}

/// What is not ignored, and neither the repository's own nor made here. Only the very folders that
/// cargo and we write to are left out: sources may well lie in a folder called `target` or `dist`.
fn copy_tree(from: &Path, to: &Path, made_here: [&Path; 2]) -> io::Result<()> {
    let from = &fs::canonicalize(from)?;
    // A folder that is not there needs no leaving out.
    let mut left_out: Vec<PathBuf> = made_here.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    left_out.push(from.join(".git"));
    let walk = ignore::WalkBuilder::new(from)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .filter_entry(move |entry| !left_out.iter().any(|folder| folder == entry.path()))
        .build();
    for entry in walk {
        let entry = entry.map_err(io::Error::other)?;
        let Ok(relative) = entry.path().strip_prefix(from) else { continue };
        let destination = to.join(relative);
        if entry.path().is_dir() {
            fs::create_dir_all(destination)?;
        } else if entry.path().is_file() {
            fs::copy(entry.path(), destination)?;
        }
    }
    Ok(())
}

/// The same release, as its description says it was asked for.
fn invocation(
    root: &Path,
    dist: &Path,
    target: &Path,
    flags: &VerifyFlags,
    description: &Description,
) -> Result<Invocation, Error> {
    let program = std::env::current_exe().map_err(|source| Error::File {
        action: "find",
        path: PathBuf::from("build-tool"),
        source,
    })?;
    let git = serde_json::to_string(&description.git).unwrap_or_default();
    let mut call = Invocation::new(program, "build the release again")
        .args(["--color", "never", "release", "--allow-dirty", "--git-state"])
        .arg(git)
        .args(["--compiler", &description.rustc])
        .arg("--dist")
        .arg(dist)
        .cwd(root)
        .env("CARGO_TARGET_DIR", target);
    call = match description.build.source_date_epoch {
        Some(epoch) => call.env("SOURCE_DATE_EPOCH", epoch.to_string()),
        None => call.env_remove("SOURCE_DATE_EPOCH"),
    };
    for triple in description.backends.keys() {
        call = call.args(["--target", triple]);
    }
    for app in &description.apps {
        call = call.args(["--package", &app.name]);
    }
    let build = &description.build;
    for (flag, values) in [("--features", &build.features), ("--skip", &build.skip)] {
        for value in values {
            call = call.args([flag, value]);
        }
    }
    if let Some(profile) = &build.profile {
        call = call.args(["--profile", profile]);
    }
    for (flag, on) in [
        ("--all-features", build.all_features),
        ("--no-default-features", build.no_default_features),
        ("--offline", flags.offline),
        // Nobody but its owner has the certificate.
        ("--no-identity", build.no_identity || !signed_with_identity(description).is_empty()),
    ] {
        if on {
            call = call.arg(flag);
        }
    }
    Ok(call)
}
