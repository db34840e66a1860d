//! A folder to link in, in which every folder that the link line names has a
//! short name. lld writes the paths of its inputs into the PDB, and a hash of the
//! PDB into the program; so both are the same wherever the inputs really lie,
//! rustc's temporary folders included.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use super::{MsvcError, at, link_line};
use crate::tool::{Invocation, Output};

/// The options whose value is a path, which need not be there yet.
const OUTPUTS: [&str; 7] = ["out", "pdb", "implib", "map", "lldmap", "pdbstripped", "manifestfile"];

/// The options whose value is a path that is there, or the name of a library.
const INPUTS: [&str; 5] = ["libpath", "def", "natvis", "wholearchive", "manifestinput"];

/// The argument that stands for the line.
pub(super) const LINE: &str = "@line.rsp";

/// lld's name as it is called.
const LINKER: &str = "lld-link";

/// The folder and the names in it.
pub(super) struct LinkFolder {
    folder: TempDir,
    /// The real folders, in the order in which the line names them.
    real: Vec<PathBuf>,
}

impl LinkFolder {
    /// An empty one.
    ///
    /// # Errors
    /// The system has no place for it.
    pub(super) fn new() -> Result<Self, MsvcError> {
        let folder = tempfile::tempdir().map_err(at("create a folder in", &std::env::temp_dir()))?;
        Ok(Self { folder, real: Vec::new() })
    }

    /// Where the linker is to run.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The arguments with short paths. A relative path is one from where we run.
    ///
    /// # Errors
    /// A name cannot be made.
    pub(super) fn shorten(&mut self, arguments: &[OsString]) -> Result<Vec<OsString>, MsvcError> {
        arguments.iter().map(|argument| self.shorten_one(argument)).collect()
    }

    fn shorten_one(&mut self, argument: &OsString) -> Result<OsString, MsvcError> {
        let text = argument.to_string_lossy();
        if let Some((name, value)) = option(&text) {
            let lower = name[1..].to_ascii_lowercase();
            let path = Path::new(value);
            let input = INPUTS.contains(&lower.as_str()) && (path.is_absolute() || is_there(path));
            if !input && !OUTPUTS.contains(&lower.as_str()) {
                return Ok(argument.clone());
            }
            let mut short = OsString::from(format!("{name}:"));
            short.push(if lower == "libpath" { self.folder(path)? } else { self.file(path)? });
            return Ok(short);
        }
        let path = Path::new(argument);
        if path.is_absolute() && !is_there(path) && path.components().count() == 2 {
            return Ok(argument.clone()); // an option without a value, such as /NOLOGO
        }
        if path.is_absolute() || is_there(path) {
            self.file(path).map(PathBuf::into_os_string)
        } else {
            Ok(argument.clone())
        }
    }

    fn file(&mut self, path: &Path) -> Result<PathBuf, MsvcError> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => Ok(self.folder(parent)?.join(name)),
            _ => Ok(path.to_owned()),
        }
    }

    fn folder(&mut self, path: &Path) -> Result<PathBuf, MsvcError> {
        // The folder of a name without one is where we run.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let real = std::path::absolute(path).map_err(at("find", path))?;
        let number = match self.real.iter().position(|known| *known == real) {
            Some(number) => number,
            None => {
                let name = self.path().join(short(self.real.len()));
                symlink(&real, &name).map_err(at("create", &name))?;
                self.real.push(real);
                self.real.len() - 1
            }
        };
        Ok(PathBuf::from(short(number)))
    }

    /// A call of `linker` in the folder, under the name that makes every lld link in link.exe's manner: that name is
    /// in the PDB, too.
    ///
    /// # Errors
    /// The name cannot be made.
    pub(super) fn linker(&self, linker: &Path) -> Result<Invocation, MsvcError> {
        let name = self.path().join(LINKER);
        symlink(linker, &name).map_err(at("create", &name))?;
        Ok(Invocation::new(Path::new(".").join(LINKER), "link for Windows").cwd(self.path()))
    }

    /// Writes the arguments for [`LINE`]: lines of hundreds of objects are longer than some systems allow.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write_line(&self, arguments: &[OsString]) -> Result<(), MsvcError> {
        let file = self.path().join(&LINE[1..]);
        std::fs::write(&file, link_line::response_file(arguments)).map_err(at("write", &file))
    }

    /// What a program that ran here said, with the real paths; whole lines.
    pub(super) fn said(&self, output: &Output) -> String {
        let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
        if said.trim().is_empty() { String::new() } else { format!("{}\n", self.lengthen(said.trim_end())) }
    }

    fn lengthen(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (number, real) in self.real.iter().enumerate() {
            text = text.replace(&format!("{}/", short(number)), &format!("{}/", real.display()));
        }
        text
    }
}

fn short(number: usize) -> String {
    format!("folder-{number}")
}

/// `/NAME:VALUE` or `-NAME:VALUE`; a path is none, whatever lies behind its slash.
fn option(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(':')?;
    let word = name.strip_prefix(['/', '-'])?;
    (!value.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric())).then_some((name, value))
}

/// Whether it is a file or folder, and not merely a word that could be one.
fn is_there(path: &Path) -> bool {
    matches!(
        path.components().next(),
        Some(Component::Normal(_) | Component::CurDir | Component::ParentDir | Component::RootDir)
    ) && path.exists()
}

#[cfg(unix)]
fn symlink(real: &Path, name: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(real, name)
}

#[cfg(not(unix))]
fn symlink(real: &Path, name: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(real, name)
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    #[test]
    fn folders_get_short_names_and_options_stay_what_they_are() {
        let inputs = tempfile::tempdir().unwrap();
        std::fs::write(inputs.path().join("a.o"), "a").unwrap();
        let inside = |name: &str| inputs.path().join(name).display().to_string();
        let line = [
            "/NOLOGO".to_owned(),
            inside("a.o"),
            format!("/OUT:{}", inside("a.exe")),
            "kernel32.lib".to_owned(),
            format!("/LIBPATH:{}", inputs.path().display()),
            "/PDBALTPATH:%_PDB%".to_owned(),
            "/OPT:REF,ICF".to_owned(),
            "/defaultlib:msvcrt".to_owned(),
            "/EXPORT:name".to_owned(),
            "Cargo.toml".to_owned(), // in the folder in which tests run
        ]
        .map(OsString::from);
        let mut folder = LinkFolder::new().unwrap();
        let short = folder.shorten(&line).unwrap();
        let expected = ["/NOLOGO", "folder-0/a.o", "/OUT:folder-0/a.exe", "kernel32.lib", "/LIBPATH:folder-0"];
        assert_eq!(short[..5], expected.map(OsString::from));
        assert_eq!(short[5..9], line[5..9]);
        assert_eq!(short[9], "folder-1/Cargo.toml");
        assert_eq!(std::fs::read_to_string(folder.path().join("folder-0/a.o")).unwrap(), "a");
        assert_eq!(folder.lengthen("in folder-0/a.o: bad"), format!("in {}: bad", inside("a.o")));
    }
}
