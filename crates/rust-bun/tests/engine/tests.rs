//! `rust-bun test`

use super::support::Project;

const PASSING: &str = "import { test, expect } from 'bun:test'; test('adds', () => { expect(1 + 1).toBe(2); });";
const FAILING: &str =
    "test('breaks', () => { expect([1]).toEqual([2]); }); test('second', () => { throw new Error('x'); });";

#[test]
fn tests_that_pass_end_with_0() {
    let project = Project::new()
        .with("a.test.js", PASSING)
        .with("deep/b_test.mjs", PASSING)
        .with("node_modules/x/x.test.js", FAILING)
        .with("c.js", "throw 1");
    let run = project.run(["test"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in ["a.test.js:\n✓ adds", "deep/b_test.mjs:\n✓ adds", " 2 pass\n 0 fail\nRan 2 tests across 2 files."]
    {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn a_test_that_fails_shows_how_and_where_and_ends_with_1() {
    let project = Project::new().with("a.spec.cjs", FAILING).with("b.test.js", PASSING);
    let run = project.run(["test"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in ["✗ breaks", "-   2", "+   1", "a.spec.cjs:1", "✗ second", "Error: x", " 1 pass\n 2 fail"] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn filters_and_patterns_choose() {
    let project = Project::new().with("a.test.js", PASSING).with("b.test.js", FAILING);
    assert_eq!(project.run(["test", "a.test"]).code, Some(0));
    assert_eq!(project.run(["test", "-t", "^adds$"]).code, Some(0));
    let none = project.run(["test", "nothing"]);
    none.fails(1, &["no test files that match"]);
    project.run(["test", "-t", "("]).fails(1, &["no regular expression"]);
    assert_eq!(project.run(["test", "-t", "no such test"]).code, Some(1));
}

#[test]
fn a_test_that_takes_too_long_fails_even_if_it_never_gives_way() {
    let project = Project::new()
        .with("a.test.js", "test('waits', async () => { await new Promise(() => {}); }); test('next', () => {});")
        .with("b.test.js", "test('loops', () => { for (;;); }); test('after', () => {});")
        .with("c.test.js", PASSING);
    let run = project.run(["test", "--timeout", "50"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in
        ["timed out after 50ms", "✗ waits", "✓ next", "✗ loops: it never gave way", "✓ adds", " 2 pass\n 2 fail"]
    {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn bail_rerun_only_and_todo_do_what_they_say() {
    let marked = "let n = 0; test.todo('later'); test.todo('broken', () => { throw new Error('t'); }); test.skip('never', () => {}); test('runs', () => {});";
    let project = Project::new().with("a.test.js", FAILING).with("b.test.js", PASSING).with("c.test.js", marked).with(
        "d.test.js",
        "test('a', () => {}); test.only('b', () => {}); describe.only('c', () => { test('d', () => {}); });",
    );
    let run = project.run(["test", "--bail", "a.", "b."]);
    assert!(run.stdout.contains(" 0 pass\n 1 fail\n") && run.stdout.contains("Stopped after 1 failure\n"), "{run:?}");
    let run = project.run(["test", "--rerun-each", "3", "b."]);
    assert!(run.stdout.contains("Ran 3 tests across 3 files"), "{run:?}");
    let run = project.run(["test", "c."]);
    assert!(run.code == Some(0) && run.stdout.contains(" 1 pass\n 1 skip\n 2 todo\n 0 fail"), "{run:?}");
    let run = project.run(["test", "--todo", "c."]);
    assert!(run.code == Some(0) && run.stdout.contains(" 1 pass\n 1 skip\n 2 todo\n 0 fail"), "{run:?}");
    let run = project.run(["test", "d."]);
    assert!(run.stdout.contains(" 2 pass\n 0 fail") && !run.stdout.contains("✓ a"), "{run:?}");
    let run = project.run(["test", "--only", "b.", "d."]);
    assert!(run.stdout.contains(" 2 pass\n 0 fail") && !run.stdout.contains("adds"), "{run:?}");
}

#[test]
fn a_test_file_that_ends_the_run_or_is_broken_fails() {
    let project = Project::new()
        .with("a.test.js", "test('ends', () => process.exit(0));")
        .with("b.test.js", "const = 1;")
        .with("c.test.js", "import './none.mjs';")
        .with("d.test.js", PASSING);
    let run = project.run(["test"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in ["✗ ends: it ended the run", "✗ (the file itself)", "SyntaxError", "none.mjs", " 1 pass\n 3 fail"] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn test_files_of_other_languages_are_not_passed_over_in_silence() {
    let project = Project::new().with("a.test.ts", "").with("b.test.js", PASSING);
    let run = project.run(["test"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("a.test.ts is not run"), "{run:?}");
}
