//! `verify` against releases that were tampered with: each is exit 4 and says
//! what does not hold, even when the checksums were made to agree.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::{Fixture, HOST, Run, tool};

const NAME: &str = "hello-1.2.3-x86_64-unknown-linux-gnu";

fn released() -> Fixture {
    let fixture = Fixture::full();
    // How installers are proved is told elsewhere.
    fixture.run(["release", "-p", "hello", "--skip", "deb,rpm"]).ok();
    fixture.run(["verify"]).ok();
    fixture
}

/// The entries of a tar.gz: name, mode, content.
fn unpack(path: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(path).unwrap()));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap(), content)
    });
    entries.collect()
}

/// Writes a tar.gz with whatever names, good or bad, and makes release.json and SHA256SUMS agree with it.
fn repack(fixture: &Fixture, entries: &[(String, u32, Vec<u8>)]) {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, mode, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(*mode);
        header.set_size(content.len() as u64);
        if name.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
        }
        header.set_cksum();
        builder.append(&header, content.as_slice()).unwrap();
    }
    let bytes = builder.into_inner().unwrap().finish().unwrap();
    fixture.write(format!("dist/{NAME}.tar.gz"), bytes);
    agree(fixture);
}

/// Changes release.json, then the checksums.
fn describe(fixture: &Fixture, change: impl FnOnce(&mut Value)) {
    let mut description: Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    change(&mut description);
    fixture.write("dist/release.json", format!("{description:#}\n"));
    seal(fixture);
}

/// Makes release.json agree with the archive, and the checksums with both: what a careful forger would do.
fn agree(fixture: &Fixture) {
    let archive = fixture.dist().join(format!("{NAME}.tar.gz"));
    let sum = tool("sha256sum", &[archive.to_str().unwrap()])[..64].to_owned();
    let size = fs::metadata(&archive).unwrap().len();
    describe(fixture, |description| {
        description["artifacts"][0]["sha256"] = json!(sum);
        description["artifacts"][0]["size"] = json!(size);
    });
}

fn seal(fixture: &Fixture) {
    let mut sha256sum = Command::new("sh");
    sha256sum.args(["-c", "sha256sum *.tar.gz release.json > SHA256SUMS"]).current_dir(fixture.dist());
    Run::of(sha256sum).ok();
}

#[test]
fn what_was_forged_carefully_but_not_changed_passes() {
    // The tests below tamper through the same functions: these alone must not be what fails them.
    let fixture = released();
    let entries = unpack(&fixture.dist().join(format!("{NAME}.tar.gz")));
    repack(&fixture, &entries);
    fixture.run(["verify"]).ok();
}

