//! `upgrade`: from folders and from a server, what is refused, and the way back.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use release_formats::stamp;

use crate::support::{PROGRAM, Place, Run, tool};

/// The version that the tests upgrade to.
pub(crate) const NEWER: &str = "99.1.0";
pub(crate) const OWN: &str = env!("CARGO_PKG_VERSION");

/// A copy of the program with this version in its stamp, small enough to be copied often.
fn stamped(place: &Place, version: &str, to: &Path) {
    let plain = place.folder.join("plain");
    if !plain.exists() {
        tool(&place.folder, "strip", &["-o", plain.to_str().unwrap(), PROGRAM]);
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(&plain, to).unwrap();
    let before = stamp::read_stamp(&fs::read(to).unwrap()).unwrap().expect("a slot");
    stamp::write_stamp_to(to, &stamp::Stamp { version: version.to_owned(), ..before }).unwrap();
}

fn target() -> String {
    stamp::read_stamp(&fs::read(PROGRAM).unwrap()).unwrap().expect("a slot").build_target
}

fn sha256(path: &Path) -> String {
    tool(Path::new("/"), "sha256sum", &[path.to_str().unwrap()])[..64].to_owned()
}

/// A folder as the release tool makes it, of this version.
pub(crate) fn release(place: &Place, version: &str) -> PathBuf {
    let (target, folder) = (target(), place.folder.join(format!("release-{version}")));
    let (root, name) = (format!("rust-bun-{version}-{target}"), format!("rust-bun-{version}-{target}.tar.gz"));
    let program = folder.join(&root).join("rust-bun");
    stamped(place, version, &program);
    fs::write(folder.join(&root).join("README.md"), "read me\n").unwrap();
    bundle(&folder.join(&root).join("lib/rust-bun/bundles"), version);
    tool(&folder, "tar", &["--use-compress-program", "gzip -1", "-cf", &name, &root]);
    describe(&folder, version, &target, &folder.join(&name), &program);
    folder
}

fn describe(folder: &Path, version: &str, target: &str, archive: &Path, program: &Path) {
    let size = |path: &Path| path.metadata().unwrap().len();
    let json = format!(
        r#"{{ "schema": 1,
  "apps": [{{ "name": "rust-bun", "version": "{version}", "profile": "dev", "binaries": ["rust-bun"] }}],
  "programs": [{{ "name": "rust-bun", "kind": "binary", "app": "rust-bun", "target": "{target}", "size": {}, "sha256": "{}", "stamped": true }}],
  "artifacts": [{{ "name": "{}", "kind": "archive", "app": "rust-bun", "target": "{target}", "size": {}, "sha256": "{}", "stamped": true }}] }}"#,
        size(program),
        sha256(program),
        archive.file_name().unwrap().to_str().unwrap(),
        size(archive),
        sha256(archive),
    );
    fs::write(folder.join("release.json"), json).unwrap();
}

/// The program in a folder where it can be replaced, with a bundle where installers put it.
pub(crate) fn installed(place: &Place) -> PathBuf {
    let program = place.folder.join("bin/rust-bun");
    stamped(place, OWN, &program);
    bundle(&place.folder.join("lib/rust-bun/bundles"), OWN);
    program
}

/// A bundle that says of which version of the program it is, in a folder of bundles. What it provides nobody asks for.
fn bundle(bundles: &Path, version: &str) {
    let folder = bundles.join("sound");
    fs::create_dir_all(&folder).unwrap();
    let id = polyplug_abi::identity::bundle_id("sound");
    let manifest = format!(
        "name = \"sound\"\nid = \"{id:#018x}\"\nversion = \"{version}\"\nloader = \"lua\"\nfile = \"plugin.lua\"\n\
         provides = [\"sound.Player@1\"]\n"
    );
    fs::write(folder.join("manifest.toml"), manifest).unwrap();
    fs::write(folder.join("plugin.lua"), "return {}\n").unwrap();
}

/// What lies in the folder of what belongs to the program.
pub(crate) fn library(program: &Path) -> Vec<String> {
    beside(&program.parent().unwrap().parent().unwrap().join("lib/rust-bun/bundles"))
}

