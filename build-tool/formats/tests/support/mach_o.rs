//! Mach-O files to work on: little ones made here byte by byte, and real ones that zig's linker makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

pub(crate) const X86_64: u32 = 0x0100_0007;
pub(crate) const ARM64: u32 = 0x0100_000C;

/// A little program (`mach-o/loader.h`): `__TEXT` with one section, `__LINKEDIT`, a UUID, a build version.
#[derive(Clone, Debug)]
pub(crate) struct Little {
    pub(crate) cpu: u32,
    pub(crate) subtype: u32,
    pub(crate) file_type: u32,
    /// Bytes between the load commands and the section.
    pub(crate) room: usize,
    pub(crate) text: Vec<u8>,
    pub(crate) section: &'static str,
    pub(crate) linkedit: Vec<u8>,
    pub(crate) with_uuid: bool,
}

impl Default for Little {
    fn default() -> Self {
        Self {
            cpu: ARM64,
            subtype: 0,
            file_type: 2,
            room: 64,
            text: super::noise(9000),
            section: "__text",
            linkedit: super::noise(501),
            with_uuid: true,
        }
    }
}

impl Little {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let name = |name: &str| {
            let mut bytes = name.as_bytes().to_vec();
            bytes.resize(16, 0);
            bytes
        };
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let longs = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let commands_size = (72 + 80) + 72 + if self.with_uuid { 24 } else { 0 } + 24;
        let text_at = 32 + commands_size + self.room;
        let linkedit_at = (text_at + self.text.len()).next_multiple_of(0x4000);
        let base = 0x1_0000_0000_u64;

        let mut file = words(&[0xFEED_FACF, self.cpu, self.subtype, self.file_type]);
        file.extend(words(&[if self.with_uuid { 4 } else { 3 }, commands_size as u32, 0x85, 0]));
        file.extend([words(&[0x19, 72 + 80]), name("__TEXT")].concat());
        file.extend(longs(&[base, linkedit_at as u64, 0, linkedit_at as u64]));
        file.extend(words(&[5, 5, 1, 0]));
        file.extend([name(self.section), name("__TEXT")].concat());
        file.extend(longs(&[base + text_at as u64, self.text.len() as u64]));
        file.extend(words(&[text_at as u32, 2, 0, 0, 0, 0, 0, 0]));
        file.extend([words(&[0x19, 72]), name("__LINKEDIT")].concat());
        file.extend(longs(&[base + linkedit_at as u64, 0x4000, linkedit_at as u64, self.linkedit.len() as u64]));
        file.extend(words(&[1, 1, 0, 0]));
        if self.with_uuid {
            file.extend([words(&[0x1B, 24]), (1..=16).collect()].concat());
        }
        // macOS 11.0, SDK 12.3.
        file.extend(words(&[0x32, 24, 1, 0x000B_0000, 0x000C_0300, 0]));
        assert_eq!(file.len(), 32 + commands_size);
        file.resize(text_at, 0);
        file.extend_from_slice(&self.text);
        file.resize(linkedit_at, 0);
        file.extend_from_slice(&self.linkedit);
        file
    }
}

/// Programs, shared libraries and bundles as zig's linker makes them: (name, path).
pub(crate) fn real() -> &'static [(String, PathBuf)] {
    static MADE: OnceLock<(TempDir, Vec<(String, PathBuf)>)> = OnceLock::new();
    &MADE.get_or_init(make).1
}

/// Those of a name that begins so.
pub(crate) fn real_named(start: &str) -> PathBuf {
    let found = real().iter().find(|(name, _)| name.starts_with(start));
    found.unwrap_or_else(|| panic!("there is no {start}")).1.clone()
}

fn make() -> (TempDir, Vec<(String, PathBuf)>) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.c");
    fs::write(&source, "int puts(const char *);\nint main(void) { return puts(\"hello\") < 0; }\n").unwrap();
    let mut made = Vec::new();
    for cpu in ["x86_64", "aarch64"] {
        for (kind, arguments) in [("program", &[][..]), ("dylib", &["-shared"][..]), ("bundle", &["-bundle"][..])] {
            let name = format!("{kind}-{cpu}");
            let target = format!("{cpu}-macos.11.0");
            let mut all = vec!["-m", "ziglang", "cc", "-target", &target, "-O1", "source.c", "-o", &name];
            all.extend_from_slice(arguments);
            super::run("python3", "python3-pip, then pip install ziglang", &all, folder.path());
            made.push((name.clone(), folder.path().join(name)));
        }
    }
    (folder, made)
}

/// The newest `llvm-NAME` of those installed; Debian's have a suffix.
pub(crate) fn llvm(name: &str) -> String {
    let names = (15..40).rev().map(|version| format!("llvm-{name}-{version}")).chain([format!("llvm-{name}")]);
    let there = |name: &String| Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success());
    names
        .into_iter()
        .find(there)
        .unwrap_or_else(|| panic!("this test needs llvm-{name}: on Debian, apt-get install llvm"))
}

/// What LIEF, another reader, thinks of a file: its layout, its signature's place, its UUID.
pub(crate) fn lief(path: &Path, folder: &Path) -> String {
    const SCRIPT: &str = "
import sys, lief
fat = lief.MachO.parse(sys.argv[1])
assert fat is not None, 'LIEF cannot parse it'
for binary in fat:
    print(binary.header.cpu_type.name, lief.MachO.check_layout(binary), binary.has_code_signature)
";
    super::run("python3", "python3-pip, then pip install lief", &["-c", SCRIPT, path.to_str().unwrap()], folder)
}
