//! Manifests and their files on the disk.

use std::fs;
use std::path::Path;

use polyplug_abi::AbiErrorCode;

use super::{MANIFEST_FILE, MANIFEST_LIMIT, ManifestData};
use crate::error::ManifestError;
use crate::testing::{bundle, write_bundle};

/// A bundle that names `file`, which is not there yet.
fn naming(root: &Path, file: &str) -> std::path::PathBuf {
    let folder = root.join("bundle");
    fs::create_dir_all(&folder).unwrap();
    let (_, mut manifest) = bundle("one", &[], &[]);
    manifest.file = file.into();
    fs::write(folder.join(MANIFEST_FILE), manifest.to_toml()).unwrap();
    folder
}

#[test]
fn a_bundle_is_read_with_its_folder_and_its_file() {
    let root = tempfile::tempdir().unwrap();
    let folder = naming(root.path(), "lib/plugin.so");
    fs::create_dir(folder.join("lib")).unwrap();
    fs::write(folder.join("lib/plugin.so"), "").unwrap();
    let manifest = ManifestData::read(&folder.join("lib/..")).unwrap();
    let folder = folder.canonicalize().unwrap();
    assert_eq!(manifest.path, folder);
    assert_eq!(manifest.resolve_file().unwrap(), folder.join("lib").join("plugin.so"));
}

#[test]
fn a_manifest_that_is_missing_is_told_with_where_it_should_be() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    for folder in [root.path().to_owned(), root.path().join("nowhere"), root.path().join("file")] {
        match ManifestData::read(&folder).unwrap_err() {
            ManifestError::Missing { file } => assert_eq!(file, folder.join(MANIFEST_FILE)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_manifest_may_have_a_mebibyte_and_no_more() {
    let root = tempfile::tempdir().unwrap();
    let folder = write_bundle(root.path(), "a", "one");
    let text = fs::read_to_string(folder.join(MANIFEST_FILE)).unwrap();
    let padded = |length: u64| format!("{text}#{}", "x".repeat(length as usize - text.len() - 1));
    fs::write(folder.join(MANIFEST_FILE), padded(MANIFEST_LIMIT)).unwrap();
    ManifestData::read(&folder).unwrap();
    fs::write(folder.join(MANIFEST_FILE), padded(MANIFEST_LIMIT + 1)).unwrap();
    let error = ManifestData::read(&folder).unwrap_err();
    assert!(matches!(error, ManifestError::TooLarge { limit: MANIFEST_LIMIT, .. }), "{error}");
    assert_eq!(error.code(), AbiErrorCode::InvalidManifest.as_u32());
}

#[test]
fn a_file_that_is_missing_or_a_folder_is_told() {
    let root = tempfile::tempdir().unwrap();
    for missing in ["plugin.so", "lib/plugin.so", "manifest.toml/plugin.so"] {
        let error = ManifestData::read(&naming(root.path(), missing)).unwrap_err();
        assert!(matches!(&error, ManifestError::FileMissing { named, .. } if *named == missing), "{error}");
        assert_eq!(error.code(), AbiErrorCode::InvalidManifest.as_u32());
    }
    let folder = naming(root.path(), "lib");
    fs::create_dir(folder.join("lib")).unwrap();
    let error = ManifestData::read(&folder).unwrap_err();
    assert!(matches!(error, ManifestError::NotAFile { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_may_lead_about_the_folder_but_not_out_of_it() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let folder = naming(root.path(), "plugin.so");
    fs::write(folder.join("plugin-1.so"), "").unwrap();
    symlink("plugin-1.so", folder.join("plugin.so")).unwrap();
    let file = ManifestData::read(&folder).unwrap().resolve_file().unwrap();
    assert_eq!(file, folder.canonicalize().unwrap().join("plugin-1.so"));

    // A folder whose name begins with the bundle's is not in it.
    let outside = root.path().join("bundle-of-others");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("plugin.so"), "").unwrap();
    fs::remove_file(folder.join("plugin.so")).unwrap();
    symlink(outside.join("plugin.so"), folder.join("plugin.so")).unwrap();
    let error = ManifestData::read(&folder).unwrap_err();
    match &error {
        ManifestError::FileOutside { target, .. } => {
            assert_eq!(*target, outside.canonicalize().unwrap().join("plugin.so"));
        }
        other => panic!("{other}"),
    }

    let through_a_folder = naming(root.path(), "lib/plugin.so");
    symlink("../bundle-of-others", through_a_folder.join("lib")).unwrap();
    let error = ManifestData::read(&through_a_folder).unwrap_err();
    assert!(matches!(error, ManifestError::FileOutside { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_manifest_that_cannot_be_read_is_told_with_the_systems_words() {
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(MANIFEST_FILE, root.path().join(MANIFEST_FILE)).unwrap();
    let error = ManifestData::read(root.path()).unwrap_err();
    assert!(matches!(error, ManifestError::Unreadable { .. }), "{error}");
    assert_eq!(error.code(), AbiErrorCode::Io.as_u32());
}

/// Opening a pipe would wait for whoever writes to it.
#[cfg(unix)]
#[test]
fn a_manifest_that_is_a_pipe_is_not_waited_for() {
    let root = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo").arg(root.path().join(MANIFEST_FILE)).status().unwrap();
    assert!(made.success());
    let error = ManifestData::read(root.path()).unwrap_err();
    assert!(matches!(error, ManifestError::NotAFile { .. }), "{error}");
}
