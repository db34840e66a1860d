//! The start-up library: which sources of `crt/` make which of its objects, and
//! how zig compiles them.

use std::path::Path;

use super::{Arch, MsvcError, Read, at, exports};

/// Every source, by the name that it is compiled under.
const SOURCES: [(&str, &str); 14] = [
    ("startup.h", include_str!("crt/startup.h")),
    ("first.c", include_str!("crt/first.c")),
    ("tables.c", include_str!("crt/tables.c")),
    ("entry.c", include_str!("crt/entry.c")),
    ("dll.c", include_str!("crt/dll.c")),
    ("dll_main.c", include_str!("crt/dll_main.c")),
    ("exit.c", include_str!("crt/exit.c")),
    ("stdio.c", include_str!("crt/stdio.c")),
    ("math.c", include_str!("crt/math.c")),
    ("sockets.c", include_str!("crt/sockets.c")),
    ("cplusplus.c", include_str!("crt/cplusplus.c")),
    ("probe_x86_64.s", include_str!("crt/probe_x86_64.s")),
    ("probe_aarch64.s", include_str!("crt/probe_aarch64.s")),
    ("setjmp_aarch64.s", include_str!("crt/setjmp_aarch64.s")),
];

/// The object that goes first on every link line (see `crt/first.c`).
pub(super) const FIRST: &str = "first.obj";

/// The library, under the name that it is made with.
pub(super) const LIBRARY: &str = "startup.lib";

/// The names that link lines have for it: the C runtime's dynamic and static start-up, and its printf.
pub(super) const NAMES: [&str; 3] = ["msvcrt", "libcmt", "legacy_stdio_definitions"];

/// One object of the library.
struct Object {
    name: &'static str,
    source: &'static str,
    define: Option<&'static str>,
}

const fn object(name: &'static str, source: &'static str) -> Object {
    Object { name, source, define: None }
}

const fn entry(name: &'static str, define: &'static str) -> Object {
    Object { name, source: "entry.c", define: Some(define) }
}

const MEMBERS: [Object; 12] = [
    object("tables.obj", "tables.c"),
    entry("main.obj", "-DENTRY_MAIN"),
    entry("wmain.obj", "-DENTRY_WMAIN"),
    entry("winmain.obj", "-DENTRY_WINMAIN"),
    entry("wwinmain.obj", "-DENTRY_WWINMAIN"),
    object("dll.obj", "dll.c"),
    object("dll_main.obj", "dll_main.c"),
    object("exit.obj", "exit.c"),
    object("stdio.obj", "stdio.c"),
    object("math.obj", "math.c"),
    object("sockets.obj", "sockets.c"),
    object("cplusplus.obj", "cplusplus.c"),
];

/// Without debug information, checks or a C library's own headers: the same bytes wherever it is compiled.
const FLAGS: [&str; 10] = [
    "-O2",
    "-g0",
    "-std=c11",
    "-ffreestanding",
    "-fno-builtin",
    "-fno-stack-protector",
    "-fno-sanitize=all",
    "-ffunction-sections",
    "-Wall",
    "-Werror",
];

/// Everything that decides its bytes but zig.
pub(super) fn description() -> String {
    SOURCES.iter().map(|(name, text)| format!("{name}\n{text}\n")).collect::<String>() + &FLAGS.join(" ")
}

/// Compiles [`FIRST`] and [`LIBRARY`] into `folder`, which is empty.
///
/// # Errors
/// A source cannot be written, or zig fails.
pub(super) fn compile(read: Read<'_>, zig: &Path, arch: Arch, folder: &Path) -> Result<(), MsvcError> {
    for (name, text) in SOURCES {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(at("write", &path))?;
    }
    let own: &[Object] = match arch {
        Arch::X86_64 => &[object("probe.obj", "probe_x86_64.s")],
        Arch::Aarch64 => &[object("probe.obj", "probe_aarch64.s"), object("setjmp.obj", "setjmp_aarch64.s")],
    };
    let first = [object(FIRST, "first.c")];
    for object in first.iter().chain(&MEMBERS).chain(own) {
        // Relative names: an object keeps the name that its source was given by.
        let mut call = exports::zig_call(zig, "compile the start-up library for Windows")
            .args(["cc", "-target", &arch.zig_target(), "-c", object.source, "-o", object.name])
            .cwd(folder);
        if object.source.ends_with(".c") {
            call = call.args(FLAGS).args(object.define).args(exports::object_name(object.name));
        }
        read(&call)?;
    }
    let members = MEMBERS.iter().chain(own).map(|object| object.name);
    let archive = exports::zig_call(zig, "put the start-up library for Windows together")
        .args(["ar", "rcsD", LIBRARY])
        .args(members)
        .cwd(folder);
    read(&archive)?;
    Ok(())
}
