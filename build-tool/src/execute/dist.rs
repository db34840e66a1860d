//! The dist folder at the beginning and the end of a run: what an interrupted
//! run left behind goes, our own stale files go, a stranger's file is named
//! and left.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Run;
use crate::stages::checksums;
use crate::stages::release_json::{self, Description};

/// Said beside the release, in no checksum: what differs from machine to machine.
pub const REPORT: &str = "report.json";

/// Removes half-written files that a killed run left.
pub(super) fn remove_partials(partial: &Path, dist: &Path) {
    let ours = |folder: &Path, everything: bool| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let is_partial = |name: &str| everything || (name.starts_with('.') && name.ends_with(".partial"));
        entries.filter(|entry| is_partial(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
    };
    for path in ours(partial, true).into_iter().chain(ours(dist, false)) {
        let _may_be_gone = fs::remove_file(path);
    }
}

/// The seals of a release: while it is being changed, nothing may say that it is whole.
/// One that this run has found to stand (`stands`) is its own: only a seal over it is made anew.
pub(super) fn break_seals(dist: &Path, stands: impl Fn(&Path) -> bool) -> io::Result<()> {
    let seals = [checksums::FILE, release_json::FILE, REPORT].map(|name| dist.join(name));
    for seal in seals.iter().filter(|seal| !stands(seal)) {
        match fs::remove_file(seal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The files in a dist folder that an earlier release put there, as its own description says.
pub fn own_files(dist: &Path) -> BTreeSet<PathBuf> {
    let mut own: BTreeSet<PathBuf> =
        [checksums::FILE, release_json::FILE, REPORT].iter().map(|name| dist.join(name)).collect();
    let description = fs::read(dist.join(release_json::FILE)).ok();
    if let Some(description) = description.and_then(|text| serde_json::from_slice::<Description>(&text).ok()) {
        let names = description.artifacts.into_iter().map(|artifact| artifact.name);
        // A name with a folder in it is nothing that a release writes.
        own.extend(names.filter(|name| !name.contains(['/', '\\'])).map(|name| dist.join(name)));
    }
    own
}

/// Removes our own files that are not in this plan, and names those of others.
pub(super) fn settle(run: &Run<'_>) -> io::Result<Vec<String>> {
    let dist = &run.release.folders.dist;
    let planned: BTreeSet<&Path> = run.plan.dist_files().map(|output| output.path.as_path()).collect();
    let shipped: BTreeSet<PathBuf> = run.journal().shipped().cloned().collect();
    let mut strangers = Vec::new();
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if planned.contains(path.as_path()) || name == REPORT {
            continue;
        }
        if shipped.contains(&path) && path.is_file() {
            fs::remove_file(&path)?;
        } else {
            strangers.push(name);
        }
    }
    strangers.sort();
    Ok(strangers)
}
