//! Many runs in one process, and runs that cannot begin.

use javascript_engine::{Failure, Settings, TestSettings, evaluate, run_file, test};

#[test]
fn with_too_little_memory_a_run_does_not_begin_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.test.js"), "test('a', () => {});").unwrap();
    std::fs::write(folder.path().join("a.mjs"), "").unwrap();
    let mut refused = 0;
    let mut began = 0;
    // From what no engine has enough of, to what is enough, in steps that stop it at each stage of its start.
    for limit in (1_000..1_600_000).step_by(90_000) {
        let settings = Settings { memory_limit: limit, ..Settings::default() };
        for result in [
            evaluate(&settings, "1", &[], false),
            run_file(&settings, &folder.path().join("a.mjs"), &[]),
            test(&settings, folder.path(), &TestSettings::default()),
        ] {
            match result {
                Err(Failure::NoMemory) => refused += 1,
                Ok(0) => began += 1,
                // It began, and what it ran had too little.
                Ok(1) => {}
                other => panic!("{limit}: {other:?}"),
            }
        }
    }
    assert!(refused > 0 && began > 0, "{refused} {began}");
}

#[cfg(target_os = "linux")]
#[test]
fn many_runs_leave_no_memory_descriptors_or_threads() {
    let settings = Settings::default();
    let codes = [
        ("globalThis.kept = new Array(10000).fill('x'); await import('node:fs');", 0),
        ("setInterval(() => {}, 1000); setTimeout(() => process.exit(3), 1); new Promise(() => {});", 3),
        ("await new Promise(() => {});", 13),
        ("process.on('exit', () => process.exit(4)); const a = {}; a.a = a; a.b = () => a; process.exit(1);", 4),
    ];
    let rounds = |count| {
        for _ in 0..count {
            for (code, expected) in codes {
                assert_eq!(evaluate(&settings, code, &[], false), Ok(expected), "{code}");
            }
        }
    };
    let entries = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    let resident = || {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    rounds(4);
    let before = (entries("/proc/self/fd"), resident());
    rounds(16);
    let after = (entries("/proc/self/fd"), resident());
    // The other test of this file may have a file open, and a world.
    assert!(after.0 <= before.0 + 4, "{before:?} {after:?}");
    // A world that stayed would be about a mebibyte, and there were 64.
    assert!(after.1 < before.1 + (24 << 20), "{before:?} {after:?}");
}
