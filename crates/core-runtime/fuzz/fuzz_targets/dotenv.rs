//! Arbitrary `.env` files, by the parser and by all that a run does with one.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use core_runtime::dotenv::{Sources, load, parse};
use core_runtime::environment::Variables;
use libfuzzer_sys::fuzz_target;

/// In memory where there is such a place: the file is written for each input.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let base = PathBuf::from("/dev/shm");
        let base = if base.is_dir() { base } else { std::env::temp_dir() };
        let folder = base.join(format!("fuzz-dotenv-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

fuzz_target!(|text: &[u8]| {
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err((at, _)) => return assert!(at < text.len(), "the mistake lies behind the end"),
    };
    let mut end = 0;
    for entry in &parsed.entries {
        assert!(!entry.name.is_empty() && entry.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)));
        assert!(entry.at.start >= end && entry.at.end <= text.len() && entry.at.start <= entry.at.end);
        assert!(entry.value.len() <= entry.at.len() && !entry.value.contains(&0));
        end = entry.at.end;
    }
    let lines = text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    assert!(parsed.ignored.is_sorted() && parsed.ignored.iter().all(|line| (1..=lines).contains(line)));

    let file = folder().join(".env");
    std::fs::write(&file, text).unwrap();
    let mut process = Variables::default();
    process.set("SET", "by the process");
    let sources = Sources { process: &process, overrides: &[], files: &[], usual: true, folder: folder() };
    if let Ok(variables) = load(sources) {
        assert_eq!(variables.text("SET"), Some("by the process"), "a file has won over the process");
        assert!(parsed.entries.iter().all(|entry| variables.contains(entry.name)));
    }
});
