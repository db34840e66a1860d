//! rust-bun as the tool ships it, on every system that can be run here: its command line, its variables
//! and its `run`, by the released programs, behind qemu and in Wine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installers::dpkg;
use crate::six_targets::{QUICK, Released, this_repository};
use crate::support::{Fixture, Run, tool};

const VERSION: &str = "0.1.0";
const LINUX: &str = "x86_64-unknown-linux-gnu";
const ARM: &str = "aarch64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// A released program, and what runs it here.
struct Shipped<'a> {
    fixture: &'a Fixture,
    target: &'static str,
    program: PathBuf,
}

impl Shipped<'_> {
    fn windows(&self) -> bool {
        self.target == WINDOWS
    }

    /// A run in a folder, with these variables besides what running needs at all.
    fn run(&self, folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Run {
        let mut command = match self.target {
            ARM => {
                let mut qemu = Command::new("qemu-aarch64");
                qemu.args(["-L", "/usr/aarch64-linux-gnu"]).arg(&self.program);
                qemu
            }
            WINDOWS => {
                let mut wine = Command::new("wine");
                wine.arg(&self.program);
                wine
            }
            _ => Command::new(&self.program),
        };
        command.env_clear().envs(["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap())));
        // The prefix that the smoke test has made, with what Wine lacks.
        command.env("WINEPREFIX", self.fixture.path("target/build-tool/wine/prefix")).env("WINEDEBUG", "-all");
        // Wine takes the bytes of paths for what this says.
        command.env("LC_ALL", "C.UTF-8").args(args).envs(variables.iter().copied()).current_dir(folder);
        let mut run = Run::of(command);
        run.stdout = run.stdout.replace("\r\n", "\n");
        run
    }

    /// The script that prints a variable, in the language of the system's shell.
    fn says(&self, variable: &str) -> String {
        if self.windows() { format!("echo %{variable}%") } else { format!("echo \\\"${variable}\\\"") }
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, content) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// What each of the cases needs, anew for each system.
fn project(shipped: &Shipped<'_>) -> PathBuf {
    let folder = shipped.fixture.base().join(format!("project ü {}", shipped.target));
    let shown = ["FROM_FILE", "FROM_MODE", "FROM_LOCAL", "FROM_PROCESS"].map(|name| (name, shipped.says(name)));
    let scripts: BTreeMap<&str, &str> = shown.iter().map(|(name, line)| (*name, line.as_str())).collect();
    let scripts: Vec<String> = scripts.iter().map(|(name, line)| format!("\"{name}\": \"{line}\"")).collect();
    let package = format!(
        "{{ \"name\": \"p\", \"version\": \"1.2.3\", \"scripts\": {{ \"prehello\": \"echo before\", \"hello\": \"echo hello\",\n\
         \"posthello\": \"echo after\", \"fails\": \"exit 7\", {} }} }}",
        scripts.join(", ")
    );
    let all = |value: &str| format!("FROM_FILE={value}\nFROM_MODE={value}\nFROM_LOCAL={value}\nFROM_PROCESS={value}\n");
    let (file, local) = (all("file"), "FROM_LOCAL=\"local ${FROM_FILE}\" # a comment\nFROM_PROCESS=local\n");
    let files = [
        ("package.json", package.as_str()),
        (".env", &file),
        (".env.development", "FROM_MODE='mode'\nFROM_LOCAL=mode\n"),
        (".env.local", local),
        ("broken/.env", "A=1\nB=\"never closed\n"),
        ("broken/package.json", "{ \"scripts\": { \"a\": } }"),
    ];
    write(&folder, &files);
    folder
}

fn command_line(shipped: &Shipped<'_>, folder: &Path) {
    let run = |args: &[&str]| shipped.run(folder, &[], args);
    assert_eq!(run(&["--version"]).ok().stdout, format!("rust-bun {VERSION}\n"));
    let all = run(&["--version", "--verbose"]).ok().stdout;
    assert!(all.contains(&format!("build_target: {}\n", shipped.target)), "{all}");
    assert!(run(&["--help"]).ok().stdout.contains("Usage: rust-bun"));
    run(&["--no-such-flag"]).exits(2);
    run(&["pm", "no-such-command"]).exits(2);
    run(&["run", "helo"]).exits(127).says(&["did you mean `hello`?"]);
    run(&["install"]).exits(127).says(&["a package manager"]);
    run(&["--no-env-file", "--cwd", "broken", "run", "a"]).exits(1).says(&["package.json:1:"]);
    assert_eq!(run(&["pm", "pkg", "get", "version"]).ok().stdout, "\"1.2.3\"\n");
}

/// The engine's bundle lies beside the program, as it was unpacked or installed.
fn javascript(shipped: &Shipped<'_>, folder: &Path) {
    let run = |args: &[&str]| shipped.run(folder, &[], args);
    let listed = run(&["pm", "bundles", "--json"]).ok().json();
    assert_eq!(listed["bundles"][0]["name"], "javascript-engine", "{listed}");
    assert_eq!(listed["bundles"][0]["origin"], "shipped", "{listed}");
    let files = [
        ("hello.js", "const { name } = require('./name.cjs');\nconsole.log(`hello ${name}`, process.argv.slice(2));\n"),
        ("name.cjs", "exports.name = 'wörld';\n"),
        ("fails.mjs", "await null;\nthrow new Error('on purpose');\n"),
        ("adds.test.js", "test('adds', () => expect(1 + 1).toBe(2));\n"),
    ];
    write(folder, &files);
    assert_eq!(run(&["run", "hello.js", "a"]).ok().stdout, "hello wörld [ 'a' ]\n");
    assert_eq!(run(&["-p", "[1, 2].map(n => n * 2).join()"]).ok().stdout, "2,4\n");
    run(&["run", "fails.mjs"]).exits(1).says(&["on purpose"]);
    run(&["test"]).ok();
}

/// What a package manager installs runs JavaScript at once, and goes again whole.
#[test]
#[ignore = "slow: compiles rust-bun and its engine"]
fn an_installed_deb_runs_javascript() {
    let fixture = this_repository();
    fixture.write("profiles/quick.toml", QUICK).commit("a profile for this test");
    fixture.run(["release", "--profile", "quick", "-p", "rust-bun", "--target", LINUX]).ok();
    fixture.run(["verify"]).ok();
    let deb = fixture.dist().join(format!("rust-bun_{VERSION}-1_amd64.deb"));
    let root = fixture.base().join("root");
    let dpkg = dpkg(&root);
    dpkg(&["--install", deb.to_str().unwrap()]);
    assert_eq!(dpkg(&["--verify", "rust-bun"]), "");
    let shipped = Shipped { fixture: &fixture, target: LINUX, program: root.join("usr/bin/rust-bun") };
    let folder = project(&shipped);
    javascript(&shipped, &folder);
    let found = tool("lintian", &["--fail-on", "none", deb.to_str().unwrap()]);
    assert_eq!(found.trim(), "");
    dpkg(&["--purge", "rust-bun"]);
    assert!(!root.join("usr/lib/rust-bun").exists() && !root.join("usr/bin").exists());
}

fn variables(shipped: &Shipped<'_>, folder: &Path) {
    let own = [("FROM_PROCESS", "process")];
    let shown = |args: &[&str]| shipped.run(folder, &own, args).ok().stdout.trim_end().to_owned();
    assert_eq!(shown(&["--silent", "run", "FROM_FILE"]), "file");
    assert_eq!(shown(&["--silent", "run", "FROM_MODE"]), "mode");
    assert_eq!(shown(&["--silent", "run", "FROM_LOCAL"]), "local file");
    assert_eq!(shown(&["--silent", "run", "FROM_PROCESS"]), "process");
    assert_eq!(shown(&["--silent", "FROM_PROCESS=word", "run", "FROM_PROCESS"]), "word");
    shipped.run(folder, &own, &["--cwd", "broken", "run", "a"]).exits(1).says(&[".env:2:"]);
    if shipped.windows() {
        // There names are one, however they are spelled.
        let run = shipped.run(folder, &[("from_process", "process")], &["--silent", "run", "FROM_PROCESS"]);
        assert_eq!(run.ok().stdout.trim_end(), "process");
    }
}

fn scripts(shipped: &Shipped<'_>, folder: &Path) {
    let run = |args: &[&str]| shipped.run(folder, &[], args);
    assert_eq!(run(&["--silent", "run", "hello"]).ok().stdout, "before\nhello\nafter\n");
    assert_eq!(run(&["--silent", "hello"]).ok().stdout, "before\nhello\nafter\n");
    run(&["run", "fails"]).exits(7);
    run(&["run", "--if-present", "missing"]).ok();
    assert_eq!(run(&["exec", "echo a line"]).ok().stdout, "a line\n");
    // A command of an installed package, by its own name.
    let (bin, content) =
        if shipped.windows() { ("tool.cmd", "@echo tool %1\r\n") } else { ("tool", "#!/bin/sh\necho tool $1\n") };
    let bin = folder.join("node_modules/.bin").join(bin);
    fs::create_dir_all(bin.parent().unwrap()).unwrap();
    fs::write(&bin, content).unwrap();
    fs::set_permissions(&bin, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(run(&["--silent", "run", "tool", "argument"]).ok().stdout, "tool argument\n");
    assert_eq!(run(&["--silent", "bunx", "tool", "argument"]).ok().stdout, "tool argument\n");
}

/// init and create make what they make elsewhere.
fn projects(shipped: &Shipped<'_>, folder: &Path) {
    let run = |args: &[&str]| shipped.run(folder, &[], args);
    run(&["init", "--yes", "made"]).ok();
    assert!(fs::read_to_string(folder.join("made/package.json")).unwrap().contains("\"name\": \"made\""));
    let before = fs::read_to_string(folder.join("made/package.json")).unwrap();
    run(&["init", "--yes", "made"]).ok();
    assert_eq!(fs::read_to_string(folder.join("made/package.json")).unwrap(), before);
    run(&["create", "made", "copied", "--no-git"]).ok();
    assert!(fs::read_to_string(folder.join("copied/package.json")).unwrap().contains("\"name\": \"copied\""));
    run(&["create", "made", "copied", "--no-git"]).exits(1);
    fs::write(folder.join("no-archive.zip"), "PK\u{3}\u{4} and no more").unwrap();
    run(&["create", "no-archive.zip", "refused"]).exits(1);
    assert!(!folder.join("refused").exists());
}

/// The release replaces a copy of its own program, and the way back is open.
fn upgrade(shipped: &Shipped<'_>, folder: &Path) {
    let installed = folder.join("bin").join(shipped.program.file_name().unwrap());
    fs::create_dir_all(installed.parent().unwrap()).unwrap();
    fs::copy(&shipped.program, &installed).unwrap();
    let own = Shipped { fixture: shipped.fixture, target: shipped.target, program: installed.clone() };
    let dist = shipped.fixture.dist();
    let run = |args: &[&str]| own.run(folder, &[], args);
    let from = dist.to_str().unwrap();
    run(&["upgrade", "--from", from]).ok().says(&["nothing to do"]);
    run(&["upgrade", "--from", from, "--force"]).ok();
    let previous =
        installed.with_file_name(if shipped.windows() { "rust-bun.previous.exe" } else { "rust-bun.previous" });
    assert!(previous.is_file());
    run(&["upgrade", "--rollback"]).ok();
    assert!(!previous.exists() && installed.is_file());
    run(&["upgrade", "--from", from, "--force"]).ok();
    assert_eq!(run(&["--version"]).ok().stdout, format!("rust-bun {VERSION}\n"));
    assert!(!previous.exists());
    // The program alone was copied: its engine came with the upgrade.
    assert_eq!(run(&["-p", "6 * 7"]).ok().stdout.trim_end(), "42");
}

/// Of a release of this repository for all targets, whose smoke test has made a Wine.
pub(crate) fn does_the_same_wherever_it_can_be_run(fixture: &Fixture, released: &Released<'_>) {
    for target in [LINUX, ARM, WINDOWS] {
        let program = released.program("rust-bun", VERSION, target, "rust-bun");
        let shipped = Shipped { fixture, target, program };
        let folder = project(&shipped);
        command_line(&shipped, &folder);
        javascript(&shipped, &folder);
        variables(&shipped, &folder);
        scripts(&shipped, &folder);
        projects(&shipped, &folder);
        // It has the new program say its version, and behind qemu no program starts another of its kind.
        if target != ARM {
            upgrade(&shipped, &folder);
        }
    }
}
