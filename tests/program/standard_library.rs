//! Where a foreign target's standard library comes from: what the toolchain
//! has, what rustup fetches, another toolchain, or nowhere. rustup, and the
//! toolchain that it keeps here, are stand-ins: no test changes a machine's
//! own. Compiling the library takes minutes: that is in the slow group.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::{Fixture, HOST, files, tool, write_program};

const MUSL: &str = "x86_64-unknown-linux-musl";
const ARM: &str = "aarch64-unknown-linux-gnu";

/// A toolchain by the name of `kept`, kept by a rustup of the fixture's own: the real one, but with the host's
/// standard library only.
struct Kept {
    fixture: Fixture,
    libraries: PathBuf,
    real: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let mut fixture = Fixture::plain();
        let real = PathBuf::from(tool("rustc", &["--print", "sysroot"]).trim());
        let rustup = fixture.base().join("rustup");
        let sysroot = rustup.join("toolchains/kept");
        let libraries = sysroot.join("lib/rustlib");
        fs::create_dir_all(&libraries).unwrap();
        symlink(real.join("lib/rustlib").join(HOST), libraries.join(HOST)).unwrap();
        for entry in fs::read_dir(real.join("lib")).unwrap().flatten().filter(|entry| entry.file_name() != "rustlib") {
            symlink(entry.path(), sysroot.join("lib").join(entry.file_name())).unwrap();
        }
        fixture.hide(&["cargo", "rustc"]);
        let (compiler, sysroot) = (real.join("bin/rustc"), sysroot.display());
        fixture.stand_in("rustc", &format!("exec {} --sysroot {sysroot} \"$@\"\n", compiler.display()));
        fixture.stand_in("cargo", &format!("exec {} \"$@\"\n", real.join("bin/cargo").display()));
        fixture.set_env("RUSTUP_HOME", rustup);
        Self { fixture, libraries, real }
    }

    /// From now on rustup can fetch.
    fn online(&self) {
        let calls = self.fixture.base().join("rustup-calls");
        let script = format!(
            "echo \"$@\" >> {}\nshift 4\nfor triple in \"$@\"; do ln -s {}/lib/rustlib/$triple {}/$triple; done\n",
            calls.display(),
            self.real.display(),
            self.libraries.display()
        );
        self.fixture.stand_in("rustup", &script);
    }
}

/// A cargo and rustc in a folder of their own on PATH, which say that they are `version` and carry the library's source.
fn other_toolchain(fixture: &mut Fixture, version: &str) -> PathBuf {
    let sysroot = fixture.base().join(format!("rust-{version}"));
    fs::create_dir_all(sysroot.join("lib/rustlib").join(HOST).join("lib")).unwrap();
    let library = sysroot.join("lib/rustlib/src/rust/library");
    fs::create_dir_all(library.join("vendor")).unwrap();
    fs::create_dir_all(library.join("std")).unwrap();
    fs::write(library.join("std/Cargo.toml"), "").unwrap();
    let answer = format!(
        "case \"$1\" in\n-vV) printf 'rustc {version} (0123456789 2026-01-01)\\nhost: {HOST}\\n' ;;\n\
         --print) echo {} ;;\n*) exit 1 ;;\nesac\n",
        sysroot.display()
    );
    write_program(&sysroot.join("bin/rustc"), &answer);
    write_program(&sysroot.join("bin/cargo"), "exit 1\n");
    let path = fixture.path_variable();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain([sysroot.join("bin")]).collect();
    fixture.set_env("PATH", std::env::join_paths(folders).unwrap());
    sysroot
}

fn standard_library(plan: &serde_json::Value, triple: &str) -> String {
    let targets = plan["targets"].as_array().unwrap();
    let target = targets.iter().find(|target| target["triple"] == triple).unwrap();
    target["standard_library"].as_str().unwrap().to_owned()
}

fn assert_untouched(fixture: &Fixture) {
    assert!(!fixture.path("target").exists() && files(&fixture.dist()).is_empty());
}

