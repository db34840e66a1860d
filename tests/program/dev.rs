//! `dev`: the app runs as if started by hand, errors are shown once, and on
//! change it is built and started again.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::{Fixture, HOST, Running, assert_nothing_left, wait_until};

#[test]
fn the_app_gets_its_arguments_and_its_exit_code_is_ours() {
    let fixture = Fixture::plain();
    let main = "fn main() {\n    let args: Vec<String> = std::env::args().skip(1).collect();\n    \
                println!(\"{args:?}\");\n    std::process::exit(args.len() as i32 + 40);\n}\n";
    fixture.write("src/main.rs", main);
    let run = fixture.run(["dev", "--", "--flag", "a b"]).exits(42);
    assert_eq!(run.stdout, "[\"--flag\", \"a b\"]\n");
}

#[test]
fn the_app_is_built_with_the_dev_profile_where_cargo_builds() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { println!(\"{}\", cfg!(debug_assertions)); }\n");
    assert_eq!(fixture.run(["dev"]).ok().stdout, "true\n");
    assert!(fixture.path("target/debug/plain").is_file());
}

#[test]
fn an_app_ended_by_a_signal_is_said_as_shells_do() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { std::process::abort(); }\n");
    fixture.run(["dev"]).exits(134);
}

#[test]
fn a_compile_error_is_shown_once() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() { let number: u32 = \"text\"; }\n");
    fixture.run(["dev"]).exits(1).says_times("error[E0308]", 1).says(&["src/main.rs:1:31"]);
}

#[test]
fn several_apps_need_a_name() {
    let fixture = Fixture::full();
    fixture.run(["dev"]).exits(2).says(&["several apps: hello, plain", "dev -p hello"]);
    assert_eq!(fixture.run(["dev", "-p", "plain"]).ok().stdout, "plain\n");
    // Standing in an app's folder names it.
    assert_eq!(fixture.run(["-C", "plain", "dev"]).ok().stdout, "plain\n");
}

#[test]
fn tests_are_run_and_a_failed_one_is_exit_1() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", "fn main() {}\n#[test]\nfn adds_up() { assert_eq!(1 + 1, 2); }\n");
    fixture.run(["dev", "--test"]).ok().prints(&["adds_up ... ok"]);
    fixture.write("src/main.rs", "fn main() {}\n#[test]\nfn adds_up() { assert_eq!(1 + 1, 3); }\n");
    fixture.run(["dev", "--test"]).exits(1).prints(&["adds_up ... FAILED"]);
}

/// `app` on `middle` on `base`, and `other` on nothing.
fn chain() -> Fixture {
    let fixture = Fixture::empty("workspace");
    let library = |name: &str, dependency: &str| {
        fixture.write(
            format!("{name}/Cargo.toml"),
            format!(
                "[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[dependencies]\n{dependency}\n"
            ),
        );
    };
    fixture.workspace(&["app", "base", "middle", "other"], "");
    library("base", "");
    library("middle", "base = { path = \"../base\" }");
    fixture
        .write("base/src/lib.rs", "pub fn word() -> &'static str { \"one\" }\n")
        .write("middle/src/lib.rs", "pub use base::word;\n")
        .member("other", "", "fn main() {}\n")
        .member("app", "[dependencies]\nmiddle = { path = \"../middle\" }\n", APP)
        .write(".gitignore", "/target/\n*.log\n")
        .lock()
        .commit("first");
    fixture
}

/// Says its word and stays, with a child that would stay, too.
const APP: &str = r#"fn main() {
    println!("the word is {}", middle::word());
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    child.wait().unwrap();
}
"#;

/// One round of the watch: what is built, what the app says, and the wait for the next change.
#[track_caller]
fn round(run: &Running, building: &str, says: &str) {
    let line = run.wait_for("what is built", |line| line.starts_with("building "));
    assert_eq!(line, format!("building {building}"));
    run.wait_for("the app", |line| line == says);
    run.wait_for("the watch", |line| line.contains("waiting for changes"));
}

#[test]
fn watching_builds_and_restarts_on_change_in_dependency_order() {
    let fixture = chain();
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"two\" }\n");
    round(&run, "base → middle → app", "the word is two");
    fixture.write("app/src/main.rs", APP.replace("the word", "now the word"));
    round(&run, "app", "now the word is two");
    run.signal(Signal::INT);
    let (code, took, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_nothing_left(fixture.base());
}

