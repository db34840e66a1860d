//! A whole program with our allocator for its own: this test starts itself, as a program that does one of the `parts`.
#![allow(unsafe_code)] // the misuse that is to be found
#![cfg(not(miri))] // it starts programs

use std::alloc::{GlobalAlloc, Layout};
use std::process::{Command, Output};

use core_runtime::memory::{GlobalAllocator, exit_when_out_of_memory, heap_report};

#[global_allocator]
static GLOBAL: GlobalAllocator = GlobalAllocator;

/// Starts this test as a program that does `part`, under the limits that `shell` sets.
fn start(shell: &str, part: &str) -> Output {
    let line = format!("{shell} exec \"$0\" --exact a_part_in_a_program_of_its_own --nocapture");
    let program = std::env::current_exe().unwrap();
    Command::new("/bin/sh").arg("-c").arg(line).arg(program).env("PART", part).output().unwrap()
}

#[test]
fn a_part_in_a_program_of_its_own() {
    let Ok(part) = std::env::var("PART") else { return };
    exit_when_out_of_memory().unwrap();
    match part.as_str() {
        // Doubled each time, so that there is one that fails with little else to fail.
        "cannot go on" => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            loop {
                all.push(Vec::with_capacity(1 << 26));
            }
        }
        "can go on" => {
            let mut large: Vec<u8> = Vec::new();
            println!("refused: {}", large.try_reserve_exact(1 << 40).is_err());
            std::process::exit(7);
        }
        "abort" => std::process::abort(),
        #[cfg(debug_assertions)]
        "double free" => {
            let layout = Layout::new::<[u64; 9]>();
            // SAFETY: the second is the mistake that is to be found, and is not carried out.
            unsafe {
                let memory = GLOBAL.alloc(layout);
                GLOBAL.dealloc(memory, layout);
                GLOBAL.dealloc(memory, layout);
            }
        }
        // Several threads at once.
        #[cfg(debug_assertions)]
        "trace" => {
            core_runtime::memory::DEBUG_ALLOCATOR.trace(true);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..200).map(|number| number.to_string()).collect::<Vec<_>>().len());
                }
            });
            let kept = std::hint::black_box(Box::new([3_u8; 321]));
            core_runtime::memory::DEBUG_ALLOCATOR.trace(false);
            let leaks = core_runtime::memory::DEBUG_ALLOCATOR.leaks();
            let text = leaks.iter().find(|leak| leak.size == 321).unwrap().to_string();
            println!("found: {}", text.contains("a_part_in_a_program_of_its_own"));
            drop(kept);
            std::process::exit(7);
        }
        other => panic!("no part {other:?}"),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_memory_a_program_that_cannot_go_on_exits_with_1_and_says_so() {
    let output = start("ulimit -v 4000000;", "cannot go on");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("memory allocation of 67108864 bytes failed"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn without_memory_a_program_that_can_go_on_does() {
    let output = start("ulimit -v 4000000;", "can go on");
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("refused: true"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn an_abort_for_another_reason_stays_one() {
    use std::os::unix::process::ExitStatusExt;
    let output = start("ulimit -c 0;", "abort");
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_double_free_ends_a_debug_build_and_says_where() {
    use std::os::unix::process::ExitStatusExt;
    let output = start("ulimit -c 0;", "double free");
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("double free of 72 bytes") && said.contains("a_part_in_a_program_of_its_own"), "{said}");
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn where_blocks_come_from_can_be_remembered_for_the_whole_program() {
    let output = start("", "trace");
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("found: true"), "{output:?}");
}

#[test]
fn the_report_knows_the_whole_program() {
    let before = heap_report();
    let block = std::hint::black_box(vec![1_u8; 3 << 20]);
    let report = heap_report();
    if let (Some(before), Some(now)) = (before.all, report.all) {
        assert!(now.blocks > before.blocks && now.peak_bytes >= 3 << 20, "{before:?} {now:?}");
    }
    if let Some(process) = report.process {
        assert!(process.peak_resident >= 3 << 20 && process.peak_committed >= process.committed, "{process:?}");
    }
    assert_eq!(report.all.is_some(), cfg!(debug_assertions));
    assert_eq!(report.process.is_some(), cfg!(feature = "mimalloc"));
    drop(block);
}
