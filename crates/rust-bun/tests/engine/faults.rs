//! What goes wrong: in scripts, around them, and with the bundle itself.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::support::{Project, Run};

#[test]
fn errors_that_nobody_catches_show_where_they_came_from() {
    let project = Project::of("function f() {\n  throw new TypeError('bad');\n}\nf();");
    let path = project.path("main.mjs").canonicalize().unwrap();
    let at = format!("{}:2", path.display());
    project
        .run(["main.mjs"])
        .fails(1, &[&at, "  throw new TypeError('bad');", "TypeError: bad", "at f (", "main.mjs:4:1)"]);
    Project::of("const a = 1;\nconst a = 2;").run(["main.mjs"]).fails(1, &["main.mjs:2", "SyntaxError"]);
    Project::of("import './none.mjs';")
        .run(["main.mjs"])
        .fails(1, &["Cannot find module './none.mjs' imported from", "main.mjs"]);
    Project::of("import 'none';").run(["main.mjs"]).fails(1, &["Cannot find package 'none'"]);
    Project::of("Promise.reject(new RangeError('lost'));").run(["main.mjs"]).fails(1, &["RangeError: lost"]);
    Project::of("fetch('http://x')").run(["main.mjs"]).fails(1, &["no network access"]);
}

#[test]
fn a_missing_file_is_told_before_an_engine_is_asked() {
    let run = Project::new().run(["run", "none.mjs"]);
    assert_eq!(run.code, Some(127), "{run:?}");
}

#[test]
fn endless_recursion_is_an_error_that_can_be_caught() {
    let project = Project::of("const f = () => f() + 1; try { f(); } catch (e) { console.log(e.name, e.message); }");
    project.run(["main.mjs"]).prints("RangeError Maximum call stack size exceeded\n");
    Project::of("(function f() { f(); })();").run(["main.mjs"]).fails(1, &["RangeError", "call stack"]);
    // Code that calls itself by way of the engine's own.
    let project = Project::of(
        "const a = []; a.toString = () => `${a}`; const p = new Proxy({}, { get: (t, k, r) => r[k] }); try { p.x; } catch (e) { console.log(e.name); } JSON.stringify({ toJSON() { return 1; } }); console.log('on');",
    );
    project.run(["main.mjs"]).prints("RangeError\non\n");
}

#[test]
fn a_script_that_needs_too_much_memory_ends_with_an_error() {
    let project = Project::of("const all = []; for (;;) all.push(new Array(100000).fill(1));");
    let run = Run::of(&project.command().env("RUST_BUN_MEMORY_LIMIT", "64").arg("main.mjs").output().unwrap());
    run.fails(1, &["out of memory"]);
    let project =
        Project::of("try { for (let s = 'x';; s += s) s.at(-1); } catch (e) { console.log('caught', typeof e); }");
    let run = Run::of(&project.command().env("RUST_BUN_MEMORY_LIMIT", "64").arg("main.mjs").output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = Run::of(&project.command().env("RUST_BUN_MEMORY_LIMIT", "lots").arg("main.mjs").output().unwrap());
    run.fails(2, &["RUST_BUN_MEMORY_LIMIT", "lots", "MiB"]);
}

#[test]
fn a_reader_that_goes_ends_the_script_quietly() {
    let project = Project::of("for (;;) console.log('y'.repeat(1000));");
    let mut child = project.command().arg("main.mjs").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    // The reader is dropped, and with it the pipe, after one line.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(line.len(), 1001);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_busy_script_and_a_waiting_one() {
    use std::os::unix::process::ExitStatusExt;
    for code in ["console.log('ready'); for (;;);", "console.log('ready'); setInterval(() => {}, 1000);"] {
        let project = Project::of(code);
        let mut child = project.command().arg("main.mjs").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let id = child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(2), "{code}");
    }
}

#[test]
fn without_an_engine_the_folders_that_were_looked_through_are_named() {
    let project = Project::without_engine().with("main.mjs", "");
    for words in [&["main.mjs"][..], &["-e", "1"], &["repl"], &["test"], &["build", "x.js"]] {
        let run = project.run(words);
        run.fails(127, &["a JavaScript engine", "runtime.Engine@1", "bundles (RUST_BUN_BUNDLES)"]);
    }
}

