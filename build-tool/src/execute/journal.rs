//! What earlier runs made, and under which fingerprint. Append-only, one entry
//! a line behind a checksum of its own: a line that a crash cut short, or that
//! anybody altered, is as if it had never been written. Nothing in it is
//! trusted further than the files that it speaks of still look the same.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::artifact::Made;

/// How much dead weight the file may carry before it is written anew, in lines.
const SLACK: usize = 512;

/// What a file looks like without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    size: u64,
    modified: u128,
    changed: i128,
    inode: u64,
}

impl Look {
    /// Of the file at `path`, following links.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt;
            (metadata.ino(), i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (inode, changed) = (0, 0);
        Ok(Self { size: metadata.len(), modified, changed, inode })
    }
}

/// A file that was hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hashed {
    pub(crate) look: Look,
    pub(crate) sha256: String,
}

/// A step that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    pub(crate) fingerprint: String,
    pub(crate) outputs: Vec<(Made, Look)>,
}

/// A copy of a file that another program keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CopyRecord {
    pub(crate) from: PathBuf,
    pub(crate) from_look: Look,
    pub(crate) made: Made,
    pub(crate) look: Look,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Entry {
    Step(String, StepRecord),
    Hash(PathBuf, Hashed),
    Copy(PathBuf, CopyRecord),
    Shipped(PathBuf),
}

/// The journal of one workspace.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    steps: BTreeMap<String, StepRecord>,
    hashes: BTreeMap<PathBuf, Hashed>,
    copies: BTreeMap<PathBuf, CopyRecord>,
    shipped: BTreeMap<PathBuf, ()>,
}

impl Journal {
    /// Reads what stands, and opens the file for more.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut journal = Self {
            file: OpenOptions::new().create(true).append(true).open(path)?,
            steps: BTreeMap::new(),
            hashes: BTreeMap::new(),
            copies: BTreeMap::new(),
            shipped: BTreeMap::new(),
        };
        let mut lines = 0;
        let mut ended_whole = true;
        let mut reader = BufReader::new(File::open(path)?);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            lines += 1;
            ended_whole = line.ends_with(b"\n");
            if let Some(entry) = parse(&line) {
                journal.remember(entry);
            }
            line.clear();
        }
        if !ended_whole {
            // The next entry must not become the end of a broken one.
            journal.file.write_all(b"\n")?;
        }
        if lines > SLACK + 2 * journal.live() {
            journal.compact(path)?;
        }
        Ok(journal)
    }

    fn live(&self) -> usize {
        self.steps.len() + self.hashes.len() + self.copies.len() + self.shipped.len()
    }

    fn remember(&mut self, entry: Entry) {
        match entry {
            Entry::Step(id, record) => drop(self.steps.insert(id, record)),
            Entry::Hash(path, hashed) => drop(self.hashes.insert(path, hashed)),
            Entry::Copy(path, record) => drop(self.copies.insert(path, record)),
            Entry::Shipped(path) => drop(self.shipped.insert(path, ())),
        }
    }

    fn compact(&mut self, path: &Path) -> io::Result<()> {
        let temporary = path.with_extension("partial");
        let mut text = Vec::new();
        let steps = std::mem::take(&mut self.steps).into_iter().map(|(id, record)| Entry::Step(id, record));
        let copies = std::mem::take(&mut self.copies).into_iter().map(|(path, record)| Entry::Copy(path, record));
        let shipped = std::mem::take(&mut self.shipped).into_keys().map(Entry::Shipped);
        // A hash is quickly taken again, and most of them are of files that are gone.
        self.hashes.clear();
        for entry in steps.chain(copies).chain(shipped) {
            text.extend(format(&entry));
            self.remember(entry);
        }
        fs::write(&temporary, text)?;
        fs::rename(&temporary, path)?;
        self.file = OpenOptions::new().append(true).open(path)?;
        Ok(())
    }

    /// An entry that cannot be written costs time in the next run, and nothing else.
    fn add(&mut self, entry: Entry) {
        let _costs_time_later = self.file.write_all(&format(&entry));
        self.remember(entry);
    }

    pub(crate) fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.get(id)
    }

    pub(crate) fn add_step(&mut self, id: &str, record: StepRecord) {
        if self.steps.get(id) != Some(&record) {
            self.add(Entry::Step(id.to_owned(), record));
        }
    }

    pub(crate) fn hash(&self, path: &Path) -> Option<&Hashed> {
        self.hashes.get(path)
    }

    pub(crate) fn add_hash(&mut self, path: &Path, hashed: Hashed) {
        self.add(Entry::Hash(path.to_owned(), hashed));
    }

    pub(crate) fn copy(&self, path: &Path) -> Option<&CopyRecord> {
        self.copies.get(path)
    }

    pub(crate) fn add_copy(&mut self, path: &Path, record: CopyRecord) {
        self.add(Entry::Copy(path.to_owned(), record));
    }

    /// Files that some run put into a dist folder.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = &PathBuf> {
        self.shipped.keys()
    }

    pub(crate) fn add_shipped(&mut self, path: &Path) {
        if !self.shipped.contains_key(path) {
            self.add(Entry::Shipped(path.to_owned()));
        }
    }
}

/// `CHECKSUM JSON\n`. A path that is not UTF-8 has no JSON form: then there is no entry.
fn format(entry: &Entry) -> Vec<u8> {
    match serde_json::to_string(entry) {
        Ok(json) => format!("{} {json}\n", checksum(json.as_bytes())).into_bytes(),
        Err(_) => Vec::new(),
    }
}

fn parse(line: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (sum, json) = text.split_once(' ')?;
    if sum != checksum(json.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok()
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fingerprint: &str) -> StepRecord {
        StepRecord { fingerprint: fingerprint.to_owned(), outputs: Vec::new() }
    }

    #[test]
    fn what_was_added_stands_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        Journal::open(&path).unwrap().add_step("strip/a", record("1"));
        Journal::open(&path).unwrap().add_step("strip/a", record("2"));
        assert_eq!(Journal::open(&path).unwrap().step("strip/a"), Some(&record("2")));
    }

    #[test]
    fn a_line_that_was_cut_or_altered_counts_for_nothing_and_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        journal.add_step("strip/a", record("1"));
        journal.add_step("strip/b", record("2"));
        drop(journal);
        let text = fs::read_to_string(&path).unwrap();
        let altered = text.replace("\"fingerprint\":\"1\"", "\"fingerprint\":\"9\"");
        let cut = &altered[..altered.len() - 4];
        fs::write(&path, cut).unwrap();
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!((journal.step("strip/a"), journal.step("strip/b")), (None, None));
        journal.add_step("strip/c", record("3"));
        assert_eq!(Journal::open(&path).unwrap().step("strip/c"), Some(&record("3")));
    }

    #[test]
    fn any_bytes_make_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        fs::write(&path, b"\xff\xfe garbage\n\n0123 {}\n{\"Step\":1}").unwrap();
        assert!(Journal::open(&path).unwrap().steps.is_empty());
    }
}
