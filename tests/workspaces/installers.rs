//! The installers of a whole release, taken as a packager takes them: by dpkg, rpm and Wine's Windows Installer into
//! systems of their own, where their programs run; and for macOS, where nothing here can install, by readers that
//! are not ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::six_targets::Released;
use crate::support::{Fixture, Run, tool};

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";
const UNIVERSAL: &str = "universal-apple-darwin";

/// An app of a release, and a program of it that knows `--version`.
pub(crate) struct App<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) program: &'a str,
}

/// dpkg for a system of its own below `root`.
pub(crate) fn dpkg(root: &Path) -> impl Fn(&[&str]) -> String {
    let admin = root.join("var/lib/dpkg");
    fs::create_dir_all(admin.join("updates")).unwrap();
    fs::create_dir_all(admin.join("info")).unwrap();
    fs::write(admin.join("status"), "").unwrap();
    let own = [
        format!("--root={}", root.display()),
        format!("--log={}/log", root.display()),
        // This root has no other packages, so no libc6 either.
        "--force-depends".to_owned(),
        "--force-not-root".to_owned(),
        "--force-script-chrootless".to_owned(),
    ];
    move |arguments| {
        let mut dpkg = Command::new("dpkg");
        dpkg.args(&own).args(arguments).env("LC_ALL", "C.UTF-8");
        Run::of(dpkg).ok().stdout
    }
}

