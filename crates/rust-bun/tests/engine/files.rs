//! Running files: modules, arguments, variables, how they end.

use super::support::Project;

#[test]
fn a_file_runs_in_every_way_that_a_file_can_be_named() {
    let project = Project::new().with("hello.js", "console.log('hello', process.argv.slice(2));");
    let path = project.path("hello.js");
    for words in [&["run", "hello.js"][..], &["hello.js"], &["run", "./hello.js"], &[path.to_str().unwrap()]] {
        project.run(words.iter().chain(&["a", "--b", "c d"])).prints("hello [ 'a', '--b', 'c d' ]\n");
    }
}

#[test]
fn a_file_knows_where_it_is_and_what_runs_it() {
    let project = Project::of(
        "import path from 'node:path';\nconsole.log(process.argv[1] === import.meta.filename, path.isAbsolute(process.argv[0]), process.execPath === process.argv[0], import.meta.main, process.cwd() === import.meta.dirname);",
    );
    project.run(["main.mjs"]).prints("true true true true true\n");
}

#[test]
fn scripts_see_the_variables_of_env_files_and_of_the_command_line() {
    let project =
        Project::of("const { A, B, C } = process.env; console.log(A, B, C);").with(".env", "A=file\nB=file\nC=file\n");
    let mut command = project.command();
    command.env("B", "process").args(["C=word", "main.mjs"]);
    super::support::Run::of(&command.output().unwrap()).prints("file process word\n");
}

#[test]
fn packages_json_and_common_js_are_found() {
    let project = Project::of(
        "import a from 'a'; import data from './data.json'; import b from './b.cjs'; console.log(a, data, b.c, b.d);",
    )
    .with("node_modules/a/package.json", r#"{"exports": {"import": "./i.js", "default": "./r.js"}, "type": "module"}"#)
    .with("node_modules/a/i.js", "export default 'package a';")
    .with("data.json", r#"{"x": [1]}"#)
    .with("b.cjs", "exports.c = require('./c'); exports.d = __filename.endsWith('b.cjs');")
    .with("c.js", "module.exports = 'c';");
    project.run(["main.mjs"]).prints("package a { x: [ 1 ] } c true\n");
}

#[test]
fn modules_named_with_preload_run_first() {
    let project = Project::of("console.log('main');")
        .with("first.mjs", "await null; console.log('first');")
        .with("second.cjs", "console.log('second');");
    project.run(["run", "-r", "./first.mjs", "--preload", "./second.cjs", "main.mjs"]).prints("first\nsecond\nmain\n");
}

#[test]
fn the_exit_code_is_the_scripts() {
    for (code, expected) in [
        ("process.exit(5)", 5),
        ("process.exitCode = 6", 6),
        ("setTimeout(() => process.exit(7), 1); setInterval(() => {}, 1000)", 7),
        ("throw 1", 1),
        ("Promise.reject(new Error())", 1),
        ("process.exit(300)", 300 & 0xFF),
        ("process.exit()", 0),
        ("await new Promise(() => {})", 13),
    ] {
        let project = Project::of(code);
        assert_eq!(project.run(["main.mjs"]).code.map(|code| code & 0xFF), Some(expected), "{code}");
    }
}

#[test]
fn a_script_of_package_json_can_run_a_file() {
    let project = Project::of("console.log('by a script');")
        .with("package.json", r#"{"scripts": {"go": "exec \"$npm_execpath\" main.mjs"}}"#);
    let program = env!("CARGO_BIN_EXE_rust-bun");
    let project = project.with("package.json", format!(r#"{{"scripts": {{"go": "'{program}' main.mjs"}}}}"#));
    let run = project.run(["--silent", "run", "go"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "by a script\n"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn arguments_paths_and_variables_may_be_any_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let odd = OsStr::from_bytes(b"odd\xff.mjs");
    let code = "import fs from 'node:fs'; import './inner.mjs';\n\
                console.log(fs.readFileSync(process.argv[1], 'utf8').length > 0, fs.existsSync(import.meta.filename), process.argv[2].length);\n\
                fs.writeFileSync(process.argv[2], process.env.ODD);";
    let project = Project::new().with(odd, code).with("inner.mjs", "console.log('inner');");
    let argument = OsStr::from_bytes(b"out\xfe\xff");
    let mut command = project.command();
    command.env("ODD", OsStr::from_bytes(b"\xfd")).arg(odd).arg(argument);
    super::support::Run::of(&command.output().unwrap()).prints("inner\ntrue true 5\n");
    assert!(project.path(argument).is_file());
}

#[test]
fn other_languages_are_refused_and_named() {
    for (file, language) in [("main.ts", "TypeScript"), ("main.tsx", "TypeScript"), ("main.jsx", "JSX")] {
        let project = Project::new().with(file, "const x: number = 1;");
        project.run(["run", file]).fails(1, &[language, file, "compile it to JavaScript first"]);
    }
}

#[test]
fn a_script_can_exit_from_wherever_it_runs() {
    for code in [
        "setTimeout(() => { process.exit(3); }, 1); setTimeout(() => console.log('no'), 2);",
        "setImmediate(() => process.exit(3)); setImmediate(() => console.log('no'));",
        "process.nextTick(() => process.exit(3)); process.nextTick(() => console.log('no'));",
        "Promise.resolve().then(() => process.exit(3)).finally(() => console.log('no'));",
        "queueMicrotask(() => process.exit(3)); queueMicrotask(() => console.log('no'));",
        "process.on('exit', () => process.exit(3)); process.on('exit', () => console.log('no'));",
        "process.on('exit', () => { process.exitCode = 3; });",
        "process.on('exit', () => process.exit(3)); process.exit(1);",
        "process.on('beforeExit', () => process.exit(3));",
        "process.on('uncaughtException', () => process.exit(3)); throw 1;",
        "process.on('unhandledRejection', () => process.exit(3)); Promise.reject(1);",
        "try { process.exit(3); } catch { console.log('no'); } finally { console.log('no'); }",
        "[1].forEach(() => process.exit(3)); console.log('no');",
        "`${{ toString() { process.exit(3); } }}`; console.log('no');",
        "new Proxy({}, { get() { process.exit(3); } }).x; console.log('no');",
        "await (async () => { process.exit(3); })().catch(() => {}); console.log('no');",
    ] {
        let run = Project::of(code).run(["main.mjs"]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(3), "", ""), "{code}");
    }
}
