//! Where a command lies: its name in a list of folders.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// A command that is not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// No folder has it
    NotFound,
    /// This is there and cannot be executed; nothing else of the name can
    NotExecutable(PathBuf),
}

/// Looks for `name` in `folders`, first to last, as a shell does: what cannot be executed is passed over while another can.
/// A name with a folder in it (`./x`, `/bin/x`) is looked for nowhere else.
///
/// On Windows a name without one of the endings in the variable `PATHEXT` is looked for with each of them, and is not
/// taken as it is: `node_modules\.bin\tsc` is a script for sh beside `tsc.cmd`.
///
/// # Errors
/// It is not there, or not executable.
pub fn look_up(name: &OsStr, folders: &[PathBuf]) -> Result<PathBuf, LookUp> {
    if name.is_empty() {
        return Err(LookUp::NotFound);
    }
    let names = spellings(name, std::env::var_os("PATHEXT").as_deref());
    let path = Path::new(name);
    let has_folder = path.components().count() > 1 || path.is_absolute() || path.has_root() || ends_in_folder(name);
    let here = [PathBuf::new()];
    let mut refused = None;
    for folder in if has_folder { &here } else { folders } {
        for name in &names {
            let file = candidate(folder, name, has_folder);
            match is_executable(&file) {
                Ok(true) => return Ok(file),
                Ok(false) => refused = refused.or(Some(file)),
                Err(_not_there) => {}
            }
        }
    }
    Err(refused.map_or(LookUp::NotFound, LookUp::NotExecutable))
}

/// A trailing separator, `.` and `..` name a folder, never a command.
fn ends_in_folder(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    bytes.last().is_some_and(|byte| std::path::is_separator(char::from(*byte))) || bytes == b"." || bytes == b".."
}

/// An empty entry of PATH is the working directory, and must stay one when the system looks at the result again.
fn candidate(folder: &Path, name: &OsStr, has_folder: bool) -> PathBuf {
    if folder.as_os_str().is_empty() && !has_folder { Path::new(".").join(name) } else { folder.join(name) }
}

fn spellings(name: &OsStr, endings: Option<&OsStr>) -> Vec<OsString> {
    if !cfg!(windows) {
        return vec![name.to_owned()];
    }
    let endings = endings.map_or_else(|| ".COM;.EXE;.BAT;.CMD".into(), OsStr::to_string_lossy);
    let endings = endings.split(';').filter(|ending| ending.starts_with('.'));
    let own = Path::new(name).extension().map(|own| format!(".{}", own.to_string_lossy()));
    if own.is_some_and(|own| endings.clone().any(|ending| ending.eq_ignore_ascii_case(&own))) {
        return vec![name.to_owned()];
    }
    let with = |ending: &str| {
        let mut spelling = name.to_owned();
        spelling.push(ending.to_ascii_lowercase());
        spelling
    };
    endings.map(with).collect()
}

/// Whether the file can be executed by this user; an error where it is not there. A folder on PATH that is named like
/// the command is not there, as for a shell, unless it was asked for by its path.
fn is_executable(file: &Path) -> io::Result<bool> {
    let kind = std::fs::metadata(file)?;
    #[cfg(unix)]
    return Ok(kind.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok());
    #[cfg(not(unix))]
    return Ok(kind.is_file());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> (tempfile::TempDir, Vec<PathBuf>) {
        let root = tempfile::tempdir().unwrap();
        let folders = vec![root.path().join("a"), root.path().join("b")];
        for folder in &folders {
            std::fs::create_dir(folder).unwrap();
        }
        (root, folders)
    }

    fn put(file: &Path, _mode: u32) {
        std::fs::write(file, "#!/bin/sh\n").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(_mode)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_executed_is_passed_over_while_another_can() {
        let (_root, folders) = tree();
        put(&folders[0].join("x"), 0o644);
        assert_eq!(look_up(OsStr::new("x"), &folders), Err(LookUp::NotExecutable(folders[0].join("x"))));
        put(&folders[1].join("x"), 0o755);
        assert_eq!(look_up(OsStr::new("x"), &folders), Ok(folders[1].join("x")));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_looked_for_nowhere_else() {
        let (root, folders) = tree();
        put(&folders[0].join("x"), 0o755);
        assert_eq!(look_up(OsStr::new("./x"), &folders), Err(LookUp::NotFound));
        let full = folders[0].join("x");
        assert_eq!(look_up(full.as_os_str(), &[]), Ok(full));
        assert_eq!(
            look_up(folders[0].as_os_str(), &folders),
            Err(LookUp::NotExecutable(root.path().join("a"))),
            "a folder is there, and no program"
        );
    }

    #[test]
    fn nothing_and_folders_are_no_commands() {
        let (_root, folders) = tree();
        for name in ["", "no-such-command"] {
            assert_eq!(look_up(OsStr::new(name), &folders), Err(LookUp::NotFound), "{name:?}");
        }
        for name in [".", ".."] {
            assert!(look_up(OsStr::new(name), &folders).is_err(), "{name:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_may_be_any_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let (_root, folders) = tree();
        let name = OsStr::from_bytes(b"b\xff\xfen");
        put(&folders[1].join(name), 0o755);
        assert_eq!(look_up(name, &folders), Ok(folders[1].join(name)));
    }

    #[cfg(windows)]
    #[test]
    fn a_script_for_sh_beside_its_cmd_is_not_taken() {
        let (_root, folders) = tree();
        put(&folders[0].join("tsc"), 0);
        put(&folders[0].join("tsc.cmd"), 0);
        assert_eq!(look_up(OsStr::new("tsc"), &folders), Ok(folders[0].join("tsc.cmd")));
        assert_eq!(look_up(OsStr::new("tsc.cmd"), &folders), Ok(folders[0].join("tsc.cmd")));
    }
}
