//! Windows MSVC without Microsoft's SDK, as far as it shows without Windows:
//! both processors from one call, the same bytes elsewhere, import libraries as
//! LLVM makes them, C with what a build script says, and each refusal with its
//! way out. What the programs do when they run is in the slow group.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{Fixture, Run, tool};

const X64: &str = "x86_64-pc-windows-msvc";
const ARM64: &str = "aarch64-pc-windows-msvc";

/// A build script that compiles one file as the `cc` crate would, and links it.
const BUILD_SCRIPT: &str = r#"
use std::process::Command;
fn main() {
    let target = std::env::var("TARGET").unwrap();
    let tool = |name: &str| std::env::var(format!("{name}_{}", target.replace('-', "_"))).unwrap();
    let out = std::env::var("OUT_DIR").unwrap();
    let (object, library) = (format!("{out}/part.o"), format!("{out}/part.lib"));
    let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
    let file = std::fs::read_dir(".").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let file = file.into_iter().find(|name| name.starts_with("part.")).unwrap();
    let compiler = tool(if file == "part.c" { "CC" } else { "CXX" });
    let flags = std::env::var(format!("CFLAGS_{}", target.replace('-', "_"))).unwrap();
    let target = format!("--target={target}");
    run(Command::new(compiler).args(flags.split_whitespace()).args(["-O2", &target, "/nologo", "-g", "-o", &object, "-c", &file]));
    run(Command::new(tool("AR")).args([&format!("-out:{library}"), "-nologo", &object]));
    println!("cargo::rustc-link-search=native={out}");
    println!("cargo::rustc-link-lib=static=part");
}
"#;

/// Uses what a C part gives.
const MAIN: &str = r#"
unsafe extern "C" { fn part(n: i32) -> i32; }
fn main() { println!("{}", unsafe { part(2) }); }
"#;

/// A package `mixed` with a part in `file`.
fn mixed(folder: &str, file: &str, text: &str) -> Fixture {
    let fixture = Fixture::empty(folder);
    fixture
        .plain_package("mixed")
        .write("src/main.rs", MAIN)
        .write("build.rs", BUILD_SCRIPT)
        .write(file, text)
        .lock()
        .commit("first");
    fixture
}

fn build(fixture: &Fixture, targets: &[&str]) -> Run {
    let mut args = vec!["build", "--skip", "strip"];
    args.extend(targets.iter().flat_map(|target| ["--target", target]));
    fixture.run(args)
}

fn program(fixture: &Fixture, target: &str, name: &str) -> PathBuf {
    fixture.path(format!("target/{target}/release/{name}"))
}

/// The folder of the kit's libraries for a processor, known by what is in it.
fn libraries(fixture: &Fixture, machine: &str) -> PathBuf {
    let kits = fs::read_dir(fixture.path("target/build-tool/msvc")).unwrap();
    let mut folders = kits.map(|entry| entry.unwrap().path().join("lib"));
    folders
        .find(|folder| tool("llvm-readobj-22", &["-h", folder.join("first.obj").to_str().unwrap()]).contains(machine))
        .unwrap()
}

#[test]
fn both_processors_link_and_need_only_what_windows_has() {
    let fixture = mixed(
        "a folder",
        "part.c",
        "#undef NDEBUG\n#include <assert.h>\n#include <stdio.h>\nchar *gai_strerrorA(int);\nint part(int n) { assert(n < 9); return printf(\"%d %s\\n\", n, gai_strerrorA(n)); }\n",
    );
    build(&fixture, &[X64, ARM64]).ok();
    for (target, machine) in [(X64, "IMAGE_FILE_MACHINE_AMD64"), (ARM64, "IMAGE_FILE_MACHINE_ARM64")] {
        let path = program(&fixture, target, "mixed.exe");
        let path = path.to_str().unwrap();
        assert!(tool("llvm-readobj-22", &["-h", path]).contains(machine));
        let imports = tool("llvm-readobj-22", &["--coff-imports", path]);
        let mut dlls: Vec<_> = imports.lines().filter_map(|line| line.strip_prefix("  Name: ")).collect();
        dlls.retain(|dll| !dll.starts_with("api-ms-win-core-synch-"));
        assert_eq!(dlls, ["ucrtbase.dll", "KERNEL32.dll", "ntdll.dll"], "{imports}");
        the_import_libraries_are_llvms(&libraries(&fixture, machine), machine);
    }
}

/// Byte for byte what `llvm-dlltool` makes of zig's list, where the list has no 32-bit names.
fn the_import_libraries_are_llvms(kit: &Path, machine: &str) {
    let zig = zig();
    let mingw = zig.parent().unwrap().join("lib/libc/mingw");
    let (processor, dlltool) =
        if machine.ends_with("AMD64") { ("x86_64", "i386:x86-64") } else { ("aarch64", "arm64") };
    let work = tempfile::tempdir().unwrap();
    for (library, list) in [("kernel32", "kernel32.def.in"), ("userenv", "userenv.def"), ("ucrt", "ucrtbase.def.in")] {
        let path = mingw.join("lib-common").join(list);
        let include = format!("-I{}", mingw.join("def-include").display());
        let target = format!("{processor}-windows-gnu");
        let path = path.to_str().unwrap();
        let text =
            tool(zig.to_str().unwrap(), &["cc", "-target", &target, "-E", "-P", "-w", "-x", "c", &include, path]);
        let (def, lib) = (work.path().join("list.def"), work.path().join("made.lib"));
        fs::write(&def, text).unwrap();
        let (def, made) = (def.to_str().unwrap(), lib.to_str().unwrap());
        tool("llvm-dlltool-22", &["-k", "-m", dlltool, "-d", def, "-l", made]);
        let ours = kit.join(format!("{library}.lib"));
        assert!(
            fs::read(&ours).unwrap() == fs::read(&lib).unwrap(),
            "{library} for {processor} differs from llvm-dlltool's"
        );
    }
}