#[test]
fn an_altered_archive_is_noticed() {
    let fixture = released();
    let path = format!("dist/{NAME}.tar.gz");
    let mut bytes = fs::read(fixture.path(&path)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fixture.write(&path, bytes);
    fixture.run(["verify"]).exits(4).says(&[&format!("{NAME}.tar.gz"), "SHA-256"]);
}

#[test]
fn an_altered_description_is_noticed() {
    let fixture = released();
    let text = fixture.text("dist/release.json").replace("\"main\"", "\"evil\"");
    fixture.write("dist/release.json", text);
    fixture.run(["verify"]).exits(4).says(&["release.json", "SHA-256"]);
}

#[test]
fn a_description_that_disagrees_with_the_checksums_is_noticed() {
    let fixture = released();
    describe(&fixture, |description| description["artifacts"][0]["sha256"] = json!("0".repeat(64)));
    fixture.run(["verify"]).exits(4).says(&[&format!("{NAME}.tar.gz"), "another SHA-256"]);
}

#[test]
fn a_missing_file_is_noticed() {
    for name in [format!("{NAME}.tar.gz"), "release.json".to_owned(), "SHA256SUMS".to_owned()] {
        let fixture = released();
        fs::remove_file(fixture.dist().join(&name)).unwrap();
        fixture.run(["verify"]).exits(4).says(&[&name]);
    }
}

#[test]
fn an_artifact_that_nobody_describes_is_noticed() {
    let fixture = released();
    fixture.write("dist/extra.tar.gz", "extra");
    seal(&fixture);
    fixture.run(["verify"]).exits(4).says(&["extra.tar.gz"]);
}

#[test]
fn a_wrong_stamp_is_noticed() {
    let fixture = released();
    describe(&fixture, |description| description["git"]["commit"] = json!("f".repeat(40)));
    fixture.run(["verify"]).exits(4).says(&["is stamped with commit", &fixture.short_commit(), "ffffffffffff"]);
}

#[test]
fn a_wrong_version_in_the_stamp_is_noticed() {
    let fixture = released();
    describe(&fixture, |description| description["apps"][0]["version"] = json!("9.9.9"));
    fixture.run(["verify"]).exits(4).says(&["stamped with version 1.2.3, not 9.9.9"]);
}

#[test]
fn a_program_that_claims_a_stamp_and_has_none_is_noticed() {
    let fixture = Fixture::plain();
    fixture.release();
    describe(&fixture, |description| description["artifacts"][0]["stamped"] = json!(true));
    fixture.run(["verify"]).exits(4).says(&["does not agree on whether it is stamped"]);
    describe(&fixture, |description| description["programs"][0]["stamped"] = json!(true));
    fixture.run(["verify"]).exits(4).says(&["plain carries no stamp"]);
}

#[test]
fn programs_that_nobody_describes_are_noticed() {
    let fixture = released();
    describe(&fixture, |description| description["programs"] = json!([]));
    fixture.run(["verify"]).exits(4).says(&["release.json describes no hello for x86_64-unknown-linux-gnu"]);
}

#[test]
fn a_program_for_another_target_is_noticed() {
    let fixture = released();
    describe(&fixture, |description| description["artifacts"][0]["target"] = json!("aarch64-unknown-linux-gnu"));
    fixture.run(["verify"]).exits(4).says(&["release.json describes no hello for aarch64-unknown-linux-gnu"]);
    describe(&fixture, |description| description["programs"][0]["target"] = json!("aarch64-unknown-linux-gnu"));
    fixture.run(["verify"]).exits(4).says(&["hello is not for aarch64-unknown-linux-gnu"]);
}

#[test]
fn a_program_that_is_none_is_noticed() {
    let fixture = released();
    let mut entries = unpack(&fixture.dist().join(format!("{NAME}.tar.gz")));
    entries.iter_mut().find(|(name, ..)| name.ends_with("/hello")).unwrap().2 = b"#!/bin/sh\nrm -rf ~\n".to_vec();
    repack(&fixture, &entries);
    fixture.run(["verify"]).exits(4).says(&["hello is not a program"]);
}

#[test]
fn a_missing_program_is_noticed() {
    let fixture = released();
    let mut entries = unpack(&fixture.dist().join(format!("{NAME}.tar.gz")));
    entries.retain(|(name, ..)| !name.ends_with("/hello"));
    repack(&fixture, &entries);
    fixture.run(["verify"]).exits(4).says(&["hello is missing"]);
}

#[test]
fn a_program_that_cannot_be_run_is_noticed() {
    let fixture = released();
    let mut entries = unpack(&fixture.dist().join(format!("{NAME}.tar.gz")));
    entries.iter_mut().find(|(name, ..)| name.ends_with("/hello")).unwrap().1 = 0o644;
    repack(&fixture, &entries);
    fixture.run(["verify"]).exits(4).says(&["is not an executable file"]);
}

#[test]
fn entries_that_climb_out_are_noticed() {
    for evil in
        [format!("{NAME}/../../evil"), "/tmp/evil".to_owned(), "../evil".to_owned(), "elsewhere/evil".to_owned()]
    {
        let fixture = released();
        let mut entries = unpack(&fixture.dist().join(format!("{NAME}.tar.gz")));
        entries.push((evil.clone(), 0o644, b"evil".to_vec()));
        repack(&fixture, &entries);
        let failed = fixture.run(["verify"]);
        assert_eq!(failed.code, Some(4), "{evil}\n{failed}");
        assert!(failed.stderr.contains(&format!("{NAME}.tar.gz")), "{failed}");
    }
}

#[test]
fn names_that_climb_out_of_dist_are_not_followed() {
    let fixture = released();
    let sum = tool("sha256sum", &[fixture.path("Cargo.toml").to_str().unwrap()])[..64].to_owned();
    let text = fixture.text("dist/SHA256SUMS");
    fixture.write("dist/SHA256SUMS", format!("{sum}  ../Cargo.toml\n{text}"));
    fixture.run(["verify"]).exits(4).says(&["../Cargo.toml"]);
}

#[test]
fn garbage_is_no_panic() {
    let garbage: [&[u8]; 4] = [b"", b"\xff\xfe\x00", b"{", b"{\"schema\": 1}"];
    for file in ["release.json", "SHA256SUMS"] {
        let fixture = released();
        for garbage in garbage {
            fixture.write(format!("dist/{file}"), garbage);
            let failed = fixture.run(["verify"]);
            assert_eq!(failed.code, Some(4), "{failed}");
            assert!(!failed.stderr.contains("panicked"), "{failed}");
        }
    }
}

#[test]
fn an_empty_folder_is_no_release() {
    let fixture = Fixture::plain();
    fixture.run(["verify"]).exits(4).says(&["there is no release", "build-tool release"]);
}

#[test]
fn a_release_is_verified_without_its_workspace() {
    let fixture = released();
    let elsewhere = fixture.base().join("downloads");
    fs::rename(fixture.dist(), &elsewhere).unwrap();
    let mut command = fixture.command(["verify"]);
    command.arg(&elsewhere).current_dir(fixture.base());
    Run::of(command).ok().prints(&[&format!("{NAME}.tar.gz: contents are for {HOST}, stamped")]);
}

#[test]
fn a_pipe_among_the_files_is_named_and_not_waited_for() {
    for name in [format!("{NAME}.tar.gz"), "release.json".to_owned(), "SHA256SUMS".to_owned()] {
        let fixture = released();
        let path = fixture.dist().join(&name);
        fs::remove_file(&path).unwrap();
        tool("mkfifo", &[path.to_str().unwrap()]);
        let mut timeout = Command::new("timeout");
        timeout.args(["20", env!("CARGO_BIN_EXE_build-tool"), "verify"]).arg(fixture.dist());
        Run::of(fixture.in_place(timeout)).exits(4).says(&[&name, "not a regular file"]);
    }
}

#[test]
fn symbols_of_another_target_are_noticed() {
    let fixture = Fixture::plain();
    let profile = "schema = 1\ncargo-profile = \"release\"\nsplit-debug = true\n";
    fixture.write("profiles/release.toml", profile).commit("symbols");
    fixture.release();
    let debug = |artifact: &serde_json::Value| artifact["kind"] == "debug-archive";
    describe(&fixture, |description| {
        let mut program = description["programs"][0].clone();
        program["target"] = json!("aarch64-unknown-linux-gnu");
        description["programs"].as_array_mut().unwrap().push(program);
        let artifacts = description["artifacts"].as_array_mut().unwrap();
        artifacts.iter_mut().find(|artifact| debug(artifact)).unwrap()["target"] = json!("aarch64-unknown-linux-gnu");
    });
    fixture.run(["verify"]).exits(4).says(&["plain.debug is not for aarch64-unknown-linux-gnu"]);
}
