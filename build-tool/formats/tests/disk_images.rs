//! Disk images: what the writer and the reader promise each other, and the programs that must accept them.
//! A missing program fails the test.
#![cfg(unix)]

mod support;

use proptest::prelude::*;
use release_formats::dmg::{DmgContents, DmgError, DmgOptions, read_dmg, write_dmg};
use release_formats::hfsplus::read_volume;
use release_formats::payload::{Content, NodeKind, Payload};
use release_formats::read_archive::{Limits, ReadError};
use release_formats::udif::Udif;
use release_formats::unix::{UnixEntry, UnixKind};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::os::unix::fs::symlink;
use std::path::Path;
use support::payloads::{directory, file, large_sparse_file, link, many_files, peak_memory, sample};
use support::{MTIME, noise, run};

fn options(threads: usize) -> DmgOptions {
    DmgOptions { volume_name: "Tool 1.2.3".to_owned(), mtime: MTIME, level: Some(6), threads }
}

fn write(payload: &Payload, threads: usize) -> Vec<u8> {
    write_dmg(Vec::new(), payload, &options(threads)).unwrap()
}

type Entries = BTreeMap<String, (UnixEntry, Vec<u8>)>;

fn read(bytes: &[u8]) -> Result<(DmgContents, Entries), ReadError> {
    let mut entries = BTreeMap::new();
    let contents = read_dmg(Cursor::new(bytes), Limits::default(), |entry, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        entries.insert(entry.path.clone(), (entry.clone(), bytes));
        Ok::<_, ReadError>(())
    })?;
    Ok((contents, entries))
}

/// The disk within an image.
fn disk(image: &[u8]) -> Vec<u8> {
    let mut disk = Vec::new();
    Udif::open(Cursor::new(image), Limits::default()).unwrap().read_to_end(&mut disk).unwrap();
    disk
}

fn bytes_of(content: &Content) -> Vec<u8> {
    let mut bytes = Vec::new();
    content.copy_to(content.size().unwrap(), &mut bytes).unwrap();
    bytes
}

/// A payload whose names are decomposed already, so that they come back as they are.
fn plain() -> Payload {
    Payload::new([
        file("tool", &noise(3 << 20), 0o755),
        file("README.md", b"hello\n", 0o644),
        file("empty", b"", 0o600),
        file("zeros", &vec![0; 5 << 20], 0o644),
        file("doc/日本語/Straße.txt", b"name", 0o644),
        directory("doc/nothing in it", 0o700),
        link("Applications", "/Applications"),
        link("doc/tool", "../tool"),
    ])
    .unwrap()
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads() {
    let payload = sample();
    let one = write(&payload, 1);
    for threads in [0, 2, 5] {
        assert!(one == write(&payload, threads), "{threads} threads");
    }
}

#[test]
fn the_reader_sees_what_was_written() {
    for payload in [plain(), many_files(5000), Payload::new([]).unwrap()] {
        let (contents, entries) = read(&write(&payload, 2)).unwrap();
        assert_eq!(contents.volume_name, "Tool 1.2.3");
        let all = payload.with_parents();
        assert_eq!(entries.len(), all.len());
        assert_eq!((contents.files + contents.folders) as usize, all.len());
        for node in payload.nodes().filter(|node| node.path != "share/link") {
            // Decomposed, some names are others.
            let Some((entry, content)) = entries.get(&node.path) else {
                assert!(!node.path.is_ascii(), "{}", node.path);
                continue;
            };
            assert_eq!((entry.mtime, entry.uid, entry.gid), (MTIME, 0, 0));
            let kind = match &node.kind {
                NodeKind::Directory => UnixKind::Directory,
                NodeKind::Symlink(target) => UnixKind::Symlink(target.clone()),
                NodeKind::File(expected) => {
                    assert!(*content == bytes_of(expected), "{}", node.path);
                    UnixKind::File
                }
            };
            assert_eq!(entry.kind, kind, "{}", node.path);
            if !matches!(entry.kind, UnixKind::Symlink(_)) {
                assert_eq!(entry.mode, node.mode, "{}", node.path);
            }
        }
    }
}

/// 7-Zip gives a folder with the volume's name.
fn assert_unpacked(payload: &Payload, folder: &Path) {
    for node in payload.nodes() {
        let path = folder.join("Tool 1.2.3").join(&node.path);
        match &node.kind {
            NodeKind::File(content) => assert!(fs::read(&path).unwrap() == bytes_of(content), "{path:?} differs"),
            NodeKind::Directory => assert!(path.is_dir(), "{path:?}"),
            NodeKind::Symlink(target) => assert_eq!(fs::read_link(&path).unwrap(), Path::new(target), "{path:?}"),
        }
    }
}

#[test]
fn seven_zip_unpacks_what_was_put_in() {
    let payload = plain();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tool.dmg"), write(&payload, 2)).unwrap();
    let test = run("7zz", "7zip", &["t", "tool.dmg"], folder.path());
    assert!(test.contains("Everything is Ok"), "{test}");
    run("7zz", "7zip", &["x", "-snld", "-oout", "tool.dmg"], folder.path());
    assert_unpacked(&payload, &folder.path().join("out"));
}

#[test]
fn dmg2img_gives_the_disk_that_we_read() {
    let payload = plain();
    let folder = tempfile::tempdir().unwrap();
    let image = write(&payload, 2);
    fs::write(folder.path().join("tool.dmg"), &image).unwrap();
    run("dmg2img", "dmg2img", &["-s", "tool.dmg", "tool.img"], folder.path());
    assert!(fs::read(folder.path().join("tool.img")).unwrap() == disk(&image));
    run("7zz", "7zip", &["x", "-snld", "-oout", "tool.img"], folder.path());
    assert_unpacked(&payload, &folder.path().join("out"));
}
