//! The files that go into archives beside the binaries: documents that are
//! found by themselves, and what the package manifest names.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use globset::{GlobBuilder, GlobMatcher};
use located::{Located, LocatedError};

use super::PackagedFile;
use super::error::Problem;
use crate::manifest::package::FileEntry;

/// Documents that users expect in an archive, by the beginning of their names.
const DOCUMENTS: [&str; 8] =
    ["README", "LICENSE", "LICENCE", "UNLICENSE", "COPYING", "COPYRIGHT", "NOTICE", "CHANGELOG"];

/// Endings of files that are documents; others are sources, data, backups of editors and of merges.
const DOCUMENT_ENDINGS: [&str; 8] = ["md", "txt", "rst", "adoc", "asciidoc", "html", "org", "pdf"];

/// Who asked for a file: one that was found by itself may be replaced by the manifest's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Found,
    Manifest,
}

/// Documents of the package, else of the workspace's root, and the manifest's files, by destination.
pub(super) fn find(
    root: &Path,
    package: &Package,
    entries: &[Located<FileEntry>],
    problems: &mut Vec<LocatedError<Problem>>,
) -> Vec<PackagedFile> {
    let documents = documents_of(root, package).into_iter().map(|(name, source)| {
        let file = PackagedFile { source, destination: PathBuf::from(name), executable: false };
        (file.destination.clone(), (file, Origin::Found))
    });
    let mut found: BTreeMap<PathBuf, (PackagedFile, Origin)> = documents.collect();
    for entry in entries {
        let destination = match (&entry.kind, &entry.archive) {
            (None, _) => entry.destination.as_ref().map_or("", |destination| destination.as_str()),
            (Some(_), Some(in_archive)) => in_archive.as_str(),
            (Some(_), None) => continue,
        };
        for (source, destination) in matches(root, entry, destination, problems) {
            let file = PackagedFile { executable: is_executable(&source), source, destination };
            if let Some((other, Origin::Manifest)) = found.get(&file.destination)
                && other.source != file.source
            {
                let destination = file.destination.to_string_lossy().into_owned();
                let sources = (other.source.clone(), file.source.clone());
                problems.push(entry.explain(Problem::DuplicateFile { destination, sources }, "the second"));
            }
            found.insert(file.destination.clone(), (file, Origin::Manifest));
        }
    }
    found.retain(|_, (file, _)| match leads_outside(root, &file.source) {
        Ok(None) => true,
        Ok(Some(leads_to)) => {
            problems.push(LocatedError::nowhere(Problem::Outside { path: file.source.clone(), leads_to }));
            false
        }
        Err(error) => {
            let (path, reason) = (file.source.clone(), error.to_string());
            problems.push(LocatedError::nowhere(Problem::Unreadable { path, reason }));
            false
        }
    });
    found.into_values().map(|(file, _)| file).collect()
}

/// The documents of a package by their names: its own, which win, and the workspace's.
pub(super) fn documents_of(root: &Path, package: &Package) -> BTreeMap<OsString, PathBuf> {
    let package_folder = package.manifest_path.parent().map_or(root, |folder| folder.as_std_path());
    let named = [package.license_file(), package.readme()].into_iter().flatten().map(|path| path.into_std_path_buf());
    let all = documents(root).into_iter().chain(documents(package_folder)).chain(named.filter(|path| path.is_file()));
    all.filter_map(|source| Some((source.file_name()?.to_owned(), source))).collect()
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| is_document(&name.to_string_lossy())) && path.is_file())
        .collect();
    found.sort();
    found
}

