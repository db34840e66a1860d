//! Programs for Windows that were linked without Microsoft's SDK, run under
//! Wine: what the start-up library must do, DLLs, windowed programs, and C
//! dependencies that published crates bring along.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{Fixture, Run, tool, with_wine};

const X64: &str = "x86_64-pc-windows-msvc";
const ARM64: &str = "aarch64-pc-windows-msvc";

/// Runs a program for Windows that was built in the fixture.
fn wine(fixture: &Fixture, program: &Path, args: &[&str]) -> Run {
    let folder = fixture.path("target/build-tool/wine");
    if !folder.is_dir() {
        with_wine(fixture);
    }
    let mut wine = Command::new("wine");
    wine.arg(program)
        .args(args)
        .env("WINEPREFIX", folder.join("prefix"))
        .env("WINEDEBUG", "-all")
        .env("LC_ALL", "C.UTF-8");
    wine.current_dir(program.parent().unwrap());
    Run::of(wine)
}

/// Builds for both processors; where the x64 results lie.
fn build(fixture: &Fixture) -> PathBuf {
    fixture.run(["build", "--skip", "strip", "--target", X64, "--target", ARM64]).ok();
    fixture.path(format!("target/{X64}/release"))
}

/// One package that uses what a start-up library has to get right.
const START: &str = r#"
use std::cell::RefCell;
struct Noisy(&'static str);
impl Drop for Noisy { fn drop(&mut self) { println!("dropped {}", self.0); } }
thread_local! { static OWN: RefCell<Option<Noisy>> = const { RefCell::new(None) }; }
fn deep(n: u64) -> u64 { let a = [n; 500]; deep(std::hint::black_box(n + 1)) + a[std::hint::black_box(7)] }
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{arguments:?} {:?}", std::env::var("GIVEN"));
    let caught = std::panic::catch_unwind(|| { let _here = Noisy("unwound"); panic!("boom") });
    println!("caught {:?}", caught.unwrap_err().downcast_ref::<&str>());
    std::thread::spawn(|| OWN.with(|own| *own.borrow_mut() = Some(Noisy("with its thread")))).join().unwrap();
    let threads: Vec<_> = (0..1000u64).map(|n| std::thread::spawn(move || n)).collect();
    println!("{}", threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u64>());
    match arguments.last().map(String::as_str) {
        Some("deep") => println!("{}", deep(1)),
        Some("exit") => std::process::exit(7),
        _ => {}
    }
}
"#;

fn start_up_works(fixture: &Fixture) {
    let program = build(fixture).join("start.exe");
    let run = wine(fixture, &program, &["a b", "ü", "exit"]).exits(7).says(&["panicked at src"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    let expected = [
        "[\"a b\", \"ü\", \"exit\"] Err(NotPresent)",
        "dropped unwound",
        "caught Some(\"boom\")",
        "dropped with its thread",
        "499500",
    ];
    assert_eq!(lines, expected, "{run}");
    // Wine makes the exit code 0, so only what the handler of Rust's library says tells.
    wine(fixture, &program, &["deep"]).says(&["has overflowed its stack"]);
}

#[test]
#[ignore = "slow: a minute, most of it Wine"]
fn what_the_start_up_library_does_shows_when_programs_run() {
    let fixture = Fixture::empty("start");
    fixture.plain_package("start").write("src/main.rs", START).lock().commit("first");
    start_up_works(&fixture);
    // The other name of the library, which real projects ask for.
    let fixture = Fixture::empty("static");
    fixture
        .plain_package("start")
        .write("src/main.rs", START)
        .write(".cargo/config.toml", "[target.'cfg(windows)']\nrustflags = [\"-Ctarget-feature=+crt-static\"]\n")
        .lock()
        .commit("first");
    start_up_works(&fixture);
}

/// A DLL with a destructor of C's kind, and constructors of both.
const PLUGIN: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
static CALLS: AtomicU32 = AtomicU32::new(0);
unsafe extern "C" { fn atexit(function: extern "C" fn()) -> i32; }
extern "C" fn constructor() { CALLS.store(40, Ordering::SeqCst); }
#[used]
#[unsafe(link_section = ".CRT$XCU")]
static CONSTRUCTOR: extern "C" fn() = constructor;
extern "C" fn leaving() { println!("leaving"); }
#[unsafe(no_mangle)]
pub extern "C" fn call() -> u32 {
    let caught = std::panic::catch_unwind(|| panic!("inside"));
    assert!(caught.is_err());
    unsafe { atexit(leaving) };
    CALLS.fetch_add(1, Ordering::SeqCst) + 1
}
"#;

const LOADER: &str = r#"
#[link(name = "kernel32")]
unsafe extern "system" {
    fn LoadLibraryA(name: *const u8) -> *mut u8;
    fn GetProcAddress(module: *mut u8, name: *const u8) -> *const u8;
    fn FreeLibrary(module: *mut u8) -> i32;
}
fn main() {
    unsafe {
        let module = LoadLibraryA(c"plugin.dll".as_ptr().cast());
        assert!(!module.is_null());
        let call: extern "C" fn() -> u32 = std::mem::transmute(GetProcAddress(module, c"call".as_ptr().cast()));
        println!("{} {}", call(), call());
        FreeLibrary(module);
    }
    println!("still here");
}
"#;

#[test]
#[ignore = "slow: a minute, most of it Wine"]
fn a_dll_starts_runs_and_leaves_while_its_program_stays() {
    let fixture = Fixture::empty("loads");
    fixture
        .workspace(&["loader", "plugin"], "")
        .member("loader", "[dependencies]\nplugin = { path = \"../plugin\" }\n", LOADER)
        .write("plugin/Cargo.toml", "[package]\nname = \"plugin\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n")
        .write("plugin/src/lib.rs", PLUGIN)
        .lock()
        .commit("first");
    let folder = build(&fixture);
    fs::copy(folder.join("deps/plugin.dll"), folder.join("plugin.dll")).unwrap();
    let run = wine(&fixture, &folder.join("loader.exe"), &[]).ok();
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), ["41 42", "leaving", "leaving", "still here"], "{run}");
}