pub(crate) fn version(place: &Place, program: &Path) -> String {
    Run::of(place.command(program).arg("--version")).ok().stdout.trim_end().to_owned()
}

pub(crate) fn upgrade(place: &Place, program: &Path, args: &[&str]) -> Run {
    Run::of(place.command(program).arg("upgrade").args(args))
}

pub(crate) fn beside(program: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(program.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_newer_release_takes_the_programs_place_and_the_old_one_stays_until_it_has_started() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    let old = fs::read(&program).unwrap();
    let said = upgrade(&place, &program, &["--from", release.to_str().unwrap()]).ok();
    said.says(&format!("{OWN} is now {NEWER}")).says("--rollback puts it back");
    assert_eq!(beside(&program), ["rust-bun", "rust-bun.previous"]);
    assert_eq!(fs::read(program.with_extension("previous")).unwrap(), old);
    assert_eq!(library(&program), ["bundles", "bundles-99.1.0"]);
    // A command that fails is no proof that it works.
    Run::of(place.command(&program).args(["create", "../nothing"])).code(1);
    assert_eq!(beside(&program), ["rust-bun", "rust-bun.previous"]);
    assert_eq!(version(&place, &program), format!("rust-bun {NEWER}"));
    assert_eq!(beside(&program), ["rust-bun"]);
    upgrade(&place, &program, &["--rollback"]).code(1).says("there is no").says("to put back");
}

#[test]
fn the_way_back_is_open_from_either_program() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    let old = fs::read(&program).unwrap();
    let previous = program.with_extension("previous");
    for by in [&program, &previous] {
        upgrade(&place, &program, &["--from", release.to_str().unwrap()]).ok();
        let dry = upgrade(&place, by, &["--rollback", "--dry-run"]).ok();
        assert!(dry.stdout.starts_with("would replace"), "{dry:?}");
        assert_ne!(fs::read(&program).unwrap(), old);
        upgrade(&place, by, &["--rollback"]).ok().says("is again what it was");
        assert_eq!(fs::read(&program).unwrap(), old);
        assert_eq!(beside(&program), ["rust-bun"]);
    }
}

#[test]
fn no_newer_release_replaces_nothing_unless_it_is_forced() {
    let place = Place::new();
    let program = installed(&place);
    let (same, older, newer) = (release(&place, OWN), release(&place, "0.0.1"), release(&place, NEWER));
    let old = fs::read(&program).unwrap();
    let from = |folder: &PathBuf| ["--from".to_owned(), folder.to_str().unwrap().to_owned()];
    let run = |folder: &PathBuf, more: &[&str]| {
        let from = from(folder);
        let args: Vec<&str> = from.iter().map(String::as_str).chain(more.iter().copied()).collect();
        upgrade(&place, &program, &args)
    };
    run(&same, &[]).ok().says("nothing to do");
    run(&older, &[]).code(1).says("older than this program").says("--force");
    let dry = run(&newer, &["--dry-run"]).ok();
    assert!(dry.stdout.contains(&format!("({OWN}) by {NEWER} of ")), "{dry:?}");
    assert_eq!((fs::read(&program).unwrap(), beside(&program)), (old, vec!["rust-bun".to_owned()]));
    run(&older, &["--force"]).ok();
    assert_eq!(version(&place, &program), "rust-bun 0.0.1");
}

#[test]
fn where_releases_are_must_be_said_and_not_by_a_projects_file() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    upgrade(&place, &program, &[]).code(2).says("nobody said where").says("RUST_BUN_RELEASES");
    place.write("work/.env", format!("RUST_BUN_RELEASES={}\n", release.display()));
    upgrade(&place, &program, &[]).code(2).says("nobody said where");
    for from in ["file:///tmp", "ftp://example.org/x", "ssh://x", "https://example.org/x?y"] {
        upgrade(&place, &program, &["--from", from]).code(2).says("releases cannot be taken from");
    }
    let mut by_variable = place.command(&program);
    Run::of(by_variable.args(["upgrade", "--dry-run"]).env("RUST_BUN_RELEASES", &release)).ok();
}

