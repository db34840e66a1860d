//! What lies on the disk: whole folders as values that can be compared, and
//! what ordinary programs say of an archive.

use std::collections::{BTreeMap, BTreeSet};
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

/// The names in a folder without those of installers: for tests that are about something else.
pub(crate) fn files_but_installers(folder: &Path) -> Vec<String> {
    const ENDINGS: [&str; 6] = [".deb", ".rpm", ".apk", ".msi", ".pkg", ".dmg"];
    files(folder).into_iter().filter(|name| !ENDINGS.iter().any(|ending| name.ends_with(ending))).collect()
}

/// The files of a folder by name. `report.json` differs from run to run: it is left out.
pub(crate) fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = files(folder).into_iter().filter(|name| name != "report.json");
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// The files of a folder must be these; says which differ, and how if they are text.
#[track_caller]
pub(crate) fn assert_same(folder: &Path, expected: &BTreeMap<String, Vec<u8>>, what: &str) {
    let found = bytes_of(folder);
    let names: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    let differences: Vec<String> = names
        .into_iter()
        .filter(|name| found.get(*name) != expected.get(*name))
        .map(|name| {
            let shown = |bytes: Option<&Vec<u8>>| match bytes.map(|bytes| std::str::from_utf8(bytes)) {
                Some(Ok(text)) => text.to_owned(),
                Some(Err(_)) => format!("{} bytes", bytes.map_or(0, Vec::len)),
                None => "not there".to_owned(),
            };
            format!("{name}\n--- is\n{}\n--- should be\n{}", shown(found.get(name)), shown(expected.get(name)))
        })
        .collect();
    assert!(differences.is_empty(), "{what}: {}", differences.join("\n"));
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
