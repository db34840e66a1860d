//! A folder with files, and the program with the engine's bundle.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use tempfile::TempDir;

/// A folder `work`, and a folder `bundles` with the engine in it.
pub(crate) struct Project {
    temp: TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self::without_engine();
        let bundle = project.path("../bundles/javascript-engine");
        fs::create_dir_all(&bundle).unwrap();
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../javascript-engine/manifest.toml");
        fs::copy(manifest, bundle.join("manifest.toml")).unwrap();
        let library = library();
        let to = bundle.join(library.file_name().unwrap());
        if fs::hard_link(&library, &to).is_err() {
            fs::copy(&library, &to).unwrap();
        }
        project
    }

    pub(crate) fn without_engine() -> Self {
        let project = Self { temp: tempfile::tempdir().unwrap() };
        for folder in ["work", "bundles", "home"] {
            fs::create_dir(project.temp.path().join(folder)).unwrap();
        }
        project
    }

    /// With a file `main.mjs`.
    pub(crate) fn of(code: &str) -> Self {
        Self::new().with("main.mjs", code)
    }

    pub(crate) fn with(self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join("work").join(path)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.temp.path().join("home")
    }

    /// The program in the folder, with PATH, a home and the bundles, and nothing else.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rust-bun"));
        command.current_dir(self.path("")).env_clear().env("PATH", env::var_os("PATH").unwrap());
        command.env("HOME", self.home()).env("RUST_BUN_BUNDLES", self.temp.path().join("bundles"));
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Run {
        Run::of(&self.command().args(words).output().unwrap())
    }
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    #[track_caller]
    pub(crate) fn prints(&self, expected: &str) {
        assert_eq!((self.code, self.stdout.as_str(), self.stderr.as_str()), (Some(0), expected, ""));
    }

    #[track_caller]
    pub(crate) fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {}", self.stderr);
        }
    }
}

/// The engine's library, which cargo builds beside this test, since it is among its dependencies.
fn library() -> PathBuf {
    let name = format!("{}javascript_engine{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let beside = env::current_exe().unwrap().with_file_name(name);
    assert!(beside.is_file(), "{} is not built", beside.display());
    beside
}
