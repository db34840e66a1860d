//! Signing with certificates. Windows programs with a certificate made here and
//! the real osslsigncode; for Apple's systems a stand-in takes rcodesign's
//! place, since nobody has an Apple certificate to test with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::foreign::{ARM_MAC, WINDOWS, prebuilt};
use crate::support::{Fixture, files, tool};

const SECRET: &str = "correct-horse-battery-staple";
const PACKAGE: [&str; 5] = ["package", "--prebuilt", "prebuilt", "--target", WINDOWS];

/// `plain` for Windows, and a certificate whose key needs a password.
fn windows() -> Fixture {
    let mut fixture = Fixture::plain();
    prebuilt(&fixture, WINDOWS, "plain.exe", &[]);
    let folder = fixture.base().join("certificates");
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (key, certificate, password) = (file("key.pem"), file("certificate.pem"), format!("pass:{SECRET}"));
    let subject = ["-subj", "/CN=Nobody", "-addext", "extendedKeyUsage=codeSigning", "-days", "3650"];
    let make = ["req", "-x509", "-newkey", "rsa:2048", "-keyout", &key, "-out", &certificate, "-passout", &password];
    tool("openssl", &[&make[..], &subject].concat());
    let manifest = "schema = 1\n[windows]\ncertificate = \"${CERTIFICATES}/certificate.pem\"\n\
                    key = \"${CERTIFICATES}/key.pem\"\npassword-env = \"KEY_PASSWORD\"\n";
    fixture
        .write("packaging/plain.toml", manifest)
        .write(".gitignore", "/target/\n/dist/\n/prebuilt/\n")
        .commit("signing");
    fixture.set_env("CERTIFICATES", &folder).set_env("KEY_PASSWORD", SECRET);
    fixture
}

/// No file below the folder holds the secret.
fn assert_secret(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if let Ok(bytes) = fs::read(entry.path()) {
                seen += 1;
                let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
                assert!(!found, "{}", entry.path().display());
            }
        }
    }
    assert!(seen > 5, "{seen} files");
}

fn program(fixture: &Fixture) -> String {
    let archive = fixture.dist().join(format!("plain-1.2.3-{WINDOWS}.zip"));
    let folder = fixture.base().join("unpacked");
    let (archive, out) = (archive.to_str().unwrap(), folder.to_str().unwrap());
    tool("unzip", &["-qoj", archive, &format!("plain-1.2.3-{WINDOWS}/plain.exe"), "-d", out]);
    folder.join("plain.exe").to_str().unwrap().to_owned()
}

#[test]
fn windows_programs_are_signed_and_the_password_is_nowhere() {
    let fixture = windows();
    let run = fixture.run([&PACKAGE[..], &["-v"]].concat()).ok().never_says(&[SECRET]);
    assert!(run.stderr.contains("osslsigncode"), "{run}");
    let certificate = fixture.base().join("certificates/certificate.pem");
    let said = tool("osslsigncode", &["verify", "-CAfile", certificate.to_str().unwrap(), "-in", &program(&fixture)]);
    assert!(said.contains("Signature verification: ok"), "{said}");
    let installer = fixture.dist().join(format!("plain-1.2.3-{WINDOWS}.msi"));
    let (certificate, installer) = (certificate.to_str().unwrap(), installer.to_str().unwrap());
    let said = tool("osslsigncode", &["verify", "-CAfile", certificate, "-in", installer]);
    assert!(said.contains("Signature verification: ok"), "{said}");
    assert_secret(fixture.root());
    let description: serde_json::Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    assert_eq!(description["programs"][0]["signature"], "identity");
    fixture.run(["verify"]).ok();
    let plan = fixture.run(["plan", "--target", WINDOWS, "--format", "json"]).ok().stdout;
    assert!(plan.contains("\"KEY_PASSWORD\"") && !plan.contains(SECRET), "{plan}");
}

