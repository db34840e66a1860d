//! Debian packages before the programs of Debian: each must take what is written here.
#![cfg(unix)]

mod support;

use release_formats::compress::Codec;
use release_formats::deb::documents::{Changelog, Copyright, compressed};
use release_formats::deb::{Control, DebError, DebOptions, Scripts, debian_version, read_deb, write_deb};
use release_formats::packaged::PackagedKind;
use release_formats::payload::{Content, Mark, NodeKind, Payload};
use release_formats::read_archive::Limits;
use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::payloads::{file, long_name, node, nodes, payload};
use support::{MTIME, noise, run};
use tempfile::TempDir;

const CODECS: [Codec; 3] = [Codec::Gzip, Codec::Xz, Codec::Zstd];

fn control(version: &str) -> Control {
    Control {
        package: "hello-tool".into(),
        version: version.into(),
        architecture: "all".into(),
        maintainer: "Hello Makers <hello@example.org>".into(),
        suggests: vec!["bash (>= 5) | zsh".into()],
        section: Some("utils".into()),
        homepage: Some("https://example.org/hello".into()),
        synopsis: "greets those who start it".into(),
        description: "It says hello.\n\nAnd then it ends.".into(),
        ..Control::default()
    }
}

fn scripts() -> Scripts {
    let script = |text: &str| Some(format!("#!/bin/sh\nset -e\n{text}\n").into_bytes());
    Scripts {
        postinst: script("touch \"$DPKG_ROOT/installed\""),
        postrm: script("rm -f \"$DPKG_ROOT/installed\""),
        ..Scripts::default()
    }
}

fn options(codec: Codec, threads: usize) -> DebOptions {
    // The lowest levels have the smallest blocks, so that there are several.
    DebOptions { codec, level: Some(1), mtime: MTIME, threads }
}

fn write(control: &Control, payload: &Payload, options: &DebOptions) -> Vec<u8> {
    write_deb(Cursor::new(Vec::new()), control, &scripts(), payload, options).unwrap().into_inner()
}

struct Built {
    folder: TempDir,
    path: PathBuf,
}

impl Built {
    fn new(codec: Codec) -> Self {
        Self::of("1.0.0-1", &payload(), codec)
    }

    fn of(version: &str, payload: &Payload, codec: Codec) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(control(version).file_name());
        fs::write(&path, write(&control(version), payload, &options(codec, 2))).unwrap();
        Self { folder, path }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        run(program, "dpkg", &[arguments, &[self.path.to_str().unwrap()]].concat(), self.folder.path())
    }
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads() {
    let mut nodes = nodes("x");
    nodes.push(file("usr/share/hello/big", 0o644, &noise(5 << 20), Mark::None));
    let payload = Payload::new(nodes).unwrap();
    for codec in CODECS {
        let one = write(&control("1-1"), &payload, &options(codec, 1));
        assert!(one == write(&control("1-1"), &payload, &options(codec, 4)), "{codec:?}");
    }
}

#[test]
fn dpkg_deb_shows_what_was_put_in() {
    for codec in CODECS {
        let built = Built::new(codec);
        let info = built.run("dpkg-deb", &["-I"]);
        for line in [
            " new Debian package, version 2.0.",
            " Package: hello-tool",
            " Version: 1.0.0-1",
            " Section: utils",
            " Priority: optional",
            " Suggests: bash (>= 5) | zsh",
            " Description: greets those who start it",
            "  .",
            "  And then it ends.",
        ] {
            assert!(info.lines().any(|shown| shown == line), "{line:?} in {info}");
        }
        let list = built.run("dpkg-deb", &["-c"]);
        for line in [
            "drwxr-xr-x root/root         0 2023-11-14 22:13 ./\n",
            "-rwxr-xr-x root/root        21 2023-11-14 22:13 ./usr/bin/hello\n",
            "lrwxrwxrwx root/root         0 2023-11-14 22:13 ./usr/bin/hi -> hello\n",
            "drwxr-x--- root/root         0 2023-11-14 22:13 ./var/lib/hello/\n",
        ] {
            assert!(list.contains(line), "{line:?} in {list}");
        }
    }
}

