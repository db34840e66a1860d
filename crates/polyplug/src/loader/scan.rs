//! Finds the bundles in folders. What is broken is told and hides nothing.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use polyplug_abi::types::LogLevel;

use super::{MANIFEST_FILE, ManifestData};
use crate::error::ManifestError;
use crate::logger::LoggerHandle;

/// What there is in the folders.
#[derive(Debug, Default)]
pub struct ScanResult {
    /// The bundles with their folders: folder by folder, each sorted by the bytes of the subfolders' names.
    pub found: Vec<(PathBuf, ManifestData)>,
    /// What is broken.
    pub diagnostics: Vec<ScanDiagnostic>,
    /// What is no bundle, or was seen before.
    pub ignored: Vec<Ignored>,
}

/// Something broken that the scan has come across.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScanDiagnostic {
    /// A plugin folder is not there, or cannot be read.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Something in a plugin folder cannot be looked at: a link that leads nowhere, say.
    Entry {
        /// It.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A plugin folder is a bundle itself: the folder above was meant.
    FolderIsBundle {
        /// The folder.
        folder: PathBuf,
    },
    /// A bundle's manifest is no good.
    Manifest {
        /// The bundle's folder.
        folder: PathBuf,
        /// Why.
        error: ManifestError,
    },
}

impl fmt::Display for ScanDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { folder, error } => {
                write!(f, "the plugin folder {} cannot be read: {error}", folder.display())
            }
            Self::Entry { path, error } => write!(f, "{} cannot be looked at: {error}", path.display()),
            Self::FolderIsBundle { folder } => write!(
                f,
                "{} is a bundle, not a folder of bundles; to have it found, name the folder that it is in",
                folder.display()
            ),
            Self::Manifest { folder, error } => {
                write!(f, "the bundle in {} is left out: {error}", folder.display())
            }
        }
    }
}

/// Something in a plugin folder that is not looked at further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// A folder without a manifest.
    NoManifest(PathBuf),
    /// A plugin folder or a bundle that was there before, by whatever path.
    SeenBefore(PathBuf),
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoManifest(folder) => write!(f, "{} has no {MANIFEST_FILE}: not a bundle", folder.display()),
            Self::SeenBefore(folder) => write!(f, "{} was there before", folder.display()),
        }
    }
}

impl ScanResult {
    /// Writes what is broken as warnings, and what was ignored for those who look for a fault.
    pub fn log(&self, logger: &LoggerHandle) {
        for diagnostic in &self.diagnostics {
            logger.log(LogLevel::Warn, "scan", || diagnostic.to_string());
        }
        for ignored in &self.ignored {
            logger.log(LogLevel::Debug, "scan", || ignored.to_string());
        }
    }
}

/// Looks for bundles in the immediate subfolders of each folder.
#[must_use]
pub fn scan_dirs(folders: &[PathBuf]) -> ScanResult {
    let mut scan = Scan::default();
    for folder in folders {
        if let Err(error) = scan.plugin_folder(folder) {
            scan.result.diagnostics.push(ScanDiagnostic::Folder { folder: folder.clone(), error });
        }
    }
    scan.result
}

#[derive(Default)]
struct Scan {
    result: ScanResult,
    /// Plugin folders, with links resolved.
    folders: HashSet<PathBuf>,
    /// Bundles, likewise. A folder may be both.
    bundles: HashSet<PathBuf>,
}

impl Scan {
    fn plugin_folder(&mut self, folder: &Path) -> io::Result<()> {
        if !self.folders.insert(folder.canonicalize()?) {
            self.result.ignored.push(Ignored::SeenBefore(folder.to_owned()));
            return Ok(());
        }
        let mut subfolders = Vec::new();
        for entry in folder.read_dir()? {
            match entry {
                Ok(entry) => subfolders.push(entry.path()),
                // The others are read all the same.
                Err(error) => {
                    self.result.diagnostics.push(ScanDiagnostic::Folder { folder: folder.to_owned(), error });
                    break;
                }
            }
        }
        if folder.join(MANIFEST_FILE).is_file() {
            self.result.diagnostics.push(ScanDiagnostic::FolderIsBundle { folder: folder.to_owned() });
        }
        subfolders.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
        for subfolder in subfolders {
            match subfolder.metadata() {
                Ok(metadata) if metadata.is_dir() => self.bundle(subfolder),
                Ok(_) => {}
                Err(error) => self.result.diagnostics.push(ScanDiagnostic::Entry { path: subfolder, error }),
            }
        }
        Ok(())
    }

    fn bundle(&mut self, folder: PathBuf) {
        match ManifestData::read(&folder) {
            Ok(manifest) if self.bundles.insert(manifest.path.clone()) => {
                self.result.found.push((manifest.path.clone(), manifest));
            }
            Ok(_) => self.result.ignored.push(Ignored::SeenBefore(folder)),
            Err(ManifestError::Missing { .. }) => self.result.ignored.push(Ignored::NoManifest(folder)),
            Err(error) => self.result.diagnostics.push(ScanDiagnostic::Manifest { folder, error }),
        }
    }
}

#[cfg(test)]
mod tests;
