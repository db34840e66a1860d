//! Alpine packages before apk and openssl, and against sums that an independent reader finds.
#![cfg(unix)]

mod support;

use proptest::prelude::*;
use release_formats::apk::{
    Apk, ApkError, ApkInfo, ApkOptions, ApkReadError, ApkScripts, KeyError, SigningKey, VerifyingKey, apk_version,
    read_apk, write_apk,
};
use release_formats::packaged::PackagedKind;
use release_formats::payload::{Content, Mark, NodeKind, Payload};
use release_formats::read_archive::Limits;
use std::fs;
use std::io::Cursor;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use support::payloads::{file, nodes, payload};
use support::{MTIME, noise, run};
use tempfile::TempDir;

const KEY_NAME: &str = "hello@example.org-5f3c1d2e.rsa.pub";

fn info(version: &str) -> ApkInfo {
    ApkInfo {
        name: "hello-tool".into(),
        version: version.into(),
        architecture: "x86_64".into(),
        description: "greets those who start it".into(),
        url: "https://example.org".into(),
        maintainer: "Hello Makers <hello@example.org>".into(),
        licence: "MIT".into(),
        provides: vec!["cmd:hello=1.0.0-r0".into()],
        ..ApkInfo::default()
    }
}

fn scripts() -> ApkScripts {
    let script = |text: &str| Some(format!("#!/bin/sh\n{text}\n").into_bytes());
    ApkScripts { post_install: script("exit 0"), pre_deinstall: script("exit 0"), ..ApkScripts::default() }
}

/// A folder with a fresh key pair, made by openssl.
struct Keys {
    folder: TempDir,
}

impl Keys {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for arguments in [
            &["genrsa", "-out", "key.pem", "2048"][..],
            &["rsa", "-in", "key.pem", "-pubout", "-out", KEY_NAME],
            &["rsa", "-in", "key.pem", "-traditional", "-out", "pkcs1.pem"],
        ] {
            run("openssl", "openssl", arguments, folder.path());
        }
        Self { folder }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_pem(KEY_NAME, &self.text("key.pem")).unwrap()
    }

    fn verifying(&self) -> VerifyingKey {
        VerifyingKey::from_pem(&self.text(KEY_NAME)).unwrap()
    }
}

fn write(info: &ApkInfo, payload: &Payload, threads: usize, key: Option<&SigningKey>) -> Vec<u8> {
    let options = ApkOptions { level: Some(1), mtime: MTIME, threads };
    write_apk(Vec::new(), Cursor::new(Vec::new()), info, &scripts(), payload, options, key).unwrap()
}

fn read(bytes: &[u8], key: Option<&VerifyingKey>) -> Result<Apk, ApkReadError> {
    read_apk(Cursor::new(bytes), Limits::default(), key, |_, _| Ok(()))
}

/// apk as scripts/setup.sh installs it, or as the system has it.
fn apk(arguments: &[&str], folder: &Path) -> (bool, String) {
    let own = "/usr/local/lib/apk-tools/apk";
    let program = if Path::new(own).exists() { own } else { "apk" };
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("this test needs apk, which scripts/setup.sh installs: {error}"));
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[track_caller]
fn apk_ok(arguments: &[&str], folder: &Path) -> String {
    let (success, text) = apk(arguments, folder);
    assert!(success, "apk {arguments:?}: {text}");
    text
}

