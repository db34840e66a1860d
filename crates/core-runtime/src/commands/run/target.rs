//! What a word means: which script, file or command.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use super::Error;
use crate::context::Context;
use crate::error::Result;
use crate::nearest::nearest;
use crate::package::{PackageJson, folders};
use crate::process::{LookUp, look_up};

/// What is to be run.
#[derive(Debug)]
pub(crate) enum Target {
    /// A script of a package.json.
    Script { package: Box<PackageJson>, name: String },
    /// A file for the JavaScript engine.
    JavaScript(PathBuf),
    /// A file for the system.
    Program(PathBuf),
}

/// In the order in which they are tried for a path without one of them.
const JAVASCRIPT: [&str; 8] = ["tsx", "jsx", "mts", "ts", "mjs", "js", "cjs", "cts"];

/// What `word` means in the folder that this run works in.
pub(super) fn find(context: &Context, word: &OsStr) -> Result<Target> {
    let cwd = &context.environment.cwd;
    match word.as_encoded_bytes() {
        b"" => return Err(Error::EmptyName.into()),
        // The code comes from standard input.
        b"-" => return Ok(Target::JavaScript("-".into())),
        _ => {}
    }
    if is_path(word) {
        let path: PathBuf = cwd.join(word).components().collect();
        return Ok(file(&path)?.ok_or_else(|| no_file(&path))?);
    }
    let package = folders::nearest(cwd)?;
    if let (Some(package), Some(name)) = (&package, word.to_str())
        && package.script(name)?.is_some()
    {
        return Ok(Target::Script { package: Box::new(package.clone()), name: name.to_owned() });
    }
    match file(&cwd.join(word)) {
        Ok(Some(target)) => return Ok(target),
        // A folder may be named like a command; who means the folder says ./
        Ok(None) | Err(Error::Folder { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let bins = folders::bin_folders(cwd);
    let mut refused = None;
    if Path::new(word).components().count() == 1 {
        for places in [&bins, &context.variables.path()] {
            match command(word, places)? {
                Ok(target) => return Ok(target),
                Err(LookUp::NotExecutable(path)) => refused = refused.or(Some(path)),
                Err(LookUp::NotFound) => {}
            }
        }
    }
    if let Some(path) = refused {
        return Err(no_run_bit(path).into());
    }
    Err(dangling(word, &bins).unwrap_or_else(|| not_found(cwd, package.as_ref(), word)).into())
}

/// A command of an installed package or on PATH.
pub(crate) fn command(word: &OsStr, places: &[PathBuf]) -> Result<Result<Target, LookUp>> {
    match look_up(word, places) {
        // A package that was never built for a system's loader: its file is for an engine.
        Ok(path) if is_javascript(&real(&path)) && !has_shebang(&path) => Ok(Ok(Target::JavaScript(path))),
        Ok(path) => Ok(Ok(Target::Program(path))),
        Err(missing) => Ok(Err(missing)),
    }
}

/// The file of an installed package's command.
pub(crate) fn bin_file(path: &Path) -> Result<Target, Error> {
    if is_javascript(path) && !has_shebang(path) && path.is_file() {
        return Ok(Target::JavaScript(path.to_owned()));
    }
    match look_up(path.as_os_str(), &[]) {
        Ok(path) => Ok(Target::Program(path)),
        Err(LookUp::NotExecutable(path)) => Err(no_run_bit(path)),
        // Windows executes by a file's ending; another file with a #! line has its interpreter.
        Err(LookUp::NotFound) if path.is_file() => Ok(Target::Program(path.to_owned())),
        Err(LookUp::NotFound) => Err(no_file(path)),
    }
}

/// A path says where: it is never looked for elsewhere.
fn is_path(word: &OsStr) -> bool {
    let path = Path::new(word);
    let first = path.components().next();
    path.has_root() || matches!(first, Some(Component::CurDir | Component::ParentDir | Component::Prefix(_)))
}

/// The file at `path`, or what JavaScript means by it; `None` where nothing is.
fn file(path: &Path) -> Result<Option<Target>, Error> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => match entry_of(&path.join("index")) {
            Some(index) => Ok(Some(Target::JavaScript(index))),
            None => Err(Error::Folder { path: path.to_owned() }),
        },
        Ok(_) if is_javascript(path) => Ok(Some(Target::JavaScript(path.to_owned()))),
        Ok(_) => bin_file(path).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let ends_in_folder = path.file_name().is_none();
            Ok(if ends_in_folder { None } else { entry_of(path).map(Target::JavaScript) })
        }
        // A name too long for the system, a NUL in it: no file can have it.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidFilename | ErrorKind::InvalidInput) => Ok(None),
        Err(source) => Err(Error::Unreadable { path: path.to_owned(), source }),
    }
}

/// The JavaScript file that a path without its extension means.
fn entry_of(path: &Path) -> Option<PathBuf> {
    JAVASCRIPT.iter().map(|extension| with_extension(path, extension)).find(|path| path.is_file())
}

fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn is_javascript(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|extension| JAVASCRIPT.contains(&extension))
}

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn has_shebang(path: &Path) -> bool {
    let mut begin = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == *b"#!"
}

pub(crate) fn no_run_bit(path: PathBuf) -> Error {
    let (why, help) = if path.is_dir() {
        ("it is a folder", "name the file in it that is to be run".to_owned())
    } else if cfg!(windows) {
        ("it is not a program", "programs end in .exe, .com, .bat or .cmd".to_owned())
    } else {
        ("this user may not run it", format!("make it executable: chmod +x {}", path.display()))
    };
    Error::NotExecutable { path, why, help }
}

/// A command that is linked to what is no longer there.
fn dangling(word: &OsStr, places: &[PathBuf]) -> Option<Error> {
    places.iter().map(|folder| folder.join(word)).find_map(|link| {
        let target = fs::read_link(&link).ok()?;
        Some(Error::Dangling { link, target })
    })
}

fn no_file(path: &Path) -> Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let names = path.parent().map(|folder| names_in(folder, |_| true)).unwrap_or_default();
    let nearest = nearest(&name, names.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
    Error::NoFile { path: path.to_owned(), nearest }
}

fn not_found(cwd: &Path, package: Option<&PackageJson>, word: &OsStr) -> Error {
    let name = word.to_string_lossy().into_owned();
    let scripts = package.and_then(|package| package.scripts().ok()).unwrap_or_default();
    let mut names: BTreeSet<String> = scripts.iter().map(|script| script.name.to_owned()).collect();
    names.extend(folders::commands(cwd));
    names.extend(names_in(cwd, is_javascript));
    let nearest = nearest(&name, names.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
    Error::NotFound { name, nearest }
}

fn names_in(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| wanted(&entry.path())).filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
