//! `init`: what it makes, what it leaves alone, and how it asks.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::support::{PROGRAM, Place, Run};

#[test]
fn a_project_is_complete_and_named_after_its_folder() {
    let place = Place::new();
    place
        .run(&["init", "--yes", "My App"])
        .ok()
        .says("made My App/package.json")
        .says("cd My App")
        .says("rust-bun run index.js");
    let tree = place.tree();
    let names: Vec<&str> = tree.keys().map(String::as_str).collect();
    let file = |name: &str| format!("My App/{name}");
    let expected = [".gitignore", "README.md", "index.js", "package.json"].map(file);
    assert_eq!(names[1..], expected.each_ref().map(String::as_str));
    let expected = "{\n  \"name\": \"my-app\",\n  \"version\": \"0.1.0\",\n  \"private\": true,\n  \"type\": \"module\",\n  \
                    \"module\": \"index.js\",\n  \"scripts\": {}\n}\n";
    assert_eq!(tree["My App/package.json"], expected);
    assert!(tree["My App/README.md"].starts_with("# my-app\n"));
    assert!(tree["My App/.gitignore"].contains("\n.env.local\n"));
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let place = Place::new();
    let mut command = place.command(PROGRAM);
    let mut child = command.arg("init").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _nobody_reads_it = child.stdin.take().unwrap().write_all(b"other\nother.ts\n");
    assert!(child.wait_with_output().unwrap().status.success());
    assert!(place.tree()["package.json"].contains("\"work\""));
}

#[test]
fn minimal_is_package_and_entry_and_a_dry_run_makes_nothing() {
    let place = Place::new();
    let dry = place.run(&["init", "--yes", "--minimal", "--dry-run"]).ok();
    assert_eq!(dry.stdout, "package.json\nindex.js\n");
    assert!(place.tree().is_empty());
    place.run(&["init", "--yes", "--minimal"]).ok();
    assert_eq!(place.tree().into_keys().collect::<Vec<_>>(), ["index.js", "package.json"]);
}

#[test]
fn what_is_there_is_kept_whatever_it_is() {
    let place = Place::new();
    place.write("work/.gitignore", "mine\n");
    place.write("work/readme", "mine\n");
    symlink("nowhere", place.work().join("index.js")).unwrap();
    place.run(&["init", "-y"]).ok().says("kept .gitignore").says("kept README.md").says("made package.json");
    let tree = place.tree();
    assert_eq!((&tree[".gitignore"][..], &tree["readme"][..]), ("mine\n", "mine\n"));
    assert_eq!(tree["index.js"], "-> nowhere");
    assert!(!tree.contains_key("README.md") && !tree.contains_key("nowhere"));
    place.run(&["init", "-y"]).ok().says("everything was there already");
    assert_eq!(place.tree(), tree);
}

#[test]
fn a_package_that_is_there_has_its_entry_already() {
    let place = Place::new();
    place.write("work/package.json", "{ \"main\": \"lib/x.js\" }");
    place.run(&["init", "-y"]).ok();
    let tree = place.tree();
    assert_eq!(tree["package.json"], "{ \"main\": \"lib/x.js\" }");
    assert!(!tree.contains_key("index.js") && tree.contains_key(".gitignore"));
}

#[test]
fn a_file_is_no_folder() {
    let place = Place::new();
    place.write("work/file", "");
    place.run(&["init", "-y", "file"]).code(1).says("is not a folder");
}

#[test]
fn where_not_all_can_be_made_nothing_remains() {
    let place = Place::new();
    // A folder whose path is longer than the system takes once a file's name is behind it.
    let deep = std::iter::repeat_n("x".repeat(200), 20).collect::<Vec<_>>().join("/");
    let run = place.run(&["init", "-y", &format!("a/{deep}/{}", "y".repeat(300))]).code(1);
    assert!(run.stderr.contains("cannot"), "{run:?}");
    assert!(place.tree().is_empty());
    // /dev/full takes a file's making and none of its bytes; a proc folder takes no files at all.
    place.run(&["init", "-y", "/proc/self"]).code(1).says("cannot make /proc/self/").says("removed again");
}

/// By `script`, which gives the program a terminal and hands on what comes from its own input.
fn on_a_terminal(place: &Place, answers: &str) -> (Run, String) {
    let mut command = place.command("script");
    command.args(["--quiet", "--return", "--command", &format!("{PROGRAM} init"), "typescript"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let run = Run { stdout: said.clone(), stderr: String::from_utf8_lossy(&output.stderr).into_owned(), output };
    fs::remove_file(place.work().join("typescript")).unwrap();
    (run, said)
}

#[test]
fn on_a_terminal_it_asks_until_the_answer_can_be_meant() {
    let place = Place::new();
    let (run, said) = on_a_terminal(&place, "no good\n@me/app\n../x.ts\nsrc/main.ts\n");
    run.ok();
    assert!(said.contains("package name (work): "), "{said}");
    assert!(said.contains("\"no good\" cannot be it: it has a character"), "{said}");
    assert!(said.contains("\"../x.ts\" cannot be it: it must be a path within the project"), "{said}");
    let tree = place.tree();
    assert!(tree["package.json"].contains("\"name\": \"@me/app\""), "{tree:?}");
    assert!(tree["package.json"].contains("\"module\": \"src/main.ts\""), "{tree:?}");
    assert!(tree.contains_key("src/main.ts") && tree.contains_key("tsconfig.json"));
}

#[test]
fn on_a_terminal_no_answer_is_the_default_and_the_end_of_input_makes_nothing() {
    let place = Place::new();
    on_a_terminal(&place, "\n\n").0.ok();
    assert!(place.tree()["package.json"].contains("\"name\": \"work\""));
    let place = Place::new();
    // Ctrl-D.
    let (run, said) = on_a_terminal(&place, "name\n\u{4}");
    run.code(1);
    assert!(said.contains("no answer; nothing was made"), "{said}");
    assert!(place.tree().is_empty(), "{:?}", place.tree());
}
