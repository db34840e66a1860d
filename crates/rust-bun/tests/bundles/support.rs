//! A program in a folder of its own, as it is installed, and bundles around it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use polyplug_abi::identity::bundle_id;
use tempfile::TempDir;

/// `prefix/bin/rust-bun`, a home, and room for more.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    _temp: TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    /// For whoever reads a failed test.
    #[allow(dead_code)]
    stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().canonicalize().unwrap();
        for name in ["home", "project", "prefix/bin"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        let program = folder.join("prefix/bin/rust-bun");
        // A hard link is no link to the program: it is the program, in this folder.
        if fs::hard_link(env!("CARGO_BIN_EXE_rust-bun"), &program).is_err() {
            fs::copy(env!("CARGO_BIN_EXE_rust-bun"), &program).unwrap();
        }
        Self { folder, _temp: temp }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A bundle whose library is there.
    pub(crate) fn bundle(&self, folder: &str, name: &str, version: &str, provides: &str) {
        self.write(&format!("{folder}/manifest.toml"), &manifest(name, version, provides));
        self.write(&format!("{folder}/lib.so"), "");
    }

    /// The program, with the home and PATH and nothing else.
    pub(crate) fn command(&self) -> Command {
        self.command_at("prefix/bin/rust-bun")
    }

    pub(crate) fn command_at(&self, program: &str) -> Command {
        let mut command = Command::new(self.path(program));
        command.current_dir(self.path("project")).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.path("home"));
        command
    }

    pub(crate) fn link(&self, target: &str, link: &str) {
        fs::create_dir_all(self.path(link).parent().unwrap()).unwrap();
        symlink(self.path(target), self.path(link)).unwrap();
    }

    /// The user's folder for bundles.
    pub(crate) fn data(&self) -> &'static str {
        if cfg!(target_os = "macos") {
            "home/Library/Application Support/rust-bun/bundles"
        } else {
            "home/.local/share/rust-bun/bundles"
        }
    }
}

pub(crate) fn manifest(name: &str, version: &str, provides: &str) -> String {
    let id = bundle_id(name);
    format!(
        "name = \"{name}\"\nid = \"{id:#018x}\"\nversion = \"{version}\"\nloader = \"native\"\nfile = \"lib.so\"\n\
         provides = [\"{provides}\"]\n"
    )
}

pub(crate) fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Run {
    /// The output, with the place's folder as `~`.
    pub(crate) fn shown(&self, place: &Place) -> String {
        self.stdout.replace(&place.folder.display().to_string(), "~")
    }
}

pub(crate) fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
