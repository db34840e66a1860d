//! Manifests with mistakes: exit 2, the place (file, line, column, caret), and
//! what to write instead.

use crate::support::{Fixture, HOST, files};

fn with(path: &str, text: &str) -> Fixture {
    let fixture = Fixture::plain();
    fixture.write(path, text).commit("manifest");
    fixture
}

#[test]
fn an_unknown_key_is_shown_at_its_place_with_the_nearest() {
    let fixture = with("profiles/release.toml", "schema = 1\ncargo-profile = \"release\"\nopt-levle = 3\n");
    let failed = fixture.run(["release"]).exits(2);
    let failed = failed.says(&["opt-levle", "profiles/release.toml:3:1", "opt-level"]);
    // The line itself, and a mark below the key.
    let lines: Vec<&str> = failed.stderr.lines().collect();
    let at = lines.iter().position(|line| line.contains("opt-levle = 3")).unwrap_or_else(|| panic!("{failed}"));
    let column = lines[at].split("opt-levle").next().unwrap().chars().count();
    let mark: Vec<char> = lines[at + 1].chars().collect();
    assert!(mark.get(column).is_some_and(|c| !c.is_whitespace()), "{failed}");
    assert_eq!(files(&fixture.dist()), [""; 0]);
}

#[test]
fn a_wrong_type_is_shown_at_its_value() {
    let failed = with("profiles/release.toml", "schema = 1\nsplit-debug = \"yes\"\n").run(["release"]).exits(2);
    failed.says(&["profiles/release.toml:2:15", "split-debug", "true"]);
}

#[test]
fn several_errors_are_shown_at_once() {
    let fixture = with("profiles/release.toml", "schema = 1\nopt-levle = 3\nlto = 7\nstrip = \"everything\"\n");
    fixture.write("packaging/plain.toml", "schema = 1\nbinarys = []\n").commit("more");
    let failed = fixture.run(["check"]).exits(2);
    failed.says(&[
        "profiles/release.toml:2:1",
        "profiles/release.toml:3:7",
        "profiles/release.toml:4:9",
        "packaging/plain.toml:2:1",
        "binaries",
    ]);
}

#[test]
fn a_file_that_is_no_toml_is_shown_at_its_place() {
    let failed = with("profiles/release.toml", "schema = 1\nlto = = true\n").run(["release"]).exits(2);
    failed.says(&["profiles/release.toml:2:7"]);
}

#[test]
fn a_schema_number_of_the_future_is_refused() {
    let failed = with("profiles/release.toml", "schema = 99\n").run(["check"]).exits(2);
    failed.says(&["profiles/release.toml:1:10", "99"]);
}

#[test]
fn a_missing_schema_number_is_said() {
    with("profiles/release.toml", "lto = true\n").run(["check"]).exits(2).says(&["profiles/release.toml", "schema"]);
}

#[test]
fn an_unknown_profile_lists_those_there_are() {
    let fixture = with("profiles/small.toml", "schema = 1\n");
    let failed = fixture.run(["release", "--profile", "smal"]).exits(2);
    failed.says(&["there is no profile `smal`", "did you mean `small`?", "release"]);
}

#[test]
fn a_profile_of_cargo_that_is_not_there_is_shown_at_its_place() {
    let failed = with("profiles/release.toml", "schema = 1\ncargo-profile = \"relaese\"\n").run(["release"]).exits(2);
    failed.says(&["Cargo.toml has no [profile.relaese]", "profiles/release.toml:2:17", "did you mean `release`?"]);
}

#[test]
fn an_inheritance_cycle_is_shown_with_its_chain() {
    let fixture = with("profiles/a.toml", "schema = 1\ninherits = \"b\"\n");
    fixture
        .write("profiles/b.toml", "schema = 1\ninherits = \"c\"\n")
        .write("profiles/c.toml", "schema = 1\ninherits = \"a\"\n");
    fixture.commit("cycle");
    let failed = fixture.run(["release", "--profile", "a"]).exits(2);
    let failed = failed.says(&["profiles/"]);
    let text = crate::support::flat(&failed.stderr);
    let chains = ["a → b → c → a", "b → c → a → b", "c → a → b → c"];
    assert!(chains.iter().any(|chain| text.replace('`', "").contains(chain)), "{failed}");
}

