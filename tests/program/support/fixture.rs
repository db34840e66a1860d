//! A workspace in a temporary folder, built file by file, with a repository of
//! fixed identity and times, and the program run in it. Nothing of the
//! environment comes along but what is named here.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::run::Run;

/// The target that releases are for when nobody says.
pub(crate) const HOST: &str = "x86_64-unknown-linux-gnu";

/// The time of the first commit, in seconds since 1970; each further one is a minute later.
pub(crate) const COMMIT_TIME: i64 = 1_741_064_767;

const BUILD_INFO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/build-info");

/// A workspace of one's own.
pub(crate) struct Fixture {
    base: PathBuf,
    root: PathBuf,
    env: BTreeMap<OsString, OsString>,
    commits: Cell<i64>,
    _temp: TempDir,
}

impl Fixture {
    /// An empty folder; its last part is `name`.
    pub(crate) fn empty(name: impl AsRef<Path>) -> Self {
        let temp = tempfile::Builder::new().prefix("build-tool-test-").tempdir().unwrap();
        let base = temp.path().canonicalize().unwrap();
        let root = base.join(name);
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(base.join("home")).unwrap();
        let env = environment(&base);
        Self { base, root, env, commits: Cell::new(0), _temp: temp }
    }

    /// One package, `plain`, without a slot for a stamp; committed.
    pub(crate) fn plain() -> Self {
        let fixture = Self::empty("workspace");
        fixture.plain_package("plain").lock().commit("first");
        fixture
    }

    /// A workspace of `hello`, which prints its stamp, `plain`, which has none, and documents; committed.
    pub(crate) fn full() -> Self {
        let fixture = Self::empty("workspace");
        fixture
            .workspace(&["hello", "plain", "crates/build-info"], "")
            .build_info()
            .member("plain", "", "fn main() { println!(\"plain\"); }")
            .member("hello", "[dependencies]\nbuild-info = { path = \"../crates/build-info\" }\n", HELLO)
            .write("README.md", "read me\n")
            .write("LICENSE-MIT", "may be used\n")
            .write("CHANGELOG.md", "changed\n")
            .write("hello/README.md", "read hello\n")
            .lock()
            .commit("first");
        fixture
    }

    /// A virtual root manifest with these members, and whatever else it should say.
    pub(crate) fn workspace(&self, members: &[&str], more: &str) -> &Self {
        self.write(
            "Cargo.toml",
            format!(
                "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{more}\n[workspace.package]\nversion = \"1.2.3\"\n\
                 edition = \"2024\"\nrust-version = \"1.90\"\nlicense = \"MIT\"\nauthors = [\"nobody\"]\n[workspace.lints.rust]\n"
            ),
        )
        .write(".gitignore", "/target/\n/dist/\n")
    }

    /// A member of the workspace with one program.
    pub(crate) fn member(&self, name: &str, more: &str, main: &str) -> &Self {
        self.write(format!("{name}/Cargo.toml"), package(name, more)).write(format!("{name}/src/main.rs"), main)
    }

    /// A package that is a workspace by itself.
    pub(crate) fn plain_package(&self, name: &str) -> &Self {
        self.write("Cargo.toml", package(name, ""))
            .write("src/main.rs", format!("fn main() {{ println!({name:?}); }}\n"))
            .write(".gitignore", "/target/\n/dist/\n")
    }

    /// The project's own `build-info`, as a member.
    pub(crate) fn build_info(&self) -> &Self {
        for name in ["Cargo.toml", "build.rs", "src/lib.rs", "src/info.rs", "src/slot.rs"] {
            let text = fs::read_to_string(Path::new(BUILD_INFO).join(name)).unwrap();
            self.write(format!("crates/build-info/{name}"), text);
        }
        self
    }

