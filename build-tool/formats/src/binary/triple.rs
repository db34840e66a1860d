//! Holds a binary's identity against a Rust triple. Only what the file really says is compared:
//! a static ELF file names no C library, so gnu and musl are both possible.

use super::{Architecture, BinaryFormat, BinaryIdentity, Libc, Os};

/// How a file is not of the triple that it claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The triple's architecture is not known here.
    #[error("the architecture of {0} is not known")]
    UnknownArchitecture(String),
    /// Another object format.
    #[error("{triple} needs {expected:?}, the file is {found:?}")]
    Format {
        /// The triple that was claimed.
        triple: String,
        /// The triple's.
        expected: BinaryFormat,
        /// The file's.
        found: BinaryFormat,
    },
    /// Another architecture, or another set of them.
    #[error("{triple} needs {expected:?}, the file is for {found:?}")]
    Architecture {
        /// The triple that was claimed.
        triple: String,
        /// The triple's.
        expected: Vec<Architecture>,
        /// The file's.
        found: Vec<Architecture>,
    },
    /// Another byte order.
    #[error("the file's byte order is not that of {0}")]
    ByteOrder(String),
    /// Another operating system.
    #[error("the file is for {found:?}, not for {triple}")]
    Os {
        /// The triple that was claimed.
        triple: String,
        /// The file's.
        found: Os,
    },
    /// Another C library.
    #[error("the file is linked with {found:?}, {triple} needs {expected:?}")]
    Libc {
        /// The triple that was claimed.
        triple: String,
        /// The triple's.
        expected: Libc,
        /// The file's.
        found: Libc,
    },
    /// Floats are passed the other way.
    #[error("the file's float calling convention is not that of {0}")]
    FloatAbi(String),
}

/// Whether a file may be of that triple; if not, the first thing that speaks against it.
/// `universal-apple-darwin` means a macOS file of both x86-64 and arm64.
pub fn matches_target(identity: &BinaryIdentity, triple: &str) -> Result<(), Mismatch> {
    let claimed = || triple.to_owned();
    let (cpu, rest) = triple.split_once('-').unwrap_or((triple, ""));
    let expected = format(rest);
    if identity.format != expected {
        return Err(Mismatch::Format { triple: claimed(), expected, found: identity.format });
    }
    let (expected, little_endian) = architectures(cpu, rest).ok_or_else(|| Mismatch::UnknownArchitecture(claimed()))?;
    let found = &identity.architectures;
    if found.len() != expected.len() || !expected.iter().all(|cpu| found.contains(cpu)) {
        return Err(Mismatch::Architecture { triple: claimed(), expected, found: found.clone() });
    }
    if identity.little_endian != little_endian {
        return Err(Mismatch::ByteOrder(claimed()));
    }
    if let Some(found) = identity.os.filter(|&os| !os_fits(os, rest)) {
        return Err(Mismatch::Os { triple: claimed(), found });
    }
    if let (Some(expected), Some(found)) = (libc(rest), identity.libc)
        && expected != found
    {
        return Err(Mismatch::Libc { triple: claimed(), expected, found });
    }
    match identity.hard_float {
        Some(hard) if hard != rest.ends_with("hf") && libc(rest).is_some() => Err(Mismatch::FloatAbi(claimed())),
        _ => Ok(()),
    }
}

fn format(rest: &str) -> BinaryFormat {
    if rest.starts_with("apple-") {
        BinaryFormat::MachO
    } else if ["windows", "uefi", "cygwin"].iter().any(|os| rest.contains(os)) {
        BinaryFormat::Pe
    } else {
        BinaryFormat::Elf
    }
}

/// The architectures by the triple's first part, as rustc's target list spells it, and whether
/// they are little-endian.
fn architectures(cpu: &str, rest: &str) -> Option<(Vec<Architecture>, bool)> {
    use Architecture as A;
    let little = |architecture| Some((vec![architecture], true));
    let big = |architecture| Some((vec![architecture], false));
    match cpu {
        "universal" => Some((vec![A::X86_64, A::Aarch64], true)),
        "x86_64" if rest.ends_with("x32") => little(A::X86_64_X32),
        "x86_64" | "x86_64h" => little(A::X86_64),
        "i386" | "i486" | "i586" | "i686" => little(A::I386),
        "aarch64" if rest.ends_with("ilp32") => little(A::Aarch64_Ilp32),
        "aarch64" | "arm64e" | "arm64ec" => little(A::Aarch64),
        "arm64_32" => little(A::Aarch64_Ilp32),
        "aarch64_be" => big(A::Aarch64),
        "loongarch64" => little(A::LoongArch64),
        "powerpc" => big(A::PowerPc),
        "powerpc64" => big(A::PowerPc64),
        "powerpc64le" => little(A::PowerPc64),
        "s390x" => big(A::S390x),
        "sparc" => big(A::Sparc),
        "sparc64" | "sparcv9" => big(A::Sparc64),
        "hexagon" => little(A::Hexagon),
        "m68k" => big(A::M68k),
        "mips64el" | "mipsisa64r6el" => little(A::Mips64),
        "mips64" | "mipsisa64r6" => big(A::Mips64),
        "mipsel" | "mipsisa32r6el" => little(A::Mips),
        "mips" | "mipsisa32r6" => big(A::Mips),
        _ if cpu.starts_with("riscv64") => little(A::Riscv64),
        _ if cpu.starts_with("riscv32") => little(A::Riscv32),
        _ if cpu.starts_with("armeb") || cpu.starts_with("thumbeb") => big(A::Arm),
        _ if cpu.starts_with("arm") || cpu.starts_with("thumb") => little(A::Arm),
        _ => None,
    }
}

