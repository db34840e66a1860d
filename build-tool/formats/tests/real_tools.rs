//! Archives and checksums before the programs that users have: each must accept them and see
//! what was put in. A missing program fails the test: a proof that did not run is none.
#![cfg(unix)]

mod support;

use release_formats::archive::{ArchiveFormat, ArchiveOptions, Entry, write_archive};
use release_formats::checksums::{Checksums, sha256_file};
use release_formats::read_archive::{Limits, list_archive};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use support::{MTIME, Sample, options, run};

/// (program, its Debian package, its arguments before the file)
const CHECKERS: [(ArchiveFormat, &str, &str, &[&str]); 4] = [
    (ArchiveFormat::TarGz, "gzip", "gzip", &["-t"]),
    (ArchiveFormat::TarXz, "xz", "xz-utils", &["-t"]),
    (ArchiveFormat::TarZst, "zstd", "zstd", &["-t", "-q"]),
    (ArchiveFormat::Zip, "unzip", "unzip", &["-t", "-qq"]),
];

#[test]
fn each_formats_own_checker_accepts_it() {
    let sample = Sample::new();
    for (format, program, package, arguments) in CHECKERS {
        let file = sample.file(format);
        let arguments = [arguments, &[file.to_str().unwrap()]].concat();
        run(program, package, &arguments, sample.folder.path());
    }
}

#[test]
fn tar_bsdtar_and_unzip_unpack_what_was_put_in() {
    let sample = Sample::new();
    for format in ArchiveFormat::ALL {
        let file = sample.file(format);
        let file = file.to_str().unwrap();
        let mut programs = vec![("bsdtar", "libarchive-tools", vec!["-xpf", file])];
        programs.push(match format {
            ArchiveFormat::Zip => ("unzip", "unzip", vec!["-q", file]),
            _ => ("tar", "tar", vec!["-xpf", file]),
        });
        for (program, package, arguments) in programs {
            let folder = tempfile::tempdir().unwrap();
            run(program, package, &arguments, folder.path());
            assert_unpacked(&sample, folder.path(), &format!("{program} {format}"));
        }
    }
}

fn assert_unpacked(sample: &Sample, folder: &Path, what: &str) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for entry in &sample.entries {
        let path = folder.join("root-1.0").join(OsStr::from_bytes(&entry.name));
        let content = fs::read(&path).unwrap_or_else(|error| panic!("{what} {path:?}: {error}"));
        assert!(content == fs::read(&entry.source).unwrap(), "{what}: {path:?} differs");
        assert_eq!(mode(&path), if entry.executable { 0o755 } else { 0o644 }, "{what} {path:?}");
        assert_eq!(fs::metadata(&path).unwrap().mtime(), MTIME as i64, "{what} {path:?}");
    }
    assert_eq!(mode(&folder.join("root-1.0/bin")), 0o755, "{what}");
}

#[test]
fn tar_lists_root_as_owner_and_one_sorted_folder() {
    let sample = Sample::new();
    let file = sample.file(ArchiveFormat::TarGz);
    let list = run("tar", "tar", &["-tvf", file.to_str().unwrap()], sample.folder.path());
    let names: Vec<&str> = list.lines().map(|line| line.split(" 22:13 ").nth(1).unwrap()).collect();
    assert!(list.lines().all(|line| line.contains(" root/root ")), "{list}");
    let expected = ["root-1.0/", "root-1.0/README.md", "root-1.0/bin/", "root-1.0/bin-data"];
    assert_eq!(names[..4], expected, "{list}");
    assert_eq!(names[4], "root-1.0/bin/tool", "{list}");
}

#[test]
fn tar_keeps_names_that_are_not_utf8_and_zip_refuses_them() {
    let mut sample = Sample::new();
    sample.add("x", b"content", false);
    sample.entries.last_mut().unwrap().name = b"caf\xE9".to_vec();
    let file = sample.file(ArchiveFormat::TarXz);
    let folder = tempfile::tempdir().unwrap();
    run("tar", "tar", &["-xf", file.to_str().unwrap()], folder.path());
    let path = folder.path().join("root-1.0").join(OsStr::from_bytes(b"caf\xE9"));
    assert_eq!(fs::read(path).unwrap(), b"content");
    let zip = write_archive(Vec::new(), &options(ArchiveFormat::Zip, 1), &sample.entries);
    assert!(zip.unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn a_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"content").unwrap();
    symlink("file", folder.path().join("link")).unwrap();
    let entry = Entry { name: b"name".to_vec(), source: folder.path().join("link"), executable: false };
    let archive = write_archive(Vec::new(), &options(ArchiveFormat::TarGz, 1), &[entry]).unwrap();
    fs::write(folder.path().join("a.tar.gz"), archive).unwrap();
    let list = run("tar", "tar", &["-xOf", "a.tar.gz", "root-1.0/name"], folder.path());
    assert_eq!(list, "content");
}

#[test]
fn sha256sum_checks_odd_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut sums = Checksums::default();
    for name in ["plain", "with space", "back\\slash", "line\nfeed", "return\r"] {
        let path = folder.path().join(name);
        fs::write(&path, name).unwrap();
        sums.0.insert(name.to_owned(), sha256_file(&path).unwrap().0);
    }
    fs::write(folder.path().join("SHA256SUMS"), sums.to_string()).unwrap();
    run("sha256sum", "coreutils", &["--strict", "-c", "SHA256SUMS"], folder.path());
    let names = sums.0.keys().map(String::as_str);
    let arguments: Vec<&str> = ["--"].into_iter().chain(names).collect();
    let theirs = run("sha256sum", "coreutils", &arguments, folder.path());
    assert_eq!(theirs, sums.to_string());
}

/// A file over 4 GiB (sparse, so it costs time but no space) needs zip64 and tar's base-256.
#[test]
#[ignore = "about a minute: 4.1 GiB are compressed and unpacked several times"]
fn files_over_4_gib() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("large");
    let size = (4 << 30) + (100 << 20);
    fs::File::create(&source).unwrap().set_len(size).unwrap();
    let small = folder.path().join("small");
    fs::write(&small, b"after").unwrap();
    let entries = [("large", &source), ("small", &small)].map(|(name, source)| Entry {
        name: name.into(),
        source: source.clone(),
        executable: false,
    });
    for (format, program, package, arguments) in CHECKERS {
        let options = ArchiveOptions { level: Some(1), ..options(format, 2) };
        let path = folder.path().join(format!("a.{format}"));
        write_archive(fs::File::create(&path).unwrap(), &options, &entries).unwrap();
        run(program, package, &[arguments, &[path.to_str().unwrap()]].concat(), folder.path());
        let list = run("bsdtar", "libarchive-tools", &["-tvf", path.to_str().unwrap()], folder.path());
        assert!(list.contains(&size.to_string()), "{format}: {list}");
        let entries = list_archive(fs::File::open(&path).unwrap(), format, Limits::default());
        let sizes: Vec<u64> = entries.unwrap().iter().map(|entry| entry.size).collect();
        assert_eq!(sizes, [0, size, 5], "{format}");
    }
}
