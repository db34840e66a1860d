//! What is refused, and that nothing of it is handed on. Archives are made by the crates' own
//! writers where they can, and byte by byte where no writer would do it.

use std::io::{Cursor, Write};

use ::tar::{Builder, EntryType, Header};
use ::zip::ZipWriter;
use ::zip::write::SimpleFileOptions;
use proptest::prelude::*;

use super::*;

const SMALL: Limits = Limits { entries: 10, unpacked: 1 << 16, names: 1 << 12 };

/// A tar of entries that may have any name, which the writer's own functions would refuse.
#[derive(Default)]
struct Tar(Vec<u8>);

impl Tar {
    fn entry(mut self, kind: EntryType, name: &[u8], link: &[u8], content: &[u8]) -> Self {
        let mut header = Header::new_ustar();
        let ustar = header.as_ustar_mut().unwrap();
        ustar.name[..name.len()].copy_from_slice(name);
        ustar.linkname[..link.len()].copy_from_slice(link);
        header.set_entry_type(kind);
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// An extended header with one record, whose length counts itself.
    fn extended(self, kind: EntryType, key: &str, value: &str) -> Self {
        let rest = key.len() + value.len() + 3;
        let length = (rest..).find(|&length| length == rest + length.to_string().len()).unwrap();
        self.entry(kind, b"header", b"", format!("{length} {key}={value}\n").as_bytes())
    }

    fn file(self, name: &str) -> Self {
        self.entry(EntryType::Regular, name.as_bytes(), b"", b"x")
    }

    fn link(self, name: &str, target: &str) -> Self {
        self.entry(EntryType::Symlink, name.as_bytes(), target.as_bytes(), b"")
    }

    fn bytes(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }

    fn listed(self) -> Result<Vec<Entry>, Error> {
        list(Cursor::new(self.bytes()), Format::Tar, SMALL)
    }

    fn refused(self) -> String {
        self.listed().expect_err("it should be refused").to_string()
    }
}

fn zipped(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for &(name, mode, content) in entries {
        let options = SimpleFileOptions::default().unix_permissions(mode & 0o7777);
        if name.ends_with('/') {
            zip.add_directory(name, options).unwrap();
        } else if mode & 0o170_000 == 0o120_000 {
            zip.add_symlink(name, std::str::from_utf8(content).unwrap(), options).unwrap();
        } else {
            zip.start_file(name, options).unwrap();
            zip.write_all(content).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn file(path: &str, size: u64, executable: bool) -> Entry {
    Entry { path: path.into(), kind: Kind::File { size, executable } }
}

fn folder(path: &str) -> Entry {
    Entry { path: path.into(), kind: Kind::Folder }
}

fn link(path: &str, target: &str) -> Entry {
    Entry { path: path.into(), kind: Kind::Link { target: target.into() } }
}

fn packed(format: Format, tar: &[u8]) -> Vec<u8> {
    match format {
        Format::Tar | Format::Zip => tar.to_vec(),
        Format::TarGz => {
            let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            to.write_all(tar).unwrap();
            to.finish().unwrap()
        }
        Format::TarXz => {
            let mut to = liblzma::write::XzEncoder::new(Vec::new(), 1);
            to.write_all(tar).unwrap();
            to.finish().unwrap()
        }
        Format::TarZst => zstd::encode_all(tar, 1).unwrap(),
    }
}

#[test]
fn every_format_is_known_by_its_bytes_and_read() {
    let mut builder = Builder::new(Vec::new());
    let long = format!("top/{}", "x".repeat(200));
    for (name, mode) in [("top/a", 0o644), ("top/run", 0o755), (&long, 0o600)] {
        let mut header = Header::new_gnu();
        header.set_size(3);
        header.set_mode(mode);
        builder.append_data(&mut header, name, &b"abc"[..]).unwrap();
    }
    let tar = builder.into_inner().unwrap();
    let expected = [file("top/a", 3, false), file("top/run", 3, true), file(&long, 3, false)];
    for format in [Format::Tar, Format::TarGz, Format::TarXz, Format::TarZst] {
        let mut archive = Cursor::new(packed(format, &tar));
        assert_eq!(Format::of(&mut archive).unwrap(), Some(format));
        let mut contents = Vec::new();
        let mut entries = Vec::new();
        read(archive, format, Limits::default(), |entry, content| {
            content.read_to_end(&mut contents)?;
            entries.push(entry.clone());
            Ok::<_, Error>(())
        })
        .unwrap();
        assert_eq!((&entries[..], &contents[..]), (&expected[..], &b"abcabcabc"[..]), "{format:?}");
    }
    let zip = zipped(&[("a/", 0o755, b""), ("a/b", 0o755, b"xyz"), ("l", 0o120_777, b"a/b"), ("c", 0o644, b"")]);
    assert_eq!(Format::of(&mut Cursor::new(&zip)).unwrap(), Some(Format::Zip));
    let expected = [folder("a"), file("a/b", 3, true), link("l", "a/b"), file("c", 0, false)];
    assert_eq!(list(Cursor::new(&zip), Format::Zip, SMALL).unwrap(), expected);
    for none in [&b""[..], b"\x1f", b"plain text", &[0; 512]] {
        assert_eq!(Format::of(&mut Cursor::new(none)).unwrap(), None);
    }
}

#[test]
fn what_git_and_tar_put_around_is_understood() {
    let entries = Tar::default()
        .extended(EntryType::XGlobalHeader, "comment", "0123456789abcdef012")
        .entry(EntryType::Directory, b"./", b"", b"")
        .entry(EntryType::Directory, b"./a/", b"", b"")
        .file("./a/b")
        .entry(EntryType::Directory, b"a", b"", b"")
        .extended(EntryType::XHeader, "path", "ä")
        .file("replaced")
        .link("a/l", "../a/b")
        .listed()
        .unwrap();
    let expected = [folder("a"), file("a/b", 1, true), folder("a"), file("ä", 1, true), link("a/l", "../a/b")];
    assert_eq!(entries, expected);
}

#[test]
fn a_path_that_leads_out_is_refused() {
    for name in ["../x", "/etc/passwd", "a/../../x", "a/..", "a\\b", "C:x", "a//b", "x/", "."] {
        let why = Tar::default().file("first").file(name).refused();
        assert!(why.contains("cannot be unpacked"), "{name}: {why}");
        // The directory's separator is a matter of the writer, so only what it takes as it is.
        if !name.ends_with('/') {
            let zip = zipped(&[("first", 0o644, b""), (name, 0o644, b"x")]);
            let listed = list(Cursor::new(zip), Format::Zip, SMALL).unwrap_err().to_string();
            assert!(listed.contains("cannot be unpacked"), "{name}: {listed}");
        }
    }
    let why = Tar::default().extended(EntryType::XHeader, "path", "../../../x").file("innocent").refused();
    assert!(why.contains("\"../../../x\" cannot be unpacked"), "{why}");
    let why = Tar::default().entry(EntryType::GNULongName, b"l", b"", b"/abs\0").file("innocent").refused();
    assert!(why.contains("\"/abs\" cannot be unpacked: it is absolute"), "{why}");
}

#[test]
fn a_link_that_leads_out_is_refused() {
    for (name, target) in [("l", "/etc"), ("l", ".."), ("a/l", "../../x"), ("l", "x/../.."), ("l", "")] {
        let why = Tar::default().link(name, target).refused();
        assert!(why.contains("and so out of the folder"), "{target}: {why}");
    }
    let zip = zipped(&[("l", 0o120_777, b"../x")]);
    assert!(matches!(list(Cursor::new(zip), Format::Zip, SMALL), Err(Error::LinkOut { .. })));
}

#[test]
fn nothing_may_lie_below_a_link_or_a_file() {
    let below = "its entry \"l/x\" lies below \"l\", which is no folder";
    assert_eq!(Tar::default().link("l", "d").file("l/x").refused(), below);
    assert_eq!(Tar::default().file("l/x").link("l", "d").refused(), below);
    assert_eq!(Tar::default().file("l").file("l/x").refused(), below);
    assert_eq!(Tar::default().file("l/x").file("l").refused(), below);
    // A neighbour whose name only begins alike is not below it.
    assert_eq!(Tar::default().file("l-x").file("l.x").file("l").listed().unwrap().len(), 3);
}

#[test]
fn no_path_may_come_twice() {
    assert_eq!(Tar::default().file("a").file("./a").refused(), "it has two entries \"a\"");
    assert_eq!(Tar::default().file("a").link("a", "b").refused(), "it has two entries \"a\"");
    let folder = |tar: Tar| tar.entry(EntryType::Directory, b"a", b"", b"");
    assert_eq!(folder(Tar::default().file("a")).refused(), "it has two entries \"a\"");
}

#[test]
fn what_is_no_file_is_refused() {
    for kind in [EntryType::Link, EntryType::Char, EntryType::Block, EntryType::Fifo, EntryType::GNUSparse] {
        let why = Tar::default().file("a").entry(kind, b"b", b"a", b"").refused();
        assert_eq!(why, "its entry \"b\" is neither a file nor a folder nor a symbolic link");
    }
    let sparse = Tar::default().extended(EntryType::XHeader, "GNU.sparse.major", "1").file("a");
    assert_eq!(sparse.refused(), "it uses sparse files, which is not supported");
    let size = Tar::default().extended(EntryType::XHeader, "size", "9").file("a");
    assert_eq!(size.refused(), "it uses a size in an extended header, which is not supported");
}

#[test]
fn limits_hold() {
    let many = (0..11).fold(Tar::default(), |tar, number| tar.file(&number.to_string()));
    assert_eq!(many.refused(), "it has more than 10 entries");
    let large = Tar::default().entry(EntryType::Regular, b"a", b"", &[0; 1 << 16]);
    assert_eq!(large.refused(), "it unpacks to more than 65536 bytes");
    let name = Tar::default().entry(EntryType::GNULongName, b"l", b"", &[b'x'; 5000]);
    assert_eq!(name.refused(), "its names take more than 4097 bytes");
    // What is claimed and not there costs nothing.
    let mut header = Header::new_ustar();
    header.as_ustar_mut().unwrap().name[0] = b'a';
    header.set_size(1 << 32);
    header.set_mode(0o644);
    header.set_cksum();
    assert!(matches!(
        list(Cursor::new(header.as_bytes()), Format::Tar, Limits { unpacked: u64::MAX, ..SMALL }),
        Err(Error::Io(_))
    ));
    let bomb = zipped(&[("a", 0o644, &[0; 1 << 17])]);
    assert!(bomb.len() < 1 << 10);
    assert!(matches!(list(Cursor::new(bomb), Format::Zip, SMALL), Err(Error::TooLarge(_))));
    let names: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let many: Vec<(&str, u32, &[u8])> = names.iter().map(|name| (&name[..], 0o644, &b""[..])).collect();
    assert!(matches!(list(Cursor::new(zipped(&many)), Format::Zip, SMALL), Err(Error::TooMany(10))));
}

#[test]
fn damage_is_seen() {
    let tar = Tar::default().file("a").bytes();
    let mut wrong_sum = tar.clone();
    wrong_sum[0] ^= 1;
    assert!(matches!(list(Cursor::new(wrong_sum), Format::Tar, SMALL), Err(Error::Damaged(_))));
    for length in [0, 100, 512, 700] {
        assert!(matches!(list(Cursor::new(&tar[..length]), Format::Tar, SMALL), Err(Error::Io(_))), "{length}");
    }
    assert!(matches!(list(Cursor::new([&tar[..], b"more"].concat()), Format::Tar, SMALL), Err(Error::Damaged(_))));
    for format in [Format::TarGz, Format::TarXz, Format::TarZst] {
        let mut archive = packed(format, &tar);
        let last = archive.len() - 1;
        // The stream's own checksum, or what frames it.
        archive[last] ^= 1;
        assert!(list(Cursor::new(&archive), format, SMALL).is_err() || format == Format::TarZst, "{format:?}");
        assert!(list(Cursor::new(&archive[..last]), format, SMALL).is_err() || format == Format::TarZst, "{format:?}");
    }
    let mut zip = zipped(&[("a", 0o644, b"content of some length")]);
    let at = zip.windows(3).position(|bytes| bytes == b"con").unwrap_or(35);
    zip[at] ^= 1;
    assert!(list(Cursor::new(&zip), Format::Zip, SMALL).is_err());
    zip.push(0);
    assert!(matches!(list(Cursor::new(&zip), Format::Zip, SMALL), Err(Error::Damaged(_))));
}

#[test]
fn nothing_may_follow_the_compressed_stream() {
    let tar = Tar::default().file("a").bytes();
    for format in [Format::TarGz, Format::TarXz, Format::TarZst] {
        let more = [&packed(format, &tar)[..], b"more"].concat();
        let why = list(Cursor::new(more), format, SMALL).unwrap_err().to_string();
        assert_eq!(why, "it is damaged: it goes on behind its end", "{format:?}");
    }
}

/// Names like those that attacks are made of.
fn part() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", Just("..".to_owned()), Just(".".to_owned()), Just(String::new()), Just("ä".to_owned())]
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(part(), 1..5).prop_map(|parts| parts.join("/"))
}

proptest! {
    /// Whatever passes can be made, folders, files and then links, without any file of it being outside. The
    /// file system itself is the judge.
    #[cfg(unix)]
    #[test]
    fn what_passes_stays_inside(entries in prop::collection::vec((path(), prop::option::of(path())), 1..8)) {
        let mut tar = Tar::default();
        for (name, target) in &entries {
            tar = match target {
                Some(target) => tar.link(name, target),
                None => tar.file(name),
            };
        }
        if let Ok(entries) = tar.listed() {
            let base = tempfile::tempdir().unwrap();
            let root = base.path().canonicalize().unwrap().join("root");
            let at = |entry: &Entry| root.join(std::str::from_utf8(&entry.path).unwrap());
            for entry in &entries {
                std::fs::create_dir_all(at(entry).parent().unwrap()).unwrap();
            }
            for entry in entries.iter().filter(|entry| matches!(entry.kind, Kind::File { .. })) {
                std::fs::File::create_new(at(entry)).unwrap();
            }
            for entry in &entries {
                if let Kind::Link { target } = &entry.kind {
                    std::os::unix::fs::symlink(std::str::from_utf8(target).unwrap(), at(entry)).unwrap();
                }
            }
            for entry in &entries {
                // A link may lead nowhere or in a circle; where it leads somewhere, that is inside.
                if let Ok(real) = at(entry).canonicalize() {
                    prop_assert!(real.starts_with(&root), "{entry:?} leads to {}", real.display());
                }
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        for format in [Format::Tar, Format::TarGz, Format::TarXz, Format::TarZst, Format::Zip] {
            let _ = list(Cursor::new(&bytes), format, SMALL);
        }
    }
}
