//! RPM's words for what Rust and Cargo say: architectures and versions.

/// A triple for which RPM has no architecture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("RPM has no architecture for the target {0}")]
pub struct UnknownArchitecture(pub String);

/// RPM's architecture of a full Rust triple (rpm's `rpmrc`, `arch_canon`). The C library is no part of it: a static
/// program for musl runs on the same systems.
///
/// # Errors
/// The triple is not of Linux, or of a processor or calling convention that RPM does not know.
pub fn rpm_architecture(triple: &str) -> Result<&'static str, UnknownArchitecture> {
    let unknown = || UnknownArchitecture(triple.to_owned());
    let (cpu, rest) = triple.split_once('-').ok_or_else(unknown)?;
    let (_, environment) = rest.split_once("linux-").ok_or_else(unknown)?;
    if environment.starts_with("android") || environment.starts_with("ohos") {
        return Err(unknown());
    }
    let hard_float = environment.ends_with("hf");
    Ok(match cpu {
        "x86_64" if !environment.ends_with("x32") => "x86_64",
        "i386" => "i386",
        "i486" => "i486",
        "i586" => "i586",
        "i686" => "i686",
        "aarch64" if !environment.ends_with("ilp32") => "aarch64",
        // By rustc's own definition of these targets: `arm-` is ARMv6, and `armv7-` has no NEON.
        "thumbv7neon" if hard_float => "armv7hnl",
        "armv7" | "armv7a" if hard_float => "armv7hl",
        "armv7" | "armv7a" => "armv7l",
        "arm" if hard_float => "armv6hl",
        "arm" => "armv6l",
        "armv5te" => "armv5tel",
        _ if cpu.starts_with("riscv64") => "riscv64",
        "loongarch64" => "loongarch64",
        "powerpc64le" => "ppc64le",
        "powerpc64" => "ppc64",
        "powerpc" if !environment.ends_with("spe") => "ppc",
        "s390x" => "s390x",
        "mips" => "mips",
        "mipsel" => "mipsel",
        "mips64" => "mips64",
        "mips64el" => "mips64el",
        "mipsisa32r6" => "mipsr6",
        "mipsisa32r6el" => "mipsr6el",
        "mipsisa64r6" => "mips64r6",
        "mipsisa64r6el" => "mips64r6el",
        "sparc64" => "sparc64",
        "m68k" => "m68k",
        _ => return Err(unknown()),
    })
}

/// A version of Cargo's as RPM orders it: `1.0.0-rc.1` is `1.0.0~rc.1`, which is older than `1.0.0`. Hyphens after
/// the first, which RPM cannot have, become underscores.
pub fn rpm_version(version: &str) -> String {
    let (version, build) = match version.split_once('+') {
        Some((version, build)) => (version, Some(build)),
        None => (version, None),
    };
    let mut text = version.replacen('-', "~", 1);
    if let Some(build) = build {
        text.push('+');
        text += build;
    }
    text.replace('-', "_")
}

/// What RPM's macro `%_isa` has in its parentheses (`__isa_name`, `__isa_bits`): packages provide `name(x86-64)`, so
/// that others can need that architecture's and no other. `None` for `noarch` and what is not known.
pub(super) fn isa(architecture: &str) -> Option<&'static str> {
    Some(match architecture {
        "x86_64" => "x86-64",
        "i386" | "i486" | "i586" | "i686" => "x86-32",
        "aarch64" => "aarch-64",
        "armv7hl" | "armv7hnl" => "armv7hl-32",
        "armv7l" => "armv7l-32",
        "armv6hl" => "armv6hl-32",
        "armv6l" => "armv6l-32",
        "armv5tel" => "armv5tel-32",
        "riscv64" => "riscv-64",
        "loongarch64" => "loongarch64-64",
        "ppc64le" | "ppc64" => "ppc-64",
        "ppc" => "ppc-32",
        "s390x" => "s390-64",
        "mips64" | "mips64el" => "mips-64",
        "mips" | "mipsel" => "mips-32",
        "mips64r6" | "mips64r6el" => "mipsr6-64",
        "mipsr6" | "mipsr6el" => "mipsr6-32",
        "sparc64" => "sparc-64",
        _ => return None,
    })
}

/// The number of an architecture in the lead (rpm's `rpmrc`, `arch_canon`). rpm itself does not look at it, but
/// `file` does; 255 is for `noarch` and for those that have none.
pub(super) fn lead_number(architecture: &str) -> u16 {
    match architecture {
        "x86_64" | "i386" | "i486" | "i586" | "i686" => 1,
        "sparc64" => 2,
        "mips" | "mipsel" => 4,
        "ppc" => 5,
        "m68k" => 6,
        "mips64" | "mips64el" => 11,
        _ if architecture.starts_with("arm") => 12,
        "s390x" => 15,
        "ppc64" | "ppc64le" => 16,
        "aarch64" => 19,
        "mipsr6" | "mipsr6el" => 20,
        "mips64r6" | "mips64r6el" => 21,
        "riscv64" => 22,
        "loongarch64" => 23,
        _ => 255,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_follow_from_the_whole_triple() {
        for (triple, expected) in [
            ("x86_64-unknown-linux-gnu", "x86_64"),
            ("x86_64-unknown-linux-musl", "x86_64"),
            ("i586-unknown-linux-gnu", "i586"),
            ("i686-unknown-linux-gnu", "i686"),
            ("aarch64-unknown-linux-musl", "aarch64"),
            ("armv7-unknown-linux-gnueabihf", "armv7hl"),
            ("armv7-unknown-linux-musleabi", "armv7l"),
            ("thumbv7neon-unknown-linux-gnueabihf", "armv7hnl"),
            ("arm-unknown-linux-gnueabihf", "armv6hl"),
            ("arm-unknown-linux-gnueabi", "armv6l"),
            ("armv5te-unknown-linux-gnueabi", "armv5tel"),
            ("riscv64gc-unknown-linux-gnu", "riscv64"),
            ("loongarch64-unknown-linux-musl", "loongarch64"),
            ("powerpc64le-unknown-linux-gnu", "ppc64le"),
            ("s390x-unknown-linux-gnu", "s390x"),
            ("mipsisa64r6el-unknown-linux-gnuabi64", "mips64r6el"),
        ] {
            assert_eq!(rpm_architecture(triple), Ok(expected), "{triple}");
            assert!(isa(expected).is_some(), "{expected}");
            assert_ne!(lead_number(expected), 255, "{expected}");
        }
        for triple in [
            "x86_64-pc-windows-msvc",
            "aarch64-apple-darwin",
            "aarch64-linux-android",
            "x86_64-unknown-linux-gnux32",
            "aarch64-unknown-linux-gnu_ilp32",
            "armeb-unknown-linux-gnueabi",
            "powerpc-unknown-linux-gnuspe",
            "nonsense",
        ] {
            assert_eq!(rpm_architecture(triple), Err(UnknownArchitecture(triple.to_owned())));
        }
    }

    #[test]
    fn a_prerelease_gets_a_tilde_and_no_hyphen_is_left() {
        assert_eq!(rpm_version("1.2.3"), "1.2.3");
        assert_eq!(rpm_version("1.0.0-rc.1"), "1.0.0~rc.1");
        assert_eq!(rpm_version("1.0.0-alpha-x+git-1"), "1.0.0~alpha_x+git_1");
        assert_eq!(rpm_version("1.0.0+git-1"), "1.0.0+git_1");
    }
}
