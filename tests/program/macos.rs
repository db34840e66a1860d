//! Programs for macOS: each slice stamped, stripped and signed, both fused into
//! a platform of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use release_formats::macho::{MachO, SignatureReport, check_signature};
use release_formats::stamp::read_stamps;

use crate::support::foreign::{ARM_MAC, INTEL_MAC, UNIVERSAL, lief, prebuilt};
use crate::support::{Fixture, Run, assert_same, bytes_of, entries, files, files_but_installers, sums, tool};

const BOTH: [&str; 6] = ["package", "--prebuilt", "prebuilt", "--target", ARM_MAC, INTEL_MAC];

/// `plain`, whose programs for both of Apple's architectures are there already.
fn both() -> Fixture {
    let fixture = Fixture::plain();
    for target in [ARM_MAC, INTEL_MAC] {
        prebuilt(&fixture, target, "plain", &[]);
    }
    ignore_prebuilt(&fixture);
    fixture
}

fn ignore_prebuilt(fixture: &Fixture) {
    fixture.write(".gitignore", "/target/\n/dist/\n/prebuilt/\n").commit("prebuilt");
}

fn unpacked(fixture: &Fixture, target: &str) -> PathBuf {
    let folder = fixture.base().join(format!("unpacked-{target}"));
    fs::create_dir_all(&folder).unwrap();
    let archive = fixture.dist().join(format!("plain-1.2.3-{target}.tar.gz"));
    tool("tar", &["-xf", archive.to_str().unwrap(), "--strip-components=1", "-C", folder.to_str().unwrap()]);
    folder
}

fn signatures(path: &Path) -> Vec<SignatureReport> {
    check_signature(&mut File::open(path).unwrap()).unwrap()
}

fn uuid(path: &Path) -> [u8; 16] {
    MachO::read(&mut File::open(path).unwrap()).unwrap().uuid_bytes().unwrap()
}

#[test]
fn both_slices_are_released_and_fused_into_a_universal_program() {
    let fixture = both();
    fixture.run(BOTH).ok();
    let archives = [ARM_MAC, UNIVERSAL, INTEL_MAC].map(|target| format!("plain-1.2.3-{target}.tar.gz"));
    assert_eq!(files_but_installers(&fixture.dist())[1..4], archives);
    assert!(entries(&fixture.dist().join(&archives[1])).contains(&format!("plain-1.2.3-{UNIVERSAL}/plain")));
    let fused = unpacked(&fixture, UNIVERSAL).join("plain");
    for (target, count) in [(ARM_MAC, 1), (INTEL_MAC, 1), (UNIVERSAL, 2)] {
        let path = unpacked(&fixture, target).join("plain");
        assert_eq!(lief(&path).matches("(True, '') True").count(), count, "{target}: {}", lief(&path));
        for report in signatures(&path) {
            assert_eq!((report.differences.as_slice(), report.identifier.as_str()), (&[][..], "plain"), "{target}");
            assert!(report.ad_hoc && !report.hardened_runtime && report.entitlements.is_none(), "{target}");
        }
    }
    // As LLVM's own tool makes it of the two.
    let slices = [ARM_MAC, INTEL_MAC].map(|target| unpacked(&fixture, target).join("plain"));
    let theirs = fixture.base().join("theirs");
    let words = [theirs.as_path(), &slices[0], &slices[1]].map(|path| path.to_str().unwrap());
    tool("llvm-lipo-22", &["-create", "-output", words[0], words[1], words[2]]);
    assert!(fs::read(&theirs).unwrap() == fs::read(&fused).unwrap());
    // Each slice says its own target.
    let stamps = read_stamps(File::open(&fused).unwrap()).unwrap();
    let mut targets: Vec<_> = stamps.iter().flatten().map(|stamp| stamp.build_target.as_str()).collect();
    targets.sort_unstable();
    assert_eq!(targets, [ARM_MAC, INTEL_MAC]);
    let verified = fixture.run(["verify"]).ok();
    verified.prints(&[&format!("{}: contents are for {UNIVERSAL}, stamped", archives[1])]);
    let description: serde_json::Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    assert_eq!(description["universal"][UNIVERSAL], serde_json::json!([ARM_MAC, INTEL_MAC]));
    assert!(description["programs"].as_array().unwrap().iter().all(|program| program["signature"] == "ad-hoc"));
}

#[test]
fn a_second_run_signs_and_fuses_nothing_and_another_folder_gives_the_same_bytes() {
    let fixture = both();
    fixture.run(BOTH).ok();
    let first = sums(&fixture.dist());
    let mut again = BOTH.to_vec();
    again.splice(0..0, ["--message-format", "json"]);
    let outcomes = fixture.run(again).ok().outcomes();
    let worked: Vec<_> = outcomes
        .iter()
        .filter(|(step, outcome)| (step.starts_with("sign") || step.starts_with("fuse")) && outcome != "cached")
        .collect();
    assert!(outcomes.iter().any(|(step, _)| step.starts_with("fuse")), "{outcomes:?}");
    assert!(worked.is_empty(), "{worked:?}");
    let mut forced = BOTH.to_vec();
    forced.push("--force");
    fixture.run(forced).ok();
    assert_eq!(sums(&fixture.dist()), first);
    let other = both();
    other.run(BOTH).ok();
    assert_eq!(sums(&other.dist()), first);
}

