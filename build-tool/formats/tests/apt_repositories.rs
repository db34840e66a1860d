//! The index files of an apt repository before apt itself, and against those that apt-ftparchive makes.
#![cfg(unix)]

mod support;

use release_formats::apt_repository::{AptRepository, AptRepositoryError, IndexedPackage, index_package};
use release_formats::compress::Codec;
use release_formats::deb::{Control, DebOptions, Paragraph, Scripts, write_deb};
use release_formats::payload::{Mark, Payload};
use release_formats::read_archive::Limits;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Cursor;
use std::path::Path;
use support::payloads::file;
use support::{MTIME, run};
use tempfile::TempDir;

/// A repository with three packages of two architectures and one for all.
struct Repository {
    folder: TempDir,
    packages: Vec<IndexedPackage>,
    files: BTreeMap<String, Vec<u8>>,
}

fn about() -> AptRepository {
    AptRepository {
        suite: "stable".into(),
        component: "main".into(),
        origin: "Hello Makers".into(),
        label: "Hello".into(),
        description: "Everything that greets".into(),
        time: MTIME,
        by_hash: true,
        ..AptRepository::default()
    }
}

fn write(path: &Path, package: &str, version: &str, architecture: &str) {
    let control = Control {
        package: package.into(),
        version: version.into(),
        architecture: architecture.into(),
        maintainer: "Hello Makers <hello@example.org>".into(),
        provides: vec!["greeter".into()],
        section: Some("utils".into()),
        synopsis: "greets".into(),
        description: "First.\n\nSecond.".into(),
        // What the file is, is not the package's to say.
        extra: vec![("Filename".into(), "elsewhere.deb".into()), ("Multi-Arch".into(), "foreign".into())],
        ..Control::default()
    };
    let payload = Payload::new([file(&format!("usr/share/{package}/a"), 0o644, version.as_bytes(), Mark::None)]);
    let options = DebOptions { codec: Codec::Gzip, mtime: MTIME, ..DebOptions::default() };
    let out = Cursor::new(Vec::new());
    let bytes = write_deb(out, &control, &Scripts::default(), &payload.unwrap(), &options).unwrap();
    fs::write(path, bytes.into_inner()).unwrap();
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pool")).unwrap();
        let mut packages = Vec::new();
        for (package, version, architecture) in
            [("hello", "1.0.0-1", "amd64"), ("hello", "1.0.0-1", "arm64"), ("hello-doc", "1.0.0~rc.1-1", "all")]
        {
            let name = format!("pool/{package}_{version}_{architecture}.deb");
            let path = folder.path().join(&name);
            write(&path, package, version, architecture);
            packages.push(index_package(File::open(&path).unwrap(), &name, Limits::default()).unwrap());
        }
        let files = about().files(&packages, 2).unwrap();
        for (name, bytes) in &files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self { folder, packages, files }
    }

    fn text(&self, name: &str) -> &str {
        std::str::from_utf8(&self.files[name]).unwrap()
    }
}

fn paragraphs(text: &str) -> BTreeMap<(String, String), Paragraph> {
    let parse = |text: &str| {
        let paragraph = Paragraph::parse(text).unwrap();
        let field = |name| paragraph.get(name).unwrap().to_owned();
        ((field("Package"), field("Architecture")), paragraph)
    };
    text.trim_end().split("\n\n").map(parse).collect()
}

/// Both say the same in every field that both have; fields must be in common.
fn assert_agree(ours: &Paragraph, theirs: &Paragraph, needed: &[&str]) {
    for name in needed {
        assert!(ours.get(name).is_some() && theirs.get(name).is_some(), "{name}: {ours}\n{theirs}");
    }
    for (name, value) in ours.fields() {
        if let Some(other) = theirs.get(name) {
            assert_eq!(value, other, "{name}");
        }
    }
}

#[test]
fn packages_agree_with_apt_ftparchive() {
    let repository = Repository::new();
    let theirs = run("apt-ftparchive", "apt-utils", &["packages", "pool"], repository.folder.path());
    let theirs = paragraphs(&theirs);
    for (architecture, count) in [("amd64", 2), ("arm64", 2)] {
        let ours = paragraphs(repository.text(&format!("dists/stable/main/binary-{architecture}/Packages")));
        assert_eq!(ours.len(), count);
        for (key, paragraph) in ours {
            let needed = ["Filename", "Size", "MD5sum", "SHA1", "SHA256", "Provides", "Description", "Version"];
            assert_agree(&paragraph, &theirs[&key], &needed);
        }
    }
}

