//! RPM packages before rpm itself: it must accept, install, upgrade, verify and remove them, and take gpg's
//! signatures. A missing program fails the test: a proof that did not run is none.
#![cfg(target_os = "linux")]

mod support;

use release_formats::compress::Codec;
use release_formats::payload::{Mark, Node, Payload};
use release_formats::read_archive::Limits;
use release_formats::rpm::{Metadata, RpmEntry, RpmReadError, insert_rpm_signature, read_rpm, rpm_signed_part};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::rpm::{MTIME, metadata, payload, program, write_into};
use support::{noise, run};
use tempfile::TempDir;

/// The package without dependencies of its own, so that an empty system takes it.
fn second_version() -> Metadata {
    Metadata { version: "1.0.0".to_owned(), ..metadata() }
}

#[test]
fn rpm_says_what_was_put_in() {
    let folder = tempfile::tempdir().unwrap();
    let package = write_into(folder.path(), &metadata(), "a\n");
    let rpm = |arguments: &[&str]| run("rpm", "rpm", &[arguments, &[&package]].concat(), folder.path());
    let checked = rpm(&["-Kv"]);
    assert!(checked.contains("Header SHA256 digest: OK") && checked.contains("Payload SHA256 digest: OK"), "{checked}");
    let about = rpm(&["-qip"]);
    for line in [
        "Name        : tool",
        "Epoch       : 2",
        "Version     : 1.0.0~rc.1",
        "Release     : 1",
        "Architecture: x86_64",
        "Group       : Applications/System",
        "License     : MIT OR Apache-2.0",
        "Source RPM  : tool-1.0.0~rc.1-1.src.rpm",
        "Build Host  : reproducible",
        "Packager    : A. Packager <packager@example.org>",
        "Vendor      : Example",
        "URL         : https://example.org/tool",
        "Summary     : Does useful things",
        "It does them well, & <fast>.",
    ] {
        assert!(about.contains(line), "{line}: {about}");
    }
    assert_eq!(rpm(&["-qp", "--conflicts"]), "old-tool < 1.0-3\n");
    assert_eq!(rpm(&["-qp", "--obsoletes"]), "older-tool <= 0.9\n");
    assert_eq!(rpm(&["-qp", "--recommends"]), "tool-extras\n");
    assert_eq!(rpm(&["-qp", "--suggests"]), "other > 4\n");
    assert!(rpm(&["-qp", "--requires"]).contains("helper >= 1:2.0\n"));
    assert!(rpm(&["-qp", "--scripts"]).contains("postuninstall scriptlet (using /bin/sh):\necho postun"));
    assert!(rpm(&["-qp", "--changelog"]).contains("- Faster"));
    let listed = rpm(&["-qp", "--qf", "[%{FILENAMES} %{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILECOLORS}\\n]"]);
    let expected = "\
/etc/tool.conf -rw-r----- cn 0
/etc/tool.defaults -rw-r--r-- c 0
/usr/bin/t lrwxrwxrwx  0
/usr/bin/tool -rwxr-xr-x  2
/usr/lib/tool drwxr-xr-x  0
/usr/lib/tool-data -rw-r--r--  0
/usr/lib/tool/empty -rw-------  0
/usr/share/doc/tool drwxr-xr-x  0
/usr/share/doc/tool/README.md -rw-r--r-- d 0
/usr/share/licenses/tool drwxr-xr-x  0
/usr/share/licenses/tool/LICENSE -rw-r--r-- l 0
/usr/share/man/man1/tool.1.gz -rw-r--r-- d 0
/var/lib/tool drwxr-x---  0
";
    assert_eq!(listed, expected);
}

/// A system of its own for rpm: a database, and the shell that the scripts need.
struct System(TempDir);