#[test]
fn one_slice_alone_makes_no_universal_program_and_neither_does_who_skips_it() {
    let fixture = both();
    for arguments in
        [vec!["package", "--prebuilt", "prebuilt", "--target", ARM_MAC], [&BOTH[..], &["--skip", "fuse"]].concat()]
    {
        fixture.run(&arguments).ok();
        assert!(!files(&fixture.dist()).iter().any(|name| name.contains(UNIVERSAL)), "{arguments:?}");
        fixture.run(["verify"]).ok();
    }
}

#[test]
fn shards_of_two_machines_are_fused_by_the_merge() {
    let fixture = both();
    fixture.write("profiles/release.toml", "schema = 1\ndebug = true\nsplit-debug = true\n").commit("symbols");
    fixture.run(BOTH).ok();
    let whole = bytes_of(&fixture.dist());
    for target in [ARM_MAC, INTEL_MAC] {
        fixture.run(["package", "--prebuilt", "prebuilt", "--target", target, "--shard", "--dist", target]).ok();
    }
    let shards = [ARM_MAC, INTEL_MAC].map(|target| {
        let shard = files(&fixture.path(target)).into_iter().find(|name| name.contains(target)).unwrap();
        format!("{target}/{shard}")
    });
    fixture.run(["merge", &shards[0], &shards[1], "--dist", "merged", "--allow-dirty"]).ok();
    assert_same(&fixture.path("merged"), &whole, "merged");
}

#[test]
fn the_plan_shows_the_universal_platform_and_the_ci_matrix_does_not() {
    let fixture = both();
    let with = |format: &str| {
        let targets = format!("{ARM_MAC},{INTEL_MAC}");
        fixture.run(["plan", "--target", &targets, "--format", format]).ok().stdout
    };
    let table = with("table");
    assert!(table.contains(&format!("of {ARM_MAC} and {INTEL_MAC}")), "{table}");
    let plan: serde_json::Value = serde_json::from_str(&with("json")).unwrap();
    assert_eq!(plan["apps"][0]["universal"][UNIVERSAL], serde_json::json!([ARM_MAC, INTEL_MAC]));
    let fuse = plan["steps"].as_array().unwrap().iter().find(|step| step["stage"] == "fuse").unwrap();
    let needs = [ARM_MAC, INTEL_MAC].map(|target| format!("sign/plain/{target}"));
    assert_eq!(fuse["needs"], serde_json::json!(needs));
    assert!(with("dot").contains("fuse plain"));
    assert!(!with("github-matrix").contains("universal"));
}

#[test]
fn a_signature_that_does_not_hold_is_found() {
    let fixture = both();
    fixture.run([&BOTH[..], &["--skip", "sign"]].concat()).ok();
    // Now it claims one.
    let text = fixture
        .text("dist/release.json")
        .replace("\"stamped\": true\n    }", "\"stamped\": true,\n      \"signature\": \"ad-hoc\"\n    }");
    fixture.write("dist/release.json", &text);
    let old = sums(&fixture.dist());
    let sum = tool("sha256sum", &[fixture.path("dist/release.json").to_str().unwrap()]);
    let line = old.lines().find(|line| line.ends_with("release.json")).unwrap();
    fixture.write("dist/SHA256SUMS", old.replace(line, &format!("{}  release.json", &sum[..64])));
    let failed = fixture.run(["verify"]).exits(4);
    failed.says(&["plain has no signature that can be read: the file is not signed", "is not as it was signed"]);
}

#[test]
fn the_package_manifest_says_how_programs_are_signed() {
    let fixture = both();
    let manifest = "schema = 1\n[macos]\nidentifier = \"org.example.plain\"\nhardened-runtime = true\n";
    fixture.write("packaging/plain.toml", manifest).commit("hardened");
    fixture.run(BOTH).ok();
    let reports = signatures(&unpacked(&fixture, UNIVERSAL).join("plain"));
    for report in &reports {
        assert_eq!((report.identifier.as_str(), report.hardened_runtime), ("org.example.plain", true));
        let text = String::from_utf8(report.entitlements.clone().unwrap()).unwrap();
        assert!(text.contains("com.apple.security.cs.disable-library-validation"), "{text}");
    }
    let own = "<plist version=\"1.0\"><dict><key>com.apple.security.cs.allow-jit</key><true/></dict></plist>\n";
    fixture
        .write("packaging/plain.toml", format!("{manifest}entitlements = \"packaging/plain.plist\"\n"))
        .write("packaging/plain.plist", own)
        .commit("entitled");
    fixture.run(BOTH).ok();
    let reports = signatures(&unpacked(&fixture, UNIVERSAL).join("plain"));
    assert_eq!(reports.len(), 2);
    assert!(reports.iter().all(|report| report.entitlements.as_deref() == Some(own.as_bytes())));
    fixture.write("packaging/plain.plist", "<plist version=\"1.0\"><array/></plist>\n").commit("odd");
    fixture.run(BOTH).exits(1).says(&["plain.plist", "<dict> has to be the outermost element"]);
}

