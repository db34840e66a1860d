//! Repositories of a release, and what apt, dnf, gpg and the makers of such repositories say to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Fixture, HOST, Run, tool};

const DEB: &str = "plain_1.2.3-1_amd64.deb";
const APT: [&str; 4] = ["generate", "apt-repo", "--output", "apt"];
const YUM: [&str; 4] = ["generate", "yum-repo", "--output", "yum"];
const KEY: [&str; 2] = ["--gpg-key", "repository@example.org"];

/// A release, and a key that gpg knows while this lives.
struct Publisher {
    fixture: Fixture,
    gnupg: PathBuf,
}

impl Publisher {
    fn new() -> Self {
        let mut fixture = Fixture::plain();
        // It needs nothing of a system, so that an empty one can take it.
        fixture.write("plain.c", "#include <stdio.h>\nint main(void) { return puts(\"plain\") < 0; }\n");
        let program = format!("prebuilt/{HOST}/plain");
        fixture.write(&program, "");
        let (program, source) = (fixture.path(program), fixture.path("plain.c"));
        tool("cc", &["-static-pie", "-o", program.to_str().unwrap(), source.to_str().unwrap()]);
        fixture.run(["package", "--prebuilt", "prebuilt"]).ok();
        let gnupg = fixture.base().join("gnupg");
        fs::create_dir(&gnupg).unwrap();
        tool("chmod", &["700", gnupg.to_str().unwrap()]);
        fixture.set_env("GNUPGHOME", &gnupg);
        let publisher = Self { fixture, gnupg };
        publisher.make_key("Repository <repository@example.org>");
        publisher
    }

    fn make_key(&self, name: &str) {
        self.gpg(&["--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "never"]);
    }

    #[track_caller]
    fn gpg(&self, arguments: &[&str]) -> String {
        let own = ["--homedir", self.gnupg.to_str().unwrap(), "--batch", "--pinentry-mode", "loopback"];
        tool("gpg", &[&own[..], arguments].concat())
    }

    #[track_caller]
    fn generate(&self, verb: &[&str], more: &[&str]) -> Run {
        self.fixture.run(verb.iter().chain(more))
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _agent_may_be_gone =
            Command::new("gpgconf").args(["--homedir", self.gnupg.to_str().unwrap(), "--kill", "all"]).status();
    }
}

/// Every file below a folder, by its path there.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// apt with folders of its own and one source.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn new(fixture: &Fixture, source: &str) -> Self {
        let folder = fixture.base().join("client");
        for name in ["etc/apt/sources.list.d", "state/lists/partial", "cache/archives/partial", "root/var/lib/dpkg"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        fs::write(folder.join("etc/apt/sources.list.d/plain.sources"), source).unwrap();
        fs::write(folder.join("root/var/lib/dpkg/status"), "").unwrap();
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let at = |name: &str| self.folder.join(name).display().to_string();
        let mut apt = Command::new("apt-get");
        apt.current_dir(&self.folder).env("LC_ALL", "C");
        for option in [
            format!("Dir::Etc={}", at("etc/apt")),
            format!("Dir::State={}", at("state")),
            format!("Dir::State::status={}", at("root/var/lib/dpkg/status")),
            format!("Dir::Cache={}", at("cache")),
            format!("DPkg::Options::=--root={}", at("root")),
            "DPkg::Options::=--force-not-root".to_owned(),
            "APT::Architecture=amd64".to_owned(),
            "APT::Architectures::=amd64".to_owned(),
            "APT::Sandbox::User=".to_owned(),
            "Acquire::Languages=none".to_owned(),
            // Only the key that the source names counts.
            "Dir::Etc::TrustedParts=/dev/null".to_owned(),
        ] {
            apt.args(["-o", &option]);
        }
        apt.args(arguments);
        Run::of(apt)
    }
}

#[test]
fn apt_installs_from_a_signed_repository_by_the_lines_that_were_printed() {
    let publisher = Publisher::new();
    let source = publisher.generate(&APT, &KEY).ok().stdout;
    assert!(source.contains("Signed-By: ") && source.contains("Suites: stable\nComponents: main\n"), "{source}");
    let fixture = &publisher.fixture;
    let apt = Apt::new(fixture, &source);
    apt.run(&["update", "--error-on=any"]).ok();
    apt.run(&["download", "plain"]).ok();
    let released = fs::read(fixture.dist().join(DEB)).unwrap();
    assert!(fs::read(apt.folder.join(DEB)).unwrap() == released, "another package");
    apt.run(&["install", "--yes", "plain"]).ok();
    Run::of(Command::new(apt.folder.join("root/usr/bin/plain"))).ok().prints(&["plain"]);
}

#[test]
fn apt_refuses_what_was_altered_after_it_was_signed() {
    let publisher = Publisher::new();
    let source = publisher.generate(&APT, &KEY).ok().stdout;
    let fixture = &publisher.fixture;
    let path = "apt/dists/stable/InRelease";
    fixture.write(path, fixture.text(path).replace("Suite: stable", "Suite: stabler"));
    let refused = Apt::new(fixture, &source).run(&["update", "--error-on=any"]);
    assert_ne!(refused.code, Some(0), "{refused}");
    let drifted = publisher.generate(&APT, &[&KEY[..], &["--check"]].concat());
    drifted.exits(2).says(&["InRelease is not what `build-tool generate` writes"]);
}

#[test]
fn apt_ftparchive_lists_the_same_package() {
    let publisher = Publisher::new();
    publisher.generate(&APT, &["--label", "Plain things", "--suite", "edge", "--component", "tools"]).ok();
    let folder = publisher.fixture.path("apt");
    let mut command = Command::new("apt-ftparchive");
    command.args(["packages", "pool"]).current_dir(&folder);
    let theirs = Run::of(command).ok().stdout;
    let ours = publisher.fixture.text("apt/dists/edge/tools/binary-amd64/Packages");
    let fields = |text: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter(|line| !line.starts_with(' '));
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into())).collect()
    };
    let (ours, theirs) = (fields(&ours), fields(&theirs));
    assert_eq!(ours["Filename"], format!("pool/tools/{DEB}"));
    for name in ["Package", "Version", "Architecture", "Filename", "Size", "MD5sum", "SHA1", "SHA256"] {
        assert_eq!(ours[name], theirs[name], "{name}");
    }
    let release = publisher.fixture.text("apt/dists/edge/Release");
    assert!(release.contains("Label: Plain things\nSuite: edge\n"), "{release}");
    // The time of the release, not of this run.
    assert!(release.contains("Date: Tue, 04 Mar 2025 05:06:07 UTC\n"), "{release}");
}