#[test]
fn without_its_password_nothing_is_signed_and_without_identities_nobody_asks_for_it() {
    let mut fixture = windows();
    fixture.set_env("KEY_PASSWORD", "wrong");
    fixture.run(PACKAGE).exits(1).says(&["cannot sign for Windows"]);
    let plain = Fixture::plain();
    prebuilt(&plain, WINDOWS, "plain.exe", &[]);
    plain
        .write(
            "packaging/plain.toml",
            "schema = 1\n[windows]\ncertificate = \"c.p12\"\npassword-env = \"KEY_PASSWORD\"\n",
        )
        .write("c.p12", "none")
        .write(".gitignore", "/target/\n/dist/\n/prebuilt/\n")
        .commit("signing");
    plain.run(PACKAGE).exits(1).says(&["the environment variable KEY_PASSWORD is not set", "--no-identity"]);
    plain.run([&PACKAGE[..], &["--no-identity"]].concat()).ok();
    assert!(!plain.text("dist/release.json").contains("\"signature\""));
}

#[test]
fn debug_information_of_microsoft_s_linkers_is_shipped_apart() {
    let fixture = Fixture::plain();
    prebuilt(&fixture, WINDOWS, "plain.exe", &[]);
    fixture
        .write("profiles/release.toml", "schema = 1\ndebug = true\nsplit-debug = true\n")
        .write(".gitignore", "/target/\n/dist/\n/prebuilt/\n")
        .commit("symbols");
    assert!(fixture.path(format!("prebuilt/{WINDOWS}/plain.pdb")).is_file(), "zig makes one");
    fixture.run(PACKAGE).ok();
    let name = format!("plain-1.2.3-{WINDOWS}-debug");
    let list = tool("tar", &["-tf", fixture.dist().join(format!("{name}.tar.gz")).to_str().unwrap()]);
    assert!(list.contains(&format!("{name}/plain.pdb")), "{list}");
    fixture.run(["verify"]).ok().prints(&[&format!("{name}.tar.gz: contents are for {WINDOWS}")]);
    fs::remove_file(fixture.path(format!("prebuilt/{WINDOWS}/plain.pdb"))).unwrap();
    let failed = fixture.run(PACKAGE);
    assert_ne!(failed.code, Some(0), "{failed}");
    failed.says(&["plain.pdb"]);
}

#[test]
fn an_apple_certificate_is_used_through_rcodesign_and_its_password_is_nowhere() {
    let mut fixture = Fixture::plain();
    prebuilt(&fixture, ARM_MAC, "plain", &[]);
    let tools = fixture.base().join("tools");
    fs::create_dir_all(&tools).unwrap();
    // Writes down what it was told, and the length of the password that it got.
    let script = format!(
        "#!/bin/sh\nlog={}/log\necho \"$@\" >>\"$log\"\nwhile [ $# -gt 0 ]; do\n\
         case $1 in --p12-password-file) wc -c <\"$2\" >>\"$log\"; stat -c %a \"$2\" >>\"$log\";; esac\nshift\ndone\n",
        tools.display()
    );
    let stand_in = tools.join("rcodesign");
    fs::write(&stand_in, script).unwrap();
    fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    fixture
        .write(
            "packaging/plain.toml",
            "schema = 1\n[macos]\nidentifier = \"org.example.plain\"\nhardened-runtime = true\n\
             certificate = \"apple.p12\"\npassword-env = \"P12_PASSWORD\"\nnotary-key = \"notary.json\"\n",
        )
        .write("apple.p12", "a certificate")
        .write("notary.json", "{}")
        .write(".gitignore", "/target/\n/dist/\n/prebuilt/\n")
        .commit("signing");
    fixture.set_env("PATH", format!("{}:{path}", tools.display())).set_env("P12_PASSWORD", SECRET);
    fixture.run(["package", "--prebuilt", "prebuilt", "--target", ARM_MAC, "-v"]).ok().never_says(&[SECRET]);
    let log = fs::read_to_string(tools.join("log")).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert!(lines[0].starts_with("sign --p12-file"), "{log}");
    for part in ["--p12-password-file", "--binary-identifier org.example.plain", "--code-signature-flags runtime"] {
        assert!(lines[0].contains(part), "{log}");
    }
    assert_eq!(lines[1..3], [SECRET.len().to_string().as_str(), "600"], "{log}");
    assert!(lines[3].starts_with("notary-submit --wait --api-key-file"), "{log}");
    assert_secret(fixture.root());
    let description: serde_json::Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    assert_eq!(description["programs"][0]["signature"], "identity");
    assert!(files(&fixture.dist()).iter().any(|name| name.contains(ARM_MAC)));
    // The stand-in signed nothing, and that does not go unnoticed.
    fixture.run(["verify"]).exits(4).says(&["is signed ad hoc, which release.json does not say"]);
}