#[test]
fn libraries_and_static_libraries_are_fused_too() {
    let fixture = Fixture::empty("workspace");
    fixture
        .write(
            "Cargo.toml",
            "[package]\nname = \"plain\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\
             [lib]\ncrate-type = [\"cdylib\", \"staticlib\"]\n",
        )
        .write("src/lib.rs", "")
        .write(
            "packaging/plain.toml",
            "schema = 1\ncdylib = true\nstaticlib = true\n[macos]\nhardened-runtime = true\n",
        )
        .lock();
    for target in [ARM_MAC, INTEL_MAC] {
        prebuilt(&fixture, target, "libplain.dylib", &["-shared"]);
        let folder = fixture.path(format!("prebuilt/{target}"));
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        tool("llvm-ar-22", &["--format=darwin", "rcs", &file("libplain.a"), &file("source.o")]);
    }
    ignore_prebuilt(&fixture);
    fixture.run(BOTH).ok();
    let folder = unpacked(&fixture, UNIVERSAL);
    for name in ["libplain.dylib", "libplain.a"] {
        let said = tool("llvm-lipo-22", &["-info", folder.join(name).to_str().unwrap()]);
        assert!(said.contains("x86_64 arm64"), "{said}");
    }
    let reports = signatures(&folder.join("libplain.dylib"));
    assert!(reports.iter().all(|report| report.differences.is_empty() && report.entitlements.is_none()), "{reports:?}");
    // What it exports is still there to link against.
    let names =
        tool("llvm-nm-22", &["--extern-only", "--defined-only", folder.join("libplain.dylib").to_str().unwrap()]);
    assert!(names.contains("_shown"), "{names}");
    fixture.run(["verify"]).ok();
}

#[test]
fn symbols_are_split_off_and_known_by_the_uuid_of_their_program() {
    let fixture = both();
    fixture.write("profiles/release.toml", "schema = 1\ndebug = true\nsplit-debug = true\n").commit("symbols");
    fixture.run(BOTH).ok();
    for target in [ARM_MAC, INTEL_MAC] {
        let program = unpacked(&fixture, target).join("plain");
        let symbols = unpacked(&fixture, &format!("{target}-debug")).join("plain.dSYM/Contents/Resources/DWARF/plain");
        assert_eq!(uuid(&program), uuid(&symbols), "{target}");
        let lines = tool("llvm-dwarfdump-22", &["--debug-line", symbols.to_str().unwrap()]);
        assert!(lines.contains("source.c"), "{target}: {lines}");
    }
    let verified = fixture.run(["verify"]).ok();
    verified.prints(&[&format!("plain-1.2.3-{ARM_MAC}-debug.tar.gz: contents are for {ARM_MAC}")]);
    // Without the object files there is no more than the unstripped program has.
    for target in [ARM_MAC, INTEL_MAC] {
        fs::remove_file(fixture.path(format!("prebuilt/{target}/source.o"))).unwrap();
    }
    fixture.run([&BOTH[..], &["--force"]].concat()).ok().says(&["its symbols are those of the unstripped binary"]);
    let symbols = unpacked(&fixture, &format!("{INTEL_MAC}-debug")).join("plain.dSYM/Contents/Resources/DWARF/plain");
    let names = tool("llvm-nm-22", &[symbols.to_str().unwrap()]);
    assert!(names.contains("_main"), "{names}");
}

#[test]
fn a_program_without_room_for_a_signature_is_told_how_to_link_it() {
    let fixture = Fixture::plain();
    prebuilt(&fixture, INTEL_MAC, "plain", &["-Wl,-headerpad,0x0"]);
    ignore_prebuilt(&fixture);
    let arguments = ["package", "--prebuilt", "prebuilt", "--target", INTEL_MAC, "--skip", "strip"];
    let failed: Run = fixture.run(arguments).exits(1);
    failed.says(&["no room for the load command of a signature", "-Wl,-headerpad,0x1000"]);
}

#[test]
fn what_a_manifest_may_not_say_of_macos_is_shown_at_its_place() {
    let fixture = Fixture::plain();
    fixture
        .write("packaging/plain.toml", "schema = 1\n[macos]\npassword-env = \"not a name\"\nnotary-key = \"k\"\n")
        .write(
            "profiles/targets/aarch64-apple-darwin.toml",
            "schema = 1\ntriple = \"aarch64-apple-darwin\"\nuniversal = \"mine\"\n",
        )
        .commit("wrong");
    let failed = fixture.run(["check"]).exits(2);
    failed.says(&[
        "is not the name of an environment variable",
        "packaging/plain.toml:3:16",
        "begins with \"universal-apple-\"",
    ]);
    let manifest = "schema = 1\n[macos]\npassword-env = \"NAME\"\nnotary-key = \"k\"\n";
    fixture.write("packaging/plain.toml", manifest).commit("still wrong");
    let failed = fixture.run(["check"]).exits(2);
    failed.says(&["`password-env` goes with `certificate`", "goes with an `identity` or a `certificate`"]);
}