#[test]
fn watching_ignores_what_git_ignores_and_what_the_app_does_not_use() {
    let fixture = chain();
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    let before = run.said().matches("building ").count();
    fixture
        .write("app/noise.log", "noise\n")
        .write("target/noise", "noise\n")
        .write("other/src/main.rs", "fn main() { }\n");
    let again = wait_until(Duration::from_secs(2), || run.said().matches("building ").count() > before);
    assert!(!again, "{}", run.said());
    // It is awake, all the same.
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"two\" }\n");
    run.wait_for("the second start", |line| line == "the word is two");
}

#[test]
fn watching_survives_a_compile_error_and_goes_on_when_it_is_mended() {
    let fixture = chain();
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    fixture.write("base/src/lib.rs", "pub fn word() -> u32 { \"broken\" }\n");
    run.wait_for("the error", |line| line.contains("error[E0308]"));
    run.wait_for("the watch", |line| line.contains("waiting for changes"));
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"mended\" }\n");
    run.wait_for("the next start", |line| line == "the word is mended");
    assert_eq!(run.said().matches("error[E0308]").count(), 1, "{}", run.said());
    run.signal(Signal::TERM);
    let (code, _, said) = run.end();
    assert_eq!(code, Some(143), "{said}");
    assert_nothing_left(fixture.base());
}

#[test]
fn the_app_that_was_restarted_leaves_no_child_behind() {
    let fixture = chain();
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    fixture.write("app/src/main.rs", "fn main() { println!(\"short and quick\"); }\n");
    run.wait_for("the second start", |line| line == "short and quick");
    // The first app's child would sleep for a minute: only the watcher itself may stand here now.
    let gone = wait_until(Duration::from_secs(5), || children_in(&fixture) == 0);
    assert!(gone, "{} children of the first app are left", children_in(&fixture));
}

fn children_in(fixture: &Fixture) -> usize {
    let folder = fixture.root();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == *folder))
        .filter(|entry| std::fs::read_to_string(entry.path().join("comm")).is_ok_and(|comm| comm.trim() == "sleep"))
        .count()
}

#[test]
fn watching_tests_runs_those_of_what_changed() {
    let fixture = chain();
    fixture.write("other/src/main.rs", "fn main() {}\n#[test]\nfn other_holds() {}\n");
    let run = Running::start(&fixture, ["dev", "--watch", "--test"]);
    run.wait_for("what is built", |line| line.starts_with("building "));
    run.wait_for("all tests", |line| line.contains("other_holds ... ok"));
    run.wait_for("the watch", |line| line.contains("waiting for changes"));
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"two\" }\n#[test]\nfn base_holds() {}\n");
    let line = run.wait_for("the affected packages", |line| line.starts_with("building "));
    assert_eq!(line, "building base → middle → app");
    run.wait_for("the test", |line| line.contains("base_holds ... ok"));
    run.wait_for("the watch", |line| line.contains("waiting for changes"));
    assert_eq!(run.said().matches("other_holds").count(), 1, "{}", run.said());
}

/// `a` tests itself with `helper`, which builds on `a`: cargo allows that.
fn circle() -> Fixture {
    let fixture = Fixture::empty("workspace");
    fixture
        .workspace(&["a", "helper"], "")
        .member("a", "[dev-dependencies]\nhelper = { path = \"../helper\" }\n", "fn main() { println!(\"round\"); }\n")
        .write("a/src/lib.rs", "pub fn one() -> u8 { 1 }\n#[test]\nfn helped() { helper::help(); }\n")
        .member("helper", "[dependencies]\na = { path = \"../a\" }\n", "fn main() {}\n")
        .write("helper/src/lib.rs", "pub fn help() { assert_eq!(a::one(), 1); }\n")
        .lock()
        .commit("first");
    fixture
}

