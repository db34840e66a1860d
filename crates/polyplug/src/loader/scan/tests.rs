//! Folders with bundles, broken bundles and other things.

use std::fs;
use std::sync::{Arc, Mutex};

use super::*;
use crate::logger::LoggerClosure;
use crate::testing::write_bundle;

fn names(scan: &ScanResult) -> Vec<&str> {
    scan.found.iter().map(|(_, manifest)| manifest.name.as_str()).collect()
}

#[test]
fn bundles_are_found_in_the_order_of_the_bytes_of_their_folders() {
    let root = tempfile::tempdir().unwrap();
    for (place, name) in
        [("b", "first"), ("a-", "second"), ("C", "third"), ("a", "fourth"), ("é", "fifth"), ("z", "sixth")]
    {
        write_bundle(root.path(), place, name);
    }
    let scan = scan_dirs(&[root.path().to_owned()]);
    assert_eq!(names(&scan), ["third", "fourth", "second", "first", "sixth", "fifth"]);
    assert!(scan.diagnostics.is_empty() && scan.ignored.is_empty(), "{scan:?}");
    let (folder, manifest) = &scan.found[0];
    assert_eq!(*folder, root.path().canonicalize().unwrap().join("C"));
    assert_eq!(manifest.path, *folder);
}

#[test]
fn what_is_broken_is_told_and_hides_nothing() {
    let root = tempfile::tempdir().unwrap();
    write_bundle(root.path(), "a", "good");
    write_bundle(root.path(), "z", "good-too");
    fs::write(write_bundle(root.path(), "b", "broken").join("manifest.toml"), "name = ").unwrap();
    fs::remove_file(write_bundle(root.path(), "c", "no-file").join("plugin.so")).unwrap();
    fs::create_dir_all(root.path().join("d/manifest.toml")).unwrap();
    fs::write(write_bundle(root.path(), "e", "bytes").join("manifest.toml"), b"name = \"a\"\n\xff").unwrap();
    fs::create_dir(root.path().join("f")).unwrap();
    fs::write(root.path().join("g"), "a file").unwrap();

    let scan = scan_dirs(&[root.path().to_owned()]);
    assert_eq!(names(&scan), ["good", "good-too"]);
    let told: Vec<String> = scan.diagnostics.iter().map(ToString::to_string).collect();
    let expected = [
        "manifest.toml:1:8: ",
        "the file `plugin.so` is missing",
        "is not a regular file",
        "manifest.toml:2: this is not UTF-8",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.contains(expected), "{told}");
    }
    assert_eq!(scan.ignored, [Ignored::NoManifest(root.path().join("f"))]);
}

#[test]
fn a_plugin_folder_that_is_missing_or_none_is_told() {
    let root = tempfile::tempdir().unwrap();
    write_bundle(&root.path().join("good"), "a", "good");
    fs::write(root.path().join("file"), "").unwrap();
    let folders = ["missing", "file", "good"].map(|name| root.path().join(name));
    let scan = scan_dirs(&folders);
    assert_eq!(names(&scan), ["good"]);
    match scan.diagnostics.as_slice() {
        [ScanDiagnostic::Folder { folder: missing, .. }, ScanDiagnostic::Folder { folder: file, .. }] => {
            assert_eq!([missing, file], [&folders[0], &folders[1]]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_folder_twice_is_scanned_once() {
    let root = tempfile::tempdir().unwrap();
    write_bundle(root.path(), "a", "one");
    let scan = scan_dirs(&[root.path().to_owned(), root.path().join("a/.."), root.path().join(".")]);
    assert_eq!(names(&scan), ["one"]);
    let before = [root.path().join("a/.."), root.path().join(".")].map(Ignored::SeenBefore);
    assert_eq!(scan.ignored, before);
}

#[test]
fn a_bundle_that_is_given_as_a_plugin_folder_is_told_and_found_where_it_belongs() {
    let root = tempfile::tempdir().unwrap();
    let bundle = write_bundle(root.path(), "a", "one");
    let scan = scan_dirs(&[bundle.clone(), root.path().to_owned()]);
    assert_eq!(names(&scan), ["one"]);
    assert!(matches!(&scan.diagnostics[..], [ScanDiagnostic::FolderIsBundle { folder }] if *folder == bundle));
}

#[test]
fn two_bundles_of_one_name_are_both_found() {
    let root = tempfile::tempdir().unwrap();
    write_bundle(root.path(), "a", "one");
    write_bundle(root.path(), "b", "one");
    assert_eq!(names(&scan_dirs(&[root.path().to_owned()])), ["one", "one"]);
}

#[cfg(unix)]
#[test]
fn links_to_bundles_are_followed_once_and_those_that_lead_nowhere_are_told() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let elsewhere = write_bundle(root.path(), "elsewhere/a", "linked");
    let folder = root.path().join("bundles");
    fs::create_dir(&folder).unwrap();
    symlink(&elsewhere, folder.join("one")).unwrap();
    symlink(&elsewhere, folder.join("two")).unwrap();
    symlink("nowhere", folder.join("three")).unwrap();
    let scan = scan_dirs(std::slice::from_ref(&folder));
    assert_eq!(names(&scan), ["linked"]);
    assert_eq!(scan.ignored, [Ignored::SeenBefore(folder.join("two"))]);
    assert!(matches!(&scan.diagnostics[..], [ScanDiagnostic::Entry { path, .. }] if *path == folder.join("three")));
}

// Other systems refuse such names.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_a_folder_like_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let root = tempfile::tempdir().unwrap();
    let folder = write_bundle(root.path(), "a", "one");
    fs::rename(&folder, root.path().join(OsStr::from_bytes(b"\xffa"))).unwrap();
    assert_eq!(names(&scan_dirs(&[root.path().to_owned()])), ["one"]);
}

#[test]
fn broken_bundles_are_warnings_and_folders_without_manifests_are_for_debugging() {
    let root = tempfile::tempdir().unwrap();
    fs::write(write_bundle(root.path(), "a", "one").join("manifest.toml"), "").unwrap();
    fs::create_dir(root.path().join("b")).unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&lines);
    let closure = LoggerClosure::new(move |level, scope, message| {
        to.lock().unwrap().push((level, scope.to_owned(), message.to_owned()));
    });
    scan_dirs(&[root.path().to_owned()]).log(&LoggerHandle::from_closure(closure, LogLevel::Trace));
    let lines = lines.lock().unwrap();
    let levels: Vec<(LogLevel, &str)> = lines.iter().map(|(level, scope, _)| (*level, scope.as_str())).collect();
    assert_eq!(levels, [(LogLevel::Warn, "scan"), (LogLevel::Debug, "scan")]);
    assert!(lines[1].2.contains("has no manifest.toml: not a bundle"), "{lines:?}");
}
