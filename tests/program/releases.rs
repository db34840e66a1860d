//! `release` and `build` when all goes well: what lies in the dist folder, what
//! the programs in it say of themselves, and what a second run costs.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{COMMIT_TIME, Fixture, HOST, Run, bytes_of, entries, files, files_but_installers, sums, tool};

/// Unpacks an archive of the release and gives its one folder.
fn unpacked(fixture: &Fixture, name: &str) -> std::path::PathBuf {
    let to = fixture.base().join("unpacked");
    fs::create_dir_all(&to).unwrap();
    tool("tar", &["-xf", fixture.dist().join(name).to_str().unwrap(), "-C", to.to_str().unwrap()]);
    to.join(name.trim_end_matches(".tar.gz"))
}

fn archive(app: &str) -> String {
    format!("{app}-1.2.3-{HOST}.tar.gz")
}

fn run_program(path: &Path) -> String {
    Run::of(Command::new(path)).ok().stdout
}

#[test]
fn dist_holds_the_archives_and_what_describes_them_and_nothing_else() {
    let fixture = Fixture::full();
    fixture.run(["release", "--skip", "deb,rpm"]).ok();
    let expected = ["SHA256SUMS", &archive("hello"), &archive("plain"), "release.json", "report.json"];
    assert_eq!(files_but_installers(&fixture.dist()), expected);
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "SHA256SUMS"]).current_dir(fixture.dist());
    let checked = Run::of(check).ok().stdout;
    assert_eq!(checked, format!("{}: OK\n{}: OK\nrelease.json: OK\n", archive("hello"), archive("plain")));
}

#[test]
fn an_archive_is_one_folder_with_the_program_and_the_documents() {
    let fixture = Fixture::full();
    fixture.release();
    let mut found = entries(&fixture.dist().join(archive("hello")));
    found.sort();
    let folder = format!("hello-1.2.3-{HOST}");
    let expected: Vec<String> = ["", "CHANGELOG.md", "LICENSE-MIT", "README.md", "hello"]
        .iter()
        .map(|name| format!("{folder}/{name}"))
        .collect();
    assert_eq!(found, expected);
    // The package's own document wins over the workspace's.
    assert_eq!(fs::read_to_string(unpacked(&fixture, &archive("hello")).join("README.md")).unwrap(), "read hello\n");
    assert_eq!(fs::read_to_string(unpacked(&fixture, &archive("plain")).join("README.md")).unwrap(), "read me\n");
}

#[test]
fn entries_of_an_archive_are_roots_and_from_the_commit_s_time() {
    let fixture = Fixture::full();
    fixture.release();
    let path = fixture.dist().join(archive("hello"));
    let listing = tool("tar", &["--list", "--verbose", "--numeric-owner", "--full-time", "-f", path.to_str().unwrap()]);
    assert_eq!(listing.lines().count(), 5, "{listing}");
    for line in listing.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mode = if line.ends_with('/') {
            "drwxr-xr-x"
        } else if line.ends_with("/hello") {
            "-rwxr-xr-x"
        } else {
            "-rw-r--r--"
        };
        assert_eq!((words[0], words[1], words[3], words[4]), (mode, "0/0", "2025-03-04", "05:06:07"), "{line}");
    }
}

#[test]
fn the_released_program_says_its_stamp() {
    let fixture = Fixture::full();
    fixture.release();
    let rustc = tool("rustc", &["--version"]);
    let expected = format!(
        "version: 1.2.3\ngit_hash: {}\ngit_branch: main\ngit_dirty: false\nbuild_time: 2025-03-04T05:06:07Z\n\
         build_profile: release\nbuild_target: {HOST}\nrust_version: {}\n",
        fixture.short_commit(),
        rustc.trim().trim_start_matches("rustc ")
    );
    assert_eq!(run_program(&unpacked(&fixture, &archive("hello")).join("hello")), expected);
}