#[test]
fn a_circle_of_dev_dependencies_overflowed_the_stack() {
    let fixture = circle();
    assert_eq!(fixture.run(["dev", "-p", "a"]).ok().stdout, "round\n");
    // What only tests use is no part of the app …
    fixture.run(["dev", "-p", "a", "--dry-run"]).ok().prints(&["build with profile dev: a\n"]);
    fixture.run(["dev", "-p", "helper", "--dry-run"]).ok().prints(&["build with profile dev: a, helper\n"]);
    // … but of its tests.
    let run = Running::start(&fixture, ["dev", "--test", "--watch"]);
    run.wait_for("the watch", |line| line.contains("waiting for changes"));
    fixture.write("helper/src/lib.rs", "pub fn help() { assert_eq!(a::one() + 1, 2); }\n");
    let line = run.wait_for("the test that uses it", |line| line.starts_with("building ") && line.ends_with("helper"));
    assert_eq!(line, "building a → helper");
}

/// A build script, or a test, that stays, with a child that would stay, too.
const STAYS: &str = "{ std::fs::write(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/target/asleep\"), \"\").unwrap();\n    \
                     std::process::Command::new(\"sleep\").arg(\"60\").status().unwrap(); }\n";

/// Sends a signal once the fixture's sleeper sleeps, and looks what is left.
#[track_caller]
fn stopped_by(fixture: &Fixture, args: &[&str], signal: Signal, code: Option<i32>) {
    let run = Running::start(fixture, args);
    let asleep = wait_until(Duration::from_secs(30), || fixture.path("target/asleep").exists());
    assert!(asleep, "{}", run.said());
    run.signal(signal);
    let (ended, took, said) = run.end();
    assert_eq!(ended, code, "{said}");
    assert!(took < Duration::from_secs(3), "it took {took:?}\n{said}");
    assert_nothing_left(fixture.base());
}

#[test]
fn a_signal_while_building_left_cargo_behind() {
    let fixture = Fixture::plain();
    fixture.write("build.rs", format!("fn main() {STAYS}"));
    stopped_by(&fixture, &["dev"], Signal::TERM, Some(143));
}

#[test]
fn a_signal_while_testing_left_the_tests_behind() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", format!("fn main() {{}}\n#[test]\nfn sleeps() {STAYS}"));
    stopped_by(&fixture, &["dev", "--test"], Signal::INT, Some(130));
}

#[test]
fn a_signal_to_dev_alone_left_the_app_behind() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let fixture = Fixture::plain();
        // Without a child: one in our own group is the app's to end, as it is when started by hand.
        let stays = "fn main() {\n    std::fs::write(\"target/asleep\", \"\").unwrap();\n    \
                     std::thread::sleep(std::time::Duration::from_secs(60));\n}\n";
        fixture.write("src/main.rs", stays);
        stopped_by(&fixture, &["dev"], signal, Some(code));
    }
}

#[test]
fn killed_outright_the_watch_left_its_program_behind() {
    let fixture = Fixture::plain();
    fixture.write("src/main.rs", format!("fn main() {STAYS}"));
    stopped_by(&fixture, &["dev", "--watch"], Signal::KILL, None);
}

