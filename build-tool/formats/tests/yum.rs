//! Metadata of yum repositories before createrepo_c, which must say the same of the same packages, and dnf, which
//! must install from them.
#![cfg(target_os = "linux")]

mod support;

use release_formats::checksums::sha256_file;
use release_formats::compress::Codec;
use release_formats::payload::{Mark, NodeKind, Payload};
use release_formats::read_archive::Limits;
use release_formats::rpm::{Change, Dependency, Metadata, Scripts};
use release_formats::yum::{YumError, YumOptions, YumPackage, write_yum_metadata};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use support::rpm::{MTIME, bytes, metadata, node, options, payload, write, write_into};
use support::run;
use tempfile::TempDir;

fn yum_options(codec: Codec, threads: usize) -> YumOptions {
    YumOptions { codec, time: MTIME, limits: Limits::default(), threads }
}

/// A folder with packages: one with everything, one with little, and one that rpmbuild's own rules would sort
/// otherwise.
fn packages() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let same_day = |text: &str| Change { time: 1_690_027_200, author: "B <b@c.d> ".to_owned(), text: text.to_owned() };
    let small = Metadata {
        name: "small".to_owned(),
        version: "2".to_owned(),
        release: "3.fc42".to_owned(),
        architecture: "noarch".to_owned(),
        summary: "Small & <odd> \"one\"".to_owned(),
        licence: "MIT".to_owned(),
        requires: vec![Dependency::any("tool(x86-64)"), Dependency::any("(a if b)")],
        changelog: vec![same_day("- c"), same_day("- b"), same_day("- a")],
        ..Metadata::default()
    };
    let nodes = [
        node("usr/share/small/a & b", bytes(b"x"), 0o644, Mark::None),
        node("usr/share/small", NodeKind::Directory, 0o755, Mark::None),
    ];
    write_into(folder.path(), &metadata(), "a\n");
    let path = folder.path().join(small.file_name());
    fs::write(path, write(&small, &Payload::new(nodes).unwrap(), &options(Codec::Gzip, 1))).unwrap();
    let other = Metadata { version: "1.0.0".to_owned(), epoch: None, ..metadata() };
    write_into(folder.path(), &other, "b\n");
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = File::options().write(true).open(file.unwrap().path()).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(MTIME)).unwrap();
    }
    folder
}

fn listed(folder: &Path) -> Vec<YumPackage> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let packages = files.filter(|path| path.extension().is_some_and(|extension| extension == "rpm"));
    packages.map(|path| YumPackage { location: path.file_name().unwrap().to_str().unwrap().to_owned(), path }).collect()
}

fn unpacked(folder: &Path, names: &[String], kind: &str) -> String {
    let name = names.iter().find(|name| name.ends_with(&format!("-{kind}.xml.gz"))).unwrap();
    run("gzip", "gzip", &["-dc", name], folder)
}

#[test]
fn createrepo_says_the_same_of_the_same_packages() {
    let folder = packages();
    let ours = tempfile::tempdir().unwrap();
    let names = write_yum_metadata(&listed(folder.path()), &yum_options(Codec::Gzip, 2), ours.path()).unwrap();
    let arguments = ["--quiet", "--no-database", "--simple-md-filenames", "."];
    run("createrepo_c", "createrepo-c", &arguments, folder.path());
    for kind in ["primary", "filelists", "other"] {
        let theirs = run("gzip", "gzip", &["-dc", &format!("repodata/{kind}.xml.gz")], folder.path());
        let ours = unpacked(ours.path(), &names, kind);
        // Of the packages' order createrepo_c makes no promise.
        assert_eq!(by_package(&ours), by_package(&theirs), "{kind}");
    }
}

/// The elements of the packages in the order of their texts.
fn by_package(list: &str) -> Vec<String> {
    let mut packages: Vec<String> = list.split_inclusive("</package>").map(|part| part.trim().to_owned()).collect();
    packages.sort();
    packages
}