#[test]
fn dnf_installs_from_a_signed_repository_by_the_lines_that_were_printed() {
    let publisher = Publisher::new();
    let source = publisher.generate(&YUM, &KEY).ok().stdout;
    assert!(source.contains("repo_gpgcheck=1\ngpgkey=file:///"), "{source}");
    let fixture = &publisher.fixture;
    let (repos, root) = (fixture.base().join("repos"), fixture.base().join("root"));
    fs::create_dir(&repos).unwrap();
    fs::write(repos.join("plain.repo"), source).unwrap();
    let dnf = |arguments: &[&str]| {
        let mut dnf = Command::new("dnf");
        dnf.args(["-y", "--releasever=1", "--forcearch=x86_64"]);
        dnf.arg(format!("--installroot={}", root.display())).arg(format!("--setopt=reposdir={}", repos.display()));
        dnf.arg(format!("--setopt=cachedir={}", fixture.base().join("cache").display()));
        dnf.env("LC_ALL", "C.UTF-8").args(arguments);
        Run::of(dnf)
    };
    dnf(&["install", "plain"]).ok();
    Run::of(Command::new(root.join("usr/bin/plain"))).ok().prints(&["plain"]);
    // A signature that does not hold is refused.
    let path = "yum/repodata/repomd.xml";
    fixture.write(path, fixture.text(path).replace("</repomd>", "<!-- more --></repomd>"));
    let refused = dnf(&["--refresh", "repoquery", "plain"]);
    // dnf goes on without the repository, and ends well where others might have answered.
    assert!(
        refused.stderr.contains("GPG signature verification error") && refused.stdout.trim().is_empty(),
        "{refused}"
    );
}

