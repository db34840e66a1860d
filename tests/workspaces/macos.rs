//! Published crates that name Apple's frameworks, linked for macOS without
//! Apple's SDK: each import says the right library, as a reader that is not
//! ours finds it in what dyld will do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Fixture, Run, imports, loads};

const TARGETS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-apple-darwin"];

const CRATES: &str = r#"
ctrlc = "=3.5.2"
notify = "=8.2.1"
security-framework = "=3.7.0"
native-tls = "=0.2.18"
rustls-native-certs = "=0.8.5"
sysinfo = "=0.37.2"
arboard = { version = "=3.7.0", default-features = false }
objc2-foundation = "=0.3.2"
open = "=5.4.5"
"#;

const PROGRAM: &str = r#"
use notify::Watcher;
fn main() {
    ctrlc::set_handler(|| println!("bye")).unwrap();
    let mut watcher = notify::recommended_watcher(|event| println!("{event:?}")).unwrap();
    watcher.watch(std::path::Path::new("."), notify::RecursiveMode::Recursive).unwrap();
    println!("{:?}", native_tls::TlsConnector::new());
    println!("{:?}", rustls_native_certs::load_native_certs());
    println!("{:?}", security_framework::passwords::get_generic_password("a", "b"));
    println!("{:?}", (sysinfo::System::new_all(), sysinfo::Disks::new_with_refreshed_list()));
    println!("{:?}", arboard::Clipboard::new().unwrap().get_text());
    println!("{:?}", objc2_foundation::NSProcessInfo::processInfo().operatingSystemVersionString());
    println!("{:?}", open::that("x"));
}
"#;

/// What a program for a target imports from others than the system library, as `LIBRARY SYMBOL`; LIEF and the symbol
/// table have to agree.
fn imported(fixture: &Fixture, triple: &str, name: &str) -> (Vec<String>, BTreeSet<String>) {
    let program = fixture.path(format!("target/build-tool/{triple}/release/{name}"));
    let bytes = fs::read(&program).unwrap();
    let mut python = Command::new("python3");
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/workspaces/check_imports.py")).arg(&program);
    let bound = Run::of(python).ok().stdout;
    let foreign = bound.lines().filter(|line| !line.starts_with("/usr/lib/libSystem"));
    let bound: BTreeSet<String> = foreign.map(|line| line.rsplit('/').next().unwrap().replace(' ', ": ")).collect();
    assert_eq!(bound, imports(&bytes), "{triple}");
    (loads(&bytes).0, bound)
}

#[test]
#[ignore = "slow: compiles a hundred published packages for two targets"]
fn published_crates_that_name_frameworks() {
    let fixture = Fixture::empty("apple");
    fixture.plain_package("apple").write("src/main.rs", PROGRAM);
    let manifest = fixture.text("Cargo.toml");
    fixture.write("Cargo.toml", format!("{manifest}\n[dependencies]\n{CRATES}"));
    let mut cargo = Command::new("cargo");
    cargo.args(["generate-lockfile", "--quiet"]);
    Run::of(fixture.in_place(cargo)).ok();
    fixture.commit("first");
    fixture.run(["build", "--target", TARGETS[0], "--target", TARGETS[1]]).ok().never_says(&["xcrun"]);
    for triple in TARGETS {
        let (libraries, imports) = imported(&fixture, triple, "apple");
        let once: BTreeSet<&String> = libraries.iter().collect();
        assert_eq!(once.len(), libraries.len(), "{libraries:?}");
        for import in [
            "AppKit: _NSPasteboardTypeString",
            "CoreFoundation: _CFRelease",
            "CoreServices: _FSEventStreamCreate",
            "IOKit: _IOServiceMatching",
            "Security: _SecItemCopyMatching",
            "libobjc.A.dylib: _objc_msgSend",
        ] {
            assert!(imports.contains(import), "{triple}: {import} is not among {imports:#?}");
        }
        // By their names alone: none lies where it does not belong.
        for import in &imports {
            let (library, symbol) = import.split_once(": _").unwrap();
            let fitting = match symbol.trim_start_matches('k') {
                name if name.starts_with("CF") => "CoreFoundation",
                name if name.starts_with("Sec") => "Security",
                name if name.starts_with("IO") => "IOKit",
                name if name.starts_with("FSEvent") => "CoreServices",
                name if name.starts_with("objc_") || name == "sel_registerName" => "libobjc.A.dylib",
                _ => library,
            };
            assert_eq!(library, fitting, "{import}");
        }
    }
}

/// fd names Foundation for what nobody calls: the program loads it, and the
/// linker has dropped all that was wanted from it.
pub(crate) fn proves_unused_framework(fixture: &Fixture, program: &str) {
    for triple in TARGETS {
        let (mut libraries, imports) = imported(fixture, triple, program);
        libraries.sort();
        let expected = [
            "/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation",
            "/usr/lib/libSystem.B.dylib",
            "/usr/lib/libcharset.1.dylib",
            "/usr/lib/libiconv.2.dylib",
            "/usr/lib/libobjc.A.dylib",
        ];
        assert_eq!(libraries, expected, "{triple}");
        assert_eq!(imports, BTreeSet::new(), "{triple}");
    }
}