#[test]
#[ignore = "slow: a minute, most of it Wine"]
fn a_windowed_program_has_no_console_and_still_starts() {
    let fixture = Fixture::empty("windowed");
    let main = "#![windows_subsystem = \"windows\"]\nfn main() { std::fs::write(\"started\", \"yes\").unwrap(); std::process::exit(3); }\n";
    fixture.plain_package("windowed").write("src/main.rs", main).lock().commit("first");
    let folder = build(&fixture);
    let program = folder.join("windowed.exe");
    assert!(tool("llvm-readobj-22", &["-h", program.to_str().unwrap()]).contains("IMAGE_SUBSYSTEM_WINDOWS_GUI"));
    wine(&fixture, &program, &[]).exits(3);
    assert_eq!(fs::read_to_string(folder.join("started")).unwrap(), "yes");

    // Without Rust's own `main`: what C calls WinMain.
    let fixture = Fixture::empty("winmain");
    let main = "#![no_main]\n#![windows_subsystem = \"windows\"]\n#[unsafe(no_mangle)]\n\
                extern \"system\" fn WinMain(module: *const u8, _: usize, line: *const u8, _: i32) -> i32 {\n\
                i32::from(!module.is_null() && !line.is_null()) + 4\n}\n";
    let script = "fn main() { println!(\"cargo::rustc-link-arg=/entry:WinMainCRTStartup\"); }\n";
    fixture.plain_package("winmain").write("src/main.rs", main).write("build.rs", script).lock().commit("first");
    wine(&fixture, &build(&fixture).join("winmain.exe"), &[]).exits(5);
}

#[test]
#[ignore = "slow: a minute, most of it Wine"]
fn constructors_of_c_run_before_main() {
    let part = "static int ready;\n__attribute__((constructor)) static void start(void) { ready += 1; }\n\
                __attribute__((constructor)) static void again(void) { ready += 10; }\n\
                int part(void) { return ready; }\n";
    let main = "unsafe extern \"C\" { fn part() -> i32; }\nfn main() { println!(\"{}\", unsafe { part() }); }\n";
    let fixture = Fixture::empty("constructors");
    fixture
        .plain_package("constructors")
        .write("Cargo.toml", "[package]\nname = \"constructors\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[build-dependencies]\ncc = \"1\"\n")
        .write("src/main.rs", main)
        .write("build.rs", "fn main() { cc::Build::new().file(\"part.c\").compile(\"part\"); }\n")
        .write("part.c", part)
        .lock()
        .commit("first");
    let run = wine(&fixture, &build(&fixture).join("constructors.exe"), &[]).ok();
    assert_eq!(run.stdout.trim(), "11", "{run}");
}

/// What the C dependencies must be able to do.
const C_DEPENDENCIES: &str = include_str!("windows/c_dependencies.rs");

#[test]
#[ignore = "slow: compiles mimalloc, QuickJS, Lua and zstd for two targets, five minutes"]
fn c_dependencies_of_published_crates_do_their_work() {
    let fixture = Fixture::empty("c");
    let dependencies = "mimalloc = \"=0.1.52\"\nrquickjs = \"=0.14.0\"\n\
                        mlua = { version = \"=0.11.6\", features = [\"lua54\", \"vendored\"] }\nzstd = \"0.13\"\n";
    fixture
        .plain_package("c")
        .write(
            "Cargo.toml",
            format!("[package]\nname = \"c\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"),
        )
        .write("src/main.rs", C_DEPENDENCIES);
    let mut cargo = Command::new("cargo");
    cargo.args(["generate-lockfile", "--quiet"]);
    Run::of(fixture.in_place(cargo)).ok();
    fixture.commit("first");
    let program = build(&fixture).join("c.exe");
    wine(&fixture, &program, &[]).ok().prints(&["zstd ok", "lua ok", "quickjs ok", "threads ok"]);
    let text = String::from_utf8_lossy(&fs::read(program).unwrap()).into_owned();
    for folder in ["/.cargo/", fixture.base().to_str().unwrap()] {
        assert!(!text.contains(folder), "the program names {folder}");
    }
}