#[test]
fn ar_and_tar_see_the_members_in_their_order() {
    let built = Built::new(Codec::Gzip);
    let path = built.path.to_str().unwrap();
    let members = run("ar", "binutils", &["t", path], built.folder.path());
    assert_eq!(members, "debian-binary\ncontrol.tar.gz\ndata.tar.gz\n");
    run("ar", "binutils", &["x", path], built.folder.path());
    let list = run("tar", "tar", &["-tf", "control.tar.gz"], built.folder.path());
    assert_eq!(list, "./\n./conffiles\n./control\n./md5sums\n./postinst\n./postrm\n");
    let list = run("tar", "tar", &["--quoting-style=literal", "-tf", "data.tar.gz"], built.folder.path());
    let mut sorted: Vec<&str> = list.lines().collect();
    sorted.sort_by_key(|line| line.trim_end_matches('/').to_owned());
    assert_eq!(list.lines().collect::<Vec<_>>(), sorted);
}

#[test]
fn dpkg_deb_unpacks_the_same_files() {
    let built = Built::new(Codec::Xz);
    let root = built.folder.path().join("root");
    run("dpkg-deb", "dpkg", &["-x", built.path.to_str().unwrap(), root.to_str().unwrap()], built.folder.path());
    for node in payload().nodes() {
        let path = root.join(&node.path);
        let metadata = fs::symlink_metadata(&path).unwrap();
        match &node.kind {
            NodeKind::File(Content::Bytes(bytes)) => assert!(*bytes == fs::read(&path).unwrap(), "{path:?}"),
            NodeKind::Symlink(target) => assert_eq!(fs::read_link(&path).unwrap(), Path::new(target)),
            _ => assert!(metadata.is_dir()),
        }
        if !metadata.is_symlink() {
            assert_eq!(metadata.permissions().mode() & 0o7777, node.mode, "{path:?}");
        }
    }
}

/// dpkg on a root of its own. It wants to be root, or to think that it is.
fn dpkg(root: &Path, arguments: &[&str]) -> String {
    let root = root.to_str().unwrap();
    let admin = format!("{root}/var/lib/dpkg");
    fs::create_dir_all(format!("{admin}/updates")).unwrap();
    fs::create_dir_all(format!("{admin}/info")).unwrap();
    fs::OpenOptions::new().append(true).create(true).open(format!("{admin}/status")).unwrap();
    let fixed = [
        &format!("--root={root}"),
        "--force-not-root",
        "--force-script-chrootless",
        "--force-confold",
        &format!("--log={root}/log"),
    ];
    let output = Command::new("dpkg").args(fixed).args(arguments).env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs dpkg: {error}"));
    let both = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(both).unwrap();
    assert!(output.status.success(), "dpkg {arguments:?}: {text}");
    text
}

#[test]
fn dpkg_installs_verifies_upgrades_and_purges() {
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path);
    let read = |path: &str| fs::read_to_string(root.path().join(path)).unwrap();

    let first = Built::new(Codec::Xz);
    dpkg(root.path(), &["-i", first.path.to_str().unwrap()]);
    assert!(at("installed").exists(), "postinst ran");
    assert!(at(&long_name()).exists());
    assert_eq!(dpkg(root.path(), &["-V", "hello-tool"]), "");

    // What the user changed stays, and is no damage; what someone else changed is.
    fs::write(at("etc/hello.conf"), "setting = mine\n").unwrap();
    fs::write(at("usr/bin/hello"), "damaged").unwrap();
    let own = format!("--root={}", root.path().display());
    let damage = Command::new("dpkg").args([&own, "-V", "hello-tool"]).output().unwrap();
    let damage = String::from_utf8(damage.stdout).unwrap();
    assert!(damage.contains("/usr/bin/hello\n") && damage.contains(" c /etc/hello.conf\n"), "{damage}");

    let second = Built::of("1.1.0~rc.1-1", &Payload::new(nodes("setting = 2\n")).unwrap(), Codec::Zstd);
    dpkg(root.path(), &["-i", second.path.to_str().unwrap()]);
    assert_eq!(read("etc/hello.conf"), "setting = mine\n");
    assert_eq!(read("etc/hello.conf.dpkg-dist"), "setting = 2\n");
    assert_eq!(read("usr/bin/hello"), "#!/bin/sh\necho hello\n");

    dpkg(root.path(), &["--purge", "hello-tool"]);
    for path in ["usr/bin/hello", "usr/bin/hi", "etc/hello.conf", "var/lib/hello", "installed"] {
        assert!(fs::symlink_metadata(at(path)).is_err(), "{path} is still there");
    }
}

