//! Watches the files of a workspace that git does not ignore, and waits until
//! an editor or a checkout has finished before it says what changed.

mod ignored;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};
use ignore::WalkBuilder;
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::{DevError, Error};
use ignored::Ignored;

/// How long nothing that counts may happen before a change is finished.
const QUIET: Duration = Duration::from_millis(120);

/// After this long a change is finished, whatever else happens.
const LONGEST: Duration = Duration::from_secs(2);

/// How often a wait looks whether it should end.
const LOOK: Duration = Duration::from_millis(200);

/// For so long events are collected before they are looked at: many are about one file.
const TURN: Duration = Duration::from_millis(30);

/// Watches the folders of one workspace.
pub(super) struct Watcher {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    target_directory: PathBuf,
    watched: BTreeSet<PathBuf>,
    ignored: Ignored,
}

impl Watcher {
    /// Watches every folder below `root` that git does not ignore.
    pub(super) fn new(root: &Path, target_directory: &Path) -> Result<Self, Error> {
        let (sender, events) = unbounded();
        let failed = |source| DevError::Watch { folder: root.to_owned(), source };
        let handler = move |event: notify::Result<Event>| {
            if event.as_ref().is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                // The receiver lives as long as the watcher.
                let _listens = sender.send(event);
            }
        };
        let watcher = notify::recommended_watcher(handler).map_err(failed)?;
        let mut watcher = Self {
            watcher,
            events,
            target_directory: target_directory.to_owned(),
            watched: BTreeSet::new(),
            ignored: Ignored::new(target_directory),
        };
        watcher.watch_below(root)?;
        Ok(watcher)
    }

    /// Watches a folder and those in it: the workspace's own, not cargo's thousands. The files that are in them.
    fn watch_below(&mut self, folder: &Path) -> Result<BTreeSet<PathBuf>, Error> {
        let target = self.target_directory.clone();
        let walk = WalkBuilder::new(folder)
            .hidden(false)
            .require_git(false)
            .filter_entry(move |entry| entry.file_name() != ".git" && entry.path() != target)
            .build();
        let mut files = BTreeSet::new();
        for entry in walk.flatten() {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let path = entry.into_path();
            if !is_folder {
                files.insert(path);
                continue;
            }
            if let Err(source) = self.watcher.watch(&path, RecursiveMode::NonRecursive)
                && path.exists()
            {
                return Err(DevError::Watch { folder: path, source }.into());
            }
            self.watched.insert(path);
        }
        Ok(files)
    }

    /// Waits for a change that counts and for quiet after it; what changed, or nothing if `stop` says so.
    pub(super) fn changed(&mut self, stop: impl Fn() -> bool) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        let (mut first, mut last) = (None, Instant::now());
        while !stop() {
            let patience = first.map_or(LOOK, |_| QUIET.saturating_sub(last.elapsed()));
            let Ok(touched) = self.turn(patience) else { return changed };
            let relevant = self.relevant(touched);
            if !relevant.is_empty() {
                last = Instant::now();
                first.get_or_insert(last);
                changed.extend(relevant);
            }
            if first.is_some_and(|first| last.elapsed() >= QUIET || first.elapsed() >= LONGEST) {
                return changed;
            }
        }
        BTreeSet::new()
    }

    /// What one turn of waiting brings: path → whether it is a new one. An error if nothing can come any more.
    fn turn(&self, patience: Duration) -> Result<BTreeMap<PathBuf, bool>, RecvTimeoutError> {
        let mut touched = BTreeMap::new();
        let mut until = Instant::now() + patience;
        loop {
            match self.events.recv_deadline(until) {
                Ok(Ok(event)) => {
                    if touched.is_empty() {
                        until = Instant::now() + TURN;
                    }
                    let fresh = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)));
                    for path in event.paths {
                        *touched.entry(path).or_insert(false) |= fresh;
                    }
                }
                Ok(Err(_)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
            }
            // Where events never pause, there is always one to receive, however late it is.
            if Instant::now() >= until {
                return Ok(touched);
            }
        }
    }

    /// What git does not ignore, whether it is there or gone; of a new folder, the files in it.
    fn relevant(&mut self, touched: BTreeMap<PathBuf, bool>) -> BTreeSet<PathBuf> {
        let mut relevant = BTreeSet::new();
        for (path, fresh) in touched {
            let is_folder = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
            if self.ignored.holds(&path, is_folder) {
                continue;
            }
            if !is_folder {
                self.watched.retain(|folder| !folder.starts_with(&path));
                relevant.insert(path);
            } else if fresh || !self.watched.contains(&path) {
                // One that vanished meanwhile, or is one too many for the system, is no reason to end.
                relevant.extend(self.watch_below(&path).unwrap_or_default());
            }
        }
        relevant
    }
}
