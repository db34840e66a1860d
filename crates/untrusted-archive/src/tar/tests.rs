//! What the dialects differ in, and what is refused in all of them. Tars are made byte by byte, since no writer
//! would make most of these.

use super::*;
use crate::Limits;

/// A tar without its end.
#[derive(Default)]
struct Tar(Vec<u8>);

impl Tar {
    fn header(mut self, kind: EntryType, name: &[u8], size: u64, change: impl FnOnce(&mut Header)) -> Self {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_mode(0o100_755);
        header.set_size(size);
        change(&mut header);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self
    }

    fn entry(self, kind: EntryType, name: &[u8], content: &[u8]) -> Self {
        let mut tar = self.header(kind, name, content.len() as u64, |_| ());
        tar.0.extend(content);
        tar.0.resize(tar.0.len().next_multiple_of(BLOCK), 0);
        tar
    }

    fn file(self, name: &str) -> Self {
        self.entry(EntryType::Regular, name.as_bytes(), b"content")
    }

    /// An extended header with one record, whose length counts itself.
    fn extended(self, kind: EntryType, key: &str, value: &str) -> Self {
        let rest = key.len() + value.len() + 3;
        let length = (rest..).find(|&length| length == rest + length.to_string().len()).unwrap();
        self.entry(kind, b"header", format!("{length} {key}={value}\n").as_bytes())
    }

    fn entries(&self, dialect: Dialect) -> Result<Vec<Entry>, Error> {
        let (mut budget, mut entries) = (Budget::new(Limits::default()), Vec::new());
        let mut reader = Reader::new(&self.0[..], dialect);
        while let Some(entry) = reader.next_entry(&mut budget)? {
            entries.push(entry);
        }
        Ok(entries)
    }

    /// The names in a whole tar.
    fn names(mut self, dialect: Dialect) -> Result<Vec<String>, Error> {
        self.0.extend([0; 2 * BLOCK]);
        Ok(self.entries(dialect)?.iter().map(|entry| readable(&entry.name)).collect())
    }

    fn refused(self) -> String {
        let all = Dialect { global_headers: true, contiguous_files: true, may_be_cut: true, record: Some("own") };
        self.names(all).unwrap_err().to_string()
    }
}

const STRICT: Dialect = Dialect::STRICT;

#[test]
fn what_a_dialect_does_not_name_is_refused() {
    let global = || Tar::default().extended(EntryType::XGlobalHeader, "comment", "0123").file("a");
    assert!(matches!(global().names(STRICT), Err(Error::Unsupported("a global extended header"))));
    assert_eq!(global().names(Dialect { global_headers: true, ..STRICT }).unwrap(), ["a"]);
    let contiguous = || Tar::default().entry(EntryType::Continuous, b"a", b"x");
    assert!(matches!(contiguous().names(STRICT), Err(Error::Special(name)) if name == "a"));
    assert_eq!(contiguous().names(Dialect { contiguous_files: true, ..STRICT }).unwrap(), ["a"]);
    let cut = Tar::default().file("a");
    assert!(matches!(cut.entries(STRICT), Err(Error::Io(_))));
    assert_eq!(cut.entries(Dialect { may_be_cut: true, ..STRICT }).unwrap().len(), 1);
    // Within a header is no place to end.
    let torn = Tar(cut.0[..100].to_vec());
    assert!(matches!(torn.entries(Dialect { may_be_cut: true, ..STRICT }), Err(Error::Io(_))));
}

#[test]
fn a_record_is_kept_for_its_entry_alone() {
    let tar = Tar::default().extended(EntryType::XHeader, "own", "1").file("a").file("b");
    let records = |dialect| -> Vec<_> {
        let whole = tar.entries(Dialect { may_be_cut: true, ..dialect }).unwrap();
        whole.into_iter().map(|entry| entry.record).collect()
    };
    assert_eq!(records(Dialect { record: Some("own"), ..STRICT }), [Some(b"1".to_vec()), None]);
    assert_eq!(records(STRICT), [None, None]);
}

