//! From the libraries that an ELF file needs to Debian's packages and the least version of each: what
//! `dpkg-shlibdeps` finds in the symbols files of a Debian system, for those libraries that a Rust program
//! usually has, since the machine that makes the release need not be a Debian system.

use super::ElfNeeds;
use std::collections::{BTreeMap, BTreeSet};

/// Libraries, or versions of them, of which it is not known in which package they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Debian package of {} is not known; name it among the package's depends", .0.join(", "))]
pub struct UnknownLibraries(pub Vec<String>);

/// The `Depends` for files of one package, sorted, one entry a package: `libc6 (>= 2.34)`. Libraries in `apart`
/// are passed over: those that the package brings along, and those for which its maker has named the package.
///
/// # Errors
/// A library, or the version of one, is not in the tables here. Those are named as `libfoo.so.1` and
/// `libc.so.6(GLIBC_PRIVATE)`.
pub fn depends<'a>(
    files: impl IntoIterator<Item = &'a ElfNeeds>,
    apart: &BTreeSet<String>,
) -> Result<Vec<String>, UnknownLibraries> {
    let mut packages: BTreeMap<&'static str, Since> = BTreeMap::new();
    let mut unknown = BTreeSet::new();
    for file in files {
        for library in file.libraries.keys().filter(|library| !apart.contains(*library)) {
            let Some(known) = Library::of(library) else {
                unknown.insert(library.clone());
                continue;
            };
            let least = packages.entry(known.package()).or_default();
            for version in file.versions(library) {
                match known.since(version) {
                    Some(since) if since > *least => *least = since,
                    Some(_) => {}
                    None => drop(unknown.insert(format!("{library}({version})"))),
                }
            }
        }
    }
    if !unknown.is_empty() {
        return Err(UnknownLibraries(unknown.into_iter().collect()));
    }
    let line = |(package, since): (&str, Since)| match since.text.as_str() {
        "" => package.to_owned(),
        version => format!("{package} (>= {version})"),
    };
    Ok(packages.into_iter().map(line).collect())
}

/// The libraries whose packages are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Glibc,
    Gcc,
    Cxx,
    Atomic,
    Zlib,
    Musl,
}

impl Library {
    fn of(soname: &str) -> Option<Self> {
        Some(match soname {
            "libc.so.6" | "libm.so.6" | "libpthread.so.0" | "libdl.so.2" | "librt.so.1" | "libresolv.so.2"
            | "libutil.so.1" | "libanl.so.1" | "libmvec.so.1" | "ld.so.1" => Self::Glibc,
            _ if soname.starts_with("ld-linux") || soname.starts_with("ld64.so.") => Self::Glibc,
            "libgcc_s.so.1" => Self::Gcc,
            "libstdc++.so.6" => Self::Cxx,
            "libatomic.so.1" => Self::Atomic,
            "libz.so.1" => Self::Zlib,
            _ if soname == "libc.so" || soname.starts_with("libc.musl-") || soname.starts_with("ld-musl-") => {
                Self::Musl
            }
            _ => return None,
        })
    }

    const fn package(self) -> &'static str {
        match self {
            Self::Glibc => "libc6",
            Self::Gcc => "libgcc-s1",
            Self::Cxx => "libstdc++6",
            Self::Atomic => "libatomic1",
            Self::Zlib => "zlib1g",
            Self::Musl => "musl",
        }
    }

    /// The package's version since which the library has a version of its symbols.
    fn since(self, version: &str) -> Option<Since> {
        let text = match self {
            Self::Glibc => match version.strip_prefix("GLIBC_")? {
                "ABI_DT_RELR" => "2.36",
                number => number,
            },
            Self::Gcc => gcc_version(version.strip_prefix("GCC_")?),
            Self::Cxx => find(CXX_SINCE, version)?,
            Self::Atomic => find(ATOMIC_SINCE, version)?,
            Self::Zlib => find(ZLIB_SINCE, version)?,
            Self::Musl => return None,
        };
        Since::parse(text)
    }
}