/// Writes to an ignored file without a pause, as a log is written; and says so.
const NOISY: &str = r#"fn main() {
    println!("the word is {}", middle::word());
    for line in 0_u64.. {
        std::fs::write("app/noise.log", line.to_string()).unwrap();
        std::fs::write(format!("app/{}.log", line % 50), "").unwrap();
        std::fs::remove_file(format!("app/{}.log", line % 50)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
"#;

#[test]
fn an_app_that_writes_to_an_ignored_file_starved_the_watch() {
    let fixture = chain();
    fixture.write("app/src/main.rs", NOISY);
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"two\" }\n");
    round(&run, "base → middle → app", "the word is two");
    run.signal(Signal::INT);
    let (code, took, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(said.matches("building ").count(), 2, "{said}");
}

#[test]
fn a_file_that_never_rests_put_off_the_change_for_ever() {
    let fixture = chain();
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    // Written at each look.
    let again = wait_until(Duration::from_secs(8), || {
        fixture.write("app/notes.txt", run.said().len().to_string());
        run.said().matches("building ").count() > 1
    });
    assert!(again, "{}", run.said());
}

#[test]
fn a_folder_that_was_made_anew_was_watched_no_more() {
    let fixture = chain();
    let run = Running::start(&fixture, ["dev", "--watch", "-p", "app"]);
    round(&run, "base → middle → app", "the word is one");
    std::fs::rename(fixture.path("base/src"), fixture.path("target/aside")).unwrap();
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"two\" }\n");
    round(&run, "base → middle → app", "the word is two");
    fixture.write("base/src/lib.rs", "pub fn word() -> &'static str { \"three\" }\n");
    round(&run, "base → middle → app", "the word is three");
}

/// `tool` has the programs `first` and `second`, and is released as `renamed`.
fn named() -> Fixture {
    let fixture = Fixture::empty("workspace");
    let program = |name: &str| format!("fn main() {{ println!(\"{name}\"); }}\n#[test]\nfn {name}_holds() {{}}\n");
    fixture
        .workspace(&["tool", "other"], "")
        .member(
            "tool",
            "default-run = \"first\"\n[[bin]]\nname = \"first\"\npath = \"src/main.rs\"\n",
            &program("first"),
        )
        .write("tool/src/bin/second.rs", program("second"))
        .member("other", "", &program("other"))
        .write("packaging/tool.toml", "schema = 1\nname = \"renamed\"\n")
        .lock()
        .commit("first");
    fixture
}

#[test]
fn an_unknown_package_had_everything_tested() {
    let fixture = named();
    fixture.run(["dev", "--test", "-p", "nosuch"]).exits(2).says(&["nosuch", "other", "renamed", "tool"]);
    let run =
        fixture.run(["dev", "--test", "-p", "second"]).ok().prints(&["first_holds ... ok", "second_holds ... ok"]);
    assert!(!run.stdout.contains("other_holds"), "{run}");
}

#[test]
fn an_app_was_not_known_by_the_name_of_its_manifest() {
    let fixture = named();
    for (name, says) in [("renamed", "first\n"), ("tool", "first\n"), ("second", "second\n")] {
        assert_eq!(fixture.run(["dev", "-p", name]).ok().stdout, says, "{name}");
    }
    fixture.run(["dev", "--test", "-p", "renamed"]).ok().prints(&["first_holds ... ok"]);
    fixture.run(["dev", "-p", "nosuch"]).exits(2).says(&["nosuch", "renamed"]);
}

/// Says which of its features and variables it was built with.
const SETTINGS: &str = r#"fn main() {
    let features = [cfg!(feature = "default"), cfg!(feature = "some"), cfg!(feature = "host"), cfg!(feature = "rest")];
    println!("{features:?} {:?} {:?}", option_env!("EVERYWHERE"), option_env!("HERE"));
    println!("{:?}", [cfg!(of_the_profile), cfg!(of_the_workspace)]);
}
#[test]
fn features() { assert!(cfg!(feature = "some")); }
"#;

fn with_features() -> Fixture {
    let fixture = Fixture::empty("workspace");
    let table = "[features]\ndefault = []\nsome = []\nhost = []\nrest = []\n";
    fixture
        .workspace(&["app", "other"], "")
        .member("app", table, SETTINGS)
        .member("other", "", "fn main() {}\n")
        .write(".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"of_the_workspace\"]\n")
        .lock()
        .commit("first");
    fixture
}

#[test]
fn the_features_and_variables_of_a_profile_were_dropped() {
    let fixture = with_features();
    let says = |expected: &str| assert_eq!(fixture.run(["dev", "-p", "app"]).ok().stdout, expected);
    says("[true, false, false, false] None None\n[false, true]\n");
    let profile = format!(
        "schema = 1\ncargo-profile = \"dev\"\nfeatures = [\"some\", \"unheard-of\"]\ndefault-features = false\n\
         env = {{ EVERYWHERE = \"e\", HERE = \"no\" }}\n[target.{HOST}]\nfeatures = [\"host\"]\n\
         rustflags = [\"--cfg\", \"of_the_profile\"]\nenv = {{ HERE = \"h\" }}\n\
         [target.aarch64-apple-darwin]\nfeatures = [\"rest\"]\n"
    );
    fixture.write("profiles/dev.toml", profile);
    says("[false, true, true, false] Some(\"e\") Some(\"h\")\n[true, true]\n");
    // A package that does not declare them is tested without them.
    fixture.run(["dev", "--test"]).ok().prints(&["features ... ok"]);
    fixture.write("profiles/dev.toml", "schema = 1\ncargo-profile = \"dev\"\nall-features = true\n");
    says("[true, true, true, true] None None\n[false, true]\n");
}
