//! Every command with its options, and the words before it.

use super::*;

#[track_caller]
fn read(line: &str) -> Cli {
    Cli::read(words(line)).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn words(line: &str) -> Vec<OsString> {
    [PROGRAM].into_iter().chain(line.split_whitespace()).map(OsString::from).collect()
}

/// The command as it was read, without the options that were not given.
#[track_caller]
fn command(line: &str) -> String {
    let shown = format!("{:?}", read(line).command);
    shown.trim_start_matches("Some(").to_owned()
}

#[test]
fn the_types_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_read_with_its_options() {
    for (line, expected) in [
        ("run -F a --filter ./b --parallel --no-exit-on-error --if-present build -x", r#"filter: ["a", "./b"]"#),
        ("run --workspaces build", "workspaces: true"),
        ("r build --watch", r#"script: ["build", "--watch"]"#),
        ("exec ls -l", r#"args: ["-l"]"#),
        ("bunx -p typescript tsc --init", r#"command: ["tsc", "--init"]"#),
        ("x --no-install tsc", "no_install: true"),
        ("build a.ts b.ts --outdir out --target node --format cjs --minify --sourcemap", "target: Node"),
        ("build a.ts --sourcemap=inline --compile --outfile a", "sourcemap: Some(Inline)"),
        ("test one -t name --timeout 10 --bail --coverage", "bail: Some(1)"),
        ("test --bail=3 -u --rerun-each 2 --only --todo", "bail: Some(3)"),
        ("repl", "eval: None"),
        ("install --frozen-lockfile --production", "frozen_lockfile: true"),
        ("i react", r#"packages: ["react"]"#),
        ("add -d react --exact", "dev: true"),
        ("a react --peer", "peer: true"),
        ("remove react", r#"packages: ["react"]"#),
        ("rm react --dry-run", "dry_run: true"),
        ("update --latest", "latest: true"),
        ("init -y --minimal folder", r#"folder: Some("folder")"#),
        ("create template.tgz there --no-git", r#"destination: Some("there")"#),
        ("c template", r#"template: "template""#),
        ("upgrade --from x --force --dry-run", r#"from: Some("x")"#),
        ("upgrade --rollback", "rollback: true"),
        ("link", "packages: []"),
        ("link left --save", "save: true"),
        ("unlink left", r#"packages: ["left"]"#),
        ("pm bin -g", "global: true"),
        ("pm ls --all --json", "all: true, json: true"),
        ("pm bundles --json", "Bundles { json: true }"),
        ("pm hash", "Hash"),
        ("pm version prerelease --preid beta --no-git-tag-version", r#"preid: Some("beta")"#),
        ("pm pkg get name scripts.build", r#"keys: ["name", "scripts.build"]"#),
        ("pm pkg set a=1 b=2 --json", r#"values: ["a=1", "b=2"], json: true"#),
        ("pm pkg delete a", r#"keys: ["a"]"#),
        ("help pm pkg", r#"command: ["pm", "pkg"]"#),
        ("version --revision", "revision: true"),
        ("completions fish", "Fish"),
        ("man folder", r#"folder: "folder""#),
    ] {
        let shown = command(line);
        assert!(shown.contains(expected), "{line}: {shown}");
    }
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    for line in [
        "--bogus",
        "-Z",
        "--bogus script",
        "run --bogus script",
        "bunx --bogus tsc",
        "exec --bogus line",
        "exec",
        "bunx",
        "build",
        "add",
        "remove",
        "create",
        "pm",
        "pm bogus",
        "pm pkg set",
        "build a.ts --target moon",
        "build a.ts --outdir a --outfile b",
        "test --timeout soon",
        "run --filter a --workspaces build",
        "run --watch --hot a.ts",
        "--silent --verbose run build",
        "install --watch",
        "--watch install",
        "link --save",
        "upgrade --rollback --force",
        "completions cmd",
        "--cwd",
        "version extra",
    ] {
        let error = Cli::read(words(line)).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn options_of_every_command_stand_before_and_behind_it() {
    for line in ["--cwd sub --silent install", "install --cwd sub --silent", "--cwd=sub install --silent"] {
        let cli = read(line);
        assert_eq!(cli.global.cwd.as_deref(), Some(std::path::Path::new("sub")), "{line}");
        assert!(cli.global.silent, "{line}");
        assert!(matches!(cli.command, Some(Command::Install(_))), "{line}");
    }
    let cli = read("run --env-file a --env-file b build --env-file c");
    assert_eq!(cli.global.env_file, [PathBuf::from("a"), PathBuf::from("b")]);
}

#[track_caller]
fn run_options(line: &str) -> RunOptions {
    match read(line).command {
        Some(Command::Run(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn run_may_be_left_out() {
    for (line, script) in [
        ("dev", &["dev"][..]),
        ("dev --port 1 install", &["dev", "--port", "1", "install"]),
        ("--watch app.ts -x", &["app.ts", "-x"]),
        ("--cwd sub --if-present dev", &["dev"]),
        ("-r ./setup.ts app.ts", &["app.ts"]),
        ("-r./setup.ts app.ts", &["app.ts"]),
        ("-F pkg -d A:1 dev", &["dev"]),
        ("--inspect=1 app.ts", &["app.ts"]),
        ("--inspect app.ts", &["app.ts"]),
        ("-- install", &["install"]),
        ("./a=b", &["./a=b"]),
        ("-", &["-"]),
    ] {
        let options = run_options(line);
        assert_eq!(options.script, script, "{line}");
        assert!(options.implicit, "{line}");
    }
    assert!(run_options("--watch app.ts").engine.watch);
    assert_eq!(run_options("-r a -r b app.ts").engine.preload, ["a", "b"]);
    assert_eq!(run_options("-F pkg dev").filter, ["pkg"]);
    assert!(!run_options("run dev").implicit);
    assert!(run_options("--watch run app.ts").engine.watch);
}

#[test]
fn variables_stand_before_everything() {
    let cli = read("A=1 _B2=x=y --silent C= dev D=4");
    let pairs: Vec<_> =
        cli.variables.iter().map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap())).collect();
    assert_eq!(pairs, [("A", "1"), ("_B2", "x=y"), ("C", "")]);
    assert_eq!(run_options("A=1 dev D=4").script, ["dev", "D=4"]);
    assert_eq!(run_options("run A=1").script, ["A=1"]);
    assert!(read("A=1").command.is_none());
    // No shell takes this for a variable.
    assert_eq!(run_options("1A=1").script, ["1A=1"]);
}

#[test]
fn code_takes_what_follows_as_its_arguments() {
    for line in ["-e code a --b", "--eval code a --b", "--eval=code a --b", "-ecode a --b"] {
        let Some(Command::Repl(options)) = read(line).command else { panic!("{line}") };
        assert_eq!(options.eval.as_deref(), Some("code".as_ref()), "{line}");
        assert_eq!(options.args, ["a", "--b"], "{line}");
    }
    let Some(Command::Repl(options)) = read("-r setup -p 1+1").command else { panic!() };
    assert_eq!(options.print.as_deref(), Some("1+1".as_ref()));
    assert_eq!(options.engine.preload, ["setup"]);
    // Without code, nothing was said.
    assert!(Cli::read(words("-e")).is_err());
}

#[test]
fn empty_words_are_words() {
    let cli = Cli::read([PROGRAM, ""].map(OsString::from)).unwrap();
    let Some(Command::Run(options)) = cli.command else { panic!("{cli:?}") };
    assert_eq!(options.script, [""]);
    assert!(read("").command.is_none());
    assert!(Cli::read([]).unwrap().command.is_none());
}

#[cfg(unix)]
#[test]
fn words_need_not_be_unicode() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(b"\xFFx".to_vec());
    let read =
        |words: &[&OsString]| Cli::read([&OsString::from(PROGRAM)].into_iter().chain(words.iter().copied()).cloned());
    let Some(Command::Run(options)) = read(&[&odd, &odd]).unwrap().command else { panic!() };
    assert_eq!(options.script, [odd.clone(), odd.clone()]);
    let cli = read(&[&OsString::from_vec(b"A=\xFF".to_vec()), &"--cwd".into(), &odd]).unwrap();
    assert_eq!(cli.variables, [("A".into(), OsString::from_vec(b"\xFF".to_vec()))]);
    assert_eq!(cli.global.cwd.unwrap().as_os_str(), odd);
    // What must be text says so, and is wrong usage.
    assert_eq!(read(&[&"install".into(), &odd]).unwrap_err().exit_code(), 2);
    assert_eq!(read(&[&OsString::from_vec(b"--\xFF".to_vec())]).unwrap_err().exit_code(), 2);
}

#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(Cli::command().render_help().to_string());
}