#[test]
fn a_bundle_that_cannot_be_loaded_says_why() {
    let project = Project::of("1");
    for entry in fs::read_dir(project.path("../bundles/javascript-engine")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "toml") {
            fs::remove_file(&path).unwrap();
            fs::write(&path, "no library").unwrap();
        }
    }
    project.run(["main.mjs"]).fails(126, &["javascript-engine@0.1.0", "cannot be loaded"]);
}

#[test]
fn what_the_engine_does_not_do_is_said_and_not_ignored() {
    let project = Project::of("console.log('ran');").with("a.test.js", "");
    for (words, option) in [
        (&["--watch", "main.mjs"][..], "--watch"),
        (&["run", "--hot", "main.mjs"], "--hot"),
        (&["run", "--define", "A:1", "main.mjs"], "--define"),
        (&["run", "--inspect", "main.mjs"], "--inspect"),
        (&["test", "--coverage"], "--coverage"),
        (&["test", "-u"], "--update-snapshots"),
    ] {
        let run = project.run(words);
        run.fails(127, &["does not support", option]);
        assert_eq!(run.stdout, "");
    }
    project.run(["build", "main.mjs"]).fails(127, &["javascript-engine", "bundles none"]);
    project.run(["run", "--smol", "main.mjs"]).prints("ran\n");
}

#[test]
fn questions_about_the_program_load_no_bundle() {
    let project = Project::of("1");
    fs::write(project.path("../bundles/javascript-engine/manifest.toml"), "broken").unwrap();
    assert_eq!(project.run(["--version"]).code, Some(0));
    assert_eq!(project.run(["exec", "true"]).code, Some(0));
}

#[cfg(unix)]
#[test]
fn standard_input_and_output_may_be_closed() {
    let project = Project::of(
        "import fs from 'node:fs'; let n = 0; process.stdin.on('data', () => { n += 1; }); process.stdin.on('end', () => { fs.writeFileSync('seen', `${n}`); console.log('end'); });",
    );
    for closed in ["<&-", "<&- >&-", "<&- >&- 2>&-", "</dev/null", "< ."] {
        let _ = fs::remove_file(project.path("seen"));
        let mut command = std::process::Command::new("sh");
        let engine = project.command();
        command.arg("-c").arg(format!("exec \"$0\" main.mjs {closed}")).arg(engine.get_program());
        command.env_clear().envs(engine.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.current_dir(project.path("")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{closed}: {output:?}");
        assert_eq!(fs::read_to_string(project.path("seen")).unwrap(), "0", "{closed}");
    }
}

#[test]
fn a_script_that_breaks_what_everything_is_made_of_breaks_only_itself() {
    let everything = "[Array, Map, Set, String, RegExp, Promise, Function, Object, Number, Error, Uint8Array, Date, JSON, Reflect, Math, Symbol]";
    let work = "console.log('x', { a: [1] }); setTimeout(() => { throw new Error('late'); }, 1); setImmediate(() => {}); process.nextTick(() => {}); Promise.reject(1); import('nope');";
    for value in [
        "() => { throw 'broken'; }",
        "() => ({})",
        "() => Infinity",
        "() => NaN",
        "() => 'text'",
        "() => -1e308",
        "null",
    ] {
        let code = format!(
            "const names = Object.getOwnPropertyNames; for (const C of {everything}) for (const one of [C, C.prototype]) if (one) for (const name of names(one)) {{ try {{ one[name] = {value}; }} catch {{}} }} {work}"
        );
        let run = Project::of(&code).run(["main.mjs"]);
        assert!(matches!(run.code, Some(0 | 1)), "{value}: {run:?}");
        assert!(!run.stderr.contains("panic") && !run.stderr.contains("engine is broken"), "{value}: {run:?}");
    }
    // The time that the event loop is to sleep for.
    let run = Project::of("Math.max = () => Infinity; setTimeout(() => {}, 1); setImmediate(() => process.exit(3));")
        .run(["main.mjs"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), ""));
}
