//! Packages for Windows held against the programs that know them on Linux.

mod support;

use release_formats::msi::{Msi, MsiArchitecture};
use std::fs;
use std::path::Path;
use support::msi::{contents, file, files, msi, random, written};
use support::{noise, run};

fn msitools(program: &str, arguments: &[&str], folder: &Path) -> String {
    run(program, "msitools", arguments, folder)
}

/// Writes a package to a folder of its own, as `a.msi`.
fn package(msi: &Msi) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.msi"), written(msi, files())).unwrap();
    folder
}

#[test]
fn msiextract_gives_the_same_bytes() {
    let folder = package(&msi());
    msitools("msiextract", &["-C", "out", "a.msi"], folder.path());
    let root = folder.path().join("out/Program Files/Hello Tool");
    let root = if root.exists() { root } else { folder.path().join("out/Hello Tool") };
    let ours = contents(&fs::read(folder.path().join("a.msi")).unwrap()).unwrap();
    for node in files() {
        let Some(expected) = ours.get(&node.path) else { panic!("{} is not in the package", node.path) };
        if root.join(&node.path).is_file() {
            assert!(*expected == fs::read(root.join(&node.path)).unwrap(), "{}", node.path);
        } else {
            assert_eq!(node.path, "plugins/none yet");
        }
    }
}

#[test]
fn msiinfo_reads_the_summary_information() {
    let folder = package(&msi());
    let said = msitools("msiinfo", &["suminfo", "a.msi"], folder.path());
    for expected in [
        "Title: Installation Database",
        "Subject: Hello Tool",
        "Author: Example & Sons",
        "Comments: Says hello",
        "Template: x64;1033",
        "Created: Tue Nov 14 22:13:22 2023",
        "Version: 500 (1f4)",
        "Source: 2 (2)",
        "Security: 2 (2)",
    ] {
        assert!(said.lines().any(|line| line == expected), "{expected:?} is not in\n{said}");
    }
    let folder = package(&Msi { architecture: MsiArchitecture::Arm64, ..msi() });
    let said = msitools("msiinfo", &["suminfo", "a.msi"], folder.path());
    assert!(said.contains("Template: Arm64;1033"), "{said}");
}

#[test]
fn msiinfo_exports_every_table() {
    let folder = package(&msi());
    let tables = msitools("msiinfo", &["tables", "a.msi"], folder.path());
    let mut exported = String::new();
    for table in tables.lines().filter(|table| !["_SummaryInformation", "_ForceCodepage"].contains(table)) {
        exported += &msitools("msiinfo", &["export", "a.msi", table], folder.path());
    }
    for expected in [
        "Property\tValue\r\ns72\tl0\r\nProperty\tProperty\r\n",
        "ProductVersion\t1.2.3\r\n",
        "FullVersion\t1.2.3-rc.1\r\n",
        "ALLUSERS\t1\r\n",
        "MachinePath\t=-*PATH\t[INSTALLDIR]bin;[~]\tMachinePath\r\n",
        "UserPath\t=-PATH\t[INSTALLDIR]bin;[~]\tUserPath\r\n",
        "\tHELLO-~1.EXE|hello-tool.exe\t3145728\t\t\t512\t",
        "ARPPRODUCTICON\tProduct.ico\r\n",
        "INSTALLDIR\tProgramFiles64Folder\tHELLOT~1|Hello Tool\r\n",
        "InstallFiles\t\t4000\r\n",
        "Installed OR NOT NEWERFOUND\tA newer version of",
    ] {
        assert!(exported.contains(expected), "{expected:?} is not in\n{exported}");
    }
}

#[test]
fn other_alphabets_are_utf_8() {
    let folder = tempfile::tempdir().unwrap();
    let description = Msi { name: "Größe 漢字".to_owned(), shortcuts: Vec::new(), ..msi() };
    let nodes = [file("bin/größe.exe", b"1"), file("漢字/x", b"2")];
    let bytes = written(&description, nodes);
    fs::write(folder.path().join("a.msi"), &bytes).unwrap();
    let said = msitools("msiinfo", &["export", "a.msi", "Property"], folder.path());
    assert!(said.contains("ProductName\tGröße 漢字\r\n"), "{said}");
    let list = msitools("msiextract", &["-l", "a.msi"], folder.path());
    assert!(list.lines().any(|line| line.ends_with("bin/größe.exe")), "{list}");
    assert_eq!(contents(&bytes).unwrap().into_keys().collect::<Vec<_>>(), ["bin/größe.exe", "漢字/x"]);
}

#[test]
fn so_many_files_that_strings_need_long_references() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = (0..20_000).map(|number| file(&format!("data/some file {number}.txt"), number.to_string().as_bytes()));
    let nodes: Vec<_> = nodes.chain([file("bin/tool.exe", &noise(100))]).collect();
    let description = Msi { shortcuts: Vec::new(), ..msi() };
    fs::write(folder.path().join("a.msi"), written(&description, nodes)).unwrap();
    let said = msitools("msiinfo", &["export", "a.msi", "File"], folder.path());
    assert_eq!(said.lines().count(), 3 + 20_001);
    msitools("msiextract", &["-C", "out", "a.msi"], folder.path());
    let some = run("find", "findutils", &["out", "-name", "some file 19999.txt"], folder.path());
    assert_eq!(fs::read(folder.path().join(some.trim())).unwrap(), b"19999");
}

#[test]
fn so_many_sectors_that_their_table_needs_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let content = random(20 << 20);
    let description = Msi { shortcuts: Vec::new(), ..msi() };
    fs::write(folder.path().join("a.msi"), written(&description, [file("bin/large", &content)])).unwrap();
    msitools("msiextract", &["-C", "out", "a.msi"], folder.path());
    let found = run("find", "findutils", &["out", "-name", "large"], folder.path());
    assert!(fs::read(folder.path().join(found.trim())).unwrap() == content);
}

#[test]
fn a_package_can_be_signed_and_is_still_read() {
    let folder = package(&msi());
    let certificate = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=test";
    let certificate: Vec<&str> = certificate.split(' ').chain(["-addext", "extendedKeyUsage=codeSigning"]).collect();
    run("openssl", "openssl", &certificate, folder.path());
    let sign = "sign -certs cert.pem -key key.pem -h sha256 -in a.msi -out signed.msi";
    run("osslsigncode", "osslsigncode", &sign.split(' ').collect::<Vec<_>>(), folder.path());
    let said =
        run("osslsigncode", "osslsigncode", &["verify", "-CAfile", "cert.pem", "-in", "signed.msi"], folder.path());
    assert!(said.contains("Signature verification: ok"), "{said}");
    let signed = fs::read(folder.path().join("signed.msi")).unwrap();
    assert_eq!(contents(&signed).unwrap().len(), files().len());
}
