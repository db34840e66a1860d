//! Releases for all six targets from this one machine, each proved by running
//! it or, where nothing here can, by readers that are not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installers::App;
use crate::macos::proves_unused_framework;
use crate::rust_bun;
use crate::support::{Fixture, Run, assert_same, bytes_of, files, tool};
use crate::{ONE, take};

/// The targets of `--all-targets --tier 2`.
const TARGETS: [&str; 6] = [
    "aarch64-apple-darwin",
    "aarch64-pc-windows-msvc",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
];

/// What the two macOS targets are fused into.
const UNIVERSAL: &str = "universal-apple-darwin";

/// The whole release: all of tier 1 and 2.
pub(crate) const ALL: [&str; 3] = ["--all-targets", "--tier", "2"];

/// A finished release, unpacked.
pub(crate) struct Released<'a> {
    fixture: &'a Fixture,
    folder: PathBuf,
}

impl<'a> Released<'a> {
    /// Unpacks every archive of the dist folder, each beside the others.
    pub(crate) fn unpack(fixture: &'a Fixture) -> Self {
        let folder = fixture.base().join("unpacked");
        std::fs::create_dir_all(&folder).unwrap();
        for entry in std::fs::read_dir(fixture.dist()).unwrap().flatten() {
            let (path, to) = (entry.path(), folder.to_str().unwrap());
            match path.file_name().and_then(|name| name.to_str()).unwrap() {
                name if name.ends_with(".tar.gz") => tool("tar", &["-xf", path.to_str().unwrap(), "-C", to]),
                name if name.ends_with(".zip") => tool("unzip", &["-oq", path.to_str().unwrap(), "-d", to]),
                _ => String::new(),
            };
        }
        Self { fixture, folder }
    }

    /// A program of the release.
    pub(crate) fn program(&self, app: &str, version: &str, target: &str, program: &str) -> PathBuf {
        let suffix = if target.contains("-windows") { ".exe" } else { "" };
        let path = self.folder.join(format!("{app}-{version}-{target}")).join(format!("{program}{suffix}"));
        assert!(path.is_file(), "{}", path.display());
        path
    }

    /// What the program prints on each of the targets that can run here.
    pub(crate) fn prints_everywhere(
        &self,
        app: &str,
        version: &str,
        program: &str,
        args: &[&str],
    ) -> Vec<(&str, String)> {
        let file = |target| self.program(app, version, target, program);
        let mut native = Command::new(file("x86_64-unknown-linux-gnu"));
        native.args(args);
        let mut arm = Command::new("qemu-aarch64");
        arm.args(["-L", "/usr/aarch64-linux-gnu"]).arg(file("aarch64-unknown-linux-gnu")).args(args);
        let mut windows = Command::new("wine");
        windows.arg(file("x86_64-pc-windows-msvc")).args(args);
        // The prefix that the smoke test has made, with what Wine lacks.
        windows.env("WINEPREFIX", self.fixture.path("target/build-tool/wine/prefix")).env("WINEDEBUG", "-all");
        let runs = [
            ("x86_64-unknown-linux-gnu", native),
            ("aarch64-unknown-linux-gnu", arm),
            ("x86_64-pc-windows-msvc", windows),
        ];
        runs.map(|(target, command)| (target, Run::of(command).ok().stdout.replace("\r\n", "\n"))).into()
    }

    /// The macOS programs hold to the format, are signed, and the universal one holds both.
    pub(crate) fn proves_macos(&self, app: &str, version: &str, program: &str) {
        let file = |target| self.program(app, version, target, program);
        let files = ["aarch64-apple-darwin", "x86_64-apple-darwin", UNIVERSAL].map(file);
        let lines = check_macho(&files);
        let column = |at: usize| lines.iter().map(|line| line.split(' ').nth(at).unwrap()).collect::<Vec<_>>();
        assert_eq!(column(1), ["ARM64", "X86_64", "X86_64", "ARM64"]);
        assert_eq!(column(3), ["11.0", "10.12", "10.12", "11.0"]);
        let lipo = tool("llvm-lipo-22", &["-info", files[2].to_str().unwrap()]);
        assert!(lipo.contains("x86_64") && lipo.contains("arm64"), "{lipo}");
    }

