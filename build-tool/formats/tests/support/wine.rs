//! A Windows to install into: Wine, in a folder of the test's own, with nothing that opens a window.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

use super::run;

/// A program that needs no runtime library and says one line.
const PROGRAM: &str = r#"
#define WINDOWS(type) __declspec(dllimport) type __stdcall
WINDOWS(void *) GetStdHandle(unsigned long);
WINDOWS(int) WriteFile(void *, const void *, unsigned long, unsigned long *, void *);
WINDOWS(void) ExitProcess(unsigned int);
void start(void) {
    unsigned long written;
    WriteFile(GetStdHandle(-11), LINE, sizeof LINE - 1, &written, 0);
    ExitProcess(0);
}
"#;

/// The files that hold the registry.
const REGISTRY: [&str; 3] = ["system.reg", "user.reg", "userdef.reg"];

/// Keys of the registry and folders that Wine makes for its first product and leaves behind it, empty.
const LEFT_EMPTY: [&str; 6] = [
    "\\\\Features ",
    "\\\\Products ",
    "\\\\UpgradeCodes ",
    "\\\\Components ",
    "windows/Installer",
    "Microsoft/Installer",
];

/// Compiles the program that says a line.
pub(crate) fn program(line: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("program.c"), PROGRAM).unwrap();
    let line = format!("-DLINE=\"{line}\"");
    let fixed = "cc -target x86_64-windows-gnu -nostdlib -Wl,-e,start program.c -lkernel32 -o program.exe";
    let arguments: Vec<&str> = fixed.split(' ').chain([line.as_str()]).collect();
    if Command::new("zig").arg("version").output().is_ok() {
        run("zig", "python3-pip, then pip install ziglang", &arguments, folder.path());
    } else {
        let arguments = [&["-m", "ziglang"], &*arguments].concat();
        run("python3", "python3-pip, then pip install ziglang", &arguments, folder.path());
    }
    fs::read(folder.path().join("program.exe")).unwrap()
}

pub(crate) struct Wine {
    folder: TempDir,
}

impl Wine {
    /// To make a prefix takes seconds and hundreds of megabytes, so it is made once, and every test gets a copy whose
    /// files are links. Only the registry, which Wine writes in place where it has several names, is its own.
    pub(crate) fn new() -> Self {
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let lock = File::create(shared.join("msi-wine.lock")).unwrap();
        lock.lock().unwrap();
        let ready = shared.join("msi-wine");
        if !ready.exists() {
            let made = Self { folder: tempfile::tempdir_in(shared).unwrap() };
            assert!(made.call("wine", &["wineboot", "--init"]).status.success());
            made.end();
            fs::rename(made.prefix(), &ready).unwrap();
        }
        let wine = Self { folder: tempfile::tempdir_in(shared).unwrap() };
        let prefix = wine.prefix();
        run("cp", "coreutils", &["--archive", "--link", ready.to_str().unwrap(), prefix.to_str().unwrap()], shared);
        for name in REGISTRY {
            fs::remove_file(prefix.join(name)).unwrap();
            fs::copy(ready.join(name), prefix.join(name)).unwrap();
        }
        wine
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("prefix")
    }

    /// A path below the drive C.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.prefix().join("drive_c").join(path)
    }

    fn call(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env("WINEPREFIX", self.prefix());
        command.env("WINEARCH", "win64").env("WINEDEBUG", "-all");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe,winedbg.exe=d");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command.output().unwrap_or_else(|error| panic!("this test needs {program}: apt-get install wine64: {error}"))
    }

    /// What a command says on its standard output.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.call("wine", arguments).stdout).replace("\r\n", "\n")
    }

    /// `msiexec` with a package; gives its exit code.
    pub(crate) fn msiexec(&self, action: &str, package: &[u8], arguments: &[&str]) -> i32 {
        let path = self.folder.path().join("package.msi");
        fs::write(&path, package).unwrap();
        let fixed = ["msiexec", action, "package.msi", "/qn"];
        let output = self.call("wine", &[&fixed, arguments].concat());
        // Wine gives programs on Unix the last eight bits.
        output.status.code().unwrap()
    }

    /// One value of the registry; none if it is not there.
    pub(crate) fn value(&self, key: &str, name: &str) -> Option<String> {
        let said = self.says(&["reg", "query", key, "/v", name]);
        let line = said.lines().find(|line| line.trim_start().to_lowercase().starts_with(&name.to_lowercase()))?;
        Some(line.split_once("SZ")?.1.trim().to_owned())
    }

    /// Everything below the drive, and every line of the registry's part for programs, but for times.
    pub(crate) fn everything(&self) -> BTreeSet<String> {
        self.end();
        let mut all = BTreeSet::new();
        let mut folders = vec![self.path("")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                all.insert(entry.path().display().to_string());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        for name in REGISTRY {
            let mut key = String::new();
            for line in String::from_utf8_lossy(&fs::read(self.prefix().join(name)).unwrap()).lines() {
                if line.starts_with('[') {
                    key = line.split(']').next().unwrap().to_owned();
                }
                // What Wine finds out about its devices is written whenever it does.
                let about_programs = key.starts_with("[Software") && !key.contains("NetworkCards");
                let of_interest = about_programs || key.contains("Environment");
                if of_interest && !line.starts_with("#time") && !line.is_empty() {
                    all.insert(format!("{name} {key} {}", if line.starts_with('[') { "" } else { line }));
                }
            }
        }
        all.retain(|line| !(line.contains("Installer") && LEFT_EMPTY.iter().any(|end| line.ends_with(end))));
        all
    }

    /// Ends what runs in this prefix, and waits until its registry is written.
    fn end(&self) {
        self.call("wineserver", &["-k"]);
        self.call("wineserver", &["-w"]);
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.end();
    }
}
