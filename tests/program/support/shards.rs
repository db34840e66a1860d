//! Shards to merge, and archives of them altered in ways that no writer would write.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tar::{EntryType, Header};

use super::{Fixture, HOST, Run, tool};

pub(crate) const MUSL: &str = "x86_64-unknown-linux-musl";

/// Finished binaries of the fixture's apps for both targets, as `--prebuilt` takes them.
pub(crate) fn prebuilt(fixture: &Fixture, programs: &[(&str, &Path)]) -> String {
    let folder = fixture.base().join("prebuilt");
    for triple in [HOST, MUSL] {
        fs::create_dir_all(folder.join(triple)).unwrap();
        for (name, source) in programs {
            fs::copy(source, folder.join(triple).join(name)).unwrap();
        }
    }
    folder.to_str().unwrap().to_owned()
}

/// A program that no C library has to be there for: it is one for both targets.
pub(crate) fn static_program(fixture: &Fixture) -> PathBuf {
    let (source, program) = (fixture.base().join("program.c"), fixture.base().join("program"));
    fs::write(&source, "int main(void) { return 0; }\n").unwrap();
    tool("cc", &["-static-pie", "-o", program.to_str().unwrap(), source.to_str().unwrap()]);
    program
}

/// A workspace of `plain`, and its shards for two targets, each in a folder of its own.
pub(crate) struct Shards {
    pub(crate) fixture: Fixture,
    pub(crate) prebuilt: String,
    /// The musl shard before anybody altered it.
    pristine: Vec<Entry>,
}

impl Shards {
    pub(crate) fn new() -> Self {
        let fixture = Fixture::plain();
        let prebuilt = prebuilt(&fixture, &[("plain", &static_program(&fixture))]);
        let mut shards = Self { fixture, prebuilt, pristine: Vec::new() };
        shards.make(HOST, "gnu");
        shards.make(MUSL, "musl");
        shards.pristine = unpack(&shards.shard());
        shards
    }

    /// Makes the shard of a target in the folder `name`.
    pub(crate) fn make(&self, triple: &str, name: &str) {
        let dist = self.folder(name);
        let args = ["package", "--prebuilt", &self.prebuilt, "--shard", "--target", triple, "--dist", &dist];
        self.fixture.run(args).ok();
    }

    pub(crate) fn folder(&self, name: &str) -> String {
        self.fixture.base().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn merge(&self, more: &[&str]) -> Run {
        let (gnu, musl) = (self.folder("gnu"), self.folder("musl"));
        self.fixture.run(["merge", &gnu, &musl].iter().chain(more))
    }

    /// The musl shard.
    pub(crate) fn shard(&self) -> PathBuf {
        self.fixture.base().join(format!("musl/shard-{MUSL}.tar.zst"))
    }

    /// Packs the musl shard anew, with this change alone.
    pub(crate) fn alter(&self, change: impl FnOnce(&mut Vec<Entry>)) -> &Self {
        let mut entries = self.pristine.clone();
        change(&mut entries);
        pack(&self.shard(), &entries);
        self
    }

    /// Changes the description in the musl shard.
    pub(crate) fn describe(&self, change: impl FnOnce(&mut Value)) -> &Self {
        self.alter(|entries| change_description(entries, change))
    }

    /// The merge is refused with this exit code for this reason alone, and nothing is written.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, reasons: &[&str]) {
        self.refused_with(&[], code, reasons).never_says(&["the shards do not make a release"]);
    }

    /// Likewise for reasons of which there may be several, with more arguments.
    #[track_caller]
    pub(crate) fn refused_with(&self, more: &[&str], code: i32, reasons: &[&str]) -> Run {
        let run = self.merge(more).exits(code).says(reasons);
        assert!(!self.fixture.dist().exists(), "a dist folder was made");
        run
    }
}

pub(crate) fn change_description(entries: &mut [Entry], change: impl FnOnce(&mut Value)) {
    let description = entries.iter_mut().find(|entry| entry.name == DESCRIPTION).unwrap();
    let mut value = serde_json::from_slice(&description.content).unwrap();
    change(&mut value);
    description.content = serde_json::to_vec(&value).unwrap();
}

pub(crate) const DESCRIPTION: &str = "shard/shard.json";

/// One entry of an archive.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) kind: EntryType,
    pub(crate) content: Vec<u8>,
}

impl Entry {
    pub(crate) fn file(name: &str, content: &[u8]) -> Self {
        Self { name: name.to_owned(), kind: EntryType::Regular, content: content.to_owned() }
    }
}

pub(crate) fn program() -> String {
    format!("shard/targets/{MUSL}/plain/plain")
}

pub(crate) fn unpack(shard: &Path) -> Vec<Entry> {
    let plain = shard.with_extension("plain");
    tool("zstd", &["-q", "-d", "-f", shard.to_str().unwrap(), "-o", plain.to_str().unwrap()]);
    let mut archive = tar::Archive::new(Cursor::new(fs::read(&plain).unwrap()));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        Entry { name, kind: entry.header().entry_type(), content }
    });
    entries.collect()
}

/// Headers are filled by hand: what is to be tried is what a writer would refuse.
pub(crate) fn pack(shard: &Path, entries: &[Entry]) {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.set_entry_type(entry.kind);
        if entry.kind == EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_mode(0o644);
        header.set_size(entry.content.len() as u64);
        header.set_cksum();
        builder.append(&header, entry.content.as_slice()).unwrap();
    }
    let plain = shard.with_extension("plain");
    fs::write(&plain, builder.into_inner().unwrap()).unwrap();
    tool("zstd", &["-q", "-f", plain.to_str().unwrap(), "-o", shard.to_str().unwrap()]);
}