fn find(table: &Table, version: &str) -> Option<&'static str> {
    table.iter().find(|(_, versions)| versions.contains(&version)).map(|(since, _)| *since)
}

/// `4.2.0` is `4.2` in the symbols file of Debian, and `7.0.0` is `7`: since 5, a release is one number.
fn gcc_version(version: &str) -> &str {
    let (major, rest) = version.split_once('.').unwrap_or((version, ""));
    if major.parse().is_ok_and(|major: u32| major >= 5) && rest.split('.').all(|part| part == "0") {
        return major;
    }
    match version.strip_suffix(".0") {
        Some(release) if release.contains('.') => release,
        _ => version,
    }
}

/// Versions of packages, and the symbol versions that the library has since then: a library's symbols file in
/// Debian, and "ABI Policy and Guidelines" of libstdc++ for those after gcc 12.
type Table = [(&'static str, &'static [&'static str])];

const CXX_SINCE: &Table = &[
    (
        "4.1.1",
        &[
            "GLIBCXX_3.4",
            "GLIBCXX_3.4.1",
            "GLIBCXX_3.4.2",
            "GLIBCXX_3.4.3",
            "GLIBCXX_3.4.4",
            "GLIBCXX_3.4.5",
            "GLIBCXX_3.4.6",
            "GLIBCXX_3.4.7",
            "GLIBCXX_3.4.8",
            "CXXABI_1.3",
            "CXXABI_1.3.1",
        ],
    ),
    ("4.2.1", &["GLIBCXX_3.4.9"]),
    (
        "4.3",
        &[
            "GLIBCXX_3.4.10",
            "CXXABI_1.3.2",
            "CXXABI_1.3.3",
            "CXXABI_1.3.4",
            "CXXABI_1.3.5",
            "CXXABI_1.3.6",
            "CXXABI_1.3.7",
            "CXXABI_1.3.8",
        ],
    ),
    ("4.4", &["GLIBCXX_3.4.11", "GLIBCXX_3.4.12"]),
    ("4.4.2", &["GLIBCXX_3.4.13"]),
    ("4.5", &["GLIBCXX_3.4.14"]),
    ("4.6", &["GLIBCXX_3.4.15", "GLIBCXX_3.4.16"]),
    ("4.7", &["GLIBCXX_3.4.17", "CXXABI_TM_1"]),
    ("4.8", &["GLIBCXX_3.4.18", "GLIBCXX_3.4.19"]),
    ("4.9", &["GLIBCXX_3.4.20"]),
    ("5", &["CXXABI_1.3.9", "CXXABI_FLOAT128"]),
    ("5.2", &["GLIBCXX_3.4.21"]),
    ("6", &["GLIBCXX_3.4.22", "CXXABI_1.3.10"]),
    ("7", &["GLIBCXX_3.4.24"]),
    ("8", &["GLIBCXX_3.4.25"]),
    ("9", &["GLIBCXX_3.4.26", "CXXABI_1.3.12"]),
    ("9.1", &["GLIBCXX_3.4.27"]),
    ("10.2", &["GLIBCXX_3.4.23", "GLIBCXX_3.4.28", "CXXABI_1.3.11"]),
    ("11", &["GLIBCXX_3.4.29", "CXXABI_1.3.13"]),
    ("12", &["GLIBCXX_3.4.30"]),
    ("13.1", &["GLIBCXX_3.4.31", "CXXABI_1.3.14"]),
    ("13.2", &["GLIBCXX_3.4.32"]),
    ("14", &["GLIBCXX_3.4.33", "CXXABI_1.3.15"]),
    ("15", &["GLIBCXX_3.4.34", "CXXABI_1.3.16"]),
];

const ATOMIC_SINCE: &Table = &[("4.8", &["LIBATOMIC_1.0"]), ("4.9", &["LIBATOMIC_1.1"]), ("6", &["LIBATOMIC_1.2"])];

const ZLIB_SINCE: &Table = &[
    ("1:1.2.0", &["ZLIB_1.2.0"]),
    ("1:1.2.0.2", &["ZLIB_1.2.0.2"]),
    ("1:1.2.0.8", &["ZLIB_1.2.0.8"]),
    ("1:1.2.2", &["ZLIB_1.2.2"]),
    ("1:1.2.2.3", &["ZLIB_1.2.2.3"]),
    ("1:1.2.2.4", &["ZLIB_1.2.2.4"]),
    ("1:1.2.3.4", &["ZLIB_1.2.3.3", "ZLIB_1.2.3.4"]),
    ("1:1.2.6", &["ZLIB_1.2.3.5", "ZLIB_1.2.5.1", "ZLIB_1.2.5.2"]),
    ("1:1.2.8", &["ZLIB_1.2.7.1"]),
    ("1:1.2.11.dfsg", &["ZLIB_1.2.9"]),
    ("1:1.2.13.dfsg", &["ZLIB_1.2.12"]),
];

/// A version of a package, in the order of its numbers; the empty one is before all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Since {
    numbers: Vec<u32>,
    text: String,
}

impl Since {
    fn parse(text: &str) -> Option<Self> {
        let numbers: Option<Vec<u32>> =
            text.trim_end_matches(".dfsg").split([':', '.']).map(|part| part.parse().ok()).collect();
        Some(Self { numbers: numbers?, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ElfClass;
    use super::*;

    fn needs(libraries: &[(&str, &[(&str, bool)])]) -> ElfNeeds {
        let versions =
            |versions: &[(&str, bool)]| versions.iter().map(|(v, strong)| (v.to_string(), *strong)).collect();
        ElfNeeds {
            class: ElfClass::Elf64,
            interpreter: None,
            soname: None,
            libraries: libraries.iter().map(|(name, list)| (name.to_string(), versions(list))).collect(),
            gnu_hash_only: true,
        }
    }

    #[test]
    fn the_highest_version_of_all_of_a_packages_libraries_counts() {
        let one = needs(&[
            ("libc.so.6", &[("GLIBC_2.4", true), ("GLIBC_2.28", true), ("GLIBC_2.38", false)]),
            ("libm.so.6", &[("GLIBC_2.29", true)]),
            ("libgcc_s.so.1", &[("GCC_3.0", true), ("GCC_4.2.0", true)]),
        ]);
        let other = needs(&[("ld-linux-x86-64.so.2", &[]), ("libz.so.1", &[("ZLIB_1.2.9", true)])]);
        let list = depends([&one, &other], &BTreeSet::new()).unwrap();
        assert_eq!(list, ["libc6 (>= 2.29)", "libgcc-s1 (>= 4.2)", "zlib1g (>= 1:1.2.11.dfsg)"]);
    }

    #[test]
    fn gcc_versions_are_written_as_debian_does() {
        for (version, expected) in [
            ("3.0", "3.0"),
            ("3.3.1", "3.3.1"),
            ("4.0.0", "4.0"),
            ("4.2.0", "4.2"),
            ("7.0.0", "7"),
            ("12.0.0", "12"),
            ("11.0", "11"),
        ] {
            assert_eq!(gcc_version(version), expected);
        }
    }

    #[test]
    fn what_is_not_known_is_named_unless_it_is_set_apart() {
        let file = needs(&[("libfoo.so.1", &[]), ("libc.so.6", &[("GLIBC_PRIVATE", true)])]);
        let error = depends([&file], &BTreeSet::new()).unwrap_err();
        assert_eq!(error.0, ["libc.so.6(GLIBC_PRIVATE)", "libfoo.so.1"]);
        let apart = BTreeSet::from(["libfoo.so.1".to_owned(), "libc.so.6".to_owned()]);
        assert_eq!(depends([&file], &apart), Ok(vec![]));
    }
}
