//! What packages for Windows promise without other programs: one outcome whatever the threads and the order, refusals,
//! and that the reader takes what the writer makes and refuses what it must.

mod support;

use proptest::prelude::*;
use release_formats::msi::{
    Msi, MsiArchitecture, MsiError, MsiInfo, MsiScope, Shortcut, read_msi, upgrade_code, write_msi,
};
use release_formats::payload::{Content, Node, NodeKind, Payload};
use release_formats::read_archive::{Limits, ReadError};
use std::io::Cursor;
use support::msi::{contents, file, files, msi, node, random, written};
use support::noise;

fn info(bytes: &[u8]) -> Result<MsiInfo, ReadError> {
    read_msi(Cursor::new(bytes), Limits::default(), |_, _| Ok(()))
}

fn refused(msi: &Msi, nodes: Vec<Node>) -> MsiError {
    write_msi(Cursor::new(Vec::new()), msi, &Payload::new(nodes).unwrap()).unwrap_err()
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads_nor_on_the_order_given() {
    // More than is made in memory, and more than one batch of blocks.
    let big = || file("share/big", &noise(9 << 20));
    let expected = written(&Msi { threads: 1, ..msi() }, files().into_iter().chain([big()]));
    for threads in [0, 2, 3, 8] {
        let nodes = files().into_iter().chain([big()]).rev();
        assert!(expected == written(&Msi { threads, ..msi() }, nodes), "{threads} threads");
    }
    assert!(contents(&expected).unwrap()["share/big"] == noise(9 << 20));
}

#[test]
fn the_reader_sees_what_was_written() {
    let description = Msi { architecture: MsiArchitecture::Arm64, ..msi() };
    let bytes = written(&description, files());
    let found = info(&bytes).unwrap();
    let expected = MsiInfo {
        name: "Hello Tool".to_owned(),
        version: "1.2.3".to_owned(),
        full_version: "1.2.3-rc.1".to_owned(),
        manufacturer: "Example & Sons".to_owned(),
        upgrade_code: format!("{{{}}}", upgrade_code("Example & Sons", "Hello Tool")),
        architecture: MsiArchitecture::Arm64,
        install_folder: "Hello Tool".to_owned(),
        signed: false,
        ..found.clone()
    };
    assert_eq!(found, expected);
    let contents = contents(&bytes).unwrap();
    assert_eq!(contents.len(), files().len());
    for node in files() {
        match &node.kind {
            NodeKind::File(Content::Bytes(bytes)) => assert!(contents[&node.path] == *bytes, "{}", node.path),
            _ => assert!(contents[&node.path].is_empty()),
        }
    }
}

#[test]
fn what_cannot_be_compressed_comes_back() {
    let random = random(100_000);
    let bytes = written(&Msi { shortcuts: Vec::new(), ..msi() }, [file("bin/random", &random)]);
    assert!(contents(&bytes).unwrap()["bin/random"] == random);
}

#[test]
fn codes_follow_from_names_versions_and_content() {
    let code = |msi: &Msi, content: &[u8]| {
        let bytes = written(&Msi { shortcuts: Vec::new(), ..msi.clone() }, [file("bin/a", content)]);
        let info = info(&bytes).unwrap();
        (info.upgrade_code, info.product_code, info.package_code)
    };
    let one = code(&msi(), b"1");
    assert_eq!(one, code(&msi(), b"1"));
    let other_content = code(&msi(), b"2");
    assert_eq!((&other_content.0, &other_content.1), (&one.0, &one.1));
    assert_ne!(other_content.2, one.2);
    for other in [
        Msi { version: "1.2.3".to_owned(), ..msi() },
        Msi { architecture: MsiArchitecture::Arm64, ..msi() },
        Msi { scope: MsiScope::User, ..msi() },
    ] {
        let codes = code(&other, b"1");
        assert_eq!(codes.0, one.0, "{other:?}");
        assert_ne!(codes.1, one.1, "{other:?}");
    }
    let given = "01234567-89ab-cdef-0123-456789abcdef";
    let codes = code(&Msi { upgrade_code: Some(given.to_owned()), ..msi() }, b"1");
    assert_eq!(codes.0, "{01234567-89AB-CDEF-0123-456789ABCDEF}");
}

#[test]
fn what_windows_cannot_hold_is_refused() {
    let none = || Msi { shortcuts: Vec::new(), path: None, ..msi() };
    assert!(matches!(refused(&none(), vec![]), MsiError::Empty));
    assert!(matches!(refused(&none(), vec![node("a", NodeKind::Directory)]), MsiError::Empty));
    assert!(matches!(refused(&none(), vec![file("a/con.txt", b"")]), MsiError::Node { .. }));
    assert!(matches!(refused(&none(), vec![file("ab:c", b"")]), MsiError::Node { .. }));
    let link = node("link", NodeKind::Symlink("a".to_owned()));
    assert!(matches!(refused(&none(), vec![file("a", b""), link]), MsiError::Node { .. }));
    assert!(matches!(refused(&none(), vec![file("a/x", b""), file("A/y", b"")]), MsiError::SameName(..)));
    assert!(matches!(refused(&none(), vec![file("É", b""), file("é", b"")]), MsiError::SameName(..)));
    let missing = Node { kind: NodeKind::File(Content::File("missing".into())), ..file("a", b"") };
    assert!(matches!(refused(&none(), vec![missing]), MsiError::Source(_)));
    let version = Msi { version: "300.0.0".to_owned(), ..none() };
    assert!(matches!(refused(&version, vec![file("a", b"")]), MsiError::Version { .. }));
}

#[test]
fn values_that_do_not_fit_are_refused_by_name() {
    let none = || Msi { shortcuts: Vec::new(), path: None, ..msi() };
    let shortcut = |name: &str, target: &str| Shortcut {
        name: name.to_owned(),
        target: target.to_owned(),
        arguments: String::new(),
        description: String::new(),
    };
    for (msi, expected) in [
        (Msi { name: String::new(), ..none() }, "name"),
        (Msi { name: "x".repeat(65), ..none() }, "name"),
        (Msi { manufacturer: "a\nb".to_owned(), ..none() }, "manufacturer"),
        (Msi { upgrade_code: Some("12".to_owned()), ..none() }, "upgrade code"),
        (Msi { install_folder: "../x".to_owned(), ..none() }, "install folder"),
        (Msi { install_folder: String::new(), ..none() }, "install folder"),
        (Msi { path: Some("sbin".to_owned()), ..none() }, "folder for PATH"),
        (Msi { shortcuts: vec![shortcut("a", "missing")], ..none() }, "target of a shortcut"),
        (Msi { shortcuts: vec![shortcut("a/b", "bin/a")], ..none() }, "name of a shortcut"),
        (
            Msi { start_menu_folder: Some("a|b".to_owned()), shortcuts: vec![shortcut("a", "bin/a")], ..none() },
            "folder of the Start menu",
        ),
        (Msi { icon: Some(b"\x89PNG".to_vec()), ..none() }, "icon"),
    ] {
        let error = refused(&msi, vec![file("bin/a", b"")]);
        assert!(matches!(&error, MsiError::Value { what, .. } if *what == expected), "{expected}: {error}");
    }
    let twice = Msi { shortcuts: vec![shortcut("a", "bin/a"), shortcut("A", "bin/a")], ..none() };
    assert!(matches!(refused(&twice, vec![file("bin/a", b"")]), MsiError::SameName(..)));
    assert!(matches!(refused(&Msi { level: Some(10), ..none() }, vec![file("a", b"")]), MsiError::Write(_)));
}

#[test]
fn limits_hold() {
    let bytes = written(&msi(), files());
    let read = |limits| read_msi(Cursor::new(&bytes), limits, |_, _| Ok::<_, ReadError>(())).unwrap_err();
    let all = Limits::default();
    let few = read(Limits { entries: 3, ..all });
    assert!(matches!(few, ReadError::TooManyEntries(3)), "{few}");
    let small = read(Limits { total_size: 1 << 20, ..all });
    assert!(matches!(small, ReadError::TooLarge(_)), "{small}");
    for metadata in [0, 100, 5000, 50_000] {
        let tables = read(Limits { metadata, ..all });
        assert!(matches!(tables, ReadError::TooMuchMetadata(_)), "{tables}");
    }
}

#[test]
fn a_package_cut_short_or_with_something_behind_it_is_refused() {
    let mut bytes = written(&msi(), files());
    for length in [0, 100, 512, 4096, bytes.len() / 2, bytes.len() - 512, bytes.len() - 1] {
        assert!(info(&bytes[..length]).is_err(), "{length}");
    }
    bytes.push(0);
    assert!(info(&bytes).is_err());
}

#[test]
fn changed_content_is_noticed() {
    let bytes = written(&msi(), files());
    let start = bytes.windows(2).position(|two| two == b"CK").unwrap();
    for at in [start + 2, start + 500, start + 5000] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(matches!(info(&changed), Err(ReadError::Io(_) | ReadError::Damaged(_))), "{at}");
    }
}

