//! The dist folder at the beginning and the end of a run: what an interrupted
//! run left behind goes, our own stale files go, a stranger's file is named
//! and left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use release_formats::checksums::sha256_file;

use super::Run;
use super::journal::Journal;
use crate::artifact::ArtifactKind;
use crate::plan::Plan;
use crate::release::Imported;
use crate::shard;
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

/// More than any description or list of checksums takes, in bytes.
const LARGEST_TEXT: u64 = 64 << 20;

/// Reads a description or checksums from a folder that nobody vouches for: a pipe would never end,
/// and no release writes one that is this large.
pub fn read_text_file(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = regular_file(path)?;
    if metadata.len() > LARGEST_TEXT {
        return Err(io::Error::other(format!("{} bytes, more than the {LARGEST_TEXT} it may have", metadata.len())));
    }
    let mut text = Vec::new();
    fs::File::open(path)?.take(LARGEST_TEXT).read_to_end(&mut text)?;
    Ok(text)
}

/// Whether one can read `path` to its end.
pub fn regular_file(path: &Path) -> io::Result<fs::Metadata> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() { Ok(metadata) } else { Err(io::Error::other("not a regular file")) }
}

/// What in a dist folder is ours: what the journal says that we put there, and what the folder's
/// own release.json describes, which outlives the journal.
#[derive(Debug, Default)]
pub struct Claims {
    shipped: BTreeSet<PathBuf>,
    /// With the SHA-256 where the description gives one: it does not list the seals.
    described: BTreeMap<PathBuf, Option<String>>,
}

impl Claims {
    /// Reads what the folder says of itself. To be asked before the seals are broken.
    pub(super) fn read(dist: &Path, journal: &Journal) -> Self {
        let shipped: BTreeSet<PathBuf> =
            journal.shipped().filter(|path| path.parent() == Some(dist)).cloned().collect();
        let mut described = BTreeMap::new();
        let text = read_text_file(&dist.join(release_json::FILE)).ok();
        let description = text.and_then(|text| serde_json::from_slice::<Description>(&text).ok());
        if let Some(description) = description.filter(|description| description.schema == release_json::SCHEMA) {
            // A name with a folder in it is nothing that a release writes.
            let plain = description.artifacts.into_iter().filter(|artifact| !artifact.name.contains(['/', '\\']));
            described.extend(plain.map(|artifact| (dist.join(&artifact.name), Some(artifact.sha256))));
            described.extend([checksums::FILE, release_json::FILE, REPORT].map(|name| (dist.join(name), None)));
        } else if !shipped.is_empty() {
            // The journal does not list the report.
            described.insert(dist.join(REPORT), None);
        }
        Self { shipped, described }
    }

    /// Of the folder of a workspace that is at rest; nothing is changed, the journal neither.
    pub fn at_rest(dist: &Path, state: &Path) -> io::Result<Self> {
        // Opening a journal may mend it: a copy is as good to read.
        let copy = tempfile::NamedTempFile::new()?;
        match fs::copy(state.join(super::JOURNAL), copy.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self::read(dist, &Journal::open(copy.path())?))
    }

    /// Whether a file of this name would be ours: then it may be replaced.
    fn names(&self, path: &Path) -> bool {
        self.shipped.contains(path) || self.described.contains_key(path)
    }

    /// Whether the file is ours by its content, too, where only the description speaks for it: then it may go.
    pub fn owns(&self, path: &Path) -> bool {
        if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
            return false;
        }
        let same = |sum: &str| sha256_file(path).is_ok_and(|(found, _)| found.to_string() == sum);
        let described = self.described.get(path).is_some_and(|sum| sum.as_deref().is_none_or(same));
        described || self.shipped.contains(path)
    }

    /// The names that are ours, there or not, sorted.
    pub fn files(&self) -> BTreeSet<&Path> {
        self.shipped.iter().chain(self.described.keys()).map(PathBuf::as_path).collect()
    }
}

/// A stranger's file that lies where the release would write one of its own.
pub(super) fn in_the_way(plan: &Plan, dist: &Path, claims: &Claims) -> Option<PathBuf> {
    let planned = plan.dist_files().map(|output| output.path.clone());
    let mut written = planned.chain([dist.join(REPORT)]);
    written.find(|path| fs::symlink_metadata(path).is_ok() && !claims.names(path))
}

/// Said of such a file.
pub(super) fn not_ours() -> io::Error {
    let text = "it is there already, and no release of ours says that it made it: \
                choose another folder (--dist DIR), or remove the file";
    io::Error::new(io::ErrorKind::AlreadyExists, text)
}

/// Our seals of a release: while it is being changed, nothing may say that it is whole.
/// One that this run has found to stand (`stands`) is its own: only a seal over it is made anew.
pub(super) fn break_seals(dist: &Path, claims: &Claims, stands: impl Fn(&Path) -> bool) -> io::Result<()> {
    let seals = [checksums::FILE, release_json::FILE, REPORT].map(|name| dist.join(name));
    for seal in seals.iter().filter(|seal| claims.names(seal) && !stands(seal)) {
        match fs::remove_file(seal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes our own files that are not in this plan, and names those of others.
pub(super) fn settle(run: &Run<'_>) -> io::Result<Vec<String>> {
    let dist = &run.release.folders.dist;
    let planned: BTreeSet<&Path> = run.plan.dist_files().map(|output| output.path.as_path()).collect();
    // The parts of one release may lie in one folder, and the release that is merged from them beside them.
    let gathers_shards = matches!(run.release.imported, Some(Imported::Shards(_)))
        || run.plan.dist_files().any(|output| output.id.kind == ArtifactKind::Shard);
    let mut strangers = Vec::new();
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if planned.contains(path.as_path()) || name == REPORT || (gathers_shards && shard::is_file_name(&name)) {
            continue;
        }
        if run.claims.owns(&path) {
            fs::remove_file(&path)?;
        } else {
            strangers.push(name);
        }
    }
    strangers.sort();
    Ok(strangers)
}
