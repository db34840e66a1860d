//! What archives promise without other programs: one outcome whatever the threads, refusals,
//! and that the reader takes what the writer makes and refuses what it must.

mod support;

use proptest::prelude::*;
use release_formats::archive::{ArchiveError, ArchiveFormat, Entry, TarWriter, write_archive};
use release_formats::checksums::sha256_reader;
use release_formats::compress::{Codec, Compressor};
use release_formats::read_archive::{EntryKind, Limits, ReadError, list_archive, read_archive};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use support::{Sample, noise, options};

fn list(archive: &[u8], format: ArchiveFormat) -> Result<Vec<String>, ReadError> {
    let entries = list_archive(Cursor::new(archive), format, Limits::default())?;
    Ok(entries.into_iter().map(|entry| String::from_utf8(entry.name).unwrap()).collect())
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads_nor_on_the_order_given() {
    let mut sample = Sample::new();
    let archives: Vec<Vec<u8>> = ArchiveFormat::ALL.iter().map(|format| sample.write(*format, 1)).collect();
    sample.entries.reverse();
    for (format, archive) in ArchiveFormat::ALL.into_iter().zip(archives) {
        for threads in [0, 2, 3, 8] {
            assert!(archive == sample.write(format, threads), "{format} with {threads} threads");
        }
    }
}

/// The bytes are part of what is promised: a new version of a library that changes them must
/// be noticed. The levels are those whose blocks are small enough for several.
#[test]
fn bytes_are_those_of_every_other_machine() {
    let input = noise(5 << 20);
    for (codec, level, expected) in PINNED {
        for piece in [1 << 20, 77_777] {
            let mut compressor = Compressor::new(Vec::new(), codec, level, 2).unwrap();
            input.chunks(piece).for_each(|piece| compressor.write_all(piece).unwrap());
            let (sum, _) = sha256_reader(&*compressor.finish().unwrap()).unwrap();
            assert_eq!(sum.to_string(), expected, "{codec:?} -{level} by {piece}");
        }
    }
}

const PINNED: [(Codec, u32, &str); 3] = [
    (Codec::Gzip, 6, "288c12b6471da2c7b66ea79c31d46f435e45c63dfd05ff1a8b7bda726eda06c1"),
    (Codec::Xz, 0, "55c5ffef9160e0030ea92430184b89988216fd0f900af29e1af4a58a27b78280"),
    (Codec::Zstd, 1, "83e017c47cef474a353dae7f8cf567ec9e57877053f729432a8d386ebeabd9aa"),
];

#[test]
fn levels_that_do_not_exist_are_refused() {
    for (codec, level) in [(Codec::Gzip, 0), (Codec::Gzip, 10), (Codec::Xz, 10), (Codec::Zstd, 23)] {
        assert!(Compressor::new(Vec::new(), codec, level, 1).is_err(), "{codec:?} {level}");
    }
}

#[test]
fn bad_names_are_refused_by_name() {
    let entry = |name: &str| Entry { name: name.into(), source: "unread".into(), executable: false };
    let write = |names: &[&str]| {
        let entries: Vec<Entry> = names.iter().map(|name| entry(name)).collect();
        write_archive(Vec::new(), &options(ArchiveFormat::TarGz, 1), &entries).unwrap_err()
    };
    for name in ["/etc/passwd", "../x", "a/../../x", "", "a//b", "a\\b", "c:/x"] {
        assert!(matches!(write(&[name]), ArchiveError::Name { .. }), "{name}");
    }
    assert!(matches!(write(&["a", "a"]), ArchiveError::Duplicate(_)));
    for names in [["a", "a/b"], ["a/b", "a"]] {
        assert!(matches!(write(&names), ArchiveError::FileAndDirectory(_)), "{names:?}");
    }
    assert!(matches!(write(&["missing"]), ArchiveError::Source(_)));
}

#[test]
fn the_reader_sees_what_was_written() {
    let sample = Sample::new();
    for format in ArchiveFormat::ALL {
        let mut contents = BTreeMap::new();
        let archive = sample.write(format, 2);
        read_archive(Cursor::new(&archive), format, Limits::default(), |entry, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            assert_eq!(entry.mode == Some(0o644), entry.kind == EntryKind::File && !entry.name.ends_with(b"tool"));
            contents.insert(entry.name.clone(), bytes);
            Ok::<_, ReadError>(())
        })
        .unwrap();
        for entry in &sample.entries {
            let name = [b"root-1.0/", &*entry.name].concat();
            assert!(contents[&name] == std::fs::read(&entry.source).unwrap(), "{format}");
        }
    }
}

#[test]
fn the_zip_crate_reads_our_zip() {
    let sample = Sample::new();
    let mut zip = zip::ZipArchive::new(Cursor::new(sample.write(ArchiveFormat::Zip, 2))).unwrap();
    for entry in &sample.entries {
        let name = format!("root-1.0/{}", std::str::from_utf8(&entry.name).unwrap());
        let mut bytes = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes == std::fs::read(&entry.source).unwrap(), "{name}");
    }
}

