//! The payload as Windows Installer wants it: directories, a component for every file, and how all of it goes again.

use std::collections::BTreeMap;

use super::super::cabinet::CabinetFile;
use super::super::database::{DatabaseWriter, Value};
use super::super::identity::Identity;
use super::super::names::{check, with_short_names};
use super::super::{Msi, MsiError};
use super::{FEATURE, INSTALL_FOLDER, IS_64_BIT, PROGRAM_FILES};
use crate::payload::{Content, Mark, NodeKind, Payload};

/// The File and the Media table number files with 16 bits, signed.
const MAX_FILES: usize = 32767;
/// msidbFileAttributesVital: an installation without it is none.
const VITAL: i32 = 512;
/// msidbComponentAttributesPermanent and msidbComponentAttributesNeverOverwrite.
const KEEP: i32 = 16 | 128;
/// msidbRemoveFileInstallModeOnRemove.
pub(super) const ON_REMOVE: i32 = 2;

/// A file and its place.
struct File<'a> {
    path: &'a str,
    size: u64,
    content: &'a Content,
    mark: Mark,
}

/// The payload, planned.
pub(in crate::msi) struct Files<'a> {
    files: Vec<File<'a>>,
    /// Every directory by its path, with its key in the Directory table; the install folder itself has no name.
    directories: BTreeMap<&'a str, String>,
    /// Those that hold nothing.
    empty: Vec<&'a str>,
}

/// Checks that Windows can hold the payload, and numbers it.
pub(in crate::msi) fn plan_files<'a>(payload: &'a Payload) -> Result<Files<'a>, MsiError> {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    let mut directories = BTreeMap::from([("", INSTALL_FOLDER.to_owned())]);
    let mut lower: BTreeMap<String, &str> = BTreeMap::new();
    for (path, node) in payload.with_parents() {
        let name = path.rsplit('/').next().unwrap_or_default();
        check(name).map_err(|reason| MsiError::Node { path: path.to_owned(), reason })?;
        if let Some(other) = lower.insert(path.to_lowercase(), path) {
            return Err(MsiError::SameName(other.to_owned(), path.to_owned()));
        }
        match node.map(|node| (&node.kind, node.mark)) {
            Some((NodeKind::File(content), mark)) => files.push(File { path, size: content.size()?, content, mark }),
            Some((NodeKind::Symlink(_), _)) => {
                let reason = "Windows Installer knows no symbolic links; install the file itself";
                return Err(MsiError::Node { path: path.to_owned(), reason });
            }
            Some((NodeKind::Directory, _)) | None => {
                directories.insert(path, format!("D{}", directories.len()));
                empty.push(path);
            }
        }
    }
    let below = |directory: &str, path: &str| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
    let full = |directory: &&str| {
        files.iter().map(|file| file.path).chain(directories.keys().copied()).any(|path| below(directory, path))
    };
    empty.retain(|directory| !full(directory));
    if files.is_empty() {
        return Err(MsiError::Empty);
    }
    if files.len() > MAX_FILES {
        return Err(MsiError::TooLarge("it has more than 32767 files"));
    }
    Ok(Files { files, directories, empty })
}

