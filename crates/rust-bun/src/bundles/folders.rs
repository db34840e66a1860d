//! The folders that bundles are looked for in, the one that wins first.
//!
//! Only the process's own variables and the command line decide: bundles are native code, and a project's `.env` files
//! must not choose what a user's program loads.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use core_runtime::commands::upgrade;
use core_runtime::context::Context;
use core_runtime::environment::{self, Variables};

/// Names further folders, separated as on `PATH`.
pub const VARIABLE: &str = "RUST_BUN_BUNDLES";

/// Who chose a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// [`VARIABLE`] names it.
    Variable,
    /// It is in the user's data folder.
    User,
    /// It came with the program.
    Shipped,
}

/// A folder whose immediate subfolders are bundles. It need not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Who chose it.
    pub origin: Origin,
    /// Absolute.
    pub path: PathBuf,
}

/// As it is said after a path.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Variable => VARIABLE,
            Self::User => "yours",
            Self::Shipped => "shipped",
        })
    }
}

impl Origin {
    /// As it stands in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::User => "user",
            Self::Shipped => "shipped",
        }
    }
}

/// The folders, in the order in which they win.
#[must_use]
pub fn folders(context: &Context) -> Vec<Folder> {
    // Where the system does not say which program this is, nothing was shipped with it.
    let program = env::current_exe().and_then(|program| program.canonicalize()).map(as_written).ok();
    let shipped = program.map(|program| shipped_with(&program, &upgrade::folder_of(&context.build.version)));
    of(&Variables::of_process(), &context.environment.cwd, shipped.unwrap_or_default())
}

/// `cwd` is what relative names in the variable mean.
fn of(process: &Variables, cwd: &Path, shipped: Vec<PathBuf>) -> Vec<Folder> {
    let named = process.get(VARIABLE).map(|list| env::split_paths(list).collect::<Vec<_>>()).unwrap_or_default();
    // An empty name would mean whatever folder the user happens to be in.
    let named = named.into_iter().filter(|path| !path.as_os_str().is_empty()).map(|path| cwd.join(path));
    let user = environment::data_folder(process).ok().map(|folder| folder.join("bundles"));

    let all = named.map(|path| (Origin::Variable, path));
    let all = all.chain(user.map(|path| (Origin::User, path)));
    let all = all.chain(shipped.into_iter().map(|path| (Origin::Shipped, path)));
    let mut folders: Vec<Folder> = Vec::new();
    for (origin, path) in all {
        if folders.iter().all(|folder| folder.path != path) {
            folders.push(Folder { origin, path });
        }
    }
    folders
}

/// Windows gives resolved paths in a form that nobody writes, `\\?\C:\…`.
fn as_written(path: PathBuf) -> PathBuf {
    let drive = path.to_str().and_then(|text| text.strip_prefix(r"\\?\")).filter(|rest| rest.get(1..3) == Some(r":\"));
    drive.map(PathBuf::from).unwrap_or(path)
}

/// What an upgrade to this version brought is in place of what was installed before.
fn shipped_with(program: &Path, upgraded: &str) -> Vec<PathBuf> {
    let folder_in = |library: PathBuf| {
        let upgraded = library.join(upgraded);
        if upgraded.is_dir() { upgraded } else { library.join("bundles") }
    };
    upgrade::library_folders(program).into_iter().map(folder_in).collect()
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    fn paths(variables: &[(&str, &str)], program: &str) -> Vec<(Origin, String)> {
        let process: Variables = variables.iter().copied().collect();
        let folders = of(&process, Path::new("/here"), shipped_with(Path::new(program), "bundles-1.0.0"));
        folders.into_iter().map(|folder| (folder.origin, folder.path.display().to_string())).collect()
    }

    #[test]
    fn the_variable_wins_over_the_user_and_the_user_over_what_was_shipped() {
        let variables = [("HOME", "/home/u"), (VARIABLE, "/a:b::/a")];
        let expected = [
            (Origin::Variable, "/a"),
            (Origin::Variable, "/here/b"),
            (Origin::User, "/home/u/.local/share/rust-bun/bundles"),
            (Origin::Shipped, "/usr/lib/rust-bun/bundles"),
            (Origin::Shipped, "/usr/bin/lib/rust-bun/bundles"),
        ];
        assert_eq!(paths(&variables, "/usr/bin/rust-bun"), expected.map(|(origin, path)| (origin, path.to_owned())));
    }

    #[test]
    fn resolved_paths_are_shown_as_people_write_them() {
        for (path, expected) in [
            (r"\\?\C:\rust-bun.exe", r"C:\rust-bun.exe"),
            (r"\\?\UNC\server\rust-bun.exe", r"\\?\UNC\server\rust-bun.exe"),
            ("/usr/bin/rust-bun", "/usr/bin/rust-bun"),
        ] {
            assert_eq!(as_written(path.into()), Path::new(expected));
        }
    }

    #[test]
    fn the_data_folder_is_where_the_user_has_it() {
        let found = paths(&[("HOME", "/home/u"), ("XDG_DATA_HOME", "/data")], "/o/rust-bun");
        assert_eq!(found[0], (Origin::User, "/data/rust-bun/bundles".to_owned()));
    }
}
