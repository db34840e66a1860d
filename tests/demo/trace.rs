//! The demo shows nothing of what its standard library is made of, and is small.

use std::fs;
use std::path::PathBuf;

use crate::built::{ARM, LINUX, WINDOWS, demo, root};

/// Words that only the library's own makers know.
const WORDS: &[&str] = &["rusticated", "io_uring", "iocp", "completion", "proactor"];

/// Holds bytes to be free of the words, in any case, and as Windows' wide strings.
#[track_caller]
fn assert_no_trace(what: &str, bytes: &[u8], words: &[&str]) {
    let narrow = bytes.to_ascii_lowercase();
    let wide: [Vec<u8>; 2] = [0, 1].map(|start| narrow.iter().copied().skip(start).step_by(2).collect());
    for word in words {
        for text in [&narrow, &wide[0], &wide[1]] {
            let found = text.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!found, "{what} holds {word:?}");
        }
    }
}

#[test]
fn its_sources_and_its_manifest_name_std_only() {
    let folder = root().join("crates/last-byte");
    let mut files: Vec<PathBuf> = vec![folder.join("Cargo.toml")];
    files.extend(fs::read_dir(folder.join("src")).unwrap().map(|entry| entry.unwrap().path()));
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        assert_no_trace(&file.display().to_string(), &fs::read(file).unwrap(), WORDS);
    }
    let manifest: toml::Table = fs::read_to_string(&files[0]).unwrap().parse().unwrap();
    assert!(manifest.get("dependencies").is_none());
    let source = fs::read_to_string(&files[1]).unwrap();
    for crate_name in source.lines().filter_map(|line| line.trim().strip_prefix("use ")) {
        assert!(crate_name.starts_with("std::"), "{crate_name}");
    }
    assert!(!source.contains("extern crate") && !source.contains("#![feature"));
}

#[test]
fn its_programs_hold_no_word_of_it() {
    for target in [LINUX, ARM, WINDOWS] {
        let program = demo(target);
        assert!(program.file_stem().unwrap() == "last-byte", "{}", program.display());
        // What panics say names files of the library: `backend/linux/…`.
        assert_no_trace(target, &fs::read(&program).unwrap(), &["rusticated", "rusticated-std"]);
    }
}

#[test]
fn its_programs_for_linux_are_at_most_48_kib() {
    for target in [LINUX, ARM] {
        let size = demo(target).metadata().unwrap().len();
        assert!(size <= 48 * 1024, "{target}: {size} bytes");
    }
}

#[test]
fn it_needs_nothing_but_the_kernel() {
    let program = fs::read(demo(LINUX)).unwrap();
    let file = object::read::elf::ElfFile64::<object::Endianness>::parse(&*program).unwrap();
    let dynamic = file.elf_program_headers().iter().any(|header| {
        let kind = header.p_type.get(object::Endianness::Little);
        kind == object::elf::PT_DYNAMIC || kind == object::elf::PT_INTERP
    });
    assert!(!dynamic);
}