impl<'a> Files<'a> {
    /// The files in the order of the cabinet, each by its key in the File table.
    pub(in crate::msi) fn cabinet(&self) -> Vec<CabinetFile<'a>> {
        let files = self.files.iter().enumerate();
        files.map(|(at, file)| CabinetFile { name: key("F", at), size: file.size, content: file.content }).collect()
    }

    /// Bytes of all files.
    pub(in crate::msi) fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// The key of a directory in the Directory table.
    pub(super) fn directory(&self, path: &str) -> Option<&str> {
        self.directories.get(path).map(String::as_str)
    }

    /// The keys of a file and of its directory.
    pub(super) fn file(&self, path: &str) -> Option<(String, &str)> {
        let at = self.files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        Some((key("F", at), self.directory(parent(path))?))
    }

    pub(super) fn add_rows(
        &self,
        database: &mut DatabaseWriter,
        msi: &Msi,
        identity: &Identity,
    ) -> Result<(), MsiError> {
        self.add_directories(database, msi)?;
        let mut names = self.names();
        for (at, file) in self.files.iter().enumerate() {
            let (file_key, component) = (key("F", at), key("C", at));
            let directory = self.directory(parent(file.path)).unwrap_or(INSTALL_FOLDER);
            // What the user has changed outlives removal, and so every upgrade, which removes the old version.
            let keep = match file.mark {
                Mark::Config | Mark::ConfigNoReplace => KEEP,
                Mark::None | Mark::Documentation | Mark::Licence => 0,
            };
            let id = identity.component("file", file.path);
            add_component(database, &component, id, directory, IS_64_BIT | keep, "", &file_key);
            let name = names.remove(file.path).unwrap_or_default();
            database.row(
                "File",
                [
                    file_key.into(),
                    component.into(),
                    name.into(),
                    // No longer than a cabinet takes, which is less than 2 GiB.
                    (i32::try_from(file.size).unwrap_or(i32::MAX)).into(),
                    Value::Null,
                    Value::Null,
                    VITAL.into(),
                    (at as i32 + 1).into(),
                ],
            );
        }
        let cabinet = format!("#{}", super::CABINET);
        let last = self.files.len() as i32;
        database.row("Media", [1.into(), last.into(), Value::Null, cabinet.into(), Value::Null, Value::Null]);
        for (at, path) in self.empty.iter().enumerate() {
            let component = key("E", at);
            let directory = self.directory(path).unwrap_or(INSTALL_FOLDER);
            add_component(database, &component, identity.component("folder", path), directory, IS_64_BIT, "", "");
            database.row("CreateFolder", [directory.into(), component.into()]);
        }
        // The innermost first, since only an empty folder goes. All hang on a component that is always removed.
        for (at, directory) in self.directories.values().rev().enumerate() {
            database.row(
                "RemoveFile",
                [
                    key("R", at).into(),
                    super::product::REGISTRATION.into(),
                    Value::Null,
                    directory.into(),
                    ON_REMOVE.into(),
                ],
            );
        }
        Ok(())
    }

    fn add_directories(&self, database: &mut DatabaseWriter, msi: &Msi) -> Result<(), MsiError> {
        check(&msi.install_folder).map_err(|reason| MsiError::Value {
            what: "install folder",
            value: msi.install_folder.clone(),
            reason: reason.to_owned(),
        })?;
        let mut row = |directory: &str, parent: Value, name: &str| {
            database.row("Directory", [directory.into(), parent, name.into()]);
        };
        row("TARGETDIR", Value::Null, "SourceDir");
        row(PROGRAM_FILES, "TARGETDIR".into(), ".");
        row(INSTALL_FOLDER, PROGRAM_FILES.into(), &with_short_names(&[&msi.install_folder]).concat());
        let mut names = self.names();
        for (path, directory) in &self.directories {
            if let Some(name) = names.remove(path) {
                row(directory, self.directory(parent(path)).into(), &name);
            }
        }
        Ok(())
    }

    /// The names of all files and directories with their short ones, by path.
    fn names(&self) -> BTreeMap<&'a str, String> {
        let mut by_parent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let directories = self.directories.keys().copied().filter(|path| !path.is_empty());
        for path in self.files.iter().map(|file| file.path).chain(directories) {
            by_parent.entry(parent(path)).or_default().push(path);
        }
        let mut all = BTreeMap::new();
        for paths in by_parent.values_mut() {
            paths.sort_unstable();
            let names: Vec<&str> = paths.iter().map(|path| path.rsplit('/').next().unwrap_or_default()).collect();
            all.extend(paths.iter().copied().zip(with_short_names(&names)));
        }
        all
    }
}

/// A component of the one feature.
pub(super) fn add_component(
    database: &mut DatabaseWriter,
    component: &str,
    id: String,
    directory: &str,
    attributes: i32,
    condition: &str,
    key_path: &str,
) {
    let row = [component.into(), id.into(), directory.into(), attributes.into(), condition.into(), key_path.into()];
    database.row("Component", row);
    database.row("FeatureComponents", [FEATURE.into(), component.into()]);
}

fn key(letter: &str, at: usize) -> String {
    format!("{letter}{}", at + 1)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}