    /// The arm64 Windows program is what it should be: nothing here can run it.
    pub(crate) fn proves_windows_on_arm(&self, app: &str, version: &str, program: &str) {
        let file = self.program(app, version, "aarch64-pc-windows-msvc", program);
        let headers = tool("llvm-readobj-22", &["--file-headers", "--coff-imports", file.to_str().unwrap()]);
        assert!(headers.contains("Machine: IMAGE_FILE_MACHINE_ARM64"), "{headers}");
        assert!(headers.contains("Name: KERNEL32.dll") || headers.contains("Name: kernel32.dll"), "{headers}");
    }
}

/// One line for each slice: see the script.
fn check_macho(files: &[PathBuf]) -> Vec<String> {
    let mut python = Command::new("python3");
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/workspaces/check_macho.py")).args(files);
    Run::of(python).ok().stdout.lines().map(str::to_owned).collect()
}

/// The archives of one app.
pub(crate) fn archives(app: &str, version: &str) -> Vec<String> {
    let extension = |target: &str| if target.contains("-windows") { "zip" } else { "tar.gz" };
    let targets = TARGETS.into_iter().chain([UNIVERSAL]);
    targets.map(|target| format!("{app}-{version}-{target}.{}", extension(target))).collect()
}

/// A profile with which the same is compiled and linked as by others, in a quarter of the time.
pub(crate) const QUICK: &str = "schema = 1\ncargo-profile = \"dev\"\ndebug = false\nstrip = \"symbols\"\n";

/// This repository, as it is committed.
pub(crate) fn this_repository() -> Fixture {
    let fixture = Fixture::empty("repository");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().unwrap();
    tool("git", &["clone", "--quiet", root.to_str().unwrap(), fixture.root().to_str().unwrap()]);
    fixture
}

#[test]
#[ignore = "slow: compiles this workspace for six targets"]
fn this_workspace_for_six_targets() {
    let fixture = this_repository();
    fixture.write("profiles/quick.toml", QUICK).commit("a profile for this test");
    fixture.run(["release", "--profile", "quick", "--smoke"].iter().chain(&ALL)).ok();
    fixture.run(["verify"]).ok();
    let shipped = files(&fixture.dist());
    for (app, version) in [("build-tool", "0.1.0"), ("rust-bun", "0.1.0")] {
        for archive in archives(app, version) {
            assert!(shipped.contains(&archive), "no {archive} in {shipped:?}");
        }
    }
    let commit = fixture.git(&["rev-parse", "HEAD"])[..12].to_owned();
    let released = Released::unpack(&fixture);
    for (target, said) in released.prints_everywhere("rust-bun", "0.1.0", "rust-bun", &["--version", "--verbose"]) {
        for line in [format!("git_hash: {commit}"), format!("build_target: {target}"), "version: 0.1.0".to_owned()] {
            assert!(said.lines().any(|own| own == line), "{target}: no {line:?} in\n{said}");
        }
    }
    for (target, said) in released.prints_everywhere("build-tool", "0.1.0", "build-tool", &["--version"]) {
        assert!(said.contains(&format!("0.1.0 ({commit})")), "{target}: {said}");
    }
    for name in ["build-tool", "rust-bun"] {
        released.proves_macos(name, "0.1.0", name);
        released.proves_windows_on_arm(name, "0.1.0", name);
        let app = App { name, version: "0.1.0", program: name };
        app.proves(&fixture, &released);
        app.reviewers_find_nothing(&fixture);
    }
    rust_bun::does_the_same_wherever_it_can_be_run(&fixture, &released);
    demo_runs_on_its_own_targets(&fixture, &released);
}

