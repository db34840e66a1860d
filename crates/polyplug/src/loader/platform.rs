//! Platforms as manifests name them: `linux-x86_64`, or `linux` for all of its processors.

/// Operating systems as Rust names them.
const SYSTEMS: [&str; 26] = [
    "aix",
    "android",
    "apple",
    "cygwin",
    "dragonfly",
    "emscripten",
    "espidf",
    "fortanix",
    "freebsd",
    "fuchsia",
    "haiku",
    "hermit",
    "horizon",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "macos",
    "netbsd",
    "nto",
    "openbsd",
    "redox",
    "solaris",
    "wasi",
    "windows",
    "vxworks",
];
/// Processors as Rust names them.
const PROCESSORS: [&str; 21] = [
    "aarch64",
    "arm",
    "arm64ec",
    "bpf",
    "csky",
    "hexagon",
    "loongarch32",
    "loongarch64",
    "m68k",
    "mips",
    "mips32r6",
    "mips64",
    "mips64r6",
    "powerpc",
    "powerpc64",
    "riscv32",
    "riscv64",
    "s390x",
    "sparc64",
    "x86",
    "x86_64",
];
/// What people write for them.
const OTHER_WORDS: [(&str, &str); 10] = [
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("darwin", "macos"),
    ("i386", "x86"),
    ("i686", "x86"),
    ("osx", "macos"),
    ("win", "windows"),
    ("win32", "windows"),
    ("x64", "x86_64"),
    ("x86-64", "x86_64"),
];

/// A platform that a bundle runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform<'a> {
    /// The operating system, as in [`std::env::consts::OS`].
    pub system: &'a str,
    /// The processor, as in [`std::env::consts::ARCH`].
    pub processor: &'a str,
}

impl Platform<'_> {
    /// The one that this program was compiled for.
    #[must_use]
    pub const fn current() -> Self {
        Self { system: std::env::consts::OS, processor: std::env::consts::ARCH }
    }
}

impl std::fmt::Display for Platform<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.system, self.processor)
    }
}

/// Checks the name of a platform in a manifest.
///
/// # Errors
///
/// What would be right.
pub fn check_platform(name: &str) -> Result<(), String> {
    let (system, processor) = match name.split_once('-') {
        Some((system, processor)) => (system, Some(processor)),
        None => (name, None),
    };
    if SYSTEMS.contains(&system) && processor.is_none_or(|processor| PROCESSORS.contains(&processor)) {
        return Ok(());
    }
    let meant =
        |word: &str| OTHER_WORDS.iter().find(|(other, _)| *other == word).map_or(word, |(_, right)| right).to_owned();
    let right = match processor {
        Some(processor) => format!("{}-{}", meant(system), meant(processor)),
        None => meant(system),
    };
    if right != name && check_platform(&right).is_ok() {
        return Err(format!("this platform is called `{right}`"));
    }
    Err("platforms are called `<system>` or `<system>-<processor>`, as in `linux`, `macos-aarch64`, `windows-x86_64`"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_platform_is_one() {
        assert_eq!(check_platform(&Platform::current().to_string()), Ok(()));
        assert_eq!(check_platform(Platform::current().system), Ok(()));
    }

    #[test]
    fn other_words_for_platforms_are_corrected() {
        for (word, right) in [
            ("darwin", "macos"),
            ("darwin-arm64", "macos-aarch64"),
            ("linux-x86-64", "linux-x86_64"),
            ("linux-amd64", "linux-x86_64"),
            ("win32-x64", "windows-x86_64"),
        ] {
            assert_eq!(check_platform(word), Err(format!("this platform is called `{right}`")));
        }
        for word in ["", "-", "linux-", "-x86_64", "linux-x86_64-gnu", "Linux", "x86_64", "plan9"] {
            assert!(check_platform(word).is_err_and(|help| help.starts_with("platforms are called")), "{word}");
        }
    }
}
