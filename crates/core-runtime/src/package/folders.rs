//! Where packages and their commands lie: the project's folder, and `node_modules` up the tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Error, PackageJson};

/// The file that makes a folder a package.
pub const PACKAGE_JSON: &str = "package.json";
/// The folder that packages are installed in.
pub const NODE_MODULES: &str = "node_modules";

/// The nearest package.json, in `folder` or above it.
///
/// # Errors
///
/// The nearest one cannot be read or is broken.
pub fn nearest(folder: &Path) -> Result<Option<PackageJson>, Error> {
    folder.ancestors().find_map(|folder| PackageJson::read_if_there(&folder.join(PACKAGE_JSON)).transpose()).transpose()
}

/// The nearest package.json, for those who cannot do without.
///
/// # Errors
///
/// There is none, or it is broken.
pub fn project(folder: &Path) -> Result<PackageJson, Error> {
    nearest(folder)?.ok_or_else(|| Error::NoPackage { folder: folder.to_owned() })
}

/// The folders of commands, `folder`'s own first, then up the tree. They need not be there:
/// a script may make them. Inside a `node_modules` there is none of its own, as npm has it.
#[must_use]
pub fn bin_folders(folder: &Path) -> Vec<PathBuf> {
    modules_folders(folder).map(|modules| modules.join(".bin")).collect()
}

/// `node_modules` in `folder` and up the tree, there or not.
pub fn modules_folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    folder
        .ancestors()
        .filter(|folder| folder.file_name().is_none_or(|name| name != NODE_MODULES))
        .map(|folder| folder.join(NODE_MODULES))
}

/// The folder of an installed package as seen from `folder`: the nearest one of its name. A link whose
/// target is gone counts: it hides those above it, as it does for Node.js, and has to be told of.
#[must_use]
pub fn installed(folder: &Path, name: &str) -> Option<PathBuf> {
    modules_folders(folder).map(|modules| modules.join(name)).find(|folder| folder.symlink_metadata().is_ok())
}

/// The packages that a `node_modules` holds, sorted; `None` where it is not there.
///
/// # Errors
///
/// It cannot be read.
pub fn packages_in(modules: &Path) -> Result<Option<BTreeSet<String>>, Error> {
    let Some(names) = names_in(modules)? else { return Ok(None) };
    let mut packages = BTreeSet::new();
    for name in names {
        if name.starts_with('@') {
            let inner = names_in(&modules.join(&name))?.unwrap_or_default();
            packages.extend(
                inner.into_iter().filter(|inner| !inner.starts_with('.')).map(|inner| format!("{name}/{inner}")),
            );
        } else if !name.starts_with('.') {
            packages.insert(name);
        }
    }
    Ok(Some(packages))
}

/// The names of commands that can be run in `folder`, for finding what was meant.
#[must_use]
pub fn commands(folder: &Path) -> BTreeSet<String> {
    let names = |folder: PathBuf| names_in(&folder).ok().flatten().unwrap_or_default();
    bin_folders(folder)
        .into_iter()
        .flat_map(names)
        .map(|name| name.strip_suffix(".cmd").map(str::to_owned).unwrap_or(name))
        .filter(|name| !name.starts_with('.'))
        .collect()
}

/// Names that are not UTF-8 are left out: no package can have one.
fn names_in(folder: &Path) -> Result<Option<BTreeSet<String>>, Error> {
    use std::io::ErrorKind;
    let unreadable = |source| Error::Read { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        names.extend(entry.map_err(unreadable)?.file_name().into_string());
    }
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_package_json_is_found_from_below() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b/c")).unwrap();
        fs::write(root.path().join("a/package.json"), "{\"name\": \"near\"}").unwrap();
        fs::write(root.path().join("package.json"), "{ broken").unwrap();
        assert_eq!(project(&root.path().join("a/b/c")).unwrap().name().unwrap(), Some("near"));
        assert!(project(root.path()).is_err());
    }

    #[test]
    fn a_package_json_that_is_no_file_is_told_of() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("package.json")).unwrap();
        assert!(matches!(nearest(root.path()), Err(Error::NotAFile { what: "a folder", .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_package_json_whose_target_is_gone_does_not_give_way_to_the_one_above() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("package.json"), "{}").unwrap();
        std::os::unix::fs::symlink("gone", root.path().join("a/package.json")).unwrap();
        let Err(Error::Read { source, .. }) = nearest(&root.path().join("a")) else { panic!("it was passed over") };
        assert!(source.to_string().contains("its target is gone"), "{source}");
    }

    #[test]
    fn commands_are_looked_for_up_the_tree_but_not_within_node_modules() {
        let expected = ["/a/node_modules/b/node_modules/.bin", "/a/node_modules/.bin", "/node_modules/.bin"];
        assert_eq!(bin_folders(Path::new("/a/node_modules/b")), expected.map(PathBuf::from));
    }

    #[test]
    fn packages_are_listed_with_their_scopes() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["z", "@s/a", "@s/.x", ".bin", ".cache"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let packages: Vec<_> = packages_in(root.path()).unwrap().unwrap().into_iter().collect();
        assert_eq!(packages, ["@s/a", "z"]);
        assert_eq!(packages_in(&root.path().join("none")).unwrap(), None);
    }
}