#[test]
fn lintian_finds_nothing_in_a_package_with_its_documents() {
    let copyright = Copyright {
        name: "hello".into(),
        source: "https://example.org/hello".into(),
        holders: vec!["2020-2026 The makers of hello".into()],
        licence: "MIT OR Apache-2.0".into(),
        texts: vec![
            "Permission is hereby granted, free of charge.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\".\n".into(),
            fs::read_to_string("/usr/share/common-licenses/Apache-2.0").unwrap(),
        ],
    };
    let changes = ["Release 1.0.0.".to_owned()];
    let changelog = Changelog {
        package: "hello-tool",
        version: "1.0.0-1",
        changes: &changes,
        maintainer: "Hello Makers <hello@example.org>",
        time: MTIME,
    };
    let manual = ".TH HELLO 1\n.SH NAME\nhello \\- greet\n.SH DESCRIPTION\nIt greets.\n";
    let content = |path: &str, content: Content| node(path, 0o644, NodeKind::File(content), Mark::Documentation);
    let payload = Payload::new([
        file("usr/bin/hello", 0o755, b"#!/bin/sh\necho hello\n", Mark::None),
        content("usr/share/man/man1/hello.1.gz", compressed(manual.as_bytes()).unwrap()),
        content("usr/share/doc/hello-tool/copyright", copyright.content()),
        content("usr/share/doc/hello-tool/changelog.Debian.gz", changelog.content().unwrap()),
    ])
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(control("1.0.0-1").file_name());
    let control = Control {
        description:
            "It says hello to whoever starts it.\n\nThen it ends, as it has nothing else to say to anybody at all."
                .into(),
        ..control("1.0.0-1")
    };
    let bytes = write_deb(Cursor::new(Vec::new()), &control, &Scripts::default(), &payload, &options(Codec::Xz, 1));
    fs::write(&path, bytes.unwrap().into_inner()).unwrap();
    let arguments = ["--allow-root", "--fail-on", "none", "--display-level", ">=info", path.to_str().unwrap()];
    // The first upload to Debian would close a bug there; this package goes to no archive of Debian's.
    let found = run("lintian", "lintian", &arguments, folder.path());
    assert_eq!(
        found.lines().filter(|line| !line.contains("initial-upload-closes-no-bugs")).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn dpkg_orders_versions_as_cargo_does() {
    let ordered =
        ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1"];
    for pair in ordered.windows(2) {
        let (old, new) = (debian_version(pair[0], "1"), debian_version(pair[1], "1"));
        run("dpkg", "dpkg", &["--compare-versions", &old, "lt", &new], Path::new("/"));
    }
}

#[test]
fn the_reader_sees_what_was_written() {
    for codec in CODECS {
        let bytes = write(&control("1.0.0-1"), &payload(), &options(codec, 1));
        let mut seen = Vec::new();
        let deb = read_deb(Cursor::new(&bytes), Limits::default(), |entry, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            seen.push((entry.clone(), bytes));
            Ok::<_, Box<dyn std::error::Error>>(())
        })
        .unwrap();
        assert_eq!(deb.control.get("Package"), Some("hello-tool"));
        assert_eq!(deb.control.get("Installed-Size"), Some("327"));
        assert_eq!(deb.scripts, scripts());
        assert_eq!(deb.conffiles.iter().collect::<Vec<_>>(), ["etc/hello.conf"]);
        assert_eq!(deb.md5sums.len(), 4);
        for node in payload().nodes() {
            let (entry, bytes) = seen.iter().find(|(entry, _)| entry.path == node.path).unwrap();
            match &node.kind {
                NodeKind::File(Content::Bytes(content)) => assert!(content == bytes && entry.mode == node.mode),
                NodeKind::Symlink(target) => assert_eq!(entry.kind, PackagedKind::Symlink(target.clone())),
                _ => assert_eq!((&entry.kind, entry.mode), (&PackagedKind::Directory, node.mode)),
            }
        }
    }
}

#[test]
fn scripts_without_an_interpreter_and_names_over_two_lines_are_refused() {
    let write = |scripts: &Scripts, payload: &Payload| {
        write_deb(Cursor::new(Vec::new()), &control("1-1"), scripts, payload, &options(Codec::Gzip, 1)).unwrap_err()
    };
    let scripts = Scripts { prerm: Some(b"echo".to_vec()), ..Scripts::default() };
    assert!(matches!(write(&scripts, &payload()), DebError::Script("prerm")));
    let odd = Payload::new([file("usr/a\nb", 0o644, b"", Mark::None)]).unwrap();
    assert!(matches!(write(&Scripts::default(), &odd), DebError::Path(_)));
}