    /// Writes a file of the workspace.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self
    }

    /// An executable script beside the workspace.
    pub(crate) fn script(&self, name: &str, text: &str) -> &Self {
        let path = self.base.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// Writes `Cargo.lock`.
    pub(crate) fn lock(&self) -> &Self {
        let mut cargo = Command::new("cargo");
        cargo.args(["generate-lockfile", "--quiet", "--offline"]);
        Run::of(self.in_place(cargo)).ok();
        self
    }

    /// Commits everything, into a repository that is made if need be.
    pub(crate) fn commit(&self, message: &str) -> &Self {
        if !self.root.join(".git").exists() {
            self.git(&["init", "--quiet", "--initial-branch", "main"]);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.commits.set(self.commits.get() + 1);
        self
    }

    /// Runs git in the workspace; what it printed.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let time = format!("{} +0000", COMMIT_TIME + 60 * self.commits.get());
        let mut git = Command::new("git");
        git.args(args);
        let mut git = self.in_place(git);
        git.env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time);
        Run::of(git).ok().stdout.trim_end().to_owned()
    }

    /// The commit that is checked out, as stamps say it.
    pub(crate) fn short_commit(&self) -> String {
        self.git(&["rev-parse", "HEAD"])[..12].to_owned()
    }

    /// From now on the program runs with this variable.
    pub(crate) fn set_env(&mut self, key: &str, value: impl AsRef<OsStr>) -> &mut Self {
        self.env.insert(key.into(), value.as_ref().to_owned());
        self
    }

    /// Puts a program of this name before all others on the program's PATH: a POSIX shell script.
    pub(crate) fn stand_in(&self, name: &str, script: &str) -> &Self {
        write_program(&self.base.join(STAND_INS).join(name), script);
        self
    }

    /// `PATH`, as the program gets it.
    pub(crate) fn path_variable(&self) -> OsString {
        self.env[OsStr::new("PATH")].clone()
    }

    /// From now on the program finds none of these programs on PATH.
    pub(crate) fn hide(&mut self, names: &[&str]) -> &mut Self {
        let path = self.path_variable();
        let folders = std::env::split_paths(&path).enumerate();
        let folders = folders
            .map(|(at, folder)| without(folder, &self.base.join(format!("without-{}-{at}", names.join("-"))), names));
        let path = std::env::join_paths(folders.collect::<Vec<_>>()).unwrap();
        self.set_env("PATH", path)
    }

    /// What the stand-in for rustup was called with, one call a line.
    pub(crate) fn rustup_calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.base.join(RUSTUP_CALLS)).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// A command in the workspace's folder with the fixture's environment.
    pub(crate) fn in_place(&self, mut command: Command) -> Command {
        command.current_dir(&self.root).env_clear().envs(&self.env).stdin(Stdio::null());
        command
    }

    /// The program, to be run in the workspace.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_build-tool"));
        command.args(args);
        self.in_place(command)
    }

    /// Runs the program in the workspace.
    #[track_caller]
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        Run::of(self.command(args))
    }

    /// Makes a release, which must succeed, and runs nothing else.
    #[track_caller]
    pub(crate) fn release(&self) -> Run {
        self.run(["release"]).ok()
    }

    /// The workspace's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The temporary folder around it.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// A path in the workspace.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// The finished release's folder.
    pub(crate) fn dist(&self) -> PathBuf {
        self.path("dist")
    }

    /// A file's text.
    #[track_caller]
    pub(crate) fn text(&self, path: impl AsRef<Path>) -> String {
        let path = self.root.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// The folder of stand-ins, below the fixture's own.
const STAND_INS: &str = "stand-ins";

/// Where the stand-in for rustup notes how it was called.
const RUSTUP_CALLS: &str = "rustup-calls";

/// Writes a program.
pub(crate) fn write_program(path: &Path, script: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A program that prints its stamp, one field a line.
const HELLO: &str = r#"fn main() {
    let info = build_info::build_info!();
    for (field, value) in build_info::Field::ALL.iter().zip(info.fields()) {
        println!("{}: {value}", field.name());
    }
}
"#;

fn package(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\nlicense = \"MIT\"\n{more}\n")
}

/// All that the program gets to see of ours: where the toolchain is, and a home of its own.
fn environment(base: &Path) -> BTreeMap<OsString, OsString> {
    let home = std::env::home_dir().unwrap_or_default();
    let or_home =
        |name: &str, folder: &str| std::env::var_os(name).unwrap_or_else(|| home.join(folder).into_os_string());
    // No test changes the toolchain: one that lets rustup fetch something says by itself what comes of it.
    let rustup =
        format!("echo \"$@\" >> {}\necho 'error: no network' >&2\nexit 1\n", base.join(RUSTUP_CALLS).display());
    write_program(&base.join(STAND_INS).join("rustup"), &rustup);
    let mut path: Vec<PathBuf> = vec![base.join(STAND_INS)];
    // The toolchain that runs the tests, without rustup's detour.
    path.extend(std::env::var_os("CARGO").and_then(|cargo| Path::new(&cargo).parent().map(Path::to_path_buf)));
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let path: Vec<_> = path.into_iter().enumerate().map(|(at, folder)| without_sccache(folder, base, at)).collect();
    let mut env: BTreeMap<OsString, OsString> = BTreeMap::new();
    env.insert("PATH".into(), std::env::join_paths(path).unwrap());
    env.insert("HOME".into(), base.join("home").into_os_string());
    env.insert("CARGO_HOME".into(), or_home("CARGO_HOME", ".cargo"));
    env.insert("RUSTUP_HOME".into(), or_home("RUSTUP_HOME", ".rustup"));
    // Zig compiles each target's C library once for a cache: once for all tests.
    let cache = home.join(".cache/zig").into_os_string();
    env.insert("ZIG_GLOBAL_CACHE_DIR".into(), std::env::var_os("ZIG_GLOBAL_CACHE_DIR").unwrap_or(cache));
    for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_AUTO_INSTALL", "TMPDIR", "SSL_CERT_FILE", "GIT_SSL_CAINFO"] {
        env.extend(std::env::var_os(name).map(|value| (name.into(), value)));
    }
    let fixed = [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_AUTHOR_NAME", "nobody"),
        ("GIT_AUTHOR_EMAIL", "nobody@example.invalid"),
        ("GIT_COMMITTER_NAME", "nobody"),
        ("GIT_COMMITTER_EMAIL", "nobody@example.invalid"),
        ("LC_ALL", "C.UTF-8"),
    ];
    env.extend(fixed.map(|(key, value)| (key.into(), value.into())));
    env
}

/// The same programs but sccache, so that what a machine has installed changes no test.
fn without_sccache(folder: PathBuf, base: &Path, number: usize) -> PathBuf {
    without(folder, &base.join(format!("path-{number}")), &["sccache"])
}

/// The folder, or, if it has one of these programs, another with links to all others.
fn without(folder: PathBuf, others: &Path, names: &[&str]) -> PathBuf {
    if !names.iter().any(|name| folder.join(name).exists()) {
        return folder;
    }
    if fs::create_dir(others).is_ok() {
        let hidden = |name: &OsStr| names.iter().any(|hidden| name == *hidden);
        for entry in fs::read_dir(folder).unwrap().flatten().filter(|entry| !hidden(&entry.file_name())) {
            symlink(entry.path(), others.join(entry.file_name())).unwrap();
        }
    }
    others.to_owned()
}
