//! What a package needs of others, as createrepo_c tells it: not of rpm itself, nothing that it brings along, and of
//! glibc the newest version only, since that implies the others.

use super::primary::is_primary;
use crate::rpm::{Dependency, RpmPackage};
use std::collections::BTreeSet;

/// The requirements that a repository says.
pub(super) fn requires(package: &RpmPackage) -> Vec<&Dependency> {
    let metadata = &package.metadata;
    let provided: BTreeSet<&str> = metadata.provides.iter().map(|provided| provided.name.as_str()).collect();
    let files: BTreeSet<&str> = package.entries.iter().map(|entry| entry.entry.path.as_str()).collect();
    let is_own = |name: &str| {
        let file = name.strip_prefix('/').filter(|path| files.contains(path) && is_primary(path));
        file.is_some() || provided.contains(name)
    };
    let mut seen = BTreeSet::new();
    let mut all: Vec<&Dependency> = metadata.requires.iter().collect();
    all.retain(|needed| !needed.name.starts_with("rpmlib(") && !is_own(&needed.name) && seen.insert(*needed));
    newest_glibc_only(all)
}

/// The versions of glibc are put behind the others, as the one that implies them.
fn newest_glibc_only(all: Vec<&Dependency>) -> Vec<&Dependency> {
    let (glibc, mut others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|needed| glibc_version(&needed.name).is_some());
    let mut newest: Option<&Dependency> = None;
    for needed in glibc {
        if newest.is_none_or(|newest| glibc_version(&newest.name) < glibc_version(&needed.name)) {
            newest = Some(needed);
        }
    }
    others.extend(newest);
    others
}

/// The numbers of a version in `libc.so.6(GLIBC_2.34)(64bit)`; none in `libc.so.6()(64bit)`, which every version
/// implies. Names that are no numbers, such as `GLIBC_ABI_DT_RELR`, are implied by none.
fn glibc_version(name: &str) -> Option<Vec<u32>> {
    let (version, _) = name.strip_prefix("libc.so.6(")?.split_once(')')?;
    if version.is_empty() {
        return Some(Vec::new());
    }
    let numbers = version.strip_prefix("GLIBC_")?.split('.').map(|number| number.parse().ok());
    numbers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_of_glibc_stands_for_all() {
        let names = [
            "a",
            "libc.so.6()(64bit)",
            "libc.so.6(GLIBC_2.34)(64bit)",
            "libc.so.6(GLIBC_2.4)(64bit)",
            "libc.so.6(GLIBC_ABI_DT_RELR)(64bit)",
            "libm.so.6(GLIBC_2.29)(64bit)",
        ];
        let all: Vec<Dependency> = names.into_iter().map(Dependency::any).collect();
        let left = newest_glibc_only(all.iter().collect());
        let left: Vec<&str> = left.into_iter().map(|needed| needed.name.as_str()).collect();
        let expected = [names[0], names[4], names[5], names[2]];
        assert_eq!(left, expected);
    }
}