#[test]
fn what_only_shows_says_that_rustup_will_fetch_and_fetches_nothing() {
    let kept = Kept::new();
    let plan = kept.fixture.run(["plan", "--format", "json", "--target", HOST, MUSL]).ok().json();
    assert_eq!(
        (standard_library(&plan, HOST).as_str(), standard_library(&plan, MUSL).as_str()),
        ("prebuilt", "rustup")
    );
    kept.fixture.run(["plan", "--target", MUSL]).ok().prints(&["rustup target add will fetch it"]);
    kept.fixture.run(["doctor", "--target", MUSL]).ok().prints(&["rustup target add will fetch it"]);
    let install = kept.fixture.run(["doctor", "--install", "--dry-run", "--target", MUSL, ARM]).ok();
    install.says(&[&format!("rustup target add --toolchain kept {ARM} {MUSL}")]);
    kept.fixture.run(["release", "--dry-run", "--target", MUSL]).ok();
    kept.fixture.run(["check"]).ok();
    assert_eq!(kept.fixture.rustup_calls(), [""; 0]);
    assert_untouched(&kept.fixture);
}

#[test]
fn rustup_fetches_all_that_is_missing_in_one_call_before_anything_is_built() {
    let kept = Kept::new();
    kept.online();
    let built = kept.fixture.run(["build", "--target", MUSL, ARM]).ok();
    let built =
        built.says(&["rustup fetches the standard library for aarch64-unknown-linux-gnu, x86_64-unknown-linux-musl"]);
    assert_eq!(kept.fixture.rustup_calls(), [format!("target add --toolchain kept {ARM} {MUSL}")]);
    let program = built.stdout.lines().find(|path| path.contains(MUSL)).unwrap();
    assert_eq!(tool(program, &[]), "plain\n");
    kept.fixture.run(["build", "--target", MUSL]).ok();
    assert_eq!(kept.fixture.rustup_calls().len(), 1, "what is there is not fetched again");
}

#[test]
fn doctor_installs_what_rustup_has_and_shows_it_then() {
    let kept = Kept::new();
    kept.online();
    let run = kept.fixture.run(["doctor", "--install", "--target", MUSL]).ok();
    run.prints(&["std for x86_64-unknown-linux-musl", "comes with the toolchain"]);
    assert_eq!(kept.fixture.rustup_calls(), [format!("target add --toolchain kept {MUSL}")]);
}

#[test]
fn a_network_that_is_closed_is_said_once_and_the_error_names_every_target_and_every_way_out() {
    let kept = Kept::new();
    let failed = kept.fixture.run(["release", "--target", MUSL, ARM]).exits(3);
    let failed = failed.says_times("rustup could not: error: no network; trying the next way", 1);
    let ways = ["rustup component add rust-src", "apt install rustc-web cargo-web rust-web-src rust-web-llvm"];
    let failed = failed.says(&[&format!("std for {ARM}"), &format!("std for {MUSL}")]).says(&ways);
    failed.says(&[&format!("rustup target add {MUSL}"), &format!("rustup target add {ARM}")]);
    assert_untouched(&kept.fixture);
}

#[test]
fn offline_means_that_nobody_asks_rustup() {
    let kept = Kept::new();
    kept.online();
    for verb in ["release", "build", "test", "doctor"] {
        kept.fixture.run([verb, "--offline", "--target", MUSL]).exits(3).says(&["rustup target add"]);
    }
    kept.fixture.run(["doctor", "--install", "--offline", "--target", MUSL]).exits(3);
    kept.fixture.run(["plan", "--offline", "--target", MUSL]).ok();
    assert_eq!(kept.fixture.rustup_calls(), [""; 0]);
}

#[test]
fn with_keep_going_the_others_are_built_and_the_target_fails_as_a_step_of_its_own() {
    let kept = Kept::new();
    let failed = kept.fixture.run(["release", "--offline", "--keep-going", "--target", HOST, MUSL]).exits(1);
    failed.says(&["there is no standard library for x86_64-unknown-linux-musl", "rustup component add rust-src"]);
    assert!(files(&kept.fixture.dist()).contains(&format!("plain-1.2.3-{HOST}.tar.gz")));
    // Where there is no other, there is nothing to go on with.
    kept.fixture.run(["release", "--offline", "--keep-going", "--target", MUSL]).exits(3);
}