impl App<'_> {
    /// The installers that a release for all six targets has.
    pub(crate) fn installers(&self) -> BTreeSet<String> {
        let Self { name, version, .. } = self;
        BTreeSet::from([
            format!("{name}_{version}-1_amd64.deb"),
            format!("{name}_{version}-1_arm64.deb"),
            format!("{name}-{version}-1.x86_64.rpm"),
            format!("{name}-{version}-1.aarch64.rpm"),
            format!("{name}-{version}-{WINDOWS}.msi"),
            format!("{name}-{version}-aarch64-pc-windows-msvc.msi"),
            format!("{name}-{version}-{UNIVERSAL}.pkg"),
            format!("{name}-{version}-{UNIVERSAL}.dmg"),
        ])
    }

    /// Each installer is there and listed, and its system takes it and gives it up again.
    pub(crate) fn proves(&self, fixture: &Fixture, released: &Released<'_>) {
        let shipped = crate::support::files(&fixture.dist()).into_iter().collect::<BTreeSet<_>>();
        let kind = |name: &&String| [".deb", ".rpm", ".msi", ".pkg", ".dmg"].iter().any(|end| name.ends_with(end));
        let own = |name: &&String| {
            name.starts_with(&format!("{}-", self.name)) || name.starts_with(&format!("{}_", self.name))
        };
        let found: BTreeSet<String> = shipped.iter().filter(kind).filter(own).cloned().collect();
        assert_eq!(found, self.installers());
        let (sums, description) = (fixture.text("dist/SHA256SUMS"), fixture.text("dist/release.json"));
        for name in self.installers() {
            assert!(sums.contains(&format!("  {name}\n")), "SHA256SUMS has no {name}");
            assert!(description.contains(&format!("\"name\": \"{name}\"")), "release.json has no {name}");
        }
        let of = |target| fs::read(released.program(self.name, self.version, target, self.program)).unwrap();
        self.proves_deb(&fixture.dist(), &of(LINUX));
        self.proves_rpm(&fixture.dist(), &of(LINUX));
        self.proves_msi(fixture);
        self.proves_pkg(&fixture.dist(), &of(UNIVERSAL));
        self.proves_dmg(&fixture.dist(), &of(UNIVERSAL));
    }

    fn path(&self, dist: &Path, end: &str) -> PathBuf {
        let name = self.installers().into_iter().find(|name| name.ends_with(end)).unwrap();
        dist.join(name)
    }

    /// The program lies there, is the one of the archive, and runs.
    fn runs(&self, installed: &Path, expected: &[u8]) {
        assert!(fs::read(installed).unwrap() == expected, "{} is not the archive's", installed.display());
        let mut program = Command::new(installed);
        program.arg("--version");
        let said = Run::of(program).ok().stdout;
        assert!(said.contains(self.version), "{said}");
    }

    fn proves_deb(&self, dist: &Path, expected: &[u8]) {
        let root = tempfile::tempdir().unwrap();
        let dpkg = dpkg(root.path());
        dpkg(&["--install", self.path(dist, "_amd64.deb").to_str().unwrap()]);
        self.runs(&root.path().join("usr/bin").join(self.program), expected);
        assert_eq!(dpkg(&["--verify", self.name]), "");
        dpkg(&["--purge", self.name]);
        assert!(!root.path().join("usr/bin").exists());
    }

    fn proves_rpm(&self, dist: &Path, expected: &[u8]) {
        let root = tempfile::tempdir().unwrap();
        let rpm = |arguments: &[&str]| {
            let root = root.path().to_str().unwrap();
            tool("rpm", &[&["--root", root, "--dbpath", "/var/lib/rpm", "--nodeps"], arguments].concat())
        };
        rpm(&["--install", self.path(dist, ".x86_64.rpm").to_str().unwrap()]);
        self.runs(&root.path().join("usr/bin").join(self.program), expected);
        assert_eq!(rpm(&["--verify", self.name]), "");
        rpm(&["--erase", self.name]);
        assert!(!root.path().join("usr/bin").join(self.program).exists());
    }

    /// In the Wine that the smoke test has made.
    fn proves_msi(&self, fixture: &Fixture) {
        let prefix = fixture.path("target/build-tool/wine/prefix");
        let wine = |arguments: &[&str]| {
            let mut wine = Command::new("wine");
            wine.args(arguments).current_dir(fixture.dist());
            wine.env("WINEPREFIX", &prefix).env("WINEDEBUG", "-all").env("LC_ALL", "C.UTF-8");
            wine.env("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe,winedbg.exe=d").env_remove("DISPLAY");
            Run::of(wine).ok().stdout
        };
        let package = self.path(&fixture.dist(), &format!("{WINDOWS}.msi"));
        let package = package.file_name().unwrap().to_str().unwrap();
        wine(&["msiexec", "/i", package, "/qn"]);
        let said = wine(&["cmd", "/c", &format!("{}.exe", self.program), "--version"]);
        assert!(said.contains(self.version), "found by PATH, it says {said}");
        let folder = prefix.join("drive_c/Program Files").join(self.name);
        assert!(folder.is_dir(), "{}", folder.display());
        wine(&["msiexec", "/x", package, "/qn"]);
        assert!(!folder.exists(), "{} is still there", folder.display());
    }

    fn proves_pkg(&self, dist: &Path, expected: &[u8]) {
        let folder = tempfile::tempdir().unwrap();
        let (package, into) = (self.path(dist, ".pkg"), folder.path().to_str().unwrap());
        assert!(tool("7zz", &["t", package.to_str().unwrap()]).contains("Everything is Ok"));
        tool("bsdtar", &["-xf", package.to_str().unwrap(), "-C", into]);
        tool("xmllint", &["--noout", folder.path().join("Distribution").to_str().unwrap()]);
        let component = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let component = component.into_iter().find(|path| path.extension().is_some_and(|end| end == "pkg")).unwrap();
        // bsdtar sees through gzip and cpio.
        tool("bsdtar", &["-xf", component.join("Payload").to_str().unwrap(), "-C", into]);
        let installed = folder.path().join("usr/local/bin").join(self.program);
        assert!(fs::read(installed).unwrap() == expected, "another program than in the archive");
    }

    fn proves_dmg(&self, dist: &Path, expected: &[u8]) {
        let folder = tempfile::tempdir().unwrap();
        let (image, into) = (self.path(dist, ".dmg"), format!("-o{}", folder.path().display()));
        assert!(tool("7zz", &["t", image.to_str().unwrap()]).contains("Everything is Ok"));
        tool("7zz", &["x", "-snld", &into, image.to_str().unwrap()]);
        let volume = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        assert!(fs::read(volume.join(self.program)).unwrap() == expected, "another program than in the archive");
        let linked = fs::read_dir(&volume).unwrap().any(|entry| entry.unwrap().path().is_symlink());
        assert!(linked, "{} has no link to where the program belongs", volume.display());
    }
    /// What those say who look through packages before a distribution takes them.
    pub(crate) fn reviewers_find_nothing(&self, fixture: &Fixture) {
        for end in ["_amd64.deb", "_arm64.deb"] {
            let deb = self.path(&fixture.dist(), end);
            assert_eq!(tool("lintian", &["--allow-root", "--fail-on", "none", deb.to_str().unwrap()]), "");
        }
        for end in [".x86_64.rpm", ".aarch64.rpm"] {
            let mut rpmlint = Command::new("rpmlint");
            rpmlint.arg(self.path(&fixture.dist(), end));
            let said = Run::of(rpmlint).stdout;
            // It is not signed: whoever releases it has the key. And `-bun` is no translation into Bunak.
            let meant = |line: &&str| line.ends_with("no-signature") || line.ends_with("no-dependency-on locales-bun");
            let errors = said.lines().filter(|line| line.contains(": E: ") && !meant(line));
            assert_eq!(errors.collect::<Vec<_>>(), [""; 0], "{said}");
            assert!(said.contains(" 1 packages and 0 specfiles checked;"), "{said}");
        }
    }
}