fn os_fits(os: Os, rest: &str) -> bool {
    match os {
        Os::Linux => rest.contains("linux") && !rest.contains("android"),
        Os::Android => rest.contains("android"),
        Os::FreeBsd => rest.contains("freebsd"),
        Os::MacOs => rest.ends_with("darwin"),
        // Its platforms are many; that it is not macOS is what matters.
        Os::Apple(_) => !rest.ends_with("darwin"),
        Os::Windows => rest.contains("windows") || rest.contains("cygwin"),
        Os::Uefi => rest.contains("uefi"),
    }
}

/// `linux-gnu…`, `linux-musl…` and `linux-android…`; `None` elsewhere.
fn libc(rest: &str) -> Option<Libc> {
    let environment = rest.split_once("linux-")?.1;
    if environment.starts_with("gnu") {
        Some(Libc::Gnu)
    } else if environment.starts_with("musl") || environment.starts_with("ohos") {
        Some(Libc::Musl)
    } else if environment.starts_with("android") {
        Some(Libc::Bionic)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::BinaryKind;
    use super::*;

    fn identity(format: BinaryFormat, architectures: &[Architecture]) -> BinaryIdentity {
        BinaryIdentity {
            format,
            kind: BinaryKind::Executable,
            architectures: architectures.to_vec(),
            little_endian: true,
            os: None,
            libc: None,
            hard_float: None,
        }
    }

    #[test]
    fn static_elf_may_be_gnu_or_musl() {
        let file = identity(BinaryFormat::Elf, &[Architecture::X86_64]);
        for triple in ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"] {
            assert_eq!(matches_target(&file, triple), Ok(()));
        }
        let wrong = matches_target(&file, "aarch64-unknown-linux-gnu");
        assert!(matches!(wrong, Err(Mismatch::Architecture { .. })), "{wrong:?}");
    }

    #[test]
    fn the_interpreter_tells_gnu_from_musl() {
        let mut file = identity(BinaryFormat::Elf, &[Architecture::Aarch64]);
        (file.os, file.libc) = (Some(Os::Linux), Some(Libc::Musl));
        assert_eq!(matches_target(&file, "aarch64-unknown-linux-musl"), Ok(()));
        let wrong = matches_target(&file, "aarch64-unknown-linux-gnu");
        assert!(matches!(wrong, Err(Mismatch::Libc { .. })), "{wrong:?}");
        let wrong = matches_target(&file, "aarch64-unknown-freebsd");
        assert!(matches!(wrong, Err(Mismatch::Os { .. })), "{wrong:?}");
    }

    #[test]
    fn universal_needs_both_slices() {
        let mut file = identity(BinaryFormat::MachO, &[Architecture::Aarch64, Architecture::X86_64]);
        file.os = Some(Os::MacOs);
        assert_eq!(matches_target(&file, "universal-apple-darwin"), Ok(()));
        assert!(matches_target(&file, "aarch64-apple-darwin").is_err());
        file.architectures.pop();
        assert!(matches_target(&file, "universal-apple-darwin").is_err());
        assert_eq!(matches_target(&file, "aarch64-apple-darwin"), Ok(()));
        assert!(matches_target(&file, "aarch64-apple-ios").is_err());
    }

    #[test]
    fn arm_floats_and_byte_order_are_compared() {
        let mut file = identity(BinaryFormat::Elf, &[Architecture::Arm]);
        file.hard_float = Some(true);
        assert_eq!(matches_target(&file, "armv7-unknown-linux-gnueabihf"), Ok(()));
        let soft = "armv7-unknown-linux-gnueabi";
        assert_eq!(matches_target(&file, soft), Err(Mismatch::FloatAbi(soft.to_owned())));
        let big = "armeb-unknown-linux-gnueabi";
        assert_eq!(matches_target(&file, big), Err(Mismatch::ByteOrder(big.to_owned())));
    }

    #[test]
    fn common_triples_have_a_known_architecture() {
        for triple in [
            "x86_64-pc-windows-msvc",
            "aarch64-pc-windows-msvc",
            "i686-pc-windows-gnu",
            "riscv64gc-unknown-linux-gnu",
            "riscv64a23-unknown-linux-gnu",
            "armv7-unknown-linux-musleabihf",
            "thumbv7neon-unknown-linux-gnueabihf",
            "loongarch64-unknown-linux-musl",
            "s390x-unknown-linux-gnu",
            "powerpc64le-unknown-linux-gnu",
            "i586-unknown-linux-gnu",
        ] {
            let (cpu, rest) = triple.split_once('-').unwrap();
            assert!(architectures(cpu, rest).is_some(), "{triple}");
        }
    }
}
