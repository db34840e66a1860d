//! Alpine's words for what Rust and Cargo say: architectures and versions.

/// A triple for which Alpine has no architecture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Alpine has no architecture for the target {0}: its packages are for Linux with musl")]
pub struct UnknownApkArchitecture(pub String);

/// A prerelease that Alpine's versions cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Alpine has no version for {0}: a prerelease there is alpha, beta, pre or rc with a number; give the apk version by hand"
)]
pub struct UnknownApkVersion(pub String);

/// Alpine's architecture of a full Rust triple with musl (apk-tools, `apk_arch.h`).
///
/// # Errors
/// The triple is not of Linux with musl, or of a processor that Alpine does not know.
pub fn apk_architecture(triple: &str) -> Result<&'static str, UnknownApkArchitecture> {
    let unknown = || UnknownApkArchitecture(triple.to_owned());
    let (cpu, rest) = triple.split_once('-').ok_or_else(unknown)?;
    let environment = rest.split_once("linux-musl").ok_or_else(unknown)?.1;
    Ok(match (cpu, environment) {
        ("x86_64", _) => "x86_64",
        ("i386" | "i486" | "i586" | "i686", _) => "x86",
        ("aarch64", _) => "aarch64",
        (cpu, "eabihf") if cpu.starts_with("armv7") || cpu.starts_with("thumbv7") => "armv7",
        (cpu, "eabihf") if cpu.starts_with("arm") && !cpu.starts_with("armeb") => "armhf",
        (cpu, "eabi") if cpu.starts_with("arm") && !cpu.starts_with("armeb") => "armel",
        ("powerpc64le", _) => "ppc64le",
        ("powerpc64", _) => "ppc64",
        ("powerpc", _) => "ppc",
        ("s390x", _) => "s390x",
        ("loongarch64", _) => "loongarch64",
        ("mips64", _) => "mips64",
        ("mips64el", _) => "mips64el",
        (cpu, _) if cpu.starts_with("riscv64") => "riscv64",
        (cpu, _) if cpu.starts_with("riscv32") => "riscv32",
        _ => return Err(unknown()),
    })
}

/// A version of Cargo's with Alpine's package release: `1.0.0-rc.1` and `0` is `1.0.0_rc1-r0`, which is older than
/// `1.0.0-r0`. Build metadata is left out: it has no part in the order, and no place in Alpine's versions.
///
/// # Errors
/// A prerelease of other words than Alpine's (APKBUILD(5), "pkgver").
pub fn apk_version(version: &str, release: u32) -> Result<String, UnknownApkVersion> {
    let unknown = || UnknownApkVersion(version.to_owned());
    let plain = version.split_once('+').map_or(version, |(plain, _)| plain);
    let Some((number, pre)) = plain.split_once('-') else { return Ok(format!("{plain}-r{release}")) };
    // `rc.1`, `rc1` and `rc`.
    let word = pre.trim_end_matches(|c: char| c.is_ascii_digit());
    let count = &pre[word.len()..];
    let word = match word.strip_suffix('.') {
        Some(word) if !count.is_empty() => word,
        _ => word,
    };
    if ["alpha", "beta", "pre", "rc"].contains(&word) {
        Ok(format!("{number}_{word}{count}-r{release}"))
    } else {
        Err(unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_follow_from_the_whole_triple() {
        for (triple, expected) in [
            ("x86_64-unknown-linux-musl", "x86_64"),
            ("i586-unknown-linux-musl", "x86"),
            ("aarch64-unknown-linux-musl", "aarch64"),
            ("armv7-unknown-linux-musleabihf", "armv7"),
            ("arm-unknown-linux-musleabihf", "armhf"),
            ("arm-unknown-linux-musleabi", "armel"),
            ("riscv64gc-unknown-linux-musl", "riscv64"),
            ("powerpc64le-unknown-linux-musl", "ppc64le"),
            ("mips64-unknown-linux-muslabi64", "mips64"),
        ] {
            assert_eq!(apk_architecture(triple), Ok(expected), "{triple}");
        }
        for triple in ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "hexagon-unknown-linux-musl", "x"] {
            assert_eq!(apk_architecture(triple), Err(UnknownApkArchitecture(triple.to_owned())));
        }
    }

    #[test]
    fn prereleases_are_said_in_alpines_words_or_not_at_all() {
        for (version, expected) in [
            ("1.2.3", "1.2.3-r0"),
            ("1.2.3+build.7", "1.2.3-r0"),
            ("1.0.0-rc.1", "1.0.0_rc1-r0"),
            ("1.0.0-rc12", "1.0.0_rc12-r0"),
            ("1.0.0-alpha", "1.0.0_alpha-r0"),
            ("1.0.0-beta.2+x", "1.0.0_beta2-r0"),
        ] {
            assert_eq!(apk_version(version, 0).as_deref(), Ok(expected));
        }
        for version in ["1.0.0-dev", "1.0.0-alpha.beta", "1.0.0-rc.1.2", "1.0.0-1", "1.0.0-rc."] {
            assert_eq!(apk_version(version, 0), Err(UnknownApkVersion(version.to_owned())));
        }
    }
}