#[test]
fn createrepo_says_the_same_of_the_released_packages() {
    let publisher = Publisher::new();
    publisher.generate(&YUM, &[]).ok().prints(&["repo_gpgcheck=0\n"]);
    let theirs = publisher.fixture.base().join("theirs");
    let (yum, out) = (publisher.fixture.path("yum"), theirs.to_str().unwrap());
    fs::create_dir(&theirs).unwrap();
    tool("createrepo_c", &["--quiet", "--no-database", "--simple-md-filenames", "-o", out, yum.to_str().unwrap()]);
    let list = |path: PathBuf| tool("gzip", &["-dc", path.to_str().unwrap()]);
    let our_name = |kind: &str| {
        let ending = format!("-{kind}.xml.gz");
        fs::read_dir(yum.join("repodata"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_str().unwrap().ends_with(&ending))
            .unwrap()
    };
    for kind in ["primary", "filelists", "other"] {
        let theirs = list(theirs.join(format!("repodata/{kind}.xml.gz")));
        // They give the time of the file, which is when it was made.
        let timeless = |text: String| -> Vec<String> {
            text.lines().filter(|line| !line.contains("<time file=")).map(|line| line.trim().to_owned()).collect()
        };
        assert_eq!(timeless(list(our_name(kind))), timeless(theirs), "{kind}");
    }
}

#[test]
fn the_same_release_gives_the_same_repositories() {
    let publisher = Publisher::new();
    let fixture = &publisher.fixture;
    for (verb, place) in [(&APT, "apt"), (&YUM, "yum")] {
        publisher.generate(verb, &[]).ok();
        let once = contents(&fixture.path(place));
        publisher.generate(&[verb[0], verb[1], "--output", "other"], &[]).ok();
        assert!(contents(&fixture.path("other")) == once, "{place}");
        fs::remove_dir_all(fixture.path("other")).unwrap();
        publisher.generate(verb, &["--check"]).ok();
        // Signed, a second run leaves signatures that hold as they are.
        publisher.generate(verb, &KEY).ok();
        let signed = contents(&fixture.path(place));
        publisher.generate(verb, &KEY).ok().says(&["written to", ": 0, removed: 0"]);
        publisher.generate(verb, &[&KEY[..], &["--check"]].concat()).ok();
        assert!(contents(&fixture.path(place)) == signed, "{place}");
        let list = format!("{place}-repo.sha256");
        let mut check = Command::new("sha256sum");
        check.args(["--check", "--strict", "--quiet", &list]).current_dir(fixture.path(place));
        Run::of(check).ok();
        // Without the key again, its traces go.
        publisher.generate(verb, &[]).ok();
        assert!(contents(&fixture.path(place)) == once, "{place}");
    }
}

#[test]
fn a_dry_run_and_a_check_write_nothing() {
    let publisher = Publisher::new();
    let would = publisher.generate(&APT, &[&KEY[..], &["--dry-run"]].concat()).ok();
    would.prints(&["would write ", &format!("apt/pool/main/{DEB}"), "apt/dists/stable/InRelease", "archive-key.asc"]);
    publisher.generate(&YUM, &["--dry-run"]).ok().prints(&["yum/repodata/repomd.xml\n"]);
    publisher.generate(&APT, &["--check"]).exits(2).says(&["there is no such file"]);
    assert!(!publisher.fixture.path("apt").exists() && !publisher.fixture.path("yum").exists());
}

#[test]
fn nobody_else_s_file_is_overwritten_or_removed() {
    let publisher = Publisher::new();
    let fixture = &publisher.fixture;
    fixture.write("apt/dists/stable/Release", "mine\n").write("apt/readme", "mine\n");
    publisher.generate(&APT, &[]).exits(2).says(&["dists/stable/Release is there already", "nothing was written"]);
    assert_eq!(contents(&fixture.path("apt")).len(), 2);
    fs::remove_file(fixture.path("apt/dists/stable/Release")).unwrap();
    publisher.generate(&APT, &[]).ok();
    // Another suite: what was of the first goes, all else stays.
    publisher.generate(&APT, &["--suite", "edge"]).ok();
    let there = contents(&fixture.path("apt"));
    assert!(there.contains_key("dists/edge/Release") && there.contains_key("readme"), "{:?}", there.keys());
    assert!(!there.keys().any(|name| name.starts_with("dists/stable/")), "{:?}", there.keys());
}

#[test]
fn what_cannot_be_published_is_refused_before_anything_is_written() {
    let publisher = Publisher::new();
    let fixture = &publisher.fixture;
    publisher.generate(&APT, &["--suite", "../x"]).exits(2).says(&["suite cannot be \"../x\""]);
    publisher.generate(&APT, &["--gpg-key", "nobody@example.org"]).exits(1).says(&["cannot find the key"]);
    publisher.make_key("Other <other@example.org>");
    publisher.generate(&APT, &["--gpg-key", "example.org"]).exits(2).says(&["2 secret keys", "fingerprint"]);
    publisher.generate(&[APT[0], APT[1], "nowhere", "--output", "apt"], &[]).exits(4).says(&["there is no release"]);
    let mut bytes = fs::read(fixture.dist().join(DEB)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(fixture.dist().join(DEB), bytes).unwrap();
    publisher.generate(&APT, &[]).exits(4).says(&[DEB, "its SHA-256 is"]);
    assert!(!fixture.path("apt").exists());
    publisher.generate(&YUM, &[]).ok();
}
