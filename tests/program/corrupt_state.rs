//! A corrupt journal or cache is rebuilt, never trusted, and never a panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Fixture, assert_same, bytes_of};

fn released() -> (Fixture, BTreeMap<String, Vec<u8>>) {
    let fixture = Fixture::full();
    fixture.release();
    let bytes = bytes_of(&fixture.dist());
    (fixture, bytes)
}

#[track_caller]
fn mended(fixture: &Fixture, bytes: &BTreeMap<String, Vec<u8>>, what: &str) {
    let run = fixture.release().never_says(&["panicked"]);
    assert_same(&fixture.dist(), bytes, &format!("{what}\n{run}"));
    fixture.run(["verify"]).ok();
}

fn journal(fixture: &Fixture) -> PathBuf {
    let path = fixture.path("target/build-tool/journal");
    assert!(path.is_file(), "no journal");
    path
}

#[test]
fn a_journal_cut_off_anywhere() {
    let (fixture, bytes) = released();
    let whole = fs::read(journal(&fixture)).unwrap();
    for part in [0, 1, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        fs::write(journal(&fixture), &whole[..part]).unwrap();
        mended(&fixture, &bytes, &format!("cut after {part} of {} bytes", whole.len()));
    }
}

#[test]
fn a_journal_of_garbage() {
    let (fixture, bytes) = released();
    let garbage: [&[u8]; 4] = [b"\xff\xfe\x00garbage\n\n\n", b"{}\n[]\nnull\n", &[0; 4096], b"{\"schema\":99999}\n"];
    for garbage in garbage {
        fs::write(journal(&fixture), garbage).unwrap();
        mended(&fixture, &bytes, &String::from_utf8_lossy(garbage));
    }
}

#[test]
fn a_journal_with_flipped_bytes() {
    let (fixture, bytes) = released();
    let whole = fs::read(journal(&fixture)).unwrap();
    for seed in 0..6_usize {
        let mut flipped = whole.clone();
        for place in (seed * 37..flipped.len()).step_by(211) {
            flipped[place] ^= 1 << (seed % 8);
        }
        fs::write(journal(&fixture), &flipped).unwrap();
        mended(&fixture, &bytes, &format!("flipped with seed {seed}"));
    }
}

#[test]
fn a_journal_that_is_a_folder_is_no_panic() {
    let (fixture, _) = released();
    fs::remove_file(journal(&fixture)).unwrap();
    fs::create_dir(fixture.path("target/build-tool/journal")).unwrap();
    let run = fixture.run(["release"]).never_says(&["panicked"]);
    assert!(matches!(run.code, Some(0 | 1)), "{run}");
}

/// All files of the work folder but the journal and the lock.
fn work_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            work_files(&path, found);
        } else if !path.ends_with("journal") && !path.ends_with("lock") {
            found.push(path);
        }
    }
}

#[test]
fn every_corrupted_intermediate_file_is_made_again() {
    let (fixture, bytes) = released();
    let mut found = Vec::new();
    work_files(&fixture.path("target/build-tool"), &mut found);
    assert!(found.len() >= 4, "{found:?}");
    for path in found {
        let mut content = fs::read(&path).unwrap();
        let middle = content.len() / 2;
        content[middle] ^= 0xff;
        fs::write(&path, content).unwrap();
        mended(&fixture, &bytes, &path.display().to_string());
    }
}

#[test]
fn vanished_intermediate_files_are_made_again() {
    let (fixture, bytes) = released();
    let mut found = Vec::new();
    work_files(&fixture.path("target/build-tool"), &mut found);
    for path in found {
        fs::remove_file(&path).unwrap();
        mended(&fixture, &bytes, &path.display().to_string());
    }
}

#[test]
fn corrupted_and_vanished_artifacts_are_made_again() {
    let (fixture, bytes) = released();
    for name in bytes.keys() {
        fs::write(fixture.dist().join(name), "tampered with\n").unwrap();
        mended(&fixture, &bytes, name);
        fs::remove_file(fixture.dist().join(name)).unwrap();
        mended(&fixture, &bytes, name);
    }
}

#[test]
fn what_a_killed_run_left_half_written_goes() {
    let (fixture, bytes) = released();
    fixture.write("dist/.hello-1.2.3-x86_64-unknown-linux-gnu.tar.gz.partial", "half");
    fixture.write("target/build-tool/partial/SHA256SUMS", "half");
    mended(&fixture, &bytes, "partial files");
    assert!(bytes_of(&fixture.path("target/build-tool/partial")).is_empty());
}
