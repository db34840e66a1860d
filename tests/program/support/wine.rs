//! Wine's folder for tests. To make one takes seconds and hundreds of
//! megabytes, so the program makes it once, and every fixture gets a copy whose
//! files are links: each with a Wine of its own, which others cannot end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fixture::Fixture;
use super::run::tool;

const SHARED: &str = env!("CARGO_TARGET_TMPDIR");

/// Puts a copy of the folder where the program would make its own.
#[track_caller]
pub(crate) fn with_wine(fixture: &Fixture) {
    let shared = Path::new(SHARED).join("wine");
    fs::create_dir_all(SHARED).unwrap();
    let lock = File::create(Path::new(SHARED).join("wine.lock")).unwrap();
    lock.lock().unwrap();
    if !shared.join("ready").exists() {
        make(&shared);
    }
    let own = fixture.path("target/build-tool/wine");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    copy(&shared, &own);
}

/// Lets the program make the folder, as it does the first time.
#[track_caller]
fn make(shared: &PathBuf) {
    let fixture = Fixture::plain();
    fixture.run(["build", "--smoke", "--target", "x86_64-pc-windows-gnu"]).ok();
    let _left_by_another_run = fs::remove_dir_all(shared);
    copy(&fixture.path("target/build-tool/wine"), shared);
}

/// Links where both are on one disk. What Wine changes it writes anew, and so breaks the link.
#[track_caller]
fn copy(from: &Path, to: &Path) {
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    let links = Command::new("cp").args(["--archive", "--link", from, to]).output().unwrap();
    if !links.status.success() {
        let _half = fs::remove_dir_all(to);
        tool("cp", &["--archive", from, to]);
    }
}
