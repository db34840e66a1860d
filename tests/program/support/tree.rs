//! What lies on the disk: whole folders as values that can be compared, and
//! what ordinary programs say of an archive.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::run::tool;

/// Everything about a file that a program could have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node {
    mode: u32,
    changed: (i64, i64),
    content: Vec<u8>,
}

/// A folder and all below it. Two are equal if nothing was touched in between.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Node> {
    let mut found = BTreeMap::new();
    collect(folder, &mut found);
    found
}

fn collect(path: &Path, found: &mut BTreeMap<PathBuf, Node>) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let content = if metadata.is_file() { fs::read(path).unwrap() } else { Vec::new() };
    let node = Node { mode: metadata.mode(), changed: (metadata.mtime(), metadata.mtime_nsec()), content };
    found.insert(path.to_owned(), node);
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), found);
        }
    }
}

/// The names in a folder, sorted, hidden ones too.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The files of a folder by name. `report.json` differs from run to run: it is left out.
pub(crate) fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = files(folder).into_iter().filter(|name| name != "report.json");
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// The text of a release's checksums.
#[track_caller]
pub(crate) fn sums(dist: &Path) -> String {
    fs::read_to_string(dist.join("SHA256SUMS")).unwrap_or_else(|error| panic!("{}: {error}", dist.display()))
}

/// The entries of an archive, as `tar` and `unzip` name them.
pub(crate) fn entries(archive: &Path) -> Vec<String> {
    let path = archive.to_str().unwrap();
    let text = if path.ends_with(".zip") { tool("unzip", &["-Z1", path]) } else { tool("tar", &["-tf", path]) };
    text.lines().map(str::to_owned).collect()
}
