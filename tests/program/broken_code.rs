//! Code that does not build: cargo's own words, once; which step, which
//! command; and what goes on without it.

use crate::support::{Fixture, HOST, Run, files_but_installers};

const WRONG: &str = "fn main() { let number: u32 = \"text\"; println!(\"{number}\"); }\n";

fn two_apps() -> Fixture {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["good", "wrong"], "")
        .member("good", "", "fn main() { println!(\"good\"); }\n")
        .member("wrong", "", WRONG)
        .lock()
        .commit("first");
    fixture
}

#[test]
fn a_compile_error_is_shown_once_and_ends_the_release() {
    let fixture = two_apps();
    let failed = fixture.run(["release"]).exits(1);
    let failed = failed.says_times("error[E0308]", 1).says_times("mismatched types", 1);
    failed.says(&["wrong/src/main.rs:1:31", "compile good, wrong", "exit code 101"]);
    assert!(!fixture.dist().join("SHA256SUMS").exists());
}

#[test]
fn with_keep_going_the_other_app_is_finished_and_the_release_is_not() {
    let fixture = two_apps();
    let failed = fixture.run(["release", "--keep-going"]).exits(1);
    failed.says_times("error[E0308]", 1).says(&["wrong"]);
    assert_eq!(files_but_installers(&fixture.dist()), [format!("good-1.2.3-{HOST}.tar.gz")]);
    let failed = fixture.run(["release", "--keep-going", "--message-format", "json"]).exits(1);
    let outcome =
        |app: &str| failed.outcomes().into_iter().find(|(step, _)| step.starts_with(&format!("archive/{app}/")));
    assert_eq!(outcome("good").unwrap().1, "cached");
    assert_eq!(outcome("wrong"), None);
    fixture.member("wrong", "", "fn main() {}\n").commit("mended");
    fixture.run(["release"]).ok();
    fixture.run(["verify"]).ok();
}

#[test]
fn a_failed_release_leaves_no_seal_of_the_one_before() {
    let fixture = Fixture::plain();
    fixture.release();
    fixture.write("src/main.rs", WRONG).commit("broken");
    fixture.run(["release"]).exits(1);
    // What stands is the earlier release, whole, or nothing that claims to be one.
    if fixture.dist().join("SHA256SUMS").exists() {
        fixture.run(["verify"]).ok();
    }
}

#[test]
fn the_command_of_a_failed_step_can_be_pasted() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", WRONG).commit("broken");
    let failed = fixture.run(["release"]).exits(1);
    let line = failed
        .stderr
        .lines()
        .map(str::trim_start)
        .find(|line| line.starts_with("cd "))
        .unwrap_or_else(|| panic!("{failed}"));
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", line]).current_dir("/");
    let pasted = Run::of(shell).exits(101);
    assert!(pasted.stderr.contains("error[E0308]"), "{line}\n{pasted}");
}

#[test]
fn a_failing_build_script_is_shown_in_its_own_words() {
    let fixture = Fixture::plain();
    fixture
        .write("build.rs", "fn main() { eprintln!(\"the frobnicator is missing\"); std::process::exit(7); }\n")
        .commit("script");
    let failed = fixture.run(["release"]).exits(1);
    failed.says_times("the frobnicator is missing", 1).says(&["failed to run custom build command"]);
    assert!(!fixture.dist().join("SHA256SUMS").exists());
}

#[test]
fn warnings_of_the_compiler_are_passed_on_once_and_are_no_failure() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { let unused = 1; }\n").commit("warning");
    fixture.run(["release"]).ok().says_times("unused variable", 1);
}

#[test]
fn a_compile_error_in_json_is_in_the_events_and_nowhere_else() {
    let fixture = two_apps();
    let failed = fixture.run(["release", "--message-format", "json"]).exits(1);
    let objects = failed.objects();
    let told: Vec<_> = objects
        .iter()
        .filter(|o| o["event"] == "tool-output" && o["line"].as_str().unwrap().contains("E0308]"))
        .collect();
    assert_eq!(told.len(), 1, "{failed}");
    assert_eq!(objects.last().unwrap()["exit_code"], 1, "{failed}");
}

#[test]
fn the_user_s_own_rust_flags_are_kept() {
    let fixture = Fixture::plain();
    fixture
        .write("src/main.rs", "fn main() { println!(\"{}\", cfg!(chosen_by_config)); }\n")
        .write(
            ".cargo/config.toml",
            "[build]\nrustflags = [\"--cfg=chosen_by_config\", \"--check-cfg=cfg(chosen_by_config)\"]\n",
        )
        .commit("flags");
    let path = fixture.run(["build"]).ok().stdout.trim().to_owned();
    assert_eq!(Run::of(std::process::Command::new(path)).ok().stdout, "true\n");
}

#[test]
fn rust_flags_of_all_sources_are_joined() {
    let mut fixture = Fixture::plain();
    fixture
        .write("src/main.rs", "fn main() { println!(\"{} {}\", cfg!(by_config), cfg!(by_environment)); }\n")
        .write(".cargo/config.toml", "[build]\nrustflags = [\"--cfg=by_config\"]\n")
        .commit("flags");
    fixture.set_env("RUSTFLAGS", "--cfg by_environment -Aunexpected_cfgs");
    let path = fixture.run(["build"]).ok().stdout.trim().to_owned();
    assert_eq!(Run::of(std::process::Command::new(path)).ok().stdout, "true true\n");
}