fn is_document(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    // `COPYING.LESSER` and `LICENSE-APACHE-2.0` have no ending: that is part of the name.
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    DOCUMENTS.iter().any(|word| upper.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
        && !name.ends_with('~')
        && (extension.chars().all(is_name) || DOCUMENT_ENDINGS.contains(&extension.to_ascii_lowercase().as_str()))
}

/// The files that one entry of the manifest names, each with its path at `destination`: a folder, or one file's.
pub(super) fn matches(
    root: &Path,
    entry: &FileEntry,
    destination: &str,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Vec<(PathBuf, PathBuf)> {
    let Some(named) = &entry.source else { return Vec::new() };
    match sources(root, named) {
        Ok(sources) => at(sources, destination),
        Err(problem) => {
            let label = if matches!(problem, Problem::NoMatch { .. }) { "matches nothing" } else { "here" };
            problems.push(named.explain(problem, label));
            Vec::new()
        }
    }
}

/// The files of a glob, sorted, each with its path below the folders that the glob names outright.
pub(super) fn sources(root: &Path, glob: &str) -> Result<Vec<(PathBuf, PathBuf)>, Problem> {
    let matcher = match GlobBuilder::new(glob).literal_separator(true).build() {
        Ok(matcher) => matcher.compile_matcher(),
        Err(error) => return Err(Problem::BadGlob { glob: glob.to_owned(), reason: error.kind().to_string() }),
    };
    let fixed = root.join(fixed_part(glob));
    let mut sources = Vec::new();
    collect(root, &fixed, &matcher, &mut sources);
    sources.sort();
    if sources.is_empty() {
        return Err(Problem::NoMatch { glob: glob.to_owned() });
    }
    let with_path = |source: PathBuf| {
        let inside = source.strip_prefix(&fixed).ok().filter(|path| !path.as_os_str().is_empty());
        let inside = inside.map_or_else(|| source.file_name().unwrap_or_default().into(), Path::to_path_buf);
        (source, inside)
    };
    Ok(sources.into_iter().map(with_path).collect())
}

/// Where files go that were found: into a folder, unless it is one file and the destination names a file.
pub(super) fn at(sources: Vec<(PathBuf, PathBuf)>, destination: &str) -> Vec<(PathBuf, PathBuf)> {
    let folder = destination.is_empty() || destination.ends_with('/') || sources.len() > 1;
    let place = |inside: PathBuf| if folder { Path::new(destination).join(inside) } else { destination.into() };
    sources.into_iter().map(|(source, inside)| (source, place(inside))).collect()
}

/// The folders of a glob before its first special character.
fn fixed_part(glob: &str) -> PathBuf {
    let parts: Vec<_> = glob.split('/').collect();
    let folders = &parts[..parts.len().saturating_sub(1)];
    folders.iter().take_while(|part| !part.contains(['*', '?', '[', '{'])).collect()
}

fn collect(root: &Path, folder: &Path, matcher: &GlobMatcher, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(relative) = path.strip_prefix(root) else { continue };
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && entry.file_name() != ".git" {
            collect(root, &path, matcher, found);
        } else if !is_folder && matcher.is_match(relative) && path.is_file() {
            found.push(path);
        }
    }
}

/// Where a file really is, if that is outside the workspace.
pub(super) fn leads_outside(root: &Path, file: &Path) -> std::io::Result<Option<PathBuf>> {
    let real = fs::canonicalize(file)?;
    let root = fs::canonicalize(root)?;
    Ok((!real.starts_with(root)).then_some(real))
}

#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // The owner's bit only: what others may do depends on the umask of whoever checked the tree out.
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_known_by_their_names() {
        for name in ["README.md", "LICENSE-MIT", "license.txt", "COPYING", "CHANGELOG.md", "UNLICENSE", "README.rst"] {
            assert!(is_document(name), "{name}");
        }
        for name in ["LICENSE-APACHE-2.0", "COPYING.LESSER", "README.MD"] {
            assert!(is_document(name), "{name}");
        }
        for name in ["README.md~", "LICENSE~", "LICENSE.orig", "README.md.bak", "COPYING.swp"] {
            assert!(!is_document(name), "{name}");
        }
        for name in ["readme.rs", "licenses.toml", "READMEs", "main.rs", "license.json"] {
            assert!(!is_document(name), "{name}");
        }
    }

    #[test]
    fn the_fixed_part_of_a_glob_ends_before_its_first_special_character() {
        assert_eq!(fixed_part("man/**/*.1"), Path::new("man"));
        assert_eq!(fixed_part("a/b/c.txt"), Path::new("a/b"));
        assert_eq!(fixed_part("*.md"), Path::new(""));
    }
}
