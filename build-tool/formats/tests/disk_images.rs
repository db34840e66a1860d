//! Disk images: what the writer and the reader promise each other, and the programs that must accept them.
//! A missing program fails the test.
#![cfg(unix)]

mod support;

use proptest::prelude::*;
use release_formats::checksums::sha256_reader;
use release_formats::dmg::{DmgContents, DmgError, DmgOptions, read_dmg, write_dmg};
use release_formats::hfsplus::read_volume;
use release_formats::payload::{Content, Node, NodeKind, Payload};
use release_formats::read_archive::{Limits, ReadError};
use release_formats::udif::Udif;
use release_formats::unix::{UnixEntry, UnixKind};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::mac_payloads::{directory, file, large_sparse_file, link, many_files, peak_memory, sample};
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

/// 7-Zip makes a folder with the volume's name, and has absolute links lead into the folder that it unpacks to.
fn assert_unpacked(payload: &Payload, folder: &Path) {
    for node in payload.nodes() {
        let path = folder.join("Tool 1.2.3").join(&node.path);
        match &node.kind {
            NodeKind::File(content) => assert!(fs::read(&path).unwrap() == bytes_of(content), "{path:?} differs"),
            NodeKind::Directory => assert!(path.is_dir(), "{path:?}"),
            NodeKind::Symlink(target) => {
                let target =
                    target.strip_prefix('/').map_or(Path::new(target).to_owned(), |inside| folder.join(inside));
                assert_eq!(fs::read_link(&path).unwrap(), target, "{path:?}");
            }
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
    let list = run("7zz", "7zip", &["l", "-slt", "tool.dmg", "Tool 1.2.3/Applications"], folder.path());
    assert!(list.contains("Mode = lrwxr-xr-x\n"), "{list}");
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

/// 5,000 files need a catalog of several levels; the 40 folders of 620 bytes of names need deep paths.
#[test]
fn seven_zip_unpacks_many_files_and_deep_folders() {
    let deep =
        (0..40).map(|number| file(&format!("deep/{}{number}", "folder-in-a-folder/".repeat(33)), b"deep", 0o644));
    let payload = Payload::new(many_files(5000).nodes().cloned().chain(deep)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("many.dmg"), write(&payload, 2)).unwrap();
    run("7zz", "7zip", &["x", "-snld", "-oout", "many.dmg"], folder.path());
    let mut seen = 0;
    for node in payload.nodes().filter(|node| node.path.is_ascii()) {
        if let NodeKind::File(content) = &node.kind {
            let path = folder.path().join("out/Tool 1.2.3").join(&node.path);
            assert!(fs::read(&path).unwrap() == bytes_of(content), "{path:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 40 + 5000 / 4);
}

#[test]
fn sleuthkit_lists_every_path_and_finds_it_in_the_catalog() {
    let payload = many_files(1000);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("disk"), disk(&write(&payload, 2))).unwrap();
    let tool = |name: &str, arguments: &[&str]| run(name, "sleuthkit", arguments, folder.path());
    let list = tool("fls", &["-r", "-p", "-F", "-f", "hfs", "disk"]);
    let numbers: BTreeMap<&str, &str> = list
        .lines()
        .filter_map(|line| line.split_once(' ')?.1.split_once(":\t"))
        .map(|(number, path)| (path, number))
        .filter(|(path, _)| path.starts_with("share/"))
        .collect();
    assert_eq!(numbers.len(), 1001);
    for node in payload.nodes().filter(|node| node.path.is_ascii()).step_by(40) {
        // In another case it is the same path.
        let found = tool("ifind", &["-n", &node.path.to_ascii_uppercase(), "-f", "hfs", "disk"]);
        assert_eq!(found.trim_end(), numbers[node.path.as_str()], "{}", node.path);
        if let NodeKind::File(content) = &node.kind {
            assert!(tool("icat", &["-f", "hfs", "disk", found.trim_end()]).as_bytes() == bytes_of(content));
        }
    }
    assert_eq!(tool("icat", &["-f", "hfs", "disk", numbers["share/link"]]), "00");
}

#[test]
fn the_disk_can_be_read_at_any_place() {
    let image = write(&plain(), 1);
    let disk = disk(&image);
    let mut udif = Udif::open(Cursor::new(&image), Limits::default()).unwrap();
    assert_eq!(udif.size(), disk.len() as u64);
    for at in [5 << 20, 0, disk.len() - 100, (1 << 20) - 50, 3 << 20] {
        udif.seek(SeekFrom::Start(at as u64)).unwrap();
        let mut part = Vec::new();
        udif.by_ref().take(100).read_to_end(&mut part).unwrap();
        assert!(part == disk[at..at + 100], "{at}");
    }
    assert_eq!(udif.seek(SeekFrom::End(-1)).unwrap(), disk.len() as u64 - 1);
}

#[test]
fn names_that_a_mac_does_not_tell_apart_are_refused() {
    for (one, other) in [("a/README", "a/Readme"), ("é", "e\u{301}"), ("Straße", "STRAßE"), ("x\u{200D}y", "xy")] {
        let payload = Payload::new([file(one, b"", 0o644), file(other, b"", 0o644)]).unwrap();
        let refused = write_dmg(Vec::new(), &payload, &options(1));
        assert!(matches!(refused, Err(DmgError::SameName { .. })), "{one} {other}");
    }
    let long = Payload::new([file(&"é".repeat(128), b"", 0o644)]).unwrap();
    assert!(matches!(write_dmg(Vec::new(), &long, &options(1)), Err(DmgError::LongName(_))));
    let empty = Payload::new([file("\u{FEFF}", b"", 0o644)]).unwrap();
    assert!(matches!(write_dmg(Vec::new(), &empty, &options(1)), Err(DmgError::EmptyName(_))));
}

/// All data stand under checksums; of the list and the trailer some bytes mean nothing to us.
#[test]
fn no_change_of_the_data_goes_unnoticed_and_no_other_changes_what_is_read() {
    let payload = Payload::new([file("a/b", &noise(3000), 0o755), link("c", "a")]).unwrap();
    let image = write(&payload, 1);
    let expected = read(&image).unwrap();
    let list = image.windows(5).position(|bytes| bytes == b"<?xml").unwrap();
    // Each read unpacks a mebibyte, so not every byte is tried.
    for at in (0..image.len()).step_by(7) {
        let mut damaged = image.clone();
        damaged[at] ^= 0x01;
        match read(&damaged) {
            Err(_) => {}
            Ok(seen) => assert!(seen == expected && at >= list, "byte {at}"),
        }
    }
}

#[test]
fn nothing_may_follow_the_end_nor_be_missing() {
    let mut image = write(&plain(), 1);
    image.push(0);
    assert!(read(&image).is_err());
    image.truncate(image.len() - 2);
    assert!(read(&image).is_err());
    image.drain(..100);
    assert!(read(&image).is_err());
}

#[test]
fn limits_hold() {
    let image = write(&sample(), 1);
    let read = |limits| read_dmg(Cursor::new(&image), limits, |_, _| Ok::<_, ReadError>(())).unwrap_err();
    let all = Limits::default();
    assert!(matches!(read(Limits { entries: 10, ..all }), ReadError::TooManyEntries(10)));
    assert!(matches!(read(Limits { total_size: 1 << 20, ..all }), ReadError::TooLarge(_)));
    assert!(matches!(read(Limits { metadata: 9000, ..all }), ReadError::TooMuchMetadata(_)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn any_payload_comes_back(
        files in prop::collection::btree_map("[a-z漢]{1,3}(/[a-z.-]{1,100}x){0,2}", prop::collection::vec(any::<u8>(), 0..9000), 0..40),
    ) {
        let nodes = files.iter().map(|(path, content)| file(path, content, 0o644));
        let Ok(payload) = Payload::new(nodes) else { return Ok(()) };
        let (_, mut entries) = read(&write(&payload, 2)).unwrap();
        entries.retain(|_, (entry, _)| entry.kind == UnixKind::File);
        let entries: BTreeMap<_, _> = entries.into_iter().map(|(path, (_, content))| (path, content)).collect();
        prop_assert_eq!(entries, files);
    }

    /// A volume has no checksums, so its reader sees every damage.
    #[test]
    fn a_damaged_volume_is_an_error_or_a_volume(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut disk = disk(&write(&many_files(60), 1));
        for (at, value) in changes {
            // Most of a volume is free: the damage goes where something is.
            let at = at.index(30 * 4096);
            disk[at] = value;
        }
        let limits = Limits { entries: 1000, total_size: 4 << 20, metadata: 1 << 20 };
        let _ = read_volume(Cursor::new(&disk), limits, |_, content| {
            std::io::copy(content, &mut std::io::sink())?;
            Ok::<_, ReadError>(())
        });
    }
}

#[test]
#[ignore = "some seconds: 300 MB are packed and unpacked"]
fn memory_does_not_grow_with_the_payload() {
    let folder = tempfile::tempdir().unwrap();
    let payload = large_sparse_file(folder.path(), 300 << 20);
    let path = folder.path().join("large.dmg");
    write_dmg(fs::File::create(&path).unwrap(), &payload, &options(2)).unwrap();
    let mut size = 0;
    read_dmg(fs::File::open(&path).unwrap(), Limits::default(), |entry, content| {
        size += std::io::copy(content, &mut std::io::sink())?;
        assert!(entry.path == "large" || entry.path == "small");
        Ok::<_, ReadError>(())
    })
    .unwrap();
    assert_eq!(size, (300 << 20) + 5);
    assert!(peak_memory() < 60, "{} MiB", peak_memory());
}

/// Linux's own driver, in a kernel that runs as a program.
#[test]
#[ignore = "needs a kernel with HFS Plus (Debian's user-mode-linux and busybox-static); some seconds"]
fn the_kernel_mounts_the_volume_and_finds_every_file() {
    let payload = many_files(5000);
    let folder = tempfile::tempdir().unwrap();
    let (image, root) = (folder.path().join("disk"), folder.path().join("root"));
    fs::write(&image, disk(&write(&payload, 2))).unwrap();
    for name in ["bin", "lib", "proc", "mnt", "out", "dev"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    fs::copy("/bin/busybox", root.join("bin/busybox")).expect("busybox-static");
    let modules = ["cdrom.ko", "nls_utf8.ko", "hfsplus.ko"];
    for module in modules {
        let found = run("find", "user-mode-linux", &["/usr/lib/uml/modules", "-name", module], folder.path());
        fs::copy(found.lines().next().unwrap(), root.join("lib").join(module)).unwrap();
    }
    let names: Vec<String> = payload.nodes().map(|node| format!("/mnt/{}", node.path)).collect();
    fs::write(root.join("names"), names.join("\n") + "\n").unwrap();
    let init = format!(
        "#!/bin/busybox sh\nfor module in {}; do /bin/busybox insmod /lib/$module; done\n\
         /bin/busybox mount -t hfsplus -o ro /dev/ubda /mnt\n\
         while read -r name; do [ -e \"$name\" ] && echo \"$name\"; done </names >/out/found\n\
         cd /mnt && /bin/busybox find . -type f -exec /bin/busybox sha256sum {{}} + >/out/sums\n\
         cd / && /bin/busybox umount /mnt\n/bin/busybox poweroff -f\n",
        modules.join(" ")
    );
    fs::write(root.join("init"), init).unwrap();
    fs::set_permissions(root.join("init"), fs::Permissions::from_mode(0o755)).unwrap();
    let (image, flags) = (format!("ubd0r={}", image.display()), format!("rootflags={}", root.display()));
    let arguments = ["mem=256M", &image, "root=/dev/root", "rootfstype=hostfs", &flags, "rw", "init=/init", "con=null"];
    run("linux.uml", "user-mode-linux", &[&arguments[..], &["con0=fd:0,fd:1"]].concat(), folder.path());
    assert_eq!(fs::read_to_string(root.join("out/found")).unwrap().lines().collect::<Vec<_>>(), names);
    let content_sum = |node: &Node| match &node.kind {
        NodeKind::File(content) => Some(sha256_reader(&*bytes_of(content)).unwrap().0.to_string()),
        _ => None,
    };
    let mut expected: Vec<String> = payload.nodes().filter_map(content_sum).collect();
    let sums = fs::read_to_string(root.join("out/sums")).unwrap();
    let mut sums: Vec<&str> = sums.lines().map(|line| &line[..64]).collect();
    expected.sort();
    sums.sort_unstable();
    assert_eq!(sums, expected);
}
