//! Programs for macOS that name Apple's frameworks, linked without Apple's SDK:
//! what they load, where each import comes from, for which macOS they are, and
//! what is said where that cannot be done. Not run: that takes a Mac.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::{Fixture, imports, loads, tool};

const ARM: &str = "aarch64-apple-darwin";
const INTEL: &str = "x86_64-apple-darwin";

/// Wants something of everybody, names a framework twice, and one (Metal) without using it.
const PROGRAM: &str = r#"
use std::ffi::c_void;
#[link(name = "CoreFoundation", kind = "framework")]
unsafe extern "C" { static kCFBooleanTrue: *const c_void; fn CFRetain(of: *const c_void) -> *const c_void; }
#[link(name = "Foundation", kind = "framework")]
unsafe extern "C" { fn NSHomeDirectory() -> *const c_void; #[link_name = "OBJC_CLASS_$_NSString"] static STRING: c_void; }
#[link(name = "objc")]
unsafe extern "C" { fn objc_getClass(name: *const u8) -> *const c_void; }
#[link(name = "Metal", kind = "framework")]
unsafe extern "C" { fn MTLCreateSystemDefaultDevice() -> *const c_void; }
#[allow(dead_code)]
pub fn unused() -> *const c_void { unsafe { MTLCreateSystemDefaultDevice() } }
fn main() {
    let class = unsafe { objc_getClass(b"NSString\0".as_ptr()) };
    println!("{:?} {class:?} {:p}", unsafe { CFRetain(kCFBooleanTrue) }, unsafe { &STRING });
    println!("{:?}", unsafe { NSHomeDirectory() });
}
"#;

/// Names Foundation twice more, once weakly.
const BUILD_SCRIPT: &str = r#"
fn main() {
    println!("cargo::rustc-link-arg=-Wl,-framework,Foundation");
    println!("cargo::rustc-link-arg=-Wl,-weak_framework,Foundation");
    println!("cargo::rustc-link-arg=-Wl,-weak_framework,AppKit");
}
"#;

fn fixture(program: &str, build_script: &str) -> Fixture {
    let fixture = Fixture::empty("workspace");
    fixture.plain_package("apple").write("src/main.rs", program).write("build.rs", build_script);
    fixture.lock().commit("first");
    fixture
}

fn built(fixture: &Fixture, triple: &str) -> PathBuf {
    fixture.path(format!("target/build-tool/{triple}/release/apple"))
}

#[test]
fn a_program_loads_what_it_names_and_each_import_says_from_where() {
    let fixture = fixture(PROGRAM, BUILD_SCRIPT);
    let run = fixture.run(["build", "--target", ARM, "--target", INTEL]).ok();
    assert!(!run.stderr.contains("xcrun") && !run.stderr.contains("warning"), "{run}");
    for (triple, oldest) in [(ARM, "11.0"), (INTEL, "10.12")] {
        let program = fs::read(built(&fixture, triple)).unwrap();
        let mut expected = vec![
            "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
            "/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation",
            "/System/Library/Frameworks/Metal.framework/Versions/A/Metal",
            "/usr/lib/libSystem.B.dylib",
            "/usr/lib/libobjc.A.dylib",
            "[/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit]",
        ];
        let (mut libraries, found) = loads(&program);
        libraries.sort();
        expected.sort_unstable();
        assert_eq!(libraries, expected);
        assert_eq!(found, oldest, "{triple}");
        let expected = [
            "CoreFoundation: _CFRetain",
            "CoreFoundation: _kCFBooleanTrue",
            "Foundation: _NSHomeDirectory",
            "Foundation: _OBJC_CLASS_$_NSString",
            "libobjc.A.dylib: _objc_getClass",
        ];
        let text = String::from_utf8_lossy(&program);
        assert!(!text.contains(fixture.base().to_str().unwrap()), "{triple}: a path of this machine is in it");
        assert_eq!(imports(&program), expected.map(str::to_owned).into(), "{triple}");
    }
}

#[test]
fn the_oldest_macos_is_the_manifests() {
    let fixture = fixture("fn main() {}", "fn main() {}");
    fixture.write(
        format!("profiles/targets/{ARM}.toml"),
        format!("schema = 1\ntriple = \"{ARM}\"\nminimum-os = \"12.3\"\n"),
    );
    fixture.commit("newer");
    fixture.run(["build", "--target", ARM]).ok();
    assert_eq!(loads(&fs::read(built(&fixture, ARM)).unwrap()).1, "12.3");
}

#[test]
fn what_no_stub_can_have_is_an_error_with_a_way_out() {
    const WRONG: &str = r#"
        #[link(name = "Foundation", kind = "framework")]
        unsafe extern "C" { fn MTLCreateSystemDefaultDevice(); fn mine(); }
        fn main() { unsafe { MTLCreateSystemDefaultDevice(); mine() } }
    "#;
    let fixture = fixture(WRONG, "fn main() {}");
    let said = fixture.run(["build", "--target", ARM]).exits(1).stderr;
    let once = |text: &str| assert_eq!(said.matches(text).count(), 1, "{text}\n{said}");
    once("error: undefined symbol: _mine");
    once("error: undefined symbol: _MTLCreateSystemDefaultDevice");
    once("Apple's libraries on the link line (stubs, as there is no SDK): Foundation");
    once("_MTLCreateSystemDefaultDevice: it belongs to Metal, which the line does not name");
    once("_mine: nothing that is linked has it");
    once("set SDKROOT to a MacOSX.sdk folder");
    fixture.write("src/main.rs", WRONG.replace("Foundation", "SkyLight"));
    let said = fixture.run(["build", "--target", ARM]).exits(1).stderr;
    assert!(said.contains("the framework SkyLight is not one of macOS's public frameworks"), "{said}");
}

#[test]
fn an_sdk_takes_the_place_of_the_stubs() {
    let mut fixture = fixture(
        r#"
        #[link(name = "Foundation", kind = "framework")]
        unsafe extern "C" { fn only_this_sdk_has_it(); }
        fn main() { unsafe { only_this_sdk_has_it() } }
        "#,
        "fn main() {}",
    );
    let system = tool("python3", &["-c", "import os, ziglang; print(os.path.dirname(ziglang.__file__))"]);
    let system = Path::new(system.trim()).join("lib/libc/darwin/libSystem.tbd");
    fixture.write("../MacOSX.sdk/usr/lib/libSystem.tbd", fs::read(system).unwrap());
    let stub = "--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos ]\ninstall-name: '/Library/Mine'\nexports:\n  \
                - targets: [ arm64-macos ]\n    symbols: [ _only_this_sdk_has_it ]\n...\n";
    fixture.write("../MacOSX.sdk/System/Library/Frameworks/Foundation.framework/Foundation.tbd", stub);
    let sdk = fixture.base().join("MacOSX.sdk");
    let run = fixture.set_env("SDKROOT", &sdk).run(["build", "--target", ARM]).ok();
    assert!(!run.stderr.contains("stub"), "{run}");
    let program = fs::read(built(&fixture, ARM)).unwrap();
    assert_eq!(loads(&program).0, ["/Library/Mine", "/usr/lib/libSystem.B.dylib"]);
    assert_eq!(imports(&program), ["Mine: _only_this_sdk_has_it".to_owned()].into());
    assert!(!fixture.path("target/build-tool/zig/stubs").exists());
}
