//! Disks that are full or cannot be written, and two runs at once. Nothing
//! half-written ever stands in the dist folder.

use std::time::Duration;

use crate::support::{Fixture, HOST, Mount, Running, bytes_of, files, files_but_installers, sums};

#[test]
fn a_full_disk_is_said_and_nothing_half_written_stands() {
    let fixture = Fixture::plain();
    let Some(_disk) = Mount::tmpfs(&fixture.dist(), "size=64k") else { return };
    let failed = fixture.run(["release"]).exits(1);
    failed.says(&["the disk of", "is full", "--dist", "No space left"]);
    assert_eq!(files(&fixture.dist()), [""; 0]);
    // What was done stays done: elsewhere it goes on from there.
    let run = fixture.run(["release", "--dist", "elsewhere", "--message-format", "json"]).ok();
    for (step, outcome) in
        run.outcomes().into_iter().filter(|(step, _)| step.starts_with("strip") || step.starts_with("compile"))
    {
        assert_eq!(outcome, "cached", "{step}");
    }
    fixture.run(["verify", "elsewhere"]).ok();
}

#[test]
fn a_full_disk_under_the_work_folder_is_said_and_mended_by_space() {
    let fixture = Fixture::plain();
    {
        let Some(_disk) = Mount::tmpfs(&fixture.path("target/build-tool"), "size=64k") else { return };
        fixture.run(["release"]).exits(1).says(&["No space left", "full"]);
        assert!(!fixture.dist().join("SHA256SUMS").exists());
    }
    fixture.release();
    fixture.run(["verify"]).ok();
}

#[test]
fn a_read_only_dist_is_said_with_the_remedy() {
    let fixture = Fixture::plain();
    let Some(disk) = Mount::tmpfs(&fixture.dist(), "size=4m") else { return };
    disk.read_only();
    let failed = fixture.run(["release"]).exits(1);
    failed.says(&["Read-only file system", "dist", "--dist DIR"]);
    assert_eq!(files(&fixture.dist()), [""; 0]);
}

#[test]
fn a_dist_on_another_disk_is_written_whole() {
    let fixture = Fixture::plain();
    let Some(_disk) = Mount::tmpfs(&fixture.dist(), "size=16m") else { return };
    fixture.release();
    assert_eq!(
        files_but_installers(&fixture.dist()),
        ["SHA256SUMS", &format!("plain-1.2.3-{HOST}.tar.gz"), "release.json", "report.json"]
    );
    fixture.run(["verify"]).ok();
}

#[test]
fn a_file_where_the_dist_folder_should_be_is_said() {
    let fixture = Fixture::plain();
    fixture.write("dist", "not a folder\n");
    fixture.run(["release"]).exits(1).says(&["dist"]);
    assert_eq!(fixture.text("dist"), "not a folder\n");
}

#[test]
fn a_second_run_waits_for_the_first_and_both_succeed() {
    let fixture = Fixture::plain();
    fixture.write("build.rs", "fn main() { std::thread::sleep(std::time::Duration::from_secs(2)); }\n").commit("slow");
    let first = Running::start(&fixture, ["release", "--message-format", "json"]);
    assert!(first.reaches("compile"), "{}", first.said());
    let second = Running::start(&fixture, ["release"]);
    let line = second.wait_for("the wait", |line| line.contains("waiting for another build-tool"));
    assert!(line.contains(&format!("process {}", first.id())), "{line}");
    let (code, _, said) = first.end();
    assert_eq!(code, Some(0), "{said}");
    let sums_of_first = sums(&fixture.dist());
    let (code, took, said) = second.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(sums(&fixture.dist()), sums_of_first);
}

#[test]
fn two_runs_with_two_dist_folders_do_not_mix() {
    let fixture = Fixture::full();
    let one = Running::start(&fixture, ["release", "--dist", "one"]);
    let two = Running::start(&fixture, ["release", "--dist", "two"]);
    for run in [one, two] {
        let (code, _, said) = run.end();
        assert_eq!(code, Some(0), "{said}");
    }
    assert_eq!(bytes_of(&fixture.path("one")), bytes_of(&fixture.path("two")));
}
