//! Watches the files of a workspace that git does not ignore, and waits until
//! an editor or a checkout has finished before it says what changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};
use ignore::WalkBuilder;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::{DevError, Error};

/// How long nothing may happen before a change counts as finished.
const QUIET: Duration = Duration::from_millis(120);

/// How often a wait looks whether it should end.
const LOOK: Duration = Duration::from_millis(200);

/// Watches the folders of one workspace.
pub(super) struct Watcher {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    root: PathBuf,
    target_directory: PathBuf,
    watched: BTreeSet<PathBuf>,
}

impl Watcher {
    /// Watches every folder below `root` that git does not ignore.
    pub(super) fn new(root: &Path, target_directory: &Path) -> Result<Self, Error> {
        let (sender, events) = unbounded();
        let failed = |source| DevError::Watch { folder: root.to_owned(), source };
        let handler = move |event| {
            // The receiver lives as long as the watcher.
            let _listens = sender.send(event);
        };
        let watcher = notify::recommended_watcher(handler).map_err(failed)?;
        let mut watcher = Self {
            watcher,
            events,
            root: root.to_owned(),
            target_directory: target_directory.to_owned(),
            watched: BTreeSet::new(),
        };
        watcher.watch_folders()?;
        Ok(watcher)
    }

    /// Watches the folders that are not watched yet: the workspace's own, not cargo's thousands.
    fn watch_folders(&mut self) -> Result<(), Error> {
        for folder in self.files(true) {
            if self.watched.insert(folder.clone())
                && let Err(source) = self.watcher.watch(&folder, RecursiveMode::NonRecursive)
                && folder.exists()
            {
                return Err(DevError::Watch { folder, source }.into());
            }
        }
        Ok(())
    }

    /// What git does not ignore: folders, or files.
    fn files(&self, folders: bool) -> BTreeSet<PathBuf> {
        let target = self.target_directory.clone();
        WalkBuilder::new(&self.root)
            .hidden(false)
            .require_git(false)
            .filter_entry(move |entry| entry.file_name() != ".git" && entry.path() != target)
            .build()
            .flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()) == folders)
            .map(ignore::DirEntry::into_path)
            .collect()
    }

    /// Waits for a change and for quiet after it; what changed, or nothing if `stop` says so.
    pub(super) fn changed(&mut self, stop: impl Fn() -> bool) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        loop {
            let patience = if changed.is_empty() { LOOK } else { QUIET };
            match self.events.recv_timeout(patience) {
                Ok(Ok(event)) if !matches!(event.kind, EventKind::Access(_)) => changed.extend(event.paths),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) if changed.is_empty() => {
                    if stop() {
                        return changed;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    // Folders that are new; one that vanished meanwhile is no concern.
                    let _is_tried_again_next_time = self.watch_folders();
                    let relevant = self.relevant(&changed);
                    if !relevant.is_empty() {
                        return relevant;
                    }
                    changed.clear();
                }
                Err(RecvTimeoutError::Disconnected) => return changed,
            }
        }
    }

    /// A file that is there counts if git does not ignore it; one that is gone counts if its folder is watched.
    fn relevant(&self, changed: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let files = self.files(false);
        changed
            .iter()
            .filter(|path| files.contains(*path) || (!path.exists() && !is_temporary(path)))
            .cloned()
            .collect()
    }
}

/// Names under which editors write before they rename.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.ends_with('~') || name.starts_with(".#") || name.ends_with(".swp") || name.ends_with(".swx") || name == "4913"
}