#[test]
fn inheriting_from_nothing_is_shown_at_its_place() {
    let failed =
        with("profiles/a.toml", "schema = 1\ninherits = \"relaese\"\n").run(["release", "--profile", "a"]).exits(2);
    failed.says(&["relaese", "profiles/a.toml:2:12"]);
}

#[test]
fn an_unknown_triple_is_bad_usage_with_the_nearest() {
    let failed = Fixture::plain().run(["release", "--target", "x86_64-unknown-linux-gmu"]).exits(2);
    failed.says(&["there is no target `x86_64-unknown-linux-gmu`", "did you mean `x86_64-unknown-linux-gnu`?"]);
}

#[test]
fn a_target_manifest_under_another_s_name_is_refused() {
    let fixture = with("profiles/targets/other.toml", &format!("schema = 1\ntriple = \"{HOST}\"\n"));
    fixture.run(["check"]).exits(2).says(&["profiles/targets/other.toml:2:10"]);
}

#[test]
fn an_unset_variable_is_an_error_where_its_manifest_is_used() {
    let text = "schema = 1\ncargo-profile = \"release\"\n[env]\nSECRET_PLACE = \"${BUILD_TOOL_TEST_UNSET}\"\n";
    let mut fixture = with("profiles/special.toml", text);
    fixture.run(["release"]).ok();
    let failed = fixture.run(["release", "--profile", "special"]).exits(2);
    failed.says(&["BUILD_TOOL_TEST_UNSET", "profiles/special.toml:4"]);
    fixture.set_env("BUILD_TOOL_TEST_UNSET", "now it is set");
    fixture.run(["release", "--profile", "special"]).ok();
}

#[test]
fn a_variable_of_a_profile_reaches_the_compiler() {
    let mut fixture = with("profiles/release.toml", "schema = 1\n[env]\nMESSAGE = \"from ${OUTSIDE}\"\n");
    fixture.write("src/main.rs", "fn main() { println!(\"{}\", env!(\"MESSAGE\")); }\n").commit("message");
    fixture.set_env("OUTSIDE", "outside");
    let path = fixture.run(["build"]).ok().stdout.trim().to_owned();
    assert_eq!(crate::support::Run::of(std::process::Command::new(path)).ok().stdout, "from outside\n");
}

#[test]
fn a_package_manifest_for_no_package_is_shown_at_its_place() {
    let fixture = with("packaging/plain.toml", "schema = 1\npackage = \"plan\"\n");
    fixture.run(["release"]).exits(2).says(&["`plan`", "packaging/plain.toml:2:11", "did you mean `plain`?"]);
}

#[test]
fn an_archive_path_that_climbs_out_is_refused() {
    let fixture =
        with("packaging/plain.toml", "schema = 1\n[[files]]\nsource = \"Cargo.toml\"\ndestination = \"../../etc/\"\n");
    fixture.run(["release"]).exits(2).says(&["packaging/plain.toml:4:15"]);
}

#[test]
fn errors_are_objects_for_programs() {
    let fixture = with("profiles/release.toml", "schema = 1\nopt-levle = 3\n");
    let failed = fixture.run(["release", "--message-format", "json"]).exits(2);
    let last = failed.objects().pop().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"error".into(), &2.into()), "{failed}");
    assert!(last["text"].as_str().unwrap().contains("profiles/release.toml:2:1"), "{failed}");
}

#[test]
fn check_shows_the_problems_of_several_profiles_at_once() {
    let fixture = with("profiles/one.toml", "schema = 1\ncargo-profile = \"nosuch\"\n");
    fixture.write("profiles/two.toml", "schema = 1\ncargo-profile = \"neither\"\n").commit("more");
    fixture.run(["check"]).exits(2).says(&["[profile.nosuch]", "[profile.neither]"]);
}

#[test]
fn a_line_that_no_error_could_be_shown_in_is_refused() {
    let fixture = with("packaging/plain.toml", &format!("schema = 1\nx = {}", "[".repeat(100_000)));
    fixture.run(["check"]).exits(2).says(&["packaging/plain.toml", "line 2 is 100004 bytes long"]);
}