#[test]
fn what_was_altered_is_refused() {
    let place = Place::new();
    let program = installed(&place);
    let old = fs::read(&program).unwrap();
    let target = target();
    let archive = |release: &Path, version: &str| release.join(format!("rust-bun-{version}-{target}.tar.gz"));
    let check = |release: &Path, why: &str| {
        let run = upgrade(&place, &program, &["--from", release.to_str().unwrap()]).code(1);
        run.says(why).says("nothing was replaced");
        let left = (beside(&program).join(" "), library(&program).join(" "));
        assert_eq!((fs::read(&program).unwrap() == old, left), (true, ("rust-bun".into(), "bundles".into())), "{why}");
    };
    let release_of = |version: &str| release(&place, version);

    let release = release_of("99.2.0");
    let path = archive(&release, "99.2.0");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    check(&release, "its SHA-256 is");
    fs::write(&path, &bytes[1..]).unwrap();
    check(&release, "fewer than the");
    bytes.push(0);
    fs::write(&path, &bytes).unwrap();
    check(&release, "more than the");
    fs::remove_file(&path).unwrap();
    check(&release, "cannot read");

    // The right archive, by its sum, with another program in it than the description promises.
    let release = release_of("99.3.0");
    let other = place.write("other", "#!/bin/sh\necho evil\n");
    describe(&release, "99.3.0", &target, &archive(&release, "99.3.0"), &other);
    check(&release, "is not what release.json describes");

    // All sums right, and a program that is no program.
    let release = release_of("99.4.0");
    let inner = release.join(format!("rust-bun-99.4.0-{target}/rust-bun"));
    let repack = |content: &[u8]| {
        fs::write(&inner, content).unwrap();
        let name = format!("rust-bun-99.4.0-{target}");
        tool(&release, "tar", &["-czf", &format!("{name}.tar.gz"), &name]);
        describe(&release, "99.4.0", &target, &archive(&release, "99.4.0"), &inner);
    };
    repack(b"\x7fELF but not really");
    check(&release, "does not start here");
    repack(b"#!/bin/sh\nexit 3\n");
    check(&release, "does not start here");
    repack(b"#!/bin/sh\necho rust-bun 1.2.3\n");
    check(&release, "it says \"rust-bun 1.2.3\"");

    // Bundles are files and folders.
    let link = release.join(format!("rust-bun-99.4.0-{target}/lib/rust-bun/bundles/sound/link"));
    std::os::unix::fs::symlink("plugin.lua", link).unwrap();
    repack(b"");
    check(&release, "its bundles hold a link");

    // An archive that leads out.
    let name = format!("rust-bun-99.4.0-{target}.tar.gz");
    tool(&release, "tar", &["-czPf", &name, "--transform", "s,^,../,", "release.json"]);
    describe(&release, "99.4.0", &target, &archive(&release, "99.4.0"), &inner);
    check(&release, "was refused");
    fs::write(release.join("release.json"), "{ \"schema\": 7 }").unwrap();
    check(&release, "its schema is 7");
    fs::remove_file(release.join("release.json")).unwrap();
    check(&release, "cannot read");
}

#[test]
fn what_a_killed_one_left_is_no_obstacle_and_two_at_once_are() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    let work = place.folder.join("bin/.rust-bun.upgrade");
    fs::create_dir(&work).unwrap();
    for file in ["archive", "new", "old", "aside"] {
        fs::write(work.join(file), "half").unwrap();
    }
    let lock = fs::File::create(work.join("lock")).unwrap();
    lock.lock().unwrap();
    upgrade(&place, &program, &["--from", release.to_str().unwrap()]).code(1).says("another upgrade of");
    drop(lock);
    upgrade(&place, &program, &["--from", release.to_str().unwrap()]).ok();
    assert_eq!(beside(&program), ["rust-bun", "rust-bun.previous"]);
}

/// What a server does with a request.
type Answer = dyn Fn(&str, &mut TcpStream) + Send + Sync;