#[test]
fn another_toolchain_with_the_source_compiles_everything_and_the_plan_says_so() {
    let mut kept = Kept::new();
    other_toolchain(&mut kept.fixture, "1.2.0");
    let other = other_toolchain(&mut kept.fixture, "1.99.0");
    other_toolchain(&mut kept.fixture, "1.98.0");
    let run = kept.fixture.run(["plan", "--offline", "--format", "json", "--target", HOST, MUSL]).ok();
    let plan = run.json();
    assert_eq!(plan["rustc"], "rustc 1.99.0 (0123456789 2026-01-01)");
    assert_eq!(
        (standard_library(&plan, HOST).as_str(), standard_library(&plan, MUSL).as_str()),
        ("prebuilt", "source")
    );
    run.says(&[
        "everything is compiled with rustc 1.99.0",
        &other.display().to_string(),
        "no standard library for",
        MUSL,
    ]);
    // Nobody needs it for what the toolchain in use can do.
    let plan = kept.fixture.run(["plan", "--offline", "--format", "json"]).ok().json();
    assert_ne!(plan["rustc"], "rustc 1.99.0 (0123456789 2026-01-01)");
}

#[test]
fn a_toolchain_older_than_the_workspace_allows_is_no_way_out() {
    let mut kept = Kept::new();
    other_toolchain(&mut kept.fixture, "1.50.0");
    let manifest = kept.fixture.text("Cargo.toml").replace("edition", "rust-version = \"1.85\"\nedition");
    kept.fixture.write("Cargo.toml", manifest).commit("say the oldest version");
    kept.fixture.run(["release", "--offline", "--target", MUSL]).exits(3).says(&["std for x86_64-unknown-linux-musl"]);
    assert_untouched(&kept.fixture);
}

#[test]
fn finished_binaries_need_no_standard_library() {
    let kept = Kept::new();
    let elsewhere = kept.fixture.base().join("elsewhere");
    fs::create_dir_all(elsewhere.join(MUSL)).unwrap();
    fs::copy(Path::new("/bin/true"), elsewhere.join(MUSL).join("plain")).unwrap();
    let folder = elsewhere.to_str().unwrap();
    kept.fixture.run(["package", "--prebuilt", folder, "--target", MUSL, "--skip", "strip"]).ok();
    assert_eq!(kept.fixture.rustup_calls(), [""; 0]);
}

#[test]
fn a_std_of_the_workspaces_own_needs_the_core_of_what_rustc_compiles_for() {
    let kept = Kept::new();
    let manifest = kept.fixture.text("Cargo.toml");
    kept.fixture
        .write("Cargo.toml", format!("{manifest}\n[lib]\nname = \"std\"\n"))
        .write("src/lib.rs", "#![no_std]\n")
        .write(
            "profiles/targets/x86_64-mine.toml",
            format!("schema = 1\ntriple = \"x86_64-mine\"\nspec = \"{MUSL}\"\n[std]\npackage = \"plain\"\n"),
        )
        .write("packaging/plain.toml", "schema = 1\ntargets = [\"x86_64-mine\"]\n")
        .commit("a target of its own");
    kept.fixture.run(["plan", "--target", "x86_64-mine"]).ok().prints(&["std: package plain; core and alloc: rustup"]);
    let failed = kept.fixture.run(["release", "--offline", "--target", "x86_64-mine"]).exits(3);
    failed.says(&["core and alloc for x86_64-mine", &format!("rustup target add {MUSL}")]);
    // A folder of that name is not enough.
    fs::create_dir_all(kept.libraries.join(MUSL).join("lib")).unwrap();
    let failed = kept.fixture.run(["release", "--offline", "--target", "x86_64-mine"]).exits(3);
    failed.says(&["core and alloc for x86_64-mine", &format!("rustup target add {MUSL}")]);
}