/// last-byte is shipped for the targets with this workspace's own standard library, and for no other.
fn demo_runs_on_its_own_targets(fixture: &Fixture, released: &Released<'_>) {
    let (linux, arm, windows) = ("x86_64-rusticated-linux", "aarch64-rusticated-linux", "x86_64-rusticated-windows");
    let shipped: Vec<_> = files(&fixture.dist()).into_iter().filter(|name| name.starts_with("last-byte")).collect();
    let expected = [(arm, "tar.gz"), (linux, "tar.gz"), (windows, "zip")];
    assert_eq!(shipped, expected.map(|(target, extension)| format!("last-byte-0.1.0-{target}.{extension}")));
    let file = fixture.base().join("a file.txt");
    std::fs::write(&file, "the last of them is z").unwrap();
    for (target, runner) in [(linux, None), (arm, Some("qemu-aarch64")), (windows, Some("wine"))] {
        let program = released.program("last-byte", "0.1.0", target, "last-byte");
        let mut command = Command::new(runner.map_or(program.as_path(), Path::new));
        command.args(runner.map(|_| &program));
        command.env("WINEPREFIX", fixture.path("target/build-tool/wine/prefix")).env("WINEDEBUG", "-all");
        let line = fixture.base().join("line");
        std::fs::write(&line, format!("{}\n", file.display())).unwrap();
        command.stdin(std::fs::File::open(&line).unwrap());
        let said = Run::of(command).ok().stdout;
        assert_eq!(said.trim_end(), "Path of a file: The last byte is 122 (0x7a, \"z\").", "{target}");
    }
}

/// A program of others whose link line for macOS names frameworks (through ctrlc), with C code on Linux (jemalloc).
const FRAMEWORKS: (&str, &str) = ("fd-find", "10.5.0");

#[test]
#[ignore = "slow: compiles a published package for six targets"]
fn a_published_package_that_links_a_macos_framework() {
    let (name, version) = FRAMEWORKS;
    let fixture = Fixture::empty(name);
    take(FRAMEWORKS, fixture.root());
    fixture.run(["init"]).ok();
    fixture.commit("as published, with what init writes");
    fixture.run(["release", "--smoke"].iter().chain(&ALL)).ok();
    fixture.run(["verify"]).ok();
    assert_eq!(archives(name, version).iter().filter(|archive| !files(&fixture.dist()).contains(archive)).count(), 0);
    let released = Released::unpack(&fixture);
    for (target, said) in released.prints_everywhere(name, version, "fd", &["--version"]) {
        assert_eq!(said.trim_end(), format!("fd {version}"), "{target}");
    }
    released.proves_macos(name, version, "fd");
    proves_unused_framework(&fixture, "fd");
    released.proves_windows_on_arm(name, version, "fd");
    App { name, version, program: "fd" }.proves(&fixture, &released);
}

#[test]
#[ignore = "slow: compiles a published package three times for six targets"]
fn a_published_package_rebuilds_and_merges_to_the_same_bytes() {
    let fixture = Fixture::empty(ONE.0);
    take(ONE, fixture.root());
    fixture.commit("as published");
    fixture.run(["release"].iter().chain(&ALL)).ok();
    fixture.run(["verify"]).ok();
    fixture.run(["verify", "--rebuild"]).ok().prints(&["every byte the same"]);
    let single = bytes_of(&fixture.dist());
    let released = Released::unpack(&fixture);
    released.proves_macos(ONE.0, ONE.1, ONE.0);
    // The same from six shards, each made as if on a machine of its own.
    let shards: Vec<PathBuf> = TARGETS
        .iter()
        .map(|target| {
            let dist = fixture.base().join(format!("shard-{target}"));
            fixture.run(["release", "--shard", "--target", target, "--dist", dist.to_str().unwrap()]).ok();
            dist
        })
        .collect();
    let merged = fixture.base().join("merged");
    let mut merge = vec!["merge", "--dist", merged.to_str().unwrap()];
    merge.extend(shards.iter().map(|shard| shard.to_str().unwrap()));
    fixture.run(merge).ok();
    assert_same(&merged, &single, "merged from six shards");
}
