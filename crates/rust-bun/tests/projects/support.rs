//! A folder of one's own, the program in it, and what came of a run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_rust-bun");

/// A temporary folder with an own home.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    _temp: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temp = tempfile::Builder::new().prefix("rust-bun-test-").tempdir().unwrap();
        let folder = temp.path().canonicalize().unwrap();
        fs::create_dir(folder.join("home")).unwrap();
        fs::create_dir(folder.join("work")).unwrap();
        Self { folder, _temp: temp }
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A program in the work folder, with nothing of our own environment but PATH.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.env_clear().current_dir(self.work()).stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.folder.join("home"));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").env("LC_ALL", "C.UTF-8");
        // What git and others look for above the folder is not ours.
        command.env("GIT_CEILING_DIRECTORIES", &self.folder);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let mut command = self.command(PROGRAM);
        Run::of(command.args(args))
    }

    /// What lies below the work folder.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        tree(&self.work())
    }
}

/// Every path below, with what is in the file, `->` and a link's target, or `/` for a folder.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            let shown = if meta.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else if meta.is_dir() {
                open.push(path.clone());
                "/".to_owned()
            } else if meta.is_file() {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            } else {
                "special".to_owned()
            };
            all.insert(path.strip_prefix(root).unwrap().display().to_string(), shown);
        }
    }
    all
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) output: Output,
    pub(crate) stdout: String,
    /// With line ends and indentation as one blank each, since long texts are wrapped.
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stderr = stderr.split(|letter: char| letter.is_whitespace() || letter == '│');
        let stderr = stderr.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        Self { output, stdout, stderr }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.code(0)
    }

    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(expected), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in {self:?}");
        self
    }
}

/// A tool that must be there and succeed.
#[track_caller]
pub(crate) fn tool(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
