//! Programs for other systems, linked by zig from a few lines of C, with the
//! slot for a stamp that Rust programs get from `build_info!`.

use std::path::Path;
use std::process::Command;

use super::fixture::Fixture;
use super::run::Run;

/// Apple's two, and the platform that they are fused into.
pub(crate) const ARM_MAC: &str = "aarch64-apple-darwin";
pub(crate) const INTEL_MAC: &str = "x86_64-apple-darwin";
pub(crate) const UNIVERSAL: &str = "universal-apple-darwin";
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// Puts `file` for `target` where `package --prebuilt prebuilt` looks for it.
pub(crate) fn prebuilt(fixture: &Fixture, target: &str, file: &str, arguments: &[&str]) {
    let mach_o = format!("{},{}", build_info::MACH_O_SEGMENT, build_info::MACH_O_SECTION);
    let (zig_target, section) = match target {
        ARM_MAC => ("aarch64-macos.11.0", mach_o),
        INTEL_MAC => ("x86_64-macos.11.0", mach_o),
        _ => ("x86_64-windows-gnu", build_info::PE_SECTION.to_owned()),
    };
    let folder = format!("prebuilt/{target}");
    let slot = build_info::encode(&["0.0.0", "", "", "false", "", "dev", target, ""]).unwrap();
    let bytes = slot.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let source = format!(
        "int puts(const char *);\n__attribute__((section(\"{section}\"), used)) \
         const volatile unsigned char slot[] = {{{bytes}}};\n\
         int shown(void) {{ return slot[0]; }}\nint main(void) {{ return puts(\"hello\") + shown(); }}\n"
    );
    fixture.write(format!("{folder}/source.c"), source);
    let folder = fixture.path(folder);
    // In two steps, so that the object file is there for whoever looks for debug information.
    for words in [vec!["-c", "source.c", "-o", "source.o"], [&["source.o", "-o", file], arguments].concat()] {
        let mut zig = Command::new("python3");
        zig.args(["-m", "ziglang", "cc", "-target", zig_target, "-g", "-O1"]).args(words).current_dir(&folder);
        Run::of(zig).ok();
    }
}

/// What LIEF, a reader of others, says of each slice: its layout, and whether it is signed.
pub(crate) fn lief(path: &Path) -> String {
    const SCRIPT: &str = "
import sys, lief
fat = lief.MachO.parse(sys.argv[1])
for binary in fat:
    print(binary.header.cpu_type.name, lief.MachO.check_layout(binary), binary.has_code_signature)
";
    super::run::tool("python3", &["-c", SCRIPT, path.to_str().unwrap()])
}
