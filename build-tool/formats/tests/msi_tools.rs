//! Packages for Windows held against the programs that know them on Linux.

mod support;

use std::fs;
use std::path::Path;
use support::msi::{contents, file, files, msi, written};
use support::{noise, run};

fn msitools(program: &str, arguments: &[&str], folder: &Path) -> String {
    run(program, "msitools", arguments, folder)
}

#[test]
fn scratch() {
    let bytes = written(&msi(), files());
    fs::write("/tmp/msi-scratch.msi", bytes).unwrap();
}