fn saved(folder: &Path, info: &ApkInfo, bytes: &[u8]) -> PathBuf {
    let path = folder.join(info.file_name());
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads() {
    let key = Keys::new().signing();
    let mut nodes = nodes("x");
    nodes.push(file("usr/share/hello/big", 0o644, &noise(5 << 20), Mark::None));
    let payload = Payload::new(nodes).unwrap();
    let one = write(&info("1-r0"), &payload, 1, Some(&key));
    assert!(one == write(&info("1-r0"), &payload, 4, Some(&key)));
}

#[test]
fn apk_verifies_installs_upgrades_and_removes() {
    let keys = Keys::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let root_text = root.to_str().unwrap().to_owned();
    let keys_folder = keys.folder.path().to_str().unwrap().to_owned();
    // Scripts would need a shell within the root.
    let mut fixed = vec!["--root", &root_text, "--keys-dir", &keys_folder, "--arch", "x86_64"];
    fixed.extend(["--no-network", "--repositories-file", "/dev/null"]);
    let fixed = fixed.as_slice();

    let first = info("1.0.0_rc1-r0");
    let path = saved(folder.path(), &first, &write(&first, &payload(), 2, Some(&keys.signing())));
    let path = path.to_str().unwrap();
    apk_ok(&["verify", "--keys-dir", &keys_folder, path], folder.path());
    let mut add = vec!["add", "--no-scripts", "--initdb"];
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        add.push("--usermode");
    }
    apk_ok(&[fixed, &add, &[path]].concat(), folder.path());
    for node in payload().nodes() {
        let path = root.join(&node.path);
        match &node.kind {
            NodeKind::File(Content::Bytes(bytes)) => assert!(*bytes == fs::read(&path).unwrap(), "{path:?}"),
            NodeKind::Symlink(target) => assert_eq!(fs::read_link(&path).unwrap(), Path::new(target)),
            _ => assert!(path.is_dir()),
        }
    }
    // Its audit compares what is installed with the checksums of the package.
    assert_eq!(apk_ok(&[fixed, &["audit", "--system"]].concat(), folder.path()), "");
    fs::write(root.join("usr/bin/hello"), "damaged").unwrap();
    assert_eq!(apk_ok(&[fixed, &["audit", "--system"]].concat(), folder.path()), "U usr/bin/hello\n");

    fs::write(root.join("etc/hello.conf"), "setting = mine\n").unwrap();
    let second = info("1.0.0-r0");
    let changed = Payload::new(nodes("setting = 2\n")).unwrap();
    let path = saved(folder.path(), &second, &write(&second, &changed, 1, Some(&keys.signing())));
    apk_ok(&[fixed, &["add", "--no-scripts", path.to_str().unwrap()]].concat(), folder.path());
    assert!(apk_ok(&[fixed, &["info", "-v"]].concat(), folder.path()).contains("hello-tool-1.0.0-r0"));
    assert_eq!(fs::read_to_string(root.join("etc/hello.conf")).unwrap(), "setting = mine\n");
    assert_eq!(fs::read_to_string(root.join("etc/hello.conf.apk-new")).unwrap(), "setting = 2\n");

    apk_ok(&[fixed, &["del", "--no-scripts", "hello-tool"]].concat(), folder.path());
    assert!(!root.join("usr/bin/hello").exists());
}

#[test]
fn apk_refuses_what_is_unsigned_or_signed_by_another() {
    let (keys, others) = (Keys::new(), Keys::new());
    let folder = tempfile::tempdir().unwrap();
    let keys_folder = keys.folder.path().to_str().unwrap().to_owned();
    for key in [None, Some(others.signing())] {
        let path = saved(folder.path(), &info("1-r0"), &write(&info("1-r0"), &payload(), 1, key.as_ref()));
        let (success, text) = apk(&["verify", "--keys-dir", &keys_folder, path.to_str().unwrap()], folder.path());
        assert!(!success, "{text}");
    }
}

#[test]
fn apk_orders_versions_as_cargo_does() {
    let ordered =
        ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1"];
    for pair in ordered.windows(2) {
        let [old, new] = [pair[0], pair[1]].map(|version| apk_version(version, 0).unwrap());
        assert_eq!(apk_ok(&["version", "-t", &old, &new], Path::new("/")), "<\n", "{old} {new}");
    }
}