#[test]
fn repomd_names_each_list_by_its_sum() {
    let folder = packages();
    for (codec, extension) in [(Codec::Gzip, "gz"), (Codec::Zstd, "zst")] {
        let out = tempfile::tempdir().unwrap();
        let names = write_yum_metadata(&listed(folder.path()), &yum_options(codec, 1), out.path()).unwrap();
        let mut there: Vec<String> =
            fs::read_dir(out.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        there.sort();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(there, sorted);
        let repomd = fs::read_to_string(out.path().join("repomd.xml")).unwrap();
        assert!(repomd.contains(&format!("<revision>{MTIME}</revision>")));
        for (name, kind) in names.iter().zip(["primary", "filelists", "other"]) {
            let (sum, size) = sha256_file(&out.path().join(name)).unwrap();
            assert_eq!(*name, format!("{sum}-{kind}.xml.{extension}"));
            for line in [
                format!("<checksum type=\"sha256\">{sum}</checksum>"),
                format!("<location href=\"repodata/{name}\"/>"),
                format!("<size>{size}</size>"),
            ] {
                assert!(repomd.contains(&line), "{line}: {repomd}");
            }
        }
    }
}

#[test]
fn neither_threads_nor_the_order_given_nor_the_files_times_are_in_the_bytes() {
    let folder = packages();
    let mut packages = listed(folder.path());
    let repomd = |packages: &[YumPackage], threads| {
        let out = tempfile::tempdir().unwrap();
        write_yum_metadata(packages, &yum_options(Codec::Gzip, threads), out.path()).unwrap();
        fs::read_to_string(out.path().join("repomd.xml")).unwrap()
    };
    let once = repomd(&packages, 1);
    packages.reverse();
    for package in &packages {
        File::options().write(true).open(&package.path).unwrap().set_modified(SystemTime::now()).unwrap();
    }
    assert_eq!(repomd(&packages, 4), once);
}

#[test]
fn what_cannot_be_in_a_repository_is_refused() {
    let folder = packages();
    let package = listed(folder.path()).remove(0);
    let write = |packages: &[YumPackage]| {
        let out = tempfile::tempdir().unwrap();
        write_yum_metadata(packages, &yum_options(Codec::Gzip, 1), out.path()).unwrap_err()
    };
    assert!(matches!(write(&[package.clone(), package.clone()]), YumError::Duplicate(_)));
    let outside = YumPackage { location: "../x.rpm".to_owned(), ..package.clone() };
    assert!(matches!(write(&[outside]), YumError::Location { .. }));
    fs::write(&package.path, b"no rpm").unwrap();
    assert!(matches!(write(&[package]), YumError::Package { .. }));
}

/// Signed by gpg all over: the packages are not, so the metadata's signature is what is trusted.
#[test]
fn dnf_installs_from_a_signed_repository() {
    let folder = tempfile::tempdir().unwrap();
    let plain = Metadata { requires: vec![], scripts: Scripts::default(), recommends: vec![], ..metadata() };
    write_into(folder.path(), &plain, "a\n");
    let newer = Metadata { version: "1.0.0".to_owned(), ..plain };
    let path = folder.path().join(newer.file_name());
    fs::write(path, write(&newer, &payload("b\n"), &options(Codec::Gzip, 1))).unwrap();
    let repodata = folder.path().join("repodata");
    fs::create_dir(&repodata).unwrap();
    write_yum_metadata(&listed(folder.path()), &yum_options(Codec::Gzip, 2), &repodata).unwrap();

    let (home, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dnf = |arguments: &[&str]| {
        let place = format!("test,file://{}", folder.path().display());
        let key = format!("--setopt=test.gpgkey=file://{}/key.asc", repodata.display());
        let root = format!("--installroot={}", root.path().display());
        let cache = format!("--setopt=cachedir={}/cache", home.path().display());
        let own = ["-y", "--releasever=1", "--forcearch=x86_64", "--repofrompath", &place, "--repo=test"];
        let checks = ["--setopt=test.repo_gpgcheck=1", "--setopt=test.gpgcheck=0", "--setopt=reposdir=/nowhere"];
        let output = Command::new("dnf").args(own).args(checks).args([root, cache, key]).args(arguments).output();
        let output = output.expect("on Debian, apt-get install dnf");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (taken, error) = dnf(&["install", "tool"]);
    assert!(!taken && error.contains("repomd.xml"), "without a signature: {error}");

    let gpg = |arguments: &[&str]| {
        let own = ["--homedir", home.path().to_str().unwrap(), "--batch", "--yes", "--passphrase", ""];
        run("gpg", "gnupg", &[&own[..], &["--pinentry-mode", "loopback"], arguments].concat(), &repodata);
    };
    gpg(&["--quick-generate-key", "Repository <repository@example.org>", "rsa2048", "sign", "never"]);
    gpg(&["--armor", "--detach-sign", "repomd.xml"]);
    gpg(&["--armor", "--output", "key.asc", "--export", "repository@example.org"]);
    let _ = Command::new("gpgconf").args(["--homedir", home.path().to_str().unwrap(), "--kill", "all"]).status();

    let conf = || fs::read_to_string(root.path().join("etc/tool.conf")).unwrap();
    let (taken, error) = dnf(&["install", "tool-1.0.0~rc.1"]);
    assert!(taken, "{error}");
    assert_eq!(conf(), "a\n");
    assert!(dnf(&["upgrade", "tool"]).0);
    assert_eq!(conf(), "b\n");
    assert!(dnf(&["remove", "tool"]).0);
    assert!(!root.path().join("usr/bin/tool").exists());
}
