//! `clean`: removes what the tool has made, and nothing of anybody else's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use crate::execute::{self, Claims, LOCK};
use crate::exit;
use crate::report::Reporter;
use crate::tool::{Invocation, Launcher};
use crate::toolchain::cargo_program;
use crate::workspace::{Access, Workspace};

/// Removes what is in the work folder and our own files of the dist folder; with `cache` what cargo built, too.
pub(super) fn run(folder: &Path, cache: bool, dist: &Path, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let launcher = Launcher::new();
    let workspace = Workspace::read(&launcher, &cargo_program(), folder, Access::default())?;
    let state = workspace.target_directory.join("build-tool");
    let dist = super::prepare::dist_base(folder, dist, &workspace.root).join(dist);
    // Nobody may be making what is removed here; without the folder nobody is.
    let _lock =
        if dry_run || !state.is_dir() { None } else { Some(execute::lock(&state, &|event| reporter.event(&event))?) };
    let claims = Claims::at_rest(&dist, &state).map_err(|source| Error::File {
        action: "read the journal of",
        path: state.clone(),
        source,
    })?;
    let mut gone: Vec<PathBuf> =
        claims.files().into_iter().filter(|path| claims.owns(path)).map(Path::to_path_buf).collect();
    gone.extend(contents(&state));
    if cache {
        gone.push(workspace.target_directory.clone());
    }
    for path in gone.iter().filter(|path| path.exists()) {
        if !dry_run {
            remove(path).map_err(|source| Error::File { action: "remove", path: path.clone(), source })?;
        }
        reporter.result(&format!("{}\n", path.display()));
        reporter.object(&serde_json::json!({ "event": "removed", "path": path, "dry_run": dry_run }));
    }
    if cache && !dry_run {
        // cargo knows what else is its own.
        launcher.read(&Invocation::new(cargo_program(), "clean what cargo built").arg("clean").cwd(folder))?;
    }
    if !dry_run {
        // Only an empty folder goes: a stranger's file keeps it.
        let _stays_with_strangers = fs::remove_dir(&dist);
    }
    Ok(exit::DONE)
}

/// Everything in the work folder but the lock, which is held and which others may be waiting at.
fn contents(state: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(state).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.filter(|entry| entry.file_name() != LOCK).map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}