/// The members are cut apart by zlib, the signature checked by openssl and the sums by Python's own modules.
const INDEPENDENT: &str = r#"
import hashlib, io, re, subprocess, sys, tarfile, zlib
raw, members = open(sys.argv[1], 'rb').read(), []
while raw:
    d = zlib.decompressobj(31)
    text = d.decompress(raw) + d.flush()
    members.append((raw[:len(raw) - len(d.unused_data)], text))
    raw = d.unused_data
assert len(members) == 3, len(members)
open('control', 'wb').write(members[1][0])
signature = tarfile.open(fileobj=io.BytesIO(members[0][1] + bytes(1024)))
open('signature', 'wb').write(signature.extractfile(signature.getmembers()[0]).read())
print(signature.getnames())
control = tarfile.open(fileobj=io.BytesIO(members[1][1] + bytes(1024)))
print(control.getnames())
info = control.extractfile('.PKGINFO').read().decode()
assert re.search('^datahash = (.*)$', info, re.M)[1] == hashlib.sha256(members[2][0]).hexdigest()
data = tarfile.open(fileobj=io.BytesIO(members[2][1]))
for entry in data:
    if entry.isdir(): continue
    content = entry.linkname.encode() if entry.issym() else data.extractfile(entry).read()
    assert entry.pax_headers['APK-TOOLS.checksum.SHA1'] == hashlib.sha1(content).hexdigest(), entry.name
whole = tarfile.open(fileobj=io.BytesIO(b''.join(text for _, text in members)))
assert whole.getnames() == signature.getnames() + control.getnames() + data.getnames()
"#;

#[test]
fn signature_and_sums_are_found_by_others() {
    let keys = Keys::new();
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), &info("1-r0"), &write(&info("1-r0"), &payload(), 1, Some(&keys.signing())));
    let shown = run("python3", "python3", &["-c", INDEPENDENT, path.to_str().unwrap()], folder.path());
    assert_eq!(shown, format!("['.SIGN.RSA.{KEY_NAME}']\n['.PKGINFO', '.post-install', '.pre-deinstall']\n"));
    let key = keys.folder.path().join(KEY_NAME);
    let arguments = ["dgst", "-sha1", "-verify", key.to_str().unwrap(), "-signature", "signature", "control"];
    run("openssl", "openssl", &arguments, folder.path());
}

#[test]
fn the_reader_sees_what_was_written() {
    let keys = Keys::new();
    let bytes = write(&info("1.0.0-r0"), &payload(), 1, Some(&keys.signing()));
    let mut seen = Vec::new();
    let apk = read_apk(Cursor::new(&bytes), Limits::default(), Some(&keys.verifying()), |entry, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        seen.push((entry.clone(), bytes));
        Ok::<_, Box<dyn std::error::Error>>(())
    })
    .unwrap();
    assert_eq!(apk.get("pkgname"), Some("hello-tool"));
    assert_eq!(apk.all("provides").collect::<Vec<_>>(), ["cmd:hello=1.0.0-r0"]);
    assert_eq!(apk.scripts, scripts());
    assert_eq!(apk.key_name.as_deref(), Some(KEY_NAME));
    for node in payload().nodes() {
        let (entry, bytes) = seen.iter().find(|(entry, _)| entry.path == node.path).unwrap();
        match &node.kind {
            NodeKind::File(Content::Bytes(content)) => assert!(content == bytes && entry.mode == node.mode),
            NodeKind::Symlink(target) => assert_eq!(entry.kind, PackagedKind::Symlink(target.clone())),
            _ => assert_eq!((&entry.kind, entry.mode), (&PackagedKind::Directory, node.mode)),
        }
    }
}