/// A server on this machine, until it is dropped.
struct Server {
    url: String,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn new(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (ended, answer): (_, Arc<Answer>) = (Arc::new(AtomicBool::new(false)), Arc::new(answer));
        let until = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if until.load(Ordering::SeqCst) {
                    return;
                }
                let (mut stream, mut request) = (stream.unwrap(), Vec::new());
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read_exact(&mut byte).is_err() {
                        break;
                    }
                    request.push(byte[0]);
                }
                let text = String::from_utf8_lossy(&request).into_owned();
                answer(text.split(' ').nth(1).unwrap_or_default(), &mut stream);
            }
        });
        Self { url, ended, thread: Some(thread) }
    }

    /// What lies in a folder.
    fn of(folder: PathBuf) -> Self {
        Self::new(move |path, to| match fs::read(folder.join(path.rsplit('/').next().unwrap())) {
            Ok(bytes) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
                let _ = to.write_all(head.as_bytes()).and_then(|()| to.write_all(&bytes));
            }
            Err(_) => said(to, "404 Not Found", ""),
        })
    }
}

fn said(to: &mut TcpStream, status: &str, header: &str) {
    let _ =
        to.write_all(format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _wakes = TcpStream::connect(self.url.strip_prefix("http://").unwrap());
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_release_comes_from_a_server_too() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    let server = Server::of(release);
    upgrade(&place, &program, &["--from", &format!("{}/rust-bun/", server.url)]).ok();
    assert_eq!(version(&place, &program), format!("rust-bun {NEWER}"));
}

#[test]
fn redirects_are_followed_by_http_only() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    let real = Server::of(release.clone());
    let url = real.url.clone();
    let moved = Server::new(move |path, to| said(to, "302 Found", &format!("Location: {url}{path}\r\n")));
    upgrade(&place, &program, &["--from", &moved.url, "--dry-run"]).ok();
    let file = Server::new(move |path, to| {
        said(to, "302 Found", &format!("Location: file://{}{path}\r\n", release.display()));
    });
    upgrade(&place, &program, &["--from", &file.url, "--dry-run"]).code(1).says("cannot read http://127.0.0.1:");
    let circle = Server::new(|path, to| said(to, "302 Found", &format!("Location: {path}\r\n")));
    upgrade(&place, &program, &["--from", &circle.url]).code(1).says("redirect");
}

#[test]
fn a_server_that_fails_or_does_not_stop_replaces_nothing() {
    let place = Place::new();
    let program = installed(&place);
    let old = fs::read(&program).unwrap();
    let missing = Server::of(place.folder.join("nowhere"));
    upgrade(&place, &program, &["--from", &missing.url]).code(1).says("404").says("/release.json");
    let endless = Server::new(|_, to| {
        let _ = to.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while to.write_all(&[b' '; 1 << 16]).is_ok() {}
    });
    upgrade(&place, &program, &["--from", &endless.url]).code(1).says("it is longer than 16777216 bytes");
    let cut = Server::new(|_, to| {
        let _ = to.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{ \"schema\": 1");
    });
    upgrade(&place, &program, &["--from", &cut.url]).code(1).says("cannot read http://127.0.0.1:");
    // Nobody listens there any more.
    let gone = Server::of(PathBuf::new()).url.clone();
    upgrade(&place, &program, &["--from", &gone]).code(1).says("cannot read http://127.0.0.1:");
    assert_eq!((fs::read(&program).unwrap() == old, beside(&program)), (true, vec!["rust-bun".to_owned()]));
}

#[test]
fn a_folder_that_takes_no_files_keeps_its_program() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    // Root may write anywhere but where the file system itself cannot be written to.
    let line = format!(
        "mount --bind bin bin && mount -o remount,bind,ro bin && exec {} upgrade --from {}",
        program.display(),
        release.display()
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &line]).current_dir(&place.folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    Run::of(&mut command).code(1).says("cannot make the folder").says("Read-only file system");
    assert_eq!(version(&place, &program), format!("rust-bun {OWN}"));
}
