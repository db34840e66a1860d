//! A folder with a project in it, and the program in that folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for a test, with a home and a place for links of its own.
pub(crate) struct Project {
    root: tempfile::TempDir,
}

/// What a run left, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { root: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// With scripts alone.
    pub(crate) fn with_scripts(scripts: &[(&str, &str)]) -> Self {
        let members: Vec<String> = scripts.iter().map(|(name, line)| format!("{name:?}: {line:?}")).collect();
        Self::new(&[("package.json", &format!("{{\"scripts\": {{{}}}}}", members.join(", ")))])
    }

    /// Where the system says that it is: temporary folders can lie behind links.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("work").join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder_for(path);
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    fn folder_for(&self, path: &str) -> PathBuf {
        let path = self.root.path().join("work").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// A file that can be executed.
    #[cfg(unix)]
    pub(crate) fn program(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(path, text);
        std::fs::set_permissions(self.path(path), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[cfg(unix)]
    pub(crate) fn symlink(&self, target: impl AsRef<Path>, path: &str) {
        std::os::unix::fs::symlink(target, self.folder_for(path)).unwrap();
    }

    pub(crate) fn command(&self, folder: &str) -> Command {
        std::fs::create_dir_all(self.root.path().join("work")).unwrap();
        let home = self.root.path().canonicalize().unwrap().join("home");
        let mut command = Command::new(env!("CARGO_BIN_EXE_rust-bun"));
        command.current_dir(self.path(folder)).env_remove("BUN_INSTALL").env_remove("RUST_BUN_SCRIPTS");
        command.env("HOME", &home).env("USERPROFILE", &home).env("LOCALAPPDATA", home.join("data"));
        command.env_remove("XDG_DATA_HOME").env("GIT_CONFIG_GLOBAL", "/dev/null").env("NO_COLOR", "1");
        for variable in
            ["npm_package_name", "npm_package_version", "npm_lifecycle_event", "FORCE_COLOR", "CLICOLOR_FORCE"]
        {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run_in(&self, folder: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        Ended::of(&self.command(folder).args(args).output().unwrap())
    }

    pub(crate) fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        self.run_in("", args)
    }

    /// What a run that must succeed prints.
    pub(crate) fn stdout(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        let ended = self.run(args);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stdout
    }
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// That it failed with this code and said all of this.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        // The renderer breaks long lines and draws around them.
        let packed = |text: &str| text.replace('│', "").split_whitespace().collect::<String>();
        for word in words {
            assert!(packed(&self.stderr).contains(&packed(word)), "{word:?} is not in:\n{}", self.stderr);
        }
    }
}