#[test]
fn a_program_without_the_slot_is_released_unstamped_and_said_so() {
    let fixture = Fixture::full();
    fixture.release().says(&["released unstamped, without a build-info slot: plain"]);
    assert_eq!(run_program(&unpacked(&fixture, &archive("plain")).join("plain")), "plain\n");
    let description: Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    let stamped: Vec<_> = description["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|a| a["kind"] == "archive")
        .map(|a| (a["app"].as_str(), a["stamped"].as_bool()))
        .collect();
    assert_eq!(stamped, [(Some("hello"), Some(true)), (Some("plain"), Some(false))]);
}

#[test]
fn programs_are_stripped_as_the_profile_says() {
    let fixture = Fixture::plain();
    // Without a manifest it is as Cargo's own [profile.release] has it: no debug information.
    for (said, symbols, debug) in
        [("", true, false), ("strip = \"symbols\"\n", false, false), ("strip = \"none\"\ndebug = 1\n", true, true)]
    {
        if !said.is_empty() {
            fixture.write("profiles/release.toml", format!("schema = 1\n{said}")).commit("profile");
        }
        fixture.release();
        let program = unpacked(&fixture, &archive("plain")).join("plain");
        let sections = tool("readelf", &["--sections", "--wide", program.to_str().unwrap()]);
        assert_eq!(
            (sections.contains(".symtab"), sections.contains(".debug_info")),
            (symbols, debug),
            "{said:?}\n{sections}"
        );
    }
}

#[test]
fn release_json_as_documented() {
    let fixture = Fixture::full();
    fixture.release();
    let mut text = fixture.text("dist/release.json");
    let description: Value = serde_json::from_str(&text).unwrap();
    for artifact in description["artifacts"].as_array().unwrap() {
        let bytes = fs::read(fixture.dist().join(artifact["name"].as_str().unwrap())).unwrap();
        assert_eq!(artifact["size"], bytes.len());
        text = text.replace(&format!("\"size\": {}", artifact["size"]), "\"size\": SIZE");
        let sum = artifact["sha256"].as_str().unwrap();
        assert!(sums(&fixture.dist()).contains(&format!("{sum}  {}\n", artifact["name"].as_str().unwrap())));
        text = text.replace(sum, "SHA256");
    }
    assert_eq!(description["source_date_epoch"], COMMIT_TIME);
    for program in description["programs"].as_array().unwrap() {
        let path = format!("target/build-tool/{HOST}/release/{}", program["name"].as_str().unwrap());
        let bytes = fs::read(fixture.path(&path)).unwrap();
        assert_eq!(program["size"], bytes.len());
        assert_eq!(
            tool("sha256sum", &[fixture.path(path).to_str().unwrap()])[..64],
            *program["sha256"].as_str().unwrap()
        );
        text = text.replace(&format!("\"size\": {}", program["size"]), "\"size\": SIZE");
        text = text.replace(program["sha256"].as_str().unwrap(), "SHA256");
    }
    text = text.replace(&fixture.git(&["rev-parse", "HEAD"]), "COMMIT").replace(&fixture.short_commit(), "SHORT");
    text = text.replace(tool("rustc", &["--version"]).trim(), "rustc VERSION");
    insta::assert_snapshot!(text);
}

#[test]
fn a_second_release_is_all_cached_and_the_same_bytes() {
    let fixture = Fixture::full();
    fixture.release();
    let first = bytes_of(&fixture.dist());
    let again = fixture.run(["release", "--message-format", "json"]).ok();
    let outcomes = again.outcomes();
    assert_eq!(outcomes.len(), 13, "{again}");
    for (step, outcome) in outcomes {
        assert_eq!(outcome, "cached", "{step}");
    }
    assert_eq!(bytes_of(&fixture.dist()), first);
}

#[test]
fn force_runs_every_step_and_gives_the_same_bytes() {
    let fixture = Fixture::full();
    fixture.release();
    let first = bytes_of(&fixture.dist());
    let again = fixture.run(["release", "--force", "--message-format", "json"]).ok();
    for (step, outcome) in again.outcomes().into_iter().filter(|(step, _)| !step.starts_with("compile")) {
        assert_eq!(outcome, "made", "{step}");
    }
    assert_eq!(bytes_of(&fixture.dist()), first);
}

#[test]
fn an_empty_commit_compiles_nothing_and_is_stamped_anew() {
    let fixture = Fixture::full();
    fixture.release();
    let before = fixture.short_commit();
    fixture.commit("empty");
    assert_ne!(fixture.short_commit(), before);
    let again = fixture.run(["release", "--message-format", "json"]).ok();
    for (step, outcome) in again.outcomes() {
        let expected = if step.starts_with("compile") || step.starts_with("strip") { "cached" } else { "made" };
        assert_eq!(outcome, expected, "{step}");
    }
    let said = run_program(&unpacked(&fixture, &archive("hello")).join("hello"));
    assert!(said.contains(&format!("git_hash: {}\n", fixture.short_commit())), "{said}");
    assert!(said.contains("build_time: 2025-03-04T05:07:07Z\n"), "{said}");
}

#[test]
fn source_date_epoch_stands_for_every_time() {
    let mut fixture = Fixture::full();
    fixture.set_env("SOURCE_DATE_EPOCH", "1600000000");
    fixture.release();
    let said = run_program(&unpacked(&fixture, &archive("hello")).join("hello"));
    assert!(said.contains("build_time: 2020-09-13T12:26:40Z\n"), "{said}");
}

#[test]
fn files_of_an_earlier_version_go_and_a_stranger_s_file_stays_and_is_named() {
    let fixture = Fixture::plain();
    fixture.release();
    fixture.write("dist/notes.txt", "mine\n");
    fixture.write("Cargo.toml", fixture.text("Cargo.toml").replace("1.2.3", "1.3.0")).lock().commit("next version");
    fixture.release().prints(&["not ours, left in the dist folder: notes.txt"]);
    let new = format!("plain-1.3.0-{HOST}.tar.gz");
    assert_eq!(files_but_installers(&fixture.dist()), ["SHA256SUMS", "notes.txt", &new, "release.json", "report.json"]);
    assert_eq!(fixture.text("dist/notes.txt"), "mine\n");
}

#[test]
fn files_of_an_earlier_version_go_even_when_the_work_folder_is_gone() {
    let fixture = Fixture::plain();
    fixture.release();
    let old = format!("plain-1.2.3-{HOST}.tar.gz");
    fs::remove_dir_all(fixture.path("target")).unwrap();
    fixture.write("Cargo.toml", fixture.text("Cargo.toml").replace("1.2.3", "1.3.0")).lock().commit("next version");
    fixture.release();
    let new = format!("plain-1.3.0-{HOST}.tar.gz");
    assert_eq!(files_but_installers(&fixture.dist()), ["SHA256SUMS", &new, "release.json", "report.json"]);
    // One that was altered since is no longer what the description speaks of.
    fs::remove_dir_all(fixture.path("target")).unwrap();
    fixture.write(format!("dist/{new}"), "mine now\n");
    fixture.write("Cargo.toml", fixture.text("Cargo.toml").replace("1.3.0", "1.2.3")).lock().commit("back again");
    fixture.release().prints(&[&format!("not ours, left in the dist folder: {new}")]);
    assert_eq!(files_but_installers(&fixture.dist()), ["SHA256SUMS", &old, &new, "release.json", "report.json"]);
}

#[test]
fn a_stranger_s_file_is_never_written_over() {
    for name in ["SHA256SUMS", "release.json", "report.json", &format!("plain-1.2.3-{HOST}.tar.gz")] {
        let fixture = Fixture::plain();
        fixture.write(format!("dist/{name}"), "mine\n");
        fixture.run(["release"]).exits(1).says(&[name, "no release of ours", "--dist DIR"]);
        assert_eq!(files(&fixture.dist()), [name]);
        assert_eq!(fixture.text(format!("dist/{name}")), "mine\n");
    }
}

#[test]
fn build_prints_the_finished_programs_and_packs_nothing() {
    let fixture = Fixture::full();
    let built = fixture.run(["build", "--profile", "release"]).ok();
    let folder = fixture.path(format!("target/build-tool/{HOST}/release"));
    let expected: Vec<_> = ["hello", "plain"].iter().map(|name| folder.join(name).display().to_string()).collect();
    assert_eq!(built.stdout.lines().collect::<Vec<_>>(), expected);
    assert!(run_program(&folder.join("hello")).contains(&fixture.short_commit()));
    assert_eq!(files(&fixture.dist()), [""; 0]);
}

#[test]
fn build_of_a_dirty_tree_says_dirty() {
    let fixture = Fixture::full();
    fixture.write("hello/README.md", "changed\n");
    fixture.run(["build"]).ok().says(&["dirty"]);
    let said = run_program(&fixture.path(format!("target/build-tool/{HOST}/release/hello")));
    assert!(said.contains("git_dirty: true\n"), "{said}");
}

#[test]
fn prebuilt_programs_are_packaged_without_compiling() {
    let fixture = Fixture::full();
    let prebuilt = fixture.base().join("prebuilt");
    fs::create_dir_all(prebuilt.join(HOST)).unwrap();
    fixture.run(["build"]).ok();
    for name in ["hello", "plain"] {
        fs::copy(fixture.path(format!("target/build-tool/{HOST}/release/{name}")), prebuilt.join(HOST).join(name))
            .unwrap();
    }
    // What is known of the compilation is in the description of what was compiled only.
    let sums = |fixture: &Fixture| -> Vec<String> {
        let all = sums(&fixture.dist());
        all.lines().filter(|line| !line.ends_with("release.json")).map(str::to_owned).collect()
    };
    fixture.release();
    let released = sums(&fixture);
    assert_eq!(released.len(), 6, "two archives, two debs and two rpms");
    fs::remove_dir_all(fixture.path("target")).unwrap();
    fs::remove_dir_all(fixture.dist()).unwrap();
    let packed = fixture.run(["package", "--message-format", "json", "--prebuilt", prebuilt.to_str().unwrap()]).ok();
    assert!(!packed.outcomes().iter().any(|(step, _)| step.starts_with("compile")), "{packed}");
    assert_eq!(sums(&fixture), released, "what was built and what was taken differ");
    fixture.run(["verify"]).ok();
}

#[test]
fn a_missing_prebuilt_program_is_named_before_anything_runs() {
    let fixture = Fixture::plain();
    let folder = fixture.base().join("prebuilt");
    fs::create_dir_all(&folder).unwrap();
    let failed = fixture.run(["package", "--prebuilt", folder.to_str().unwrap()]).exits(2);
    failed.says(&["there is no prebuilt", &format!("{HOST}/plain")]);
    assert_eq!(files(&fixture.dist()), [""; 0]);
}

#[test]
fn json_messages_are_one_object_a_line_and_nothing_else() {
    let fixture = Fixture::full();
    let run = fixture.run(["release", "--message-format", "json"]).ok();
    let objects = run.objects();
    assert!(objects.iter().all(|object| object["event"].is_string()), "{run}");
    assert_eq!(run.stderr, "");
    let names: Vec<_> =
        objects.iter().filter(|o| o["event"] == "artifact").map(|o| o["name"].as_str().unwrap().to_owned()).collect();
    let others: Vec<_> = names.iter().filter(|name| !name.ends_with(".deb") && !name.ends_with(".rpm")).collect();
    assert_eq!(others, [&archive("hello"), &archive("plain"), "release.json", "SHA256SUMS"]);
}

#[test]
fn quiet_says_nothing_when_all_goes_well() {
    let fixture = Fixture::plain();
    let run = fixture.run(["-q", "release"]).ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert!(fixture.dist().join("SHA256SUMS").is_file());
}

#[test]
fn another_folder_is_worked_in_with_capital_c() {
    let fixture = Fixture::plain();
    let mut command = fixture.command(["-C", "workspace", "release"]);
    command.current_dir(fixture.base());
    Run::of(command).ok();
    assert!(fixture.dist().join("SHA256SUMS").is_file());
    fixture.run(["-C", "no/such/folder", "release"]).exits(2).says(&["there is no folder", "no/such/folder"]);
}

#[test]
fn skipped_stages_do_not_run() {
    let fixture = Fixture::full();
    let run = fixture.run(["release", "--skip", "strip,stamp,deb,rpm", "--message-format", "json"]).ok();
    let mut stages: Vec<String> =
        run.outcomes().into_iter().map(|(step, _)| step.split('/').next().unwrap().to_owned()).collect();
    // A step may begin, and end, between the last file of the one before it and that one's own end.
    stages.sort();
    assert_eq!(stages, ["archive", "archive", "checksums", "compile", "release-json"]);
    let said = run_program(&unpacked(&fixture, &archive("hello")).join("hello"));
    assert!(said.contains("git_hash: unknown\n"), "{said}");
    fixture.run(["verify"]).ok();
    let unknown = fixture.run(["release", "--skip", "stripp"]).exits(2);
    unknown.says(&["--skip cannot name `stripp`", "did you mean `strip`?"]);
}

#[test]
fn one_app_of_several_is_released_with_dash_p() {
    let fixture = Fixture::full();
    fixture.run(["release", "-p", "plain"]).ok();
    assert_eq!(files_but_installers(&fixture.dist()), ["SHA256SUMS", &archive("plain"), "release.json", "report.json"]);
}
