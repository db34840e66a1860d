//! `kill -9` in the middle of `upgrade`, at each call into the system that changes files: strace sends
//! the signal as the call is entered. Whatever is left, a program that works is, and the next upgrade works.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use crate::support::{Place, Run, tool};
use crate::upgrade::{NEWER, beside, installed, library, release, version};
use crate::upgrade_bundles::bundle_of;

/// The calls that change files, or what is in them.
const CALLS: [&str; 8] = [
    "mkdir",
    "rmdir",
    "link,linkat",
    "rename,renameat,renameat2",
    "unlink,unlinkat",
    "fsync,fdatasync",
    "chmod,fchmod,fchmodat",
    "write,copy_file_range,sendfile",
];
/// Writes are many and alike: these of them.
const WRITES: [usize; 2] = [1, 80];

/// Upgrades with the signal at the call's `number`th time; whether it came that far.
fn killed(place: &Place, program: &Path, release: &Path, calls: &str, number: usize) -> bool {
    let mut command = place.command("strace");
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    command.args(["-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject]).arg(program);
    let run = Run::of(command.args(["upgrade", "--from"]).arg(release));
    let by_signal = |status: ExitStatus| status.signal() == Some(9) || status.code() == Some(128 + 9);
    assert!(run.output.status.success() || by_signal(run.output.status), "{calls} {number}: {run:?}");
    by_signal(run.output.status)
}

#[test]
fn a_working_program_remains_wherever_it_is_killed() {
    let place = Place::new();
    let (original, release) = (installed(&place), release(&place, NEWER));
    let bytes = fs::read(&original).unwrap();
    let old = version(&place, &original);
    let new = format!("rust-bun {NEWER}");
    let (mut kills, mut found) = (0, [0, 0]);
    for calls in CALLS {
        let numbers: Vec<usize> = if calls.starts_with("write") { WRITES.to_vec() } else { (1..).take(200).collect() };
        for number in numbers {
            let folder = place.folder.join(format!("{}-{number}", calls.split(',').next().unwrap()));
            let program = folder.join("bin/rust-bun");
            fs::create_dir_all(folder.join("bin")).unwrap();
            fs::copy(&original, &program).unwrap();
            tool(&folder, "cp", &["-r", "../lib", "."]);
            if !killed(&place, &program, &release, calls, number) {
                assert!(number > 1, "{calls} is never called");
                fs::remove_dir_all(&folder).unwrap();
                break;
            }
            kills += 1;
            let bundles = bundle_of(&place, &program);
            let now = version(&place, &program);
            assert_eq!(format!("rust-bun {bundles}"), now, "{calls} {number}");
            assert!(now == old || now == new, "{calls} {number}: {now}");
            found[usize::from(now == new)] += 1;
            if now == old {
                assert!(fs::read(&program).unwrap() == bytes, "{calls} {number}: changed");
            }
            // What was left there has gone with the first command that ended well, or goes with the next upgrade.
            if now == old && number == 1 {
                let mut again = place.command(&program);
                Run::of(again.args(["upgrade", "--from"]).arg(&release)).ok();
                assert_eq!(version(&place, &program), new, "{calls} {number}");
            }
            assert_eq!(beside(&program), ["rust-bun"], "{calls} {number}");
            if now == new {
                assert_eq!(library(&program), ["bundles", "bundles-99.1.0"], "{calls} {number}");
            }
            fs::remove_dir_all(&folder).unwrap();
        }
    }
    assert!(kills > 15 && found[0] > 0 && found[1] > 0, "{kills} kills, {found:?}");
}