#[test]
fn another_key_no_signature_and_changed_parts_are_refused() {
    let (keys, others) = (Keys::new(), Keys::new());
    let signed = write(&info("1-r0"), &payload(), 1, Some(&keys.signing()));
    let unsigned = write(&info("1-r0"), &payload(), 1, None);
    assert!(matches!(read(&signed, Some(&others.verifying())), Err(ApkReadError::Signature)));
    assert!(matches!(read(&unsigned, Some(&keys.verifying())), Err(ApkReadError::Signature)));
    assert_eq!(read(&unsigned, None).unwrap().key_name, None);
    assert!(read(&[&signed[..], b"\0"].concat(), None).is_err());
    assert!(read(&signed[..signed.len() - 1], None).is_err());
    // The signature of one package before the rest of another, and its metadata before the data of another.
    let other = write(&info("1-r0"), &Payload::new(nodes("other")).unwrap(), 1, Some(&keys.signing()));
    let (one, two) = (second_member(&signed), second_member(&other));
    let swapped = [&signed[..one], &other[two..]].concat();
    assert!(matches!(read(&swapped, Some(&keys.verifying())), Err(ApkReadError::Signature)));
    let (one, two) = (one + second_member(&signed[one..]), two + second_member(&other[two..]));
    let swapped = [&signed[..one], &other[two..]].concat();
    assert!(matches!(read(&swapped, Some(&keys.verifying())), Err(ApkReadError::DataHash)));
}

#[test]
fn keys_come_in_both_forms_and_bad_ones_say_nothing_of_themselves() {
    let keys = Keys::new();
    let old = SigningKey::from_pem(KEY_NAME, &keys.text("pkcs1.pem")).unwrap();
    assert_eq!(old.verifying_key(), keys.verifying());
    assert!(!format!("{old:?}").contains("key:"), "{old:?}");
    assert_eq!(SigningKey::from_pem(KEY_NAME, "nonsense").unwrap_err(), KeyError::NotAKey);
    for name in ["x", ".rsa.pub", "../x.rsa.pub", "a b.rsa.pub"] {
        let error = SigningKey::from_pem(name, &keys.text("key.pem")).unwrap_err();
        assert_eq!(error, KeyError::Name(name.to_owned()));
    }
    run("openssl", "openssl", &["genrsa", "-out", "small.pem", "1024"], keys.folder.path());
    let small = SigningKey::from_pem(KEY_NAME, &keys.text("small.pem"));
    assert_eq!(small.unwrap_err(), KeyError::Size(1024));
}

#[test]
fn reserved_names_and_scripts_without_an_interpreter_are_refused() {
    let options = ApkOptions { level: None, mtime: MTIME, threads: 1 };
    let write = |scripts: &ApkScripts, payload: &Payload| {
        write_apk(Vec::new(), Cursor::new(Vec::new()), &info("1-r0"), scripts, payload, options, None).unwrap_err()
    };
    let hidden = Payload::new([file(".post-install", 0o755, b"", Mark::None)]).unwrap();
    assert!(matches!(write(&ApkScripts::default(), &hidden), ApkError::Reserved(_)));
    let scripts = ApkScripts { post_upgrade: Some(b"exit".to_vec()), ..ApkScripts::default() };
    assert!(matches!(write(&scripts, &payload()), ApkError::Script(".post-upgrade")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_changed_byte_behind_the_signature_is_noticed(at in any::<prop::sample::Index>(), value in 1u8..) {
        let (bytes, key) = &*SMALL;
        let mut bytes = bytes.clone();
        let start = second_member(&bytes);
        let at = start + at.index(bytes.len() - start);
        bytes[at] ^= value;
        prop_assert!(read(&bytes, Some(key)).is_err());
    }
}

/// A small signed package and its key.
static SMALL: LazyLock<(Vec<u8>, VerifyingKey)> = LazyLock::new(|| {
    let keys = Keys::new();
    let payload = Payload::new([file("usr/a", 0o644, b"content", Mark::None)]).unwrap();
    (write(&info("1-r0"), &payload, 1, Some(&keys.signing())), keys.verifying())
});

/// Where the second gzip member begins.
fn second_member(bytes: &[u8]) -> usize {
    1 + bytes[1..].windows(4).position(|window| window == [0x1F, 0x8B, 8, 0]).unwrap()
}