impl System {
    fn new() -> Self {
        let system = Self(tempfile::tempdir().unwrap());
        let linked = run("ldd", "libc-bin", &["/bin/sh"], system.root());
        let libraries = linked.split_whitespace().filter(|word| word.starts_with('/'));
        for path in libraries.chain(["/bin/sh"]) {
            let inside = system.path(&path[1..]);
            fs::create_dir_all(inside.parent().unwrap()).unwrap();
            fs::copy(path, inside).unwrap();
        }
        system.rpm(&["--initdb"]);
        system
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.root().join(inside)
    }

    fn text(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Output {
        let root = ["--root", self.root().to_str().unwrap(), "--dbpath", "/var/lib/rpm"];
        Command::new("rpm").args(root).args(arguments).env("LC_ALL", "C.UTF-8").output().unwrap()
    }

    fn rpm(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "rpm {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn rpm_installs_upgrades_verifies_and_removes_it() {
    let folder = tempfile::tempdir().unwrap();
    let system = System::new();
    let old = write_into(folder.path(), &metadata(), "old\n");
    let new = write_into(folder.path(), &second_version(), "new\n");

    system.rpm(&["-i", "--nodeps", &old]);
    assert_eq!(system.rpm(&["-q", "tool"]), "tool-1.0.0~rc.1-1.x86_64\n");
    assert_eq!(system.rpm(&["-V", "--nodeps", "tool"]), "");
    assert!(fs::read(system.path("usr/bin/tool")).unwrap() == program());
    assert!(fs::read(system.path("usr/lib/tool-data")).unwrap() == noise(3 << 20));
    assert_eq!(fs::read_link(system.path("usr/bin/t")).unwrap(), Path::new("tool"));
    let conf = fs::metadata(system.path("etc/tool.conf")).unwrap();
    assert_eq!((conf.permissions().mode() & 0o7777, conf.mtime()), (0o640, MTIME as i64));
    assert_eq!(system.text("scripts.log"), "pre 1\npost 1\n");

    fs::write(system.path("etc/tool.conf"), "the user's\n").unwrap();
    fs::write(system.path("etc/tool.defaults"), "the user's\n").unwrap();
    fs::write(system.path("usr/lib/tool/empty"), "x").unwrap();
    let changed = system.command(&["-V", "--nodeps", "tool"]);
    assert!(!changed.status.success());
    let changed = String::from_utf8(changed.stdout).unwrap();
    for line in ["S.5....T.  c /etc/tool.conf", "S.5....T.    /usr/lib/tool/empty"] {
        assert!(changed.contains(line), "{changed}");
    }

    system.rpm(&["-U", "--nodeps", &new]);
    assert_eq!(system.rpm(&["-q", "tool"]), "tool-1.0.0-1.x86_64\n");
    assert_eq!(system.text("etc/tool.conf"), "the user's\n");
    assert_eq!(system.text("etc/tool.conf.rpmnew"), "new\n");
    // This one has not changed between the packages, so the user's stays.
    assert_eq!(system.text("etc/tool.defaults"), "the user's\n");
    assert_eq!(system.text("usr/lib/tool/empty"), "");
    let log = "pre 1\npost 1\npre 2\npost 2\npreun 1\npostun 1\n";
    assert_eq!(system.text("scripts.log"), log);
    let downgrade = system.command(&["-U", "--nodeps", &old]);
    assert!(String::from_utf8_lossy(&downgrade.stderr).contains("is already installed"));

    system.rpm(&["-e", "tool"]);
    assert_eq!(system.text("scripts.log"), format!("{log}preun 0\npostun 0\n"));
    assert_eq!(system.text("etc/tool.conf.rpmsave"), "the user's\n");
    for gone in ["usr/bin/tool", "usr/bin/t", "usr/lib/tool", "usr/share/doc/tool", "var/lib/tool", "etc/tool.conf"] {
        assert!(!system.path(gone).exists(), "{gone}");
    }
}

#[test]
fn the_upgrade_of_plain_configuration_replaces_and_saves_it() {
    let folder = tempfile::tempdir().unwrap();
    let system = System::new();
    let marked = |metadata: &Metadata, conf: &str| {
        let mut nodes: Vec<Node> = payload(conf).nodes().cloned().collect();
        let conf = nodes.iter_mut().find(|node| node.path == "etc/tool.conf").unwrap();
        conf.mark = Mark::Config;
        let payload = Payload::new(nodes).unwrap();
        let options = support::rpm::options(Codec::Xz, 2);
        let path = folder.path().join(metadata.file_name());
        fs::write(&path, support::rpm::write(metadata, &payload, &options)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    system.rpm(&["-i", "--nodeps", &marked(&metadata(), "old\n")]);
    fs::write(system.path("etc/tool.conf"), "the user's\n").unwrap();
    system.rpm(&["-U", "--nodeps", &marked(&second_version(), "new\n")]);
    assert_eq!(system.text("etc/tool.conf"), "new\n");
    assert_eq!(system.text("etc/tool.conf.rpmsave"), "the user's\n");
}

/// Keys of a gpg of its own.
struct Keys(TempDir);

impl Keys {
    fn new() -> Self {
        let keys = Self(tempfile::tempdir().unwrap());
        fs::set_permissions(keys.0.path(), fs::Permissions::from_mode(0o700)).unwrap();
        keys
    }

    fn gpg(&self, arguments: &[&str]) {
        let home = ["--homedir", self.0.path().to_str().unwrap(), "--batch", "--yes"];
        let secret = ["--pinentry-mode", "loopback", "--passphrase", ""];
        run("gpg", "gnupg", &[&home[..], &secret, arguments].concat(), self.0.path());
    }

    /// Makes a key, signs the package with it, and gives the signed one and the public key.
    fn sign(&self, package: &str, algorithm: &str) -> (String, String) {
        let user = format!("{algorithm} <{algorithm}@example.org>");
        self.gpg(&["--quick-generate-key", &user, algorithm, "sign", "never"]);
        let part = rpm_signed_part(File::open(package).unwrap(), Limits::default()).unwrap();
        let (path, key) = (self.0.path().join("part"), self.0.path().join("key.asc"));
        File::create(&path).unwrap().write_all(&part).unwrap();
        let (path, key) = (path.to_str().unwrap(), key.to_str().unwrap().to_owned());
        let from = format!("<{algorithm}@example.org>");
        self.gpg(&["--local-user", &from, "--no-armor", "--detach-sign", path]);
        self.gpg(&["--armor", "--output", &key, "--export", &from]);
        let signature = fs::read(format!("{path}.sig")).unwrap();
        let signed = format!("{package}.{algorithm}.rpm");
        let out = File::create(&signed).unwrap();
        insert_rpm_signature(File::open(package).unwrap(), Limits::default(), &signature, out).unwrap();
        (signed, key)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // The agent would outlive the test; it ends by itself when its folder is gone, but later.
        let home = self.0.path().to_str().unwrap_or_default();
        let _ = Command::new("gpgconf").args(["--homedir", home, "--kill", "all"]).status();
    }
}

/// A signed package without what is odd about the other: an empty file, and files that not everybody may read.
#[test]
fn rpmlint_finds_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut nodes: Vec<Node> = payload("a\n").nodes().cloned().collect();
    nodes.retain(|node| node.path != "usr/lib/tool/empty");
    for node in &mut nodes {
        node.mode = if node.mode & 0o100 == 0 { 0o644 } else { 0o755 };
    }
    let package = folder.path().join(metadata().file_name());
    let options = support::rpm::options(Codec::Zstd, 2);
    fs::write(&package, support::rpm::write(&metadata(), &Payload::new(nodes).unwrap(), &options)).unwrap();
    let (keys, home) = (Keys::new(), tempfile::tempdir().unwrap());
    let (signed, key) = keys.sign(package.to_str().unwrap(), "rsa2048");
    fs::rename(signed, &package).unwrap();
    // Debian's rpm has its database, which rpmlint looks keys up in, in the home.
    let command = |program| {
        let mut command = Command::new(program);
        command.env("HOME", home.path());
        command
    };
    assert!(command("rpm").args(["--import", &key]).status().unwrap().success());
    let output = command("rpmlint").arg(&package).output().expect("on Debian, apt-get install rpmlint");
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && found.contains(" 0 errors"), "{found}");
}

#[test]
fn rpm_takes_gpgs_signature_of_a_known_key_only() {
    let folder = tempfile::tempdir().unwrap();
    let package = write_into(folder.path(), &metadata(), "a\n");
    for (algorithm, name) in [("rsa2048", "RSA/SHA"), ("ed25519", "EdDSA/SHA")] {
        let keys = Keys::new();
        let (signed, key) = keys.sign(&package, algorithm);
        let system = System::new();
        let check = || system.command(&["-Kv", &signed]);
        let unknown = check();
        let text = String::from_utf8(unknown.stdout).unwrap();
        assert!(!unknown.status.success() && text.contains("NOKEY"), "{text}");
        system.rpm(&["--import", &key]);
        let known = check();
        let text = String::from_utf8(known.stdout).unwrap();
        let line = text.lines().find(|line| line.contains("Signature")).unwrap_or_default();
        assert!(known.status.success() && line.contains(name) && line.ends_with(": OK"), "{text}");
        assert!(text.contains("Payload SHA256 digest: OK"), "{text}");
        system.rpm(&["-i", "--nodeps", "--define", "_pkgverify_level all", &signed]);
        let unsigned = system.command(&["-i", "--nodeps", "--force", "--define", "_pkgverify_level all", &package]);
        assert!(!unsigned.status.success(), "an unsigned one is refused where signatures are wanted");
    }
}

/// The reader takes more than what is written here: rpmbuild's sums, tags and `%ghost` files.
#[test]
fn packages_of_rpmbuild_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (payload, codec) in [("w9.gzdio", Codec::Gzip), ("w2.xzdio", Codec::Xz), ("w3.zstdio", Codec::Zstd)] {
        let spec = folder.path().join("other.spec");
        fs::write(&spec, SPEC).unwrap();
        let top = format!("_topdir {}", folder.path().display());
        let compression = format!("_binary_payload {payload}");
        let arguments = ["--quiet", "-bb", "--define", &top, "--define", &compression, spec.to_str().unwrap()];
        run("rpmbuild", "rpm", &arguments, folder.path());
        let file = File::open(folder.path().join("RPMS/noarch/other-1.5-2.noarch.rpm")).unwrap();
        let mut contents = Vec::new();
        let package = read_rpm(file, Limits::default(), |entry: &RpmEntry, content| {
            let mut text = String::new();
            content.read_to_string(&mut text)?;
            contents.push((entry.entry.path.clone(), text));
            Ok::<_, RpmReadError>(())
        });
        let package = package.unwrap();
        let expected = [("etc/other.conf", "conf\n"), ("usr/share/other", ""), ("usr/share/other/link", "")];
        assert_eq!(contents, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
        assert_eq!((package.codec, package.metadata.full_version()), (codec, "1.5-2".to_owned()));
        let ghosts: Vec<&str> =
            package.entries.iter().filter(|entry| entry.ghost).map(|entry| entry.entry.path.as_str()).collect();
        assert_eq!(ghosts, ["var/log/other.log"]);
        assert!(
            package
                .metadata
                .requires
                .iter()
                .any(|needed| needed.to_string() == "helper >= 2:1.0" && needed.for_scripts)
        );
    }
}

const SPEC: &str = "\
Name: other
Version: 1.5
Release: 2
Summary: Other
License: MIT
BuildArch: noarch
Requires(post): helper >= 2:1.0
%description
Text.
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/share/other %{buildroot}/var/log
echo conf > %{buildroot}/etc/other.conf
ln -s ../other %{buildroot}/usr/share/other/link
touch %{buildroot}/var/log/other.log
%files
%config(noreplace) /etc/other.conf
/usr/share/other
%ghost /var/log/other.log
";
