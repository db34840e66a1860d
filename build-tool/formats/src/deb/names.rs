//! Debian's words for what Rust and Cargo say: architectures and versions.

/// A triple for which Debian has no architecture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Debian has no architecture for the target {0}")]
pub struct UnknownArchitecture(pub String);

/// Debian's architecture of a full Rust triple (`dpkg-architecture -L`). The C library is no part of it: a program
/// for musl runs on the same systems.
///
/// # Errors
/// The triple is not of Linux, or of a processor or calling convention that Debian does not know.
pub fn debian_architecture(triple: &str) -> Result<&'static str, UnknownArchitecture> {
    let unknown = || UnknownArchitecture(triple.to_owned());
    let (cpu, rest) = triple.split_once('-').ok_or_else(unknown)?;
    let (_, environment) = rest.split_once("linux-").ok_or_else(unknown)?;
    if environment.starts_with("android") || environment.starts_with("ohos") {
        return Err(unknown());
    }
    let known = match cpu {
        "x86_64" if environment.ends_with("x32") => "x32",
        "x86_64" => "amd64",
        "i386" | "i486" | "i586" | "i686" => "i386",
        "aarch64" if environment.ends_with("ilp32") => return Err(unknown()),
        "aarch64" => "arm64",
        _ if cpu.starts_with("armeb") || cpu.starts_with("thumbeb") => return Err(unknown()),
        _ if cpu.starts_with("arm") || cpu.starts_with("thumb") => {
            if environment.ends_with("hf") {
                "armhf"
            } else {
                "armel"
            }
        }
        _ if cpu.starts_with("riscv64") => "riscv64",
        "loongarch64" => "loong64",
        "powerpc64le" => "ppc64el",
        "powerpc64" => "ppc64",
        "powerpc" if environment.ends_with("spe") => "powerpcspe",
        "powerpc" => "powerpc",
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
    };
    Ok(known)
}

/// A version of Cargo's with a Debian revision: `1.0.0-rc.1+meta` and `1` is `1.0.0~rc.1+meta-1`, which is older
/// than `1.0.0-1` (Debian Policy, 5.6.12: a tilde is before everything, the end too).
pub fn debian_version(version: &str, revision: &str) -> String {
    let (version, meta) = match version.split_once('+') {
        Some((version, meta)) => (version, Some(meta)),
        None => (version, None),
    };
    let mut text = version.replacen('-', "~", 1);
    if let Some(meta) = meta {
        text.push('+');
        text += meta;
    }
    text + "-" + revision
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_follow_from_the_whole_triple() {
        for (triple, expected) in [
            ("x86_64-unknown-linux-gnu", "amd64"),
            ("x86_64-unknown-linux-gnux32", "x32"),
            ("x86_64-unknown-linux-musl", "amd64"),
            ("i686-unknown-linux-gnu", "i386"),
            ("aarch64-unknown-linux-gnu", "arm64"),
            ("armv7-unknown-linux-gnueabihf", "armhf"),
            ("armv7-unknown-linux-musleabihf", "armhf"),
            ("thumbv7neon-unknown-linux-gnueabihf", "armhf"),
            ("arm-unknown-linux-gnueabihf", "armhf"),
            ("arm-unknown-linux-gnueabi", "armel"),
            ("armv5te-unknown-linux-musleabi", "armel"),
            ("riscv64gc-unknown-linux-gnu", "riscv64"),
            ("loongarch64-unknown-linux-gnu", "loong64"),
            ("powerpc64le-unknown-linux-gnu", "ppc64el"),
            ("powerpc-unknown-linux-gnuspe", "powerpcspe"),
            ("s390x-unknown-linux-gnu", "s390x"),
            ("mips64el-unknown-linux-gnuabi64", "mips64el"),
            ("mipsisa64r6el-unknown-linux-gnuabi64", "mips64r6el"),
        ] {
            assert_eq!(debian_architecture(triple), Ok(expected), "{triple}");
        }
        for triple in [
            "x86_64-pc-windows-msvc",
            "aarch64-apple-darwin",
            "aarch64-linux-android",
            "aarch64-unknown-linux-gnu_ilp32",
            "aarch64_be-unknown-linux-gnu",
            "armeb-unknown-linux-gnueabi",
            "hexagon-unknown-linux-musl",
            "nonsense",
        ] {
            assert_eq!(debian_architecture(triple), Err(UnknownArchitecture(triple.to_owned())));
        }
    }

    #[test]
    fn a_prerelease_gets_a_tilde() {
        assert_eq!(debian_version("1.2.3", "1"), "1.2.3-1");
        assert_eq!(debian_version("1.0.0-rc.1", "2"), "1.0.0~rc.1-2");
        assert_eq!(debian_version("1.0.0-alpha-x+git-1", "1"), "1.0.0~alpha-x+git-1-1");
    }
}
