//! `verify` against installers that were tampered with, even when release.json and the checksums were made to agree.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Fixture, Run, tool};

const DEB: &str = "hello_1.2.3-1_amd64.deb";

fn released() -> Fixture {
    let fixture = Fixture::full();
    fixture.run(["release", "-p", "hello"]).ok();
    fixture
}

/// Takes the deb apart, lets `change` at its folder, and puts all back together; everything then agrees with it.
fn forge(fixture: &Fixture, change: impl FnOnce(&std::path::Path)) {
    let (deb, folder) = (fixture.dist().join(DEB), fixture.base().join("forged"));
    tool("dpkg-deb", &["--raw-extract", deb.to_str().unwrap(), folder.to_str().unwrap()]);
    change(&folder);
    // Its sums are dpkg-deb's to make no more: a package may do without.
    fs::remove_file(folder.join("DEBIAN/md5sums")).unwrap();
    tool("dpkg-deb", &["--root-owner-group", "--build", folder.to_str().unwrap(), deb.to_str().unwrap()]);
    let sum = tool("sha256sum", &[deb.to_str().unwrap()])[..64].to_owned();
    let mut description: Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    let artifacts = description["artifacts"].as_array_mut().unwrap();
    let own = artifacts.iter_mut().find(|artifact| artifact["name"] == DEB).unwrap();
    own["sha256"] = json!(sum);
    own["size"] = json!(fs::metadata(&deb).unwrap().len());
    fixture.write("dist/release.json", format!("{description:#}\n"));
    let mut seal = Command::new("sh");
    seal.args(["-c", "sha256sum *.tar.gz *.deb *.rpm release.json > SHA256SUMS"]).current_dir(fixture.dist());
    Run::of(seal).ok();
}

#[test]
fn installers_are_opened_and_shown_to_their_systems_own_tools() {
    let fixture = released();
    let verified = fixture.run(["verify"]).ok();
    verified.prints(&[
        &format!("{DEB}: contents are for x86_64-unknown-linux-gnu, stamped"),
        "hello-1.2.3-1.x86_64.rpm: contents are for x86_64-unknown-linux-gnu, stamped",
        "installers that their systems' own tools read: dpkg-deb, rpm",
    ]);
}

#[test]
fn what_was_forged_carefully_but_not_changed_passes() {
    let fixture = released();
    forge(&fixture, |_| {});
    fixture.run(["verify"]).ok();
}

#[test]
fn another_program_in_an_installer_is_noticed() {
    let fixture = released();
    forge(&fixture, |folder| {
        let program = folder.join("usr/bin/hello");
        let mut bytes = fs::read(&program).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&program, bytes).unwrap();
    });
    fixture.run(["verify"]).exits(4).says(&[DEB, "does not hold hello as release.json describes it"]);
}

#[test]
fn a_package_for_another_architecture_or_version_is_noticed() {
    let fixture = released();
    forge(&fixture, |folder| {
        let control = folder.join("DEBIAN/control");
        let text = fs::read_to_string(&control).unwrap();
        let text =
            text.replace("Architecture: amd64", "Architecture: arm64").replace("Version: 1.2.3-1", "Version: 1.2.4-1");
        fs::write(&control, text).unwrap();
    });
    let failed = fixture.run(["verify"]).exits(4);
    failed.says(&["says architecture arm64, not amd64", "says version 1.2.4-1, not 1.2.3-"]);
}

#[test]
fn a_damaged_installer_is_noticed() {
    let fixture = released();
    let bytes = fs::read(fixture.dist().join(DEB)).unwrap();
    fixture.write(format!("dist/{DEB}"), &bytes[..bytes.len() / 2]);
    fixture.run(["verify"]).exits(4).says(&[DEB, "SHA-256"]);
}
