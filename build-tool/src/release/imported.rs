//! Binaries that were built elsewhere, in place of compiling: of a folder
//! (`package --prebuilt`), or of shards (`merge`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use located::LocatedError;

use super::App;
use super::error::Problem;
use crate::description::DescribedProgram;
use crate::manifest::target::Backend;

/// Where binaries come from, if not from cargo.
#[derive(Debug, Clone)]
pub enum Imported {
    /// `DIR/TRIPLE/PROGRAM`, as linked: they are still split, stripped, stamped and signed.
    Folder(PathBuf),
    /// Finished, each with what its machine's ledger said of it.
    Shards(ImportedShards),
}

/// Shards that were checked and agree.
#[derive(Debug, Clone)]
pub struct ImportedShards {
    /// Each.
    pub shards: Vec<ImportedShard>,
    /// How each target was compiled and linked.
    pub backends: BTreeMap<String, Backend>,
    /// The version of zig that took part.
    pub zig: Option<String>,
    /// Where each target's standard library came from, where that is known.
    pub standard_libraries: BTreeMap<String, String>,
    /// `SOURCE_DATE_EPOCH` where they were made.
    pub source_date_epoch: Option<u64>,
}

/// One shard.
#[derive(Debug, Clone)]
pub struct ImportedShard {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub files: Vec<DescribedProgram>,
}

impl Imported {
    /// The backend that a target was built with, where that is known.
    pub(super) fn backend(&self, triple: &str) -> Option<Backend> {
        match self {
            Self::Folder(_) => None,
            Self::Shards(shards) => shards.backends.get(triple).copied(),
        }
    }

    /// The version of zig that took part, where that is known.
    pub(super) fn zig(&self) -> Option<String> {
        match self {
            Self::Folder(_) => None,
            Self::Shards(shards) => shards.zig.clone(),
        }
    }
}

/// Names what a folder of finished binaries lacks.
pub(super) fn check_folder(folder: &Path, apps: &[App], problems: &mut Vec<LocatedError<Problem>>) {
    for app in apps {
        for target in &app.targets {
            for product in app.products(target) {
                let path = folder.join(target).join(&product.name);
                if !path.is_file() {
                    let layout = format!("{target}/{}", product.name);
                    problems.push(LocatedError::nowhere(Problem::NoPrebuilt { path, layout }));
                }
            }
        }
    }
}
