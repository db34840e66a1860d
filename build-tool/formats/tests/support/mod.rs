//! What the tests of archives share: a folder of odd files, and the real programs.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod mac_payloads;
pub(crate) mod mach_o;
pub(crate) mod msi;
pub(crate) mod payloads;
pub(crate) mod rpm;
pub(crate) mod wine;

use release_formats::archive::{ArchiveFormat, ArchiveOptions, Entry, write_archive};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const MTIME: u64 = 1_700_000_002;

pub(crate) struct Sample {
    pub(crate) folder: TempDir,
    pub(crate) entries: Vec<Entry>,
}

/// Text that does not compress to nothing, and is the same every time.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Runs of a few letters: something for matches and something for literals.
        bytes.extend(std::iter::repeat_n(b'a' + (state % 23) as u8, 1 + (state >> 60) as usize));
    }
    bytes.truncate(length);
    bytes
}

impl Sample {
    pub(crate) fn new() -> Self {
        let mut sample = Self { folder: tempfile::tempdir().unwrap(), entries: Vec::new() };
        let long = format!("{}/{}.txt", "deep/".repeat(30).trim_end_matches('/'), "n".repeat(120));
        sample.add("bin/tool", &noise(3 << 20), true);
        sample.add("README.md", b"hello\n", false);
        sample.add("empty", b"", false);
        sample.add("bin-data", &noise(1 << 20), false);
        sample.add("ünïcode 漢字.txt", b"name", false);
        sample.add(&long, b"long", false);
        sample
    }

    pub(crate) fn add(&mut self, name: &str, content: &[u8], executable: bool) {
        let source = self.folder.path().join(format!("source-{}", self.entries.len()));
        fs::write(&source, content).unwrap();
        self.entries.push(Entry { name: name.into(), source, executable });
    }

    pub(crate) fn write(&self, format: ArchiveFormat, threads: usize) -> Vec<u8> {
        write_archive(Vec::new(), &options(format, threads), &self.entries).unwrap()
    }

    /// The archive as a file, for programs that want one.
    pub(crate) fn file(&self, format: ArchiveFormat) -> PathBuf {
        let path = self.folder.path().join(format!("archive.{format}"));
        fs::write(&path, self.write(format, 2)).unwrap();
        path
    }
}

pub(crate) fn options(format: ArchiveFormat, threads: usize) -> ArchiveOptions {
    // Low levels: the fastest, and with the smallest blocks, so that there are several.
    let level = Some(if format == ArchiveFormat::TarZst { 3 } else { 1 });
    ArchiveOptions { format, root: "root-1.0".to_owned(), mtime: MTIME, level, threads }
}

/// Runs a program that must be there and must succeed; gives its standard output.
pub(crate) fn run(program: &str, debian_package: &str, arguments: &[&str], folder: &Path) -> String {
    let output =
        Command::new(program).args(arguments).current_dir(folder).env("TZ", "UTC").env("LC_ALL", "C.UTF-8").output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("this test needs {program}: on Debian, apt-get install {debian_package}")
        }
        other => other.unwrap(),
    };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}