#[test]
fn no_dialect_takes_what_is_ambiguous() {
    let two = Tar::default().entry(EntryType::GNULongName, b"l", b"a\0").extended(EntryType::XHeader, "path", "b");
    assert_eq!(two.file("c").refused(), "it is damaged: two long names for one entry");
    let twice = Tar::default().extended(EntryType::XHeader, "own", "1").extended(EntryType::XHeader, "own", "2");
    assert_eq!(twice.file("c").refused(), "it is damaged: two long names for one entry");
    for key in ["path", "linkpath", "own"] {
        let global = Tar::default().extended(EntryType::XGlobalHeader, key, "b").file("a");
        assert_eq!(global.refused(), "it uses one path for all entries, which is not supported");
    }
    for kind in [EntryType::XHeader, EntryType::XGlobalHeader] {
        let size = Tar::default().extended(kind, "size", "9").file("a");
        assert_eq!(size.refused(), "it uses a size in an extended header, which is not supported");
        let sparse = Tar::default().extended(kind, "GNU.sparse.major", "1").file("a");
        assert_eq!(sparse.refused(), "it uses sparse files, which is not supported");
    }
    assert_eq!(Tar::default().file("./").refused(), "it is damaged: a file without a name");
    let hidden = Tar::default().header(EntryType::Directory, b"d/", 7, |_| ());
    assert_eq!(hidden.refused(), "its entry \"d/\" is neither a file nor a directory nor a symbolic link");
    let long = Tar::default().entry(EntryType::GNULongName, b"l", &[b'x'; MAX_NAME + 2]);
    assert_eq!(long.refused(), "its names take more than 4097 bytes");
}

#[test]
fn names_are_plain_and_only_the_top_directory_has_none() {
    let tar = Tar::default().entry(EntryType::Directory, b"./", b"").entry(EntryType::Directory, b"./d/", b"");
    assert_eq!(tar.file("./d/a").file("../b").names(STRICT).unwrap(), ["", "d", "d/a", "../b"]);
    let link = Tar::default().extended(EntryType::XHeader, "linkpath", "../x").entry(EntryType::Symlink, b"l", b"");
    let entries = link.entries(Dialect { may_be_cut: true, ..STRICT }).unwrap();
    assert_eq!(entries[0].kind, Kind::Symlink(b"../x".to_vec()));
}

#[test]
fn what_nobody_asks_for_may_be_no_number() {
    let tar = Tar::default().header(EntryType::Regular, b"a", 0, |header| {
        header.as_old_mut().mtime = [b'x'; 12];
        header.as_ustar_mut().unwrap().uname[..4].copy_from_slice(b"root");
    });
    let entries = tar.entries(Dialect { may_be_cut: true, ..STRICT }).unwrap();
    assert_eq!((entries[0].mode().unwrap(), entries[0].owner(), entries[0].group()), (0o755, &b"root"[..], &b""[..]));
    assert!(matches!(entries[0].mtime(), Err(Error::Damaged("the time in a header"))));
}

#[test]
fn content_ends_with_its_entry_and_need_not_be_read() {
    let tar = Tar::default().file("a").file("b").file("c");
    let mut budget = Budget::new(Limits::default());
    let mut reader = Reader::new(&tar.0[..], STRICT);
    let mut whole = String::new();
    reader.next_entry(&mut budget).unwrap();
    reader.read_to_string(&mut whole).unwrap();
    reader.next_entry(&mut budget).unwrap();
    reader.read_exact(&mut [0; 3]).unwrap();
    assert_eq!(reader.next_entry(&mut budget).unwrap().unwrap().name, b"c");
    reader.read_to_string(&mut whole).unwrap();
    assert_eq!(whole, "contentcontent");
    // What is claimed and not there is an error, and costs no memory.
    let claimed = Tar::default().header(EntryType::Regular, b"a", 1 << 30, |_| ());
    assert!(matches!(claimed.entries(STRICT), Err(Error::Io(_))));
    let beyond = Tar::default().header(EntryType::Regular, b"a", u64::MAX >> 1, |_| ());
    assert!(matches!(beyond.entries(STRICT), Err(Error::TooLarge(_))));
}