fn zig() -> PathBuf {
    let question = "import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), 'zig'))";
    PathBuf::from(tool("python3", &["-I", "-c", question]).trim())
}

#[test]
fn programs_and_their_debug_information_are_the_same_from_another_folder() {
    let text = "#include <assert.h>\nint part(int n) { assert(n > 0); return n; }\n";
    let here = mixed("here", "part.c", text);
    let there = mixed("quite-another-place", "part.c", text);
    for fixture in [&here, &there] {
        build(fixture, &[X64]).ok();
    }
    for name in ["mixed.exe", "mixed.pdb"] {
        let bytes = fs::read(program(&here, X64, name)).unwrap();
        assert!(bytes == fs::read(program(&there, X64, name)).unwrap(), "{name} differs");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for folder in [here.base().to_str().unwrap(), "/.cargo/", "/.rustup/", "/.cache/", "/ziglang/"] {
            let at = text.find(folder).map(|at| &text[at.saturating_sub(80)..]);
            let around: Option<String> = at.map(|rest| rest.chars().take(200).collect());
            assert_eq!(around, None, "{name} names {folder}");
        }
    }
}

#[test]
fn c_plus_plus_without_exceptions_links_and_with_them_needs_xwin() {
    let quiet = "struct Base { virtual int f(int) = 0; virtual ~Base() {} };\n\
                 struct Own : Base { int f(int n) override { static int calls = n; return calls + n; } };\n\
                 extern \"C\" int part(int n) { Base *b = new Own; int r = b->f(n); delete b; return r; }\n";
    let fixture = mixed("quiet", "part.cpp", quiet);
    build(&fixture, &[X64, ARM64]).ok();

    let loud = "extern \"C\" int part(int n) { try { if (n) throw n; } catch (int m) { return m; } return 0; }\n";
    build(&mixed("loud", "part.cpp", loud), &[X64]).exits(1).says(&[
        "with exceptions disabled",
        "needs the xwin backend: put `backend = \"xwin\"` into the target's manifest",
        "cargo install cargo-xwin",
    ]);

    let library = "#include <string>\nextern \"C\" int part(int n) { return std::to_string(n).length(); }\n";
    build(&mixed("library", "part.cpp", library), &[X64]).exits(1).says_times("undefined symbol: std::", 1).says(&[
        "wants a runtime that is not linked here (C++'s, or mingw's); it needs the xwin backend",
        "std::__1::to_string(int), wanted by",
        "part.cpp",
    ]);
}

#[test]
fn c_that_takes_itself_for_a_program_of_mingw_needs_xwin() {
    let part = "#include <sys/time.h>\nint own(void);\n\
                int part(int n) { struct timeval t; gettimeofday(&t, 0); return n + t.tv_sec + own(); }\n";
    let run = build(&mixed("mingw", "part.c", part), &[X64]).exits(1);
    let run = run.says(&["undefined symbol: own", "needs the xwin backend", "gettimeofday, wanted by"]);
    run.never_says(&["own, wanted by"]);
}

#[test]
fn a_library_is_made_when_an_object_asks_and_one_that_nobody_knows_is_named() {
    let asks = "#pragma comment(lib, \"winmm\")\nunsigned __stdcall timeGetTime(void);\n\
                int part(int n) { return n + (timeGetTime() & 0); }\n";
    let fixture = mixed("asks", "part.c", asks);
    build(&fixture, &[X64]).ok();
    let program = program(&fixture, X64, "mixed.exe");
    assert!(tool("llvm-readobj-22", &["--coff-imports", program.to_str().unwrap()]).contains("Name: WINMM.dll"));

    let unknown = Fixture::empty("unknown");
    unknown
        .plain_package("unknown")
        .write("build.rs", "fn main() { println!(\"cargo::rustc-link-lib=nosuchthing\"); }\n")
        .lock()
        .commit("first");
    build(&unknown, &[X64]).exits(1).says(&[
        "no export list for `nosuchthing.lib` is among zig's",
        "its folder is missing from the link line (`cargo:rustc-link-search`)",
    ]);
}

#[test]
fn the_names_that_cargo_calls_are_only_that_beside_their_settings() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("cc");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_build-tool"), &name).unwrap();
    // By that name alone, it is the program that people call.
    let mut command = Command::new(&name);
    command.arg("--version");
    Run::of(command).ok().prints(&["build-tool"]);
    fs::write(folder.path().join("msvc-kit.json"), "{}").unwrap();
    Run::of(Command::new(&name)).exits(1).says(&["msvc-kit.json", "are not this program's"]);
}
