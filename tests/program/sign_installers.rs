//! Installers that are signed with keys made for the test: the real tools must accept the signatures, and
//! `--no-identity` must do without.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Fixture, Run, tool};

/// A fixture whose program finds gpg's keys in a folder of its own, with one key.
fn with_gpg_key() -> (Fixture, PathBuf) {
    let mut fixture = Fixture::plain();
    let home = fixture.base().join("gnupg");
    fs::create_dir(&home).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    fixture.set_env("GNUPGHOME", &home);
    let mut make = Command::new("gpg");
    make.args([
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "Test <test@example.org>",
        "rsa3072",
        "sign",
        "never",
    ]);
    Run::of(fixture.in_place(make)).ok();
    (fixture, home)
}

fn gpg(fixture: &Fixture, args: &[&str]) -> Run {
    let mut gpg = Command::new("gpg");
    gpg.args(args);
    Run::of(fixture.in_place(gpg)).ok()
}

#[test]
fn deb_and_rpm_are_signed_through_gpg_and_verify_compares_all_else() {
    let (fixture, _home) = with_gpg_key();
    fixture
        .write(
            "packaging/plain.toml",
            "schema = 1\n[deb]\ngpg-key = \"test@example.org\"\n[rpm]\ngpg-key = \"test@example.org\"\n",
        )
        .commit("keys");
    fixture.release();
    let deb = fixture.dist().join("plain_1.2.3-1_amd64.deb");
    let folder = fixture.base().join("members");
    fs::create_dir(&folder).unwrap();
    let mut ar = Command::new("ar");
    ar.arg("x").arg(&deb).current_dir(&folder);
    Run::of(ar).ok();
    let members = ["debian-binary", "control.tar.xz", "data.tar.xz"].map(|name| fs::read(folder.join(name)).unwrap());
    fs::write(folder.join("signed"), members.concat()).unwrap();
    let signature = folder.join("_gpgorigin");
    gpg(&fixture, &["--verify", signature.to_str().unwrap(), folder.join("signed").to_str().unwrap()]);
    tool("dpkg-deb", &["--contents", deb.to_str().unwrap()]);

    let key = fixture.base().join("key.asc");
    gpg(&fixture, &["--armor", "--output", key.to_str().unwrap(), "--export", "test@example.org"]);
    let database = fixture.base().join("rpmdb");
    let (database, key) = (format!("--dbpath={}", database.display()), key.to_str().unwrap().to_owned());
    tool("rpmkeys", &[&database, "--import", &key]);
    let rpm = fixture.dist().join("plain-1.2.3-1.x86_64.rpm");
    let checked = tool("rpmkeys", &[&database, "--checksig", "--verbose", rpm.to_str().unwrap()]);
    assert!(checked.contains("Signature") && checked.contains("OK"), "{checked}");

    let json: serde_json::Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    let signed: Vec<_> =
        json["artifacts"].as_array().unwrap().iter().filter(|one| one["signature"] == "identity").collect();
    assert_eq!(signed.len(), 2, "{json:#}");
    fixture.run(["verify"]).ok();
    fixture.run(["release", "--no-identity"]).ok();
    assert!(!fs::read(&deb).unwrap().windows(10).any(|window| window == b"_gpgorigin"));
}