#[test]
fn release_agrees_with_apt_ftparchive() {
    let repository = Repository::new();
    let suite = repository.folder.path().join("dists/stable");
    let ours = Paragraph::parse(repository.text("dists/stable/Release")).unwrap();
    fs::remove_file(suite.join("Release")).unwrap();
    for architecture in ["amd64", "arm64"] {
        fs::remove_dir_all(suite.join(format!("main/binary-{architecture}/by-hash"))).unwrap();
    }
    let about = about();
    let options = [
        ("Origin", about.origin.as_str()),
        ("Label", &about.label),
        ("Suite", "stable"),
        ("Codename", "stable"),
        ("Architectures", "amd64 arm64"),
        ("Components", "main"),
        ("Description", &about.description),
    ];
    let options = options.map(|(name, value)| format!("APT::FTPArchive::Release::{name}={value}"));
    let mut arguments: Vec<&str> = options.iter().flat_map(|option| ["-o", option.as_str()]).collect();
    arguments.extend(["release", "."]);
    let theirs = run("apt-ftparchive", "apt-utils", &arguments, &suite);
    let mut theirs = Paragraph::parse(&theirs).unwrap().to_string();
    // They take the clock for the date.
    let line = theirs.lines().find(|line| line.starts_with("Date: ")).unwrap().to_owned();
    theirs = theirs.replace(&line, "Date: Tue, 14 Nov 2023 22:13:22 UTC");
    // In each list the files may be in another order.
    let sorted = |paragraph: &Paragraph, name: &str| {
        let mut lines: Vec<String> = paragraph.get(name).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let theirs = Paragraph::parse(&theirs).unwrap();
    for name in ["MD5Sum", "SHA1", "SHA256"] {
        assert_eq!(sorted(&ours, name), sorted(&theirs, name), "{name}");
    }
    for name in ["Origin", "Label", "Suite", "Codename", "Date", "Architectures", "Components", "Description"] {
        assert_eq!(ours.get(name), theirs.get(name), "{name}");
    }
}

#[test]
fn apt_takes_a_package_from_the_repository() {
    let repository = Repository::new();
    let client = tempfile::tempdir().unwrap();
    let at = |name: &str| client.path().join(name);
    for folder in ["etc/apt/sources.list.d", "etc/apt/preferences.d", "state/lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    fs::write(at("status"), "").unwrap();
    let line = format!("deb [trusted=yes] file:{} stable main\n", repository.folder.path().display());
    fs::write(at("etc/apt/sources.list"), line).unwrap();
    let options = [
        format!("Dir::Etc={}", at("etc/apt").display()),
        format!("Dir::State={}", at("state").display()),
        format!("Dir::State::status={}", at("status").display()),
        format!("Dir::Cache={}", at("cache").display()),
        "APT::Architecture=arm64".to_owned(),
        "APT::Architectures::=arm64".to_owned(),
        "APT::Sandbox::User=root".to_owned(),
        "Acquire::Languages=none".to_owned(),
    ];
    let fixed: Vec<&str> = options.iter().flat_map(|option| ["-o", option.as_str()]).collect();
    run("apt-get", "apt", &[&fixed[..], &["update", "--error-on=any"]].concat(), client.path());
    run("apt-get", "apt", &[&fixed[..], &["download", "hello", "hello-doc"]].concat(), client.path());
    for name in ["hello_1.0.0-1_arm64.deb", "hello-doc_1.0.0~rc.1-1_all.deb"] {
        let ours = fs::read(repository.folder.path().join("pool").join(name)).unwrap();
        assert!(ours == fs::read(at(name)).unwrap(), "{name}");
    }
}

#[test]
fn bytes_do_not_depend_on_the_order_nor_on_the_number_of_threads() {
    let repository = Repository::new();
    let mut packages = repository.packages.clone();
    packages.reverse();
    assert_eq!(about().files(&packages, 1).unwrap(), repository.files);
}

#[test]
fn indexes_are_there_by_their_hash() {
    let repository = Repository::new();
    let folder = "dists/stable/main/binary-amd64";
    let release = Paragraph::parse(repository.text("dists/stable/Release")).unwrap();
    let lines: Vec<&str> = release.get("SHA256").unwrap().lines().filter(|line| line.contains("amd64")).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        let [hash, _, path] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let by_hash = &repository.files[&format!("{folder}/by-hash/SHA256/{hash}")];
        assert!(*by_hash == repository.files[&format!("dists/stable/{path}")], "{path}");
    }
}

#[test]
fn what_cannot_be_in_one_repository_is_refused() {
    let packages = Repository::new().packages;
    let mut other = packages[0].clone();
    other.file_name = "pool/other.deb".into();
    let again = [&packages[..], &[other]].concat();
    assert!(matches!(about().files(&again, 1), Err(AptRepositoryError::Twice { .. })));
    for suite in ["", "../x", "a b", ".hidden", "a/b"] {
        let refused = AptRepository { suite: suite.into(), ..about() }.files(&packages, 1);
        assert!(matches!(refused, Err(AptRepositoryError::Field { field: "suite", .. })), "{suite}");
    }
    let lines = AptRepository { origin: "a\nSHA256:".into(), ..about() }.files(&packages, 1);
    assert!(matches!(lines, Err(AptRepositoryError::Field { field: "origin", .. })));
}