/// Finds a text in the pool of strings and writes another of its length over it.
fn with_text(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, text)| *text == from.as_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
    bytes
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let bytes = written(&Msi { shortcuts: Vec::new(), path: None, ..msi() }, [file("some folder/some file.txt", b"1")]);
    assert!(contents(&bytes).is_ok());
    for (from, to) in [
        ("|some file.txt", "|../../file.tx"),
        ("|some file.txt", "|some/file.txt"),
        ("|some file.txt", "|some\\file.txt"),
        ("|some file.txt", "|c:some file.t"),
        ("|some folder", "|..         "),
        ("|some folder", "|/etc/passwd"),
    ] {
        assert!(contents(&with_text(&bytes, from, to)).is_err(), "{to}");
    }
}

#[test]
fn a_place_outside_of_the_install_folder_is_refused() {
    let bytes = written(&Msi { shortcuts: Vec::new(), path: None, ..msi() }, [file("folder/file", b"1")]);
    let elsewhere = with_text(&bytes, "ProgramFiles64Folder", "SomeOther64FolderXYZ");
    assert!(contents(&elsewhere).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn any_files_come_back(
        files in prop::collection::btree_map("[a-zé]{1,3}(/[a-z.-]{1,40}x){0,2}", prop::collection::vec(any::<u8>(), 0..40_000), 1..5),
    ) {
        let nodes: Vec<Node> = files.iter().map(|(name, content)| file(name, content)).collect();
        let Ok(payload) = Payload::new(nodes) else { return Ok(()) };
        let description = Msi { shortcuts: Vec::new(), path: None, ..msi() };
        let bytes = match write_msi(Cursor::new(Vec::new()), &description, &payload) {
            Ok(bytes) => bytes.into_inner(),
            Err(error) => {
                prop_assert!(matches!(error, MsiError::Node { .. } | MsiError::SameName(..)), "{}", error);
                return Ok(());
            }
        };
        prop_assert_eq!(contents(&bytes).unwrap(), files);
    }

    #[test]
    fn damaged_packages_are_errors_or_packages(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let description = Msi { licence: None, ..msi() };
        let mut bytes = written(&description, [file("bin/hello-tool.exe", b"tool")]);
        let at = at.index(bytes.len());
        bytes[at] = value;
        let _ = info(&bytes);
    }
}
