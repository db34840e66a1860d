//! What ELF files need, held against the programs by which Debian and RPM find it, on files of this machine.
#![cfg(target_os = "linux")]

mod support;

use proptest::prelude::*;
use release_formats::elf_needs::{ElfClass, ElfNeeds, ElfNeedsError, debian, elf_needs, rpm};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use support::run;

fn needs(path: &Path) -> ElfNeeds {
    elf_needs(File::open(path).unwrap()).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// This test, a C program, a compiler's libraries: each is on every machine that can build this.
fn samples() -> Vec<PathBuf> {
    let mut samples = vec![std::env::current_exe().unwrap(), "/usr/bin/env".into()];
    for library in ["libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "libm.so.6"] {
        let path = run("cc", "gcc", &[&format!("-print-file-name={library}")], Path::new("/"));
        let path = PathBuf::from(path.trim());
        assert!(path.is_absolute(), "there is no {library}");
        samples.push(path);
    }
    samples
}

#[test]
fn debian_packages_are_those_that_dpkg_shlibdeps_finds() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("debian")).unwrap();
    fs::write(folder.path().join("debian/control"), "Source: x\n\nPackage: x\nArchitecture: any\n").unwrap();
    let programs = samples();
    for path in &programs[..2] {
        let line = run("dpkg-shlibdeps", "dpkg-dev", &["-O", path.to_str().unwrap()], folder.path());
        let theirs = line.trim().strip_prefix("shlibs:Depends=").unwrap().to_owned();
        let ours = debian::depends([&needs(path)], &BTreeSet::new()).unwrap();
        assert_eq!(ours.join(", "), theirs, "{path:?}");
    }
}

#[test]
fn rpm_capabilities_are_those_that_elfdeps_finds() {
    for path in samples() {
        for (flag, ours) in [
            ("--requires", rpm::requires(&needs(&path))),
            ("--provides", rpm::provides(&needs(&path)).into_iter().collect()),
        ] {
            // It passes over files that are not executable.
            let copy = tempfile::NamedTempFile::new().unwrap();
            fs::copy(&path, copy.path()).unwrap();
            fs::set_permissions(copy.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            let list = run("/usr/lib/rpm/elfdeps", "rpm", &[flag, copy.path().to_str().unwrap()], Path::new("/"));
            let theirs: BTreeSet<String> = list.lines().map(str::to_owned).collect();
            if flag == "--requires" {
                assert_eq!(ours, theirs, "{path:?}");
            } else {
                // A library's symbol versions are not provided here.
                assert!(ours.is_subset(&theirs), "{path:?}: {ours:?} {theirs:?}");
            }
        }
    }
}

#[test]
fn this_program_needs_its_loader_and_libc() {
    let needs = needs(&std::env::current_exe().unwrap());
    assert_eq!(needs.class, if cfg!(target_pointer_width = "64") { ElfClass::Elf64 } else { ElfClass::Elf32 });
    assert!(needs.interpreter.unwrap().contains("/ld-"));
    assert!(needs.libraries.contains_key("libc.so.6"));
    assert_eq!(needs.soname, None);
}

#[test]
fn a_file_without_section_headers_is_read_all_the_same() {
    let path = std::env::current_exe().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // e_shoff, e_shnum and e_shstrndx of a 64-bit header.
    bytes[0x28..0x30].fill(0);
    bytes[0x3C..0x40].fill(0);
    assert_eq!(elf_needs(Cursor::new(bytes)).unwrap(), needs(&path));
}

#[test]
fn other_files_are_refused() {
    let damaged = |bytes: &[u8]| elf_needs(Cursor::new(bytes)).unwrap_err();
    assert!(matches!(damaged(b"#!/bin/sh\n"), ElfNeedsError::NotElf));
    assert!(matches!(damaged(b""), ElfNeedsError::NotElf));
    let whole = fs::read("/usr/bin/env").unwrap();
    assert!(elf_needs(Cursor::new(&whole[..2000])).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn damaged_files_are_errors_or_files(at in 0usize..4096, value in any::<u8>()) {
        let mut bytes = fs::read("/usr/bin/env").unwrap();
        bytes[at] = value;
        let _ = elf_needs(Cursor::new(bytes));
    }
}