#[test]
fn nothing_may_follow_the_end() {
    let sample = Sample::new();
    for format in ArchiveFormat::ALL {
        let mut archive = sample.write(format, 1);
        assert!(list(&archive, format).is_ok(), "{format}");
        archive.push(0);
        assert!(list(&archive, format).is_err(), "{format}");
        archive.truncate(archive.len() - 2);
        assert!(list(&archive, format).is_err(), "{format} cut short");
    }
}

#[test]
fn limits_hold() {
    let sample = Sample::new();
    for format in ArchiveFormat::ALL {
        let archive = sample.write(format, 1);
        let read = |limits| list_archive(Cursor::new(&archive), format, limits).unwrap_err();
        let all = Limits::default();
        let few = read(Limits { entries: 3, ..all });
        assert!(matches!(few, ReadError::TooManyEntries(3)), "{format}: {few}");
        let small = read(Limits { total_size: 1 << 20, ..all });
        assert!(matches!(small, ReadError::TooLarge(_)), "{format}: {small}");
        let names = read(Limits { metadata: 100, ..all });
        assert!(matches!(names, ReadError::TooMuchMetadata(_)), "{format}: {names}");
    }
}

fn gzipped_tar(fill: impl FnOnce(&mut TarWriter<Compressor<Vec<u8>>>)) -> Vec<u8> {
    let compressor = Compressor::new(Vec::new(), Codec::Gzip, 1, 1).unwrap();
    let mut tar = TarWriter::new(compressor, 0);
    fill(&mut tar);
    tar.finish().unwrap().finish().unwrap()
}

#[test]
fn hostile_tars_are_refused() {
    let read = |archive: Vec<u8>| list(&archive, ArchiveFormat::TarGz);
    for name in ["../x", "/x", "a/../x", "a\\..\\x"] {
        let archive = gzipped_tar(|tar| tar.file(name.as_bytes(), 0o644, b"").unwrap());
        assert!(matches!(read(archive), Err(ReadError::UnsafeName { .. })), "{name}");
    }
    let twice = gzipped_tar(|tar| {
        tar.file(b"x", 0o644, b"1").unwrap();
        tar.file(b"./x", 0o644, b"2").unwrap();
    });
    assert!(matches!(read(twice), Err(ReadError::Duplicate(_))));
    let long = gzipped_tar(|tar| tar.file(&[b'x'; 5000], 0o644, b"").unwrap());
    assert!(matches!(read(long), Err(ReadError::TooMuchMetadata(_))));
    let huge = gzipped_tar(|tar| tar.start_file(b"x", 0o644, u64::MAX / 2).unwrap());
    assert!(matches!(read(huge), Err(ReadError::TooLarge(_))));
    let after = gzipped_tar(|tar| {
        tar.content().write_all(&[0; 512]).unwrap();
        tar.file(b"hidden", 0o644, b"").unwrap();
    });
    assert!(matches!(read(after), Err(ReadError::TrailingData)));
}

#[test]
fn links_are_refused() {
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char] {
        let archive = gzipped_tar(|tar| {
            let mut header = tar::Header::new_gnu();
            header.set_path("link").unwrap();
            header.set_link_name("/etc/passwd").unwrap();
            header.set_entry_type(kind);
            header.set_mode(0o777);
            header.set_size(0);
            header.set_cksum();
            tar.content().write_all(header.as_bytes()).unwrap();
        });
        assert!(matches!(list(&archive, ArchiveFormat::TarGz), Err(ReadError::NotPlain(_))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn any_files_come_back(
        files in prop::collection::btree_map("[a-zé]{1,3}(/[a-z.-]{1,120}x){0,2}", prop::collection::vec(any::<u8>(), 0..2000), 0..6),
        format in prop::sample::select(&ArchiveFormat::ALL[..]),
    ) {
        let mut sample = Sample { folder: tempfile::tempdir().unwrap(), entries: Vec::new() };
        files.iter().for_each(|(name, content)| sample.add(name, content, false));
        let written = write_archive(Vec::new(), &options(format, 2), &sample.entries);
        let Ok(archive) = written else {
            prop_assert!(matches!(written, Err(ArchiveError::FileAndDirectory(_))));
            return Ok(());
        };
        let mut seen = BTreeMap::new();
        read_archive(Cursor::new(&archive), format, Limits::default(), |entry, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            if entry.kind == EntryKind::File {
                let name = std::str::from_utf8(&entry.name).unwrap();
                seen.insert(name.strip_prefix("root-1.0/").unwrap().to_owned(), bytes);
            }
            Ok::<_, ReadError>(())
        }).unwrap();
        prop_assert_eq!(seen, files);
    }

    #[test]
    fn damaged_archives_are_errors_or_archives(
        at in any::<prop::sample::Index>(),
        value in any::<u8>(),
        format in prop::sample::select(&ArchiveFormat::ALL[..]),
    ) {
        let mut sample = Sample { folder: tempfile::tempdir().unwrap(), entries: Vec::new() };
        sample.add("a/b", &noise(5000), true);
        let mut archive = sample.write(format, 1);
        let at = at.index(archive.len());
        archive[at] = value;
        let limits = Limits { total_size: 1 << 20, metadata: 1 << 20, entries: 10 };
        let _ = list_archive(Cursor::new(&archive), format, limits);
    }
}
